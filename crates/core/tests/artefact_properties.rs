//! Artefacts with arbitrary valid content can be read after they are written, they are written again as the same
//! bytes, and no change to them goes unnoticed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

#[path = "support/arbitrary.rs"]
mod arbitrary;
mod support;

use core::convert::Infallible;
use core::fmt::Debug;

use arbitrary::written;
use keyferry_core::artefact::{Artefact, parse};
use keyferry_core::transcript::{Act, Openings};
use keyferry_core::*;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

fn inverse<T: Artefact + PartialEq + Debug>(value: &T) -> Result<(), TestCaseError> {
    let bytes = written(value);
    let (read, digest) = parse::<T>(&bytes).unwrap();
    prop_assert_eq!(&read, value);
    prop_assert_eq!(digest, Fingerprint::of(&bytes));
    prop_assert_eq!(written(&read), bytes);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn parameters_are_read_as_they_were_written(value in arbitrary::parameters()) {
        inverse(&value)?;
    }

    #[test]
    fn sessions_are_read_as_they_were_written(value in arbitrary::session()) {
        inverse(&value)?;
    }

    #[test]
    fn ciphertexts_are_read_as_they_were_written(value in arbitrary::ciphertext()) {
        inverse(&value)?;
    }

    #[test]
    fn escrows_are_read_as_they_were_written(value in arbitrary::escrow()) {
        inverse(&value)?;
    }

    /// The openings of withheld names and texts restore them; withholding them again with the same salts produces the same
    /// openings.
    #[test]
    fn openings_are_read_as_they_were_written(
        ceremony in arbitrary::ceremony(), events in prop::collection::vec(arbitrary::said_event(), 1..8), salt in any::<u64>(),
    ) {
        let (lines, openings, withheld) = withhold(&ceremony, &events, salt);
        let mut chain = Transcript::verify(lines.as_bytes()).unwrap().unwrap();
        prop_assert_eq!(chain.withheld(), withheld);
        let head = chain.head();
        chain.open_said(&Openings::parse(openings.as_bytes()).unwrap()).unwrap();
        prop_assert_eq!(chain.head(), head);
        let opened: Vec<_> = chain.lines().iter().map(|line| line.event.clone()).collect();
        prop_assert_eq!(&opened, &events);
        prop_assert_eq!(withhold(&ceremony, &opened, salt), (lines, openings, withheld));
    }

    #[test]
    fn a_plan_means_what_it_says(
        (ceremony, algorithm, span) in (arbitrary::ceremony(), arbitrary::algorithm(), 1..=720u32),
        keys in prop::collection::vec((arbitrary::region(), arbitrary::key_id(), arbitrary::valid_to(), arbitrary::kind()), 1..6),
    ) {
        let mut text = format!(
            "format = \"{}\"\nceremony = \"{ceremony}\"\npurpose = \"rehearsal\"\nalgorithm = \"{algorithm}\"\n\
             minimum_time_left = \"{span}h\"\nbackup = {{ scheme = \"none\", reason = \"x\" }}\n",
            plan::PLAN_FORMAT
        );
        for (n, (region, id, valid_to, kind)) in keys.iter().enumerate() {
            let id = &id.as_str()[..35];
            text += &format!(
                "[[key]]\nalias = \"k{n}\"\nprovider = \"tencent\"\nregion = \"{region}\"\nkey_id = \"{id}{n}\"\n\
                 valid_to = \"{valid_to}\"\nkind = \"{}\"\n", kind.name
            );
        }
        let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(plan.digest(), Fingerprint::of(text.as_bytes()));
        prop_assert_eq!((plan.ceremony(), plan.algorithm()), (&ceremony, algorithm));
        prop_assert_eq!(plan.minimum_time_left().seconds(), u64::from(span) * 3600);
        prop_assert_eq!(plan.keys().len(), keys.len());
        for (found, (region, id, valid_to, kind)) in plan.keys().iter().zip(&keys) {
            prop_assert_eq!((&found.region, found.valid_to, found.kind()), (region, *valid_to, *kind));
            prop_assert_eq!(&found.key_id().unwrap().as_str()[..35], &id.as_str()[..35]);
        }
    }

    /// If one field of one entry is replaced by any other value, the whole file is refused.
    #[test]
    fn an_entry_with_another_field_is_refused(other in arbitrary::ciphertext_entry(), field in 0..9) {
        let (session, ciphertext) = ceremony();
        let mut edited = ciphertext.clone();
        let entry = &mut edited.keys[1];
        match field {
            0 => entry.alias = other.alias,
            1 => entry.region = other.region,
            2 => entry.key_id = other.key_id,
            3 => entry.algorithm = other.algorithm,
            4 => entry.wrapping_key_sha256 = other.wrapping_key_sha256,
            5 => entry.material = other.material,
            6 => entry.wrapped_material = other.wrapped_material,
            7 => entry.kcv = other.kcv,
            8 => entry.commitment = other.commitment,
            _ => entry.binding = other.binding,
        }
        prop_assume!(edited != ciphertext);
        prop_assert!(edited.check(&session).is_err());
    }
}

/// The lines of these events and of their openings, and how many texts cannot be read without openings.
fn withhold(ceremony: &CeremonyId, events: &[Event], salt: u64) -> (String, String, usize) {
    let (mut chain, mut rng) = (Transcript::new(ceremony.clone()), ChaCha20Rng::seed_from_u64(salt));
    let (mut lines, mut openings, mut withheld) = (String::new(), String::new(), 0);
    for event in events {
        let mut event = event.clone();
        let texts = event.said();
        let opened = event.withhold(ceremony, || {
            let mut salt = [0; 32];
            rng.fill_bytes(&mut salt);
            Ok::<_, Infallible>(salt)
        });
        for opening in opened.unwrap() {
            openings += &opening.to_line().unwrap();
        }
        assert_eq!(event.said(), (0, texts.0 + texts.1));
        withheld += texts.0 + texts.1;
        lines += &chain.append(Station::Offline, support::at(0), Act::NOBODYS, event).unwrap();
    }
    (lines, openings, withheld)
}

/// A session and the ciphertext that was made for it.
fn ceremony() -> (Session, Ciphertext) {
    let plan = support::plan("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
    let parameters = support::parameters(&plan);
    let session = support::session(parameters.clone());
    let checked = support::checked(parameters, &plan);
    let rng = &mut ChaCha20Rng::from_seed([7; 32]);
    let wrap = |e: &CheckedEntry| {
        let material = KeyMaterial::generate(e.material().length, rng).unwrap();
        checked.wrap(e, &material, rng).unwrap()
    };
    let entries = checked.entries().iter().map(wrap).collect();
    let ciphertext = checked.ciphertext(entries, Origin::station(false, support::at(120))).unwrap();
    assert_eq!(ciphertext.check(&session).unwrap().len(), 3);
    (session, ciphertext)
}

#[test]
fn every_flipped_bit_of_wrapped_material_is_refused() {
    let (session, ciphertext) = ceremony();
    let whole = ciphertext.keys[1].wrapped_material.as_bytes().to_vec();
    let mut edited = ciphertext;
    for bit in 0..2048 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 0x80 >> (bit % 8);
        edited.keys[1].wrapped_material = Base64Bytes::from(&flipped[..]);
        let refused = edited.check(&session).unwrap_err();
        assert_eq!(refused.iter().map(Explain::control).collect::<Vec<_>>(), [Control::CIPHER_BINDING]);
    }
}

/// Changes each byte of the canonical form to several others: the result is refused, or is the canonical form
/// of another value.
fn every_changed_byte<T: Artefact + PartialEq + Debug>(value: &T) {
    let bytes = written(value);
    let (mut refused, mut other_values) = (0, 0);
    for (at, byte) in bytes.iter().enumerate() {
        for new in [byte ^ 1, byte ^ 0x20, b'0', b'a', b' ', b'"', b'\\', 0, 0xff] {
            if new == *byte {
                continue;
            }
            let mut edited = bytes.clone();
            edited[at] = new;
            match parse::<T>(&edited) {
                Err(_) => refused += 1,
                Ok((other, digest)) => {
                    assert_ne!((&other, digest), (value, Fingerprint::of(&bytes)), "byte {at}");
                    assert_ne!(&other, value, "byte {at}");
                    assert_eq!(written(&other), edited, "byte {at}");
                    other_values += 1;
                }
            }
        }
    }
    assert!(refused > 1000 && other_values > 50, "{refused} {other_values}");
}

#[test]
fn no_changed_byte_keeps_the_meaning() {
    let plan = support::plan("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
    let mut parameters = support::parameters(&plan);
    parameters.keys.truncate(1);
    every_changed_byte(&parameters);
    let mut ciphertext = ceremony().1;
    ciphertext.keys.truncate(1);
    every_changed_byte(&ciphertext);
    every_changed_byte(&support::session(parameters));
}

/// A field at its cap is accepted, and a longer one is refused.
#[test]
fn base64_fields_are_capped() {
    for length in [0, 1, 2, 3, 4094, 4095, 4096] {
        let field = Base64Bytes::from(&vec![7; length][..]);
        assert_eq!(Base64Bytes::decode(&field.to_string()), Some(field));
    }
    for length in 4097..4103 {
        let field = Base64Bytes::from(&vec![7; length][..]);
        assert_eq!(Base64Bytes::decode(&field.to_string()), None, "{length}");
    }
    for text in ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "Q===", "QUI", "QUJ=", "====", "Q-==", "QQ==QQ=="] {
        assert_eq!(Base64Bytes::decode(text), None, "{text:?}");
    }
}
