//! Two providers unlike any that we know go through every artefact, and nothing but their facts knows of them.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use super::{Facts, Token, toy};
use crate::artefact::{parse, to_bytes};
use crate::escrow::{KeyWrap, Sealing};
use crate::transcript::{Act, MaterialSource};
use crate::{
    Base64Bytes, CeremonyPlan, Ciphertext, CiphertextEntry, Control, Escrow, EscrowEntry, EscrowKey, Event,
    Explain, Fingerprint, Heap, ImportToken, KeyId, KeyMaterial, Origin, ParameterEntry, Parameters, Session,
    SessionEntry, Station, Timestamp, Transcript, WrappingKey,
};

const RSA_4096: &[u8] = include_bytes!("../../tests/data/rsa4096.der");
const RSA_3072: &[u8] = include_bytes!("../../tests/data/rsa3072.der");
const KEYS: usize = 3;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_000_000 + seconds).unwrap()
}

fn id(facts: &Facts, n: usize) -> String {
    match facts.id {
        "toy" => format!("arn:toy:kms:moon:{n:0>63}"),
        _ => format!("vault/{n}"),
    }
}

fn plan(facts: &Facts) -> CeremonyPlan {
    let (algorithm, _) = facts.algorithms[0];
    let (region, alias, valid_to) = match facts.id {
        "toy" => ("moon", "alias/k", "never"),
        _ => ("vault-one", "k", "2030-01-01T00:00:00Z"),
    };
    let mut text = format!(
        "format = \"keyferry/plan/2\"\nceremony = \"toy-1\"\npurpose = \"rehearsal\"\nalgorithm = \"{algorithm}\"\n"
    );
    for n in 0..KEYS {
        text += &format!(
            "[[key]]\nalias = \"{alias}-{n}\"\nprovider = \"{}\"\nregion = \"{region}\"\nkey_id = \"{}\"\nvalid_to = \"{valid_to}\"\n",
            facts.id,
            id(facts, n)
        );
    }
    text += "[backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n";
    CeremonyPlan::parse(text.as_bytes()).unwrap()
}

/// The longest that the provider gives.
fn token(facts: &Facts, n: usize) -> Option<ImportToken> {
    match facts.token {
        Token::None => None,
        Token::Required { longest } => {
            Some(ImportToken::new(Zeroizing::new(format!("{n:x>longest$}"))).unwrap())
        }
    }
}

fn parameters(facts: &'static Facts, plan: &CeremonyPlan, public_key: &[u8]) -> Parameters {
    let entry = |(n, key): (usize, &crate::PlanKey)| ParameterEntry {
        alias: key.alias.clone(),
        provider: key.provider,
        region: key.region.clone(),
        key_id: key.key_id().unwrap().clone(),
        kind: key.kind(),
        algorithm: plan.algorithm(),
        wrapping_key_spec: facts.wrapping_keys[0],
        public_key: Base64Bytes::from(public_key),
        import_token_sha256: token(facts, n).map(|t| t.digest()),
        expires_at: facts.check_lifetime(None).is_err().then(|| at(86_400)),
    };
    Parameters::new(plan, at(0), plan.keys().iter().enumerate().map(entry).collect()).unwrap()
}

fn round_trip<T: crate::artefact::Artefact>(value: &T) -> (T, Fingerprint) {
    parse::<T>(&to_bytes(value).unwrap()).unwrap()
}

/// The whole way, each artefact written and read on it; gives the ciphertext and its session.
fn ceremony(facts: &'static Facts, public_key: &[u8]) -> (Ciphertext, Session) {
    let plan = plan(facts);
    let (parameters, digest) = round_trip(&parameters(facts, &plan, public_key));
    let secrets = parameters.keys.iter().enumerate().map(|(n, key)| SessionEntry {
        key_id: key.key_id.clone(),
        valid_to: plan.keys()[n].valid_to,
        import_token: token(facts, n),
    });
    let secrets = secrets.collect();
    let (session, _) = round_trip(
        &Session::new(format!("https://{}", facts.hosts[0]), parameters.clone(), secrets).unwrap(),
    );
    let checked = parameters.check(digest, &plan, at(60)).unwrap();
    assert_eq!((checked.entries().len(), checked.refused().len()), (KEYS, 0));

    let rng = &mut ChaCha20Rng::from_seed([5; 32]);
    let mut chain = Transcript::new(plan.ceremony().clone());
    let escrow_key = EscrowKey::generate_in(&Heap, rng).unwrap();
    let (mut entries, mut sealed, mut materials, mut lines) = (vec![], vec![], vec![], String::new());
    for checked_entry in checked.entries() {
        let material = KeyMaterial::generate(checked_entry.material().length, rng).unwrap();
        let entry = checked.wrap(checked_entry, &material, rng).unwrap();
        lines += &chain.append(Station::Offline, at(90), Act::NOBODYS, generated(&entry)).unwrap();
        sealed.push(seal(&plan, &escrow_key, &entry, &material));
        materials.push(material);
        entries.push(entry);
    }
    assert_eq!(Transcript::verify(lines.as_bytes()).unwrap().unwrap(), chain);

    let set = "shadow pistol".parse().unwrap();
    let (escrow, _) = round_trip(&Escrow::new(&plan, true, set, &escrow_key, sealed).unwrap());
    let opened = escrow.open(&escrow_key).unwrap();
    for (entry, material) in escrow.keys.iter().zip(&materials) {
        assert_eq!(opened.material(entry, &Heap).unwrap().expose(), material.expose());
    }

    let (ciphertext, _) = round_trip(&checked.ciphertext(entries, Origin::station(true, at(120))).unwrap());
    let size = WrappingKey::from_der_of(facts.wrapping_keys[0].size.alone(), public_key).unwrap().size();
    assert!(ciphertext.keys.iter().all(|k| k.wrapped_material.as_bytes().len() == size.bytes()));
    assert_eq!(ciphertext.check(&session).unwrap().len(), KEYS);
    (ciphertext, session)
}

fn generated(entry: &CiphertextEntry) -> Event {
    Event::MaterialGenerated {
        alias: entry.alias.clone(),
        material: entry.material,
        source: MaterialSource::Seeded,
        kcv: entry.kcv,
        commitment: entry.commitment,
    }
}

fn seal(
    plan: &CeremonyPlan,
    key: &EscrowKey,
    entry: &CiphertextEntry,
    material: &KeyMaterial,
) -> EscrowEntry {
    let (region, key_id) = (&entry.region, &entry.key_id);
    let (wrap, ceremony) = (KeyWrap::Rfc5649, plan.ceremony());
    let to = Sealing { wrap, ceremony, provider: entry.provider, region, key_id };
    EscrowEntry {
        alias: entry.alias.clone(),
        provider: entry.provider,
        key_id: entry.key_id.clone(),
        region: entry.region.clone(),
        material: entry.material,
        sealed_material: key.seal(&to, material).unwrap(),
        kcv: entry.kcv,
        commitment: entry.commitment,
    }
}

#[test]
fn a_provider_of_long_ids_tokens_and_keys() {
    let (ciphertext, session) = ceremony(&toy::FACTS, RSA_4096);
    assert!(ciphertext.keys.iter().all(|k| k.key_id.as_str().len() == 80));
    assert_eq!(ciphertext.keys[0].material.length.bytes(), 28);
    assert!(session.secrets.iter().all(|s| s.import_token.as_ref().unwrap().expose().len() == 6144));
}

#[test]
fn a_provider_without_token_or_expiry() {
    let (ciphertext, session) = ceremony(&toy::STANDING, RSA_3072);
    assert_eq!(ciphertext.keys[0].wrapped_material.as_bytes().len(), 384);
    assert!(session.secrets.iter().all(|s| s.import_token.is_none()));
    assert!(session.parameters.keys.iter().all(|k| k.expires_at.is_none()));
}

#[test]
fn what_one_provider_takes_another_refuses() {
    let refused = |from: &str, to: &str| {
        let text = format!(
            "format = \"keyferry/plan/2\"\nceremony = \"toy-1\"\npurpose = \"rehearsal\"\n[[key]]\nalias = \"alias/k\"\n\
             provider = \"toy\"\nregion = \"moon\"\nkey_id = \"{}\"\nvalid_to = \"never\"\nkind = \"mac-224\"\n\
             [backup]\nscheme = \"none\"\nreason = \"x\"\n",
            id(&toy::FACTS, 0)
        );
        assert!(CeremonyPlan::parse(text.as_bytes()).is_ok() && text.contains(from), "{from}");
        CeremonyPlan::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err()
    };
    for (from, to, line) in [
        ("alias/k", "k", 5),
        ("\"toy\"", "\"tencent\"", 5),
        ("moon", "ap-singapore", 7),
        ("000000", "0000", 8),
        ("mac-224", "fips", 10),
    ] {
        let error = refused(from, to);
        assert_eq!(error.control(), Control::PLAN_FIELD, "{from}");
        assert!(error.what().en.contains(&format!("line {line}:")), "{from}: {}", error.what().en);
    }
}

#[test]
fn parameters_of_another_provider_are_refused() {
    let (plan, other) = (plan(&toy::FACTS), plan(&toy::STANDING));
    let mut parameters = parameters(&toy::FACTS, &plan, RSA_4096);
    let key: KeyId = plan.keys()[0].key_id().unwrap().clone();
    parameters.keys[0].provider = other.keys()[0].provider;
    let checked = parameters.check(Fingerprint::ZERO, &plan, at(60)).unwrap();
    let (alias, error) = &checked.refused()[0];
    assert_eq!((alias, error.control()), (&plan.keys()[0].alias, Control::PARAM_REGION));
    assert!(checked.entries().iter().all(|e| e.entry().key_id != key));
}

#[test]
fn tokens_and_expiries_are_as_the_facts_say() {
    let plan = plan(&toy::STANDING);
    let good =
        String::from_utf8(to_bytes(&parameters(&toy::STANDING, &plan, RSA_3072)).unwrap().to_vec()).unwrap();
    for (from, to) in [
        ("\"expires_at\": null", "\"expires_at\": \"2030-01-01T00:00:00Z\""),
        ("\"import_token_sha256\": null", &format!("\"import_token_sha256\": \"{}\"", Fingerprint::ZERO)),
        ("\"bytes\": 32", "\"bytes\": 16"),
        ("\"rsa3072\"", "\"rsa4096\""),
        ("\"plain\"", "\"fips\""),
        ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"),
    ] {
        assert!(good.contains(from), "{from}");
        let refused = parse::<Parameters>(good.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert_eq!(refused.control(), Control::ART_FIELDS, "{from}");
    }
}
