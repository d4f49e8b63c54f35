//! Opens a block under every encoding that a client's tool may have used, to name the encoding. Never used to accept a block.

use keyferry_core::WrappingAlgorithm;
use rsa::PrivateKey;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{BLOCK, message, oaep, rsadp, unmask, unpad};

/// A run of this many zeros is no accident: if a message follows it, only the label was different.
const ZEROS: usize = 16;

/// Longest message that is searched for without any padding.
const RAW: usize = 64;

/// How a message was encoded before RSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// RSAES-OAEP with these hashes and the empty label.
    Oaep {
        /// The hash of the label.
        hash: &'static str,
        /// The hash of MGF1.
        mgf: &'static str,
    },
    /// RSAES-OAEP with these hashes and a label.
    Labelled {
        /// The hash of the label.
        hash: &'static str,
        /// The hash of MGF1.
        mgf: &'static str,
    },
    /// RSAES-PKCS1-v1_5.
    Pkcs1,
    /// No padding at all: the message after leading zeros.
    Raw,
}

impl From<WrappingAlgorithm> for Encoding {
    fn from(algorithm: WrappingAlgorithm) -> Self {
        match algorithm {
            WrappingAlgorithm::RsaesPkcs1V15 => Self::Pkcs1,
            WrappingAlgorithm::RsaesOaepSha1 => Self::Oaep { hash: "SHA-1", mgf: "SHA-1" },
            WrappingAlgorithm::RsaesOaepSha256 => Self::Oaep { hash: "SHA-256", mgf: "SHA-256" },
        }
    }
}

/// The first encoding under which a block opens with this key, and the message.
pub(crate) fn open(key: &PrivateKey, block: &[u8]) -> Option<(Encoding, Zeroizing<Vec<u8>>)> {
    let block: &[u8; BLOCK] = block.try_into().ok()?;
    rsadp(key, block).ok().and_then(|encoded| decoded(&encoded))
}

/// The first encoding that fits. OAEP comes first because a hash proves it: one OAEP block in 400 looks like PKCS #1 v1.5 by chance.
fn decoded(encoded: &Zeroizing<Vec<u8>>) -> Option<(Encoding, Zeroizing<Vec<u8>>)> {
    let pkcs1 = || unpad(encoded).ok().map(|found| (Encoding::Pkcs1, Zeroizing::new(found.to_vec())));
    every_hash(encoded).or_else(pkcs1).or_else(|| raw(encoded))
}

fn every_hash(encoded: &Zeroizing<Vec<u8>>) -> Option<(Encoding, Zeroizing<Vec<u8>>)> {
    every_mgf::<Sha1>("SHA-1", encoded)
        .or_else(|| every_mgf::<Sha256>("SHA-256", encoded))
        .or_else(|| every_mgf::<Sha224>("SHA-224", encoded))
        .or_else(|| every_mgf::<Sha384>("SHA-384", encoded))
        .or_else(|| every_mgf::<Sha512>("SHA-512", encoded))
}

fn every_mgf<H: Digest>(
    hash: &'static str,
    encoded: &Zeroizing<Vec<u8>>,
) -> Option<(Encoding, Zeroizing<Vec<u8>>)> {
    one::<H, Sha1>(hash, "SHA-1", encoded)
        .or_else(|| one::<H, Sha256>(hash, "SHA-256", encoded))
        .or_else(|| one::<H, Sha224>(hash, "SHA-224", encoded))
        .or_else(|| one::<H, Sha384>(hash, "SHA-384", encoded))
        .or_else(|| one::<H, Sha512>(hash, "SHA-512", encoded))
}

fn one<H: Digest, G: Digest>(
    hash: &'static str,
    mgf: &'static str,
    encoded: &Zeroizing<Vec<u8>>,
) -> Option<(Encoding, Zeroizing<Vec<u8>>)> {
    if let Ok(found) = oaep::<H, G>(encoded.clone()) {
        return Some((Encoding::Oaep { hash, mgf }, found));
    }
    let mut copy = encoded.clone();
    let (_, padded) = unmask::<H, G>(&mut copy).ok()?;
    let found = padded.starts_with(&[0; ZEROS]).then(|| message(padded).ok()).flatten()?;
    Some((Encoding::Labelled { hash, mgf }, found))
}

/// Zeros, then at most [`RAW`] bytes.
fn raw(encoded: &[u8]) -> Option<(Encoding, Zeroizing<Vec<u8>>)> {
    let first = encoded.iter().position(|b| *b != 0)?;
    let message = encoded.get(first..).filter(|message| message.len() <= RAW)?;
    Some((Encoding::Raw, Zeroizing::new(message.to_vec())))
}

#[cfg(test)]
mod tests {
    use super::super::mgf1_xor;
    use super::*;

    /// EME-OAEP encoding with SHA-1, RFC 8017 §7.1.1 step 2.
    fn oaep_sha1(seed: [u8; 20], message: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut db = Sha1::digest([]).to_vec();
        db.resize(BLOCK - 22 - message.len(), 0);
        db.push(1);
        db.extend_from_slice(message);
        let mut seed = seed.to_vec();
        mgf1_xor::<Sha1>(&seed, &mut db);
        mgf1_xor::<Sha1>(&db, &mut seed);
        Zeroizing::new([&[0], &seed[..], &db].concat())
    }

    #[test]
    fn an_oaep_block_that_looks_like_pkcs1_is_oaep() {
        let blocks = (0..=u16::MAX).map(|n| {
            let mut seed = [0; 20];
            seed[..2].copy_from_slice(&n.to_be_bytes());
            oaep_sha1(seed, b"material")
        });
        let block = blocks.into_iter().find(|block| unpad(block).is_ok()).expect("one in 400 does");
        let (encoding, message) = decoded(&block).unwrap();
        assert_eq!(encoding, Encoding::Oaep { hash: "SHA-1", mgf: "SHA-1" });
        assert_eq!(*message, b"material");
    }
}
