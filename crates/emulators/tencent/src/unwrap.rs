//! Unwraps what the client wrapped: RSAES-OAEP and RSAES-PKCS1-v1_5 (RFC 8017 §7).
//!
//! Bad padding is always **reported**, so both paddings are removed here. Libraries answer a corrupt PKCS#1 v1.5 block with
//! made-up bytes (implicit rejection; `rsa` 0.10 does so too). Sometimes those bytes have the right length and would bind a key
//! for good. Moreover, `rsa` 0.10.0 does not check the first byte of an OAEP message, which must be zero. This code
//! need not be constant-time: the emulator holds no secrets but its own.

use getrandom::SysRng;
use keyferry_core::WrappingAlgorithm;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::{BoxedUint, PrivateKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

pub(crate) mod any;

/// Length of one block.
pub(crate) const BLOCK: usize = 256;

/// Shortest padding string of PKCS#1 v1.5.
const MIN_PADDING: usize = 8;

/// The block does not open under this key and algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undecryptable;

/// Opens one block.
pub(crate) fn unwrap(
    algorithm: WrappingAlgorithm,
    key: &PrivateKey,
    block: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Undecryptable> {
    if block.len() != BLOCK {
        return Err(Undecryptable);
    }
    let encoded = rsadp(key, block)?;
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => oaep::<Sha256, Sha256>(encoded),
        WrappingAlgorithm::RsaesOaepSha1 => oaep::<Sha1, Sha1>(encoded),
        WrappingAlgorithm::RsaesPkcs1V15 => unpad(&encoded).map(|message| Zeroizing::new(message.to_vec())),
    }
}

/// RSADP, RFC 8017 §5.1.2, as bytes; refuses integers that are not below the modulus.
fn rsadp(key: &PrivateKey, block: &[u8]) -> Result<Zeroizing<Vec<u8>>, Undecryptable> {
    let c = BoxedUint::from_be_slice(block, 2048).map_err(|_| Undecryptable)?;
    let mut m = rsa_decrypt_and_check(key, Some(&mut SysRng), &c).map_err(|_| Undecryptable)?;
    let encoded = Zeroizing::new(m.to_be_bytes().into_vec());
    m.zeroize();
    Ok(encoded)
}

/// EME-OAEP decoding, RFC 8017 §7.1.2 step 3: `EM = 0x00 || maskedSeed || maskedDB`, `DB = lHash || 0x00… || 0x01 || M`, with the
/// empty label. `H` is the hash of the label, `G` that of MGF1; the service uses one hash for both.
fn oaep<H: Digest, G: Digest>(mut encoded: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Undecryptable> {
    let (l_hash, padded) = unmask::<H, G>(&mut encoded)?;
    if l_hash == H::digest([]).as_slice() { message(padded) } else { Err(Undecryptable) }
}

/// The two parts of DB: the hash of the label, and the padded message.
fn unmask<H: Digest, G: Digest>(encoded: &mut [u8]) -> Result<(&[u8], &[u8]), Undecryptable> {
    let length = <H as Digest>::output_size();
    let [0, rest @ ..] = encoded else { return Err(Undecryptable) };
    let (seed, db) = rest.split_at_mut_checked(length).ok_or(Undecryptable)?;
    mgf1_xor::<G>(db, seed);
    mgf1_xor::<G>(seed, db);
    db.split_at_checked(length).ok_or(Undecryptable)
}

/// The bytes after zeros and a 1.
fn message(padded: &[u8]) -> Result<Zeroizing<Vec<u8>>, Undecryptable> {
    let one = padded.iter().position(|b| *b != 0).ok_or(Undecryptable)?;
    match padded.get(one..) {
        Some([1, message @ ..]) => Ok(Zeroizing::new(message.to_vec())),
        _ => Err(Undecryptable),
    }
}

/// Exclusive-ors MGF1 of `seed` (RFC 8017 B.2.1) into `target`.
fn mgf1_xor<H: Digest>(seed: &[u8], target: &mut [u8]) {
    for (counter, chunk) in (0u32..).zip(target.chunks_mut(<H as Digest>::output_size())) {
        let mask = H::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        chunk.iter_mut().zip(mask).for_each(|(octet, mask)| *octet ^= mask);
    }
}

/// EME-PKCS1-v1_5 decoding, RFC 8017 §7.2.2 step 3: `EM = 0x00 || 0x02 || PS || 0x00 || M`, PS at least 8 bytes, none of them zero.
fn unpad(encoded: &[u8]) -> Result<&[u8], Undecryptable> {
    let rest = encoded.strip_prefix(&[0, 2]).ok_or(Undecryptable)?;
    let end = rest.iter().position(|b| *b == 0).filter(|n| *n >= MIN_PADDING).ok_or(Undecryptable)?;
    if encoded.len() != BLOCK {
        return Err(Undecryptable);
    }
    rest.get(end + 1..).ok_or(Undecryptable)
}

#[cfg(test)]
mod proof;

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(message: &[u8]) -> Vec<u8> {
        let mut em = vec![0, 2];
        em.resize(BLOCK - message.len() - 1, 0xff);
        em.push(0);
        em.extend_from_slice(message);
        em
    }

    #[test]
    fn padding_is_taken_off_or_reported() {
        assert_eq!(unpad(&padded(b"material")), Ok(&b"material"[..]));
        assert_eq!(unpad(&padded(&[7; 245])), Ok(&[7; 245][..]));
        assert_eq!(unpad(&padded(&[7; 246])), Err(Undecryptable), "7 bytes of padding");
        for (position, value) in [(0, 1), (1, 1), (1, 3), (2, 0), (9, 0)] {
            let mut em = padded(b"material");
            em[position] = value;
            assert_eq!(unpad(&em), Err(Undecryptable), "{position}");
        }
        let mut endless = vec![0xff; BLOCK];
        endless[..2].copy_from_slice(&[0, 2]);
        assert_eq!(unpad(&endless), Err(Undecryptable));
        assert_eq!(unpad(&padded(b"m")[..255]), Err(Undecryptable));
        assert_eq!(unpad(&[]), Err(Undecryptable));
    }
}
