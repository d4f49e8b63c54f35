//! The decodings of RFC 8017, written a second time from its text, only for tests. They name the first rule that fails, and
//! return the randomness that an encoding drew. The emulator's tests use this file too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, unreachable_pub, dead_code)]

use rsa::hazmat::rsa_decrypt_and_check;
use rsa::{BoxedUint, PrivateKey, PublicKey};
use sha2::Digest;

/// Why a block cannot be decoded, in the order in which the RFC checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The block is not as long as the modulus.
    Length,
    /// The block is an integer, but not below the modulus.
    Range,
    /// The encoded message does not begin with `00` (OAEP) or `00 02` (PKCS#1 v1.5).
    Leading,
    /// OAEP: the hash of another label, or a label hashed with another hash.
    LabelHash,
    /// No `01` after the zeros (OAEP); no `00` after at least eight bytes without one (PKCS#1 v1.5).
    Separator,
}

/// The parts of an encoded message.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// OAEP's seed, or PS.
    pub randomness: Vec<u8>,
    /// The message.
    pub message: Vec<u8>,
}

/// RSADP (§5.1.2), after the checks of §7.1.2 step 1b and §5.1.2 step 1: k bytes.
pub fn rsadp(key: &PrivateKey, block: &[u8]) -> Result<Vec<u8>, Refusal> {
    use rsa::traits::PublicKeyParts;
    let k = key.size();
    if block.len() != k {
        return Err(Refusal::Length);
    }
    let c = BoxedUint::from_be_slice(block, key.n().bits_precision()).unwrap();
    if c >= *key.n().as_ref() {
        return Err(Refusal::Range);
    }
    let m = rsa_decrypt_and_check(key, Some(&mut getrandom::SysRng), &c).unwrap().to_be_bytes();
    Ok(m[m.len() - k..].to_vec())
}

/// RSAEP (§5.1.1) by the crate `rsa`.
pub fn rsaep(key: &PublicKey, em: &[u8]) -> Vec<u8> {
    let m = BoxedUint::from_be_slice(em, 2048).unwrap();
    rsa::hazmat::rsa_encrypt(key, &m).unwrap().to_be_bytes().to_vec()
}

fn mgf1<H: Digest>(seed: &[u8], len: usize) -> Vec<u8> {
    (0u32..).flat_map(|c| H::digest([seed, &c.to_be_bytes()].concat()).to_vec()).take(len).collect()
}

fn xor(a: &[u8], b: Vec<u8>) -> Vec<u8> {
    a.iter().zip(b).map(|(x, y)| x ^ y).collect()
}

/// EME-OAEP decoding (§7.1.2 step 3), MGF1 over the same hash.
pub fn oaep<H: Digest>(em: &[u8], label: &[u8]) -> Result<Opened, Refusal> {
    let h_len = <H as Digest>::output_size();
    let (masked_seed, masked_db) = em[1..].split_at(h_len);
    let seed = xor(masked_seed, mgf1::<H>(masked_db, h_len));
    let db = xor(masked_db, mgf1::<H>(&seed, masked_db.len()));
    let (l_hash, rest) = db.split_at(h_len);
    if em[0] != 0 {
        return Err(Refusal::Leading);
    }
    if l_hash != H::digest(label).as_slice() {
        return Err(Refusal::LabelHash);
    }
    match rest.iter().position(|b| *b != 0) {
        Some(one) if rest[one] == 1 => Ok(Opened { randomness: seed, message: rest[one + 1..].to_vec() }),
        _ => Err(Refusal::Separator),
    }
}

/// EME-PKCS1-v1_5 decoding (§7.2.2 step 3).
pub fn pkcs1_v1_5(em: &[u8]) -> Result<Opened, Refusal> {
    let rest = em.strip_prefix(&[0, 2]).ok_or(Refusal::Leading)?;
    match rest.iter().position(|b| *b == 0) {
        Some(zero) if zero >= 8 => {
            Ok(Opened { randomness: rest[..zero].to_vec(), message: rest[zero + 1..].to_vec() })
        }
        _ => Err(Refusal::Separator),
    }
}
