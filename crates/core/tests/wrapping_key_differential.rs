//! Compares the reader of wrapping keys with RustCrypto's `spki` and `pkcs1`: both accept the same keys and name the same
//! faults.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation
)]

use keyferry_core::{WrappingKey, WrappingKeyError};
use proptest::prelude::*;
use rsa::pkcs1::der::{Decode, Encode, asn1::AnyRef};
use rsa::pkcs8::spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

const SEEDS: [&[u8]; 5] = [
    include_bytes!("data/rsa2048.der"),
    include_bytes!("data/rsa2048.pkcs1.der"),
    include_bytes!("data/rsa2048.private.der"),
    include_bytes!("data/rsa2048.cert.der"),
    // An EC key's beginning: id-ecPublicKey, prime256v1, and a point of two bytes.
    &[
        0x30, 0x19, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d,
        3, 1, 7, 3, 2, 0, 4,
    ],
];

/// The reference's verdict on the bytes.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// They are not a SubjectPublicKeyInfo.
    Other,
    /// A SubjectPublicKeyInfo for another algorithm.
    Kind,
    /// A SubjectPublicKeyInfo for RSA whose structure is not canonical.
    Malformed,
    /// An RSA key of this many bits and this exponent.
    Rsa(usize, Vec<u8>),
}

/// The verdict of the `spki` and `pkcs1` crates.
fn reference(der: &[u8]) -> Verdict {
    let Ok(spki) = SubjectPublicKeyInfoRef::from_der(der) else { return Verdict::Other };
    if spki.algorithm.oid != ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1") {
        return Verdict::Kind;
    }
    let numbers = || {
        let bits =
            spki.subject_public_key.as_bytes().filter(|_| spki.algorithm.parameters == Some(AnyRef::NULL))?;
        let key = rsa::pkcs1::RsaPublicKeyRef::from_der(bits).ok()?;
        let (n, e) = (key.modulus.as_bytes(), key.public_exponent.as_bytes());
        (spki.to_der().unwrap() == der)
            .then(|| (n.len() * 8 - n.first().map_or(0, |b| b.leading_zeros() as usize), e.to_vec()))
    };
    numbers().map_or(Verdict::Malformed, |(bits, e)| Verdict::Rsa(bits, e))
}

/// Panics if keyferry and the reference disagree; returns whether the key was accepted.
fn compare(der: &[u8]) -> bool {
    let (ours, theirs) = (WrappingKey::from_der(der), reference(der));
    let agreed = match (&ours, &theirs) {
        (Ok(key), Verdict::Rsa(2048, e)) => *e == [1, 0, 1] && key.spki_der() == der,
        (Err(WrappingKeyError::Size { found, .. }), Verdict::Rsa(bits, _)) => found == bits && *bits != 2048,
        (Err(WrappingKeyError::Exponent), Verdict::Rsa(2048, e)) => *e != [1, 0, 1],
        (Err(WrappingKeyError::Modulus), Verdict::Rsa(2048, e)) => *e == [1, 0, 1],
        (Err(WrappingKeyError::Kind(_)), Verdict::Kind)
        | (Err(WrappingKeyError::Trailing), Verdict::Malformed | Verdict::Other)
        | (Err(WrappingKeyError::Encoding(_)), Verdict::Other) => true,
        // Parameters whose tag the reference does not know, or an arc beyond its 32 bits: both parsers refuse
        // the key.
        (Err(WrappingKeyError::Kind(_)), Verdict::Other) => true,
        // An arc that begins with an empty septet, which X.690 §8.19.2 forbids but the reference accepts: keyferry refuses it.
        (Err(WrappingKeyError::Encoding(_)), Verdict::Kind) => true,
        _ => false,
    };
    assert!(agreed, "{ours:?}, reference {theirs:?}: {der:02x?}");
    ours.is_ok()
}

#[test]
fn every_byte_of_a_key_changed_to_every_value() {
    let mut taken = 0;
    // The whole structure, but only the first and last bytes of the modulus.
    let structure = (0..40).chain(280..294);
    for at in structure {
        for byte in 0..=255 {
            let mut der = SEEDS[0].to_vec();
            der[at] = byte;
            taken += usize::from(compare(&der));
        }
    }
    println!("{taken} taken");
    assert!(taken > 500);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn edits_of_real_files(seed in 0..SEEDS.len(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0..5u8, any::<u8>()), 0..4)) {
        let mut der = SEEDS[seed].to_vec();
        for (at, what, byte) in edits {
            let at = at.index(der.len().max(1));
            match what {
                0 if at < der.len() => { der.remove(at); }
                1 => der.insert(at, byte),
                2 => der.truncate(at),
                _ if at < der.len() => der[at] = byte,
                _ => {}
            }
        }
        compare(&der);
    }

    #[test]
    fn structures_around_any_numbers(n in prop::collection::vec(any::<u8>(), 250..260), e in prop::collection::vec(any::<u8>(), 0..5), unused in 0..9u8, tail in prop::collection::vec(any::<u8>(), 0..2)) {
        let element = |tag: u8, value: &[u8]| {
            let length = match u16::try_from(value.len()).unwrap() {
                n @ 0..=0x7f => vec![n as u8],
                n @ 0x80..=0xff => vec![0x81, n as u8],
                n => [&[0x82][..], &n.to_be_bytes()].concat(),
            };
            [&[tag][..], &length, value].concat()
        };
        let numbers = element(0x30, &[element(2, &n), element(2, &e), tail.clone()].concat());
        let bits = element(3, &[&[unused.saturating_sub(5)][..], &numbers].concat());
        let algorithm = &SEEDS[0][4..19];
        compare(&element(0x30, &[algorithm, &bits].concat()));
    }
}
