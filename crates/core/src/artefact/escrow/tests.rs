//! Tests that an entry opens only for the values that it is bound to.

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::artefact::{parse, to_bytes};
use crate::provider::sample_names::sample;
use crate::{Control, Explain, Heap, KcvMethod, MaterialKind, MaterialLength};

const IDS: [&str; 2] = ["23e80852-1e38-11e9-b129-5cb9019b4b01", "23e80852-1e38-11e9-b129-5cb9019b4b02"];

fn plan() -> CeremonyPlan {
    let mut text =
        "format = \"keyferry/plan/2\"\nceremony = \"test-1\"\npurpose = \"rehearsal\"\n".to_owned();
    for (n, id) in IDS.iter().enumerate() {
        text += &format!(
            "[[key]]\nalias = \"k-{n}\"\nprovider = \"{}\"\nregion = \"{}\"\nkey_id = \"{id}\"\nvalid_to = \"never\"\n",
            sample!(provider),
            sample!(region),
        );
    }
    text += "[backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n";
    CeremonyPlan::parse(text.as_bytes()).unwrap()
}

struct Made {
    escrow: Escrow,
    key: EscrowKey,
    materials: Vec<KeyMaterial>,
}

fn make(seed: [u8; 32]) -> Made {
    let (plan, mut rng) = (plan(), ChaCha20Rng::from_seed(seed));
    let key = EscrowKey::generate_in(&Heap, &mut rng).unwrap();
    let (mut keys, mut materials) = (Vec::new(), Vec::new());
    for (planned, bits) in plan.keys().iter().zip([MaterialLength::B256, MaterialLength::B128]) {
        let material = KeyMaterial::generate(bits, &mut rng).unwrap();
        let key_id = planned.key_id().unwrap();
        let to = Sealing {
            wrap: KeyWrap::Rfc5649,
            ceremony: plan.ceremony(),
            provider: planned.provider,
            region: &planned.region,
            key_id,
        };
        keys.push(EscrowEntry {
            alias: planned.alias.clone(),
            key_id: key_id.clone(),
            region: planned.region.clone(),
            provider: planned.provider,
            material: Material { kind: MaterialKind::Aes, length: bits },
            sealed_material: key.seal(&to, &material).unwrap(),
            kcv: Some(Kcv::of(&material, KcvMethod::Aes).unwrap()),
            commitment: Some(Commitment::of(&material)),
        });
        materials.push(material);
    }
    let escrow = Escrow::new(&plan, true, "shadow pistol".parse().unwrap(), &key, keys).unwrap();
    Made { escrow, key, materials }
}

fn opened(escrow: &Escrow, key: &EscrowKey, n: usize) -> Result<Vec<u8>, EscrowError> {
    let material = escrow.open(key)?.material(&escrow.keys[n], &Heap)?;
    Ok(material.expose().to_vec())
}

#[test]
fn another_key_opens_nothing() {
    let (made, other) = (make([1; 32]), make([2; 32]));
    let refused = opened(&made.escrow, &other.key, 0).unwrap_err();
    assert_eq!((&refused, refused.control()), (&EscrowError::Key, Control::ESCROW_KEY));
    let short = KeyMaterial::from_bytes(&[0x90; 16]).unwrap();
    assert_eq!(EscrowKey::from_material(short).unwrap_err(), EscrowError::Key);
}

#[test]
fn an_entry_opens_for_its_key_and_ceremony_alone() {
    let alias = |n: usize| make([1; 32]).escrow.keys[n].alias.clone();
    type Edit = fn(&mut Escrow);
    let edits: [Edit; 5] = [
        |e| e.keys[0].key_id = "23e80852-1e38-11e9-b129-5cb9019b4b03".parse().unwrap(),
        |e| e.keys[0].region = "ap-elsewhere".parse().unwrap(),
        |e| e.ceremony = "test-2".parse().unwrap(),
        |e| {
            let mut bytes = e.keys[0].sealed_material.as_bytes().to_vec();
            bytes[17] ^= 1;
            e.keys[0].sealed_material = Base64Bytes::from(bytes.as_slice());
        },
        |e| e.keys[0].sealed_material = e.keys[1].sealed_material.clone(),
    ];
    for (n, edit) in edits.into_iter().enumerate() {
        let mut made = make([1; 32]);
        edit(&mut made.escrow);
        let refused = opened(&made.escrow, &made.key, 0).unwrap_err();
        assert_eq!(
            (&refused, refused.control()),
            (&EscrowError::Entry(alias(0)), Control::ESCROW_ENTRY),
            "{n}"
        );
    }
}

#[test]
fn what_opens_is_what_was_committed_to() {
    type Edit = fn(&mut Escrow);
    let edits: [Edit; 2] =
        [|e| e.keys[0].commitment = e.keys[1].commitment, |e| e.keys[0].kcv = e.keys[1].kcv];
    for edit in edits {
        let mut made = make([1; 32]);
        edit(&mut made.escrow);
        let refused = opened(&made.escrow, &made.key, 0).unwrap_err();
        assert_eq!(refused.control(), Control::ESCROW_MATERIAL);
    }
}

#[test]
fn the_artefact_is_strict() {
    let made = make([1; 32]);
    let bytes = to_bytes(&made.escrow).unwrap();
    assert_eq!(parse::<Escrow>(&bytes).unwrap().0, made.escrow);
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    for (from, to) in
        [("escrow/2", "escrow/3"), ("shadow pistol", "shadow  pistol"), ("\"seeded\"", "\"sown\"")]
    {
        assert!(text.contains(from), "{from}");
        assert!(parse::<Escrow>(text.replace(from, to).as_bytes()).is_err(), "{from}");
    }
    let mut short = made.escrow.clone();
    short.keys[0].sealed_material = Base64Bytes::from([0; 24].as_slice());
    assert!(short.validate().is_err());
    let mut other = made.escrow.clone();
    other.keys[0].kcv.as_mut().unwrap().method = KcvMethod::Hmac;
    assert!(other.validate().is_err(), "a check value of another kind of material");
    let mut bare = made.escrow.clone();
    bare.keys[0].commitment = None;
    assert!(bare.validate().is_err(), "no commitment");
    let mut twice = made.escrow;
    let again = twice.keys[0].clone();
    twice.keys.push(again);
    assert!(twice.validate().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_sealed_comes_back(seed: [u8; 32]) {
        let made = make(seed);
        let bytes = to_bytes(&made.escrow).unwrap();
        let (read, _) = parse::<Escrow>(&bytes).unwrap();
        for (n, material) in made.materials.iter().enumerate() {
            prop_assert_eq!(opened(&read, &made.key, n).unwrap(), material.expose());
        }
    }

    #[test]
    fn an_altered_entry_never_opens(at in 0..40usize, bit in 0..8u8) {
        let mut made = make([3; 32]);
        let mut bytes = made.escrow.keys[0].sealed_material.as_bytes().to_vec();
        bytes[at] ^= 1 << bit;
        made.escrow.keys[0].sealed_material = Base64Bytes::from(bytes.as_slice());
        prop_assert!(opened(&made.escrow, &made.key, 0).is_err());
    }
}
