//! Opens a block under every encoding that a client's tool may have made, to name it. Never used to accept one.

use keyferry_core::WrappingAlgorithm;
use rsa::PrivateKey;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{BLOCK, message, oaep, rsadp, unmask, unpad};

/// So many zeros in a row are no accident: where a message has them before it, only the label was another.
const ZEROS: usize = 16;

/// Longest message that is looked for without any padding.
const RAW: usize = 64;

/// How a message was encoded before RSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// RSAES-OAEP with these hashes and the empty label.
    Oaep {
        /// Of the label.
        hash: &'static str,
        /// Of MGF1.
        mgf: &'static str,
    },
    /// RSAES-OAEP with these hashes and a label.
    Labelled {
        /// Of the label.
        hash: &'static str,
        /// Of MGF1.
        mgf: &'static str,
    },
    /// RSAES-PKCS1-v1_5.
    Pkcs1,
    /// No padding at all: the message behind zeros.
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
    let encoded = rsadp(key, block).ok()?;
    if let Ok(found) = unpad(&encoded) {
        return Some((Encoding::Pkcs1, Zeroizing::new(found.to_vec())));
    }
    every_hash(&encoded).or_else(|| raw(&encoded))
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
