//! EME-OAEP and EME-PKCS1-v1_5 encoding (RFC 8017 §7.1.1, §7.2.1), in the RFC's notation.
//!
//! Encoding only: nothing here decodes. Every intermediate value that depends on the message is wiped.

use core::fmt;

use rand_core::TryCryptoRng;
use sha1::Sha1;
use sha2::digest::Output;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use crate::secret::{Heap, SecretBuffer};
use crate::{KeyMaterial, RsaBits, WrappingAlgorithm};

/// Byte length of an RSA-2048 modulus; RFC 8017 calls it k.
pub const K: usize = RsaBits::R2048.bytes();

/// An encoded message EM of k bytes: as secret as the message in it. Wiped on drop.
pub struct EncodedMessage(
    // The buffer wipes itself, and moving the value leaves no copy behind.
    Box<dyn SecretBuffer>,
);

/// Why the padding failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaddingError {
    /// The message is longer than the padding allows.
    MessageTooLong,
    /// The random generator failed.
    Entropy,
    /// There is no memory left of the kind that holds the message.
    Memory,
}

impl EncodedMessage {
    /// An empty encoded message on the heap.
    fn empty(k: usize) -> Self {
        Self(Heap::octets(k))
    }

    fn octets(&mut self) -> &mut [u8] {
        (*self.0).as_mut()
    }

    /// Takes any k bytes with any padding, for known answers and for comparing implementations. The caller wipes its own copy.
    /// RSAEP refuses the bytes unless k is the length of the modulus.
    #[must_use]
    pub fn from_bytes(octets: &[u8]) -> Self {
        let mut em = Self::empty(octets.len());
        em.octets().copy_from_slice(octets);
        em
    }

    /// The secret k bytes; there is no other way to read them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl fmt::Debug for EncodedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncodedMessage([redacted])")
    }
}

/// Pads key material for `algorithm` as [`encode_for`] does, into the kind of memory that holds the material.
///
/// # Errors
/// As [`encode_for`]; [`PaddingError::Memory`] if there is none left.
pub(crate) fn encode_material<R: TryCryptoRng + ?Sized>(
    size: RsaBits,
    algorithm: WrappingAlgorithm,
    material: &KeyMaterial,
    rng: &mut R,
) -> Result<EncodedMessage, PaddingError> {
    let em = EncodedMessage(material.sibling(size.bytes()).map_err(|_| PaddingError::Memory)?);
    encode_into(em, algorithm, material.expose(), rng)
}

/// Pads the message M for `algorithm` and RSA-2048, as [`encode_for`] does.
///
/// # Errors
/// [`PaddingError::MessageTooLong`] beyond 190 (OAEP-SHA-256), 214 (OAEP-SHA-1) or 245 bytes; [`PaddingError::Entropy`] if
/// `rng` fails.
pub fn encode<R: TryCryptoRng + ?Sized>(
    algorithm: WrappingAlgorithm,
    m: &[u8],
    rng: &mut R,
) -> Result<EncodedMessage, PaddingError> {
    encode_for(RsaBits::R2048, algorithm, m, rng)
}

/// Pads the message M for `algorithm`: OAEP with the empty label and MGF1 over the same hash, or PKCS#1 v1.5.
///
/// # Errors
/// [`PaddingError::MessageTooLong`] beyond k - 66 (OAEP-SHA-256), k - 42 (OAEP-SHA-1) or k - 11 bytes; [`PaddingError::Entropy`] if
/// `rng` fails.
pub fn encode_for<R: TryCryptoRng + ?Sized>(
    size: RsaBits,
    algorithm: WrappingAlgorithm,
    m: &[u8],
    rng: &mut R,
) -> Result<EncodedMessage, PaddingError> {
    encode_into(EncodedMessage::empty(size.bytes()), algorithm, m, rng)
}

/// Encodes M into k zero bytes.
fn encode_into<R: TryCryptoRng + ?Sized>(
    em: EncodedMessage,
    algorithm: WrappingAlgorithm,
    m: &[u8],
    rng: &mut R,
) -> Result<EncodedMessage, PaddingError> {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => eme_oaep::<Sha256, R>(em, m, rng),
        WrappingAlgorithm::RsaesOaepSha1 => eme_oaep::<Sha1, R>(em, m, rng),
        WrappingAlgorithm::RsaesPkcs1V15 => eme_pkcs1_v1_5(em, m, rng),
    }
}

/// EME-OAEP (§7.1.1 step 2) with the empty label L and MGF1 over the same hash.
fn eme_oaep<H: Digest, R: TryCryptoRng + ?Sized>(
    mut em: EncodedMessage,
    m: &[u8],
    rng: &mut R,
) -> Result<EncodedMessage, PaddingError> {
    let h_len = <H as Digest>::output_size();
    if m.len() + 2 * h_len + 2 > em.expose().len() {
        return Err(PaddingError::MessageTooLong);
    }
    // EM = 0x00 || maskedSeed || maskedDB, built in place: DB = lHash || PS || 0x01 || M.
    let (_, rest) = em.octets().split_at_mut(1);
    let (seed, db) = rest.split_at_mut(h_len);
    rng.try_fill_bytes(seed).map_err(|_| PaddingError::Entropy)?;
    let one = db.len() - m.len() - 1;
    let (head, tail) = db.split_at_mut(one);
    for (to, from) in head.iter_mut().zip(H::digest([])) {
        *to = from;
    }
    for (to, from) in tail.iter_mut().zip([1].iter().chain(m)) {
        *to = *from;
    }
    mgf1_xor::<H>(seed, db);
    mgf1_xor::<H>(db, seed);
    Ok(em)
}

/// Exclusive-ors MGF1(mgfSeed, len(target)) into `target` (RFC 8017 B.2.1).
fn mgf1_xor<H: Digest>(mgf_seed: &[u8], target: &mut [u8]) {
    let h_len = <H as Digest>::output_size();
    for (counter, chunk) in (0u32..).zip(target.chunks_mut(h_len)) {
        let mut mask: Output<H> =
            H::new().chain_update(mgf_seed).chain_update(counter.to_be_bytes()).finalize();
        chunk.iter_mut().zip(&mask).for_each(|(t, m)| *t ^= m);
        mask.as_mut_slice().zeroize();
    }
}

/// EME-PKCS1-v1_5 (§7.2.1 step 2): EM = 0x00 || 0x02 || PS || 0x00 || M, PS of nonzero random bytes.
fn eme_pkcs1_v1_5<R: TryCryptoRng + ?Sized>(
    mut em: EncodedMessage,
    m: &[u8],
    rng: &mut R,
) -> Result<EncodedMessage, PaddingError> {
    let k = em.expose().len();
    if m.len() + 11 > k {
        return Err(PaddingError::MessageTooLong);
    }
    let (head, tail) = em.octets().split_at_mut(k - m.len() - 1);
    for (to, from) in tail.iter_mut().zip([0].iter().chain(m)) {
        *to = *from;
    }
    if let [zero, two, ps @ ..] = head {
        (*zero, *two) = (0, 2);
        fill_nonzero(ps, rng)?;
    }
    Ok(em)
}

/// Fills the buffer with random bytes and redraws each zero, a bounded number of times.
fn fill_nonzero<R: TryCryptoRng + ?Sized>(ps: &mut [u8], rng: &mut R) -> Result<(), PaddingError> {
    rng.try_fill_bytes(ps).map_err(|_| PaddingError::Entropy)?;
    for octet in ps {
        let mut draws = 0;
        while *octet == 0 {
            // 32 zero bytes in a row mean that the generator is broken.
            if draws == 32 {
                return Err(PaddingError::Entropy);
            }
            draws += 1;
            rng.try_fill_bytes(core::slice::from_mut(octet)).map_err(|_| PaddingError::Entropy)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    /// The decoding of §7.1.2 step 3, written a second time from the RFC, for tests only.
    fn oaep_decode<H: Digest>(em: &[u8]) -> Option<Vec<u8>> {
        let h_len = <H as Digest>::output_size();
        let mgf = |seed: &[u8], len: usize| -> Vec<u8> {
            (0u32..).flat_map(|c| H::digest([seed, &c.to_be_bytes()].concat()).to_vec()).take(len).collect()
        };
        let xor = |a: &[u8], b: &[u8]| -> Vec<u8> { a.iter().zip(b).map(|(x, y)| x ^ y).collect() };
        let (masked_seed, masked_db) = em[1..].split_at(h_len);
        let seed = xor(masked_seed, &mgf(masked_db, h_len));
        let db = xor(masked_db, &mgf(&seed, masked_db.len()));
        let (l_hash, rest) = db.split_at(h_len);
        let one = rest.iter().position(|b| *b != 0)?;
        (em[0] == 0 && l_hash == &H::digest([])[..] && rest[one] == 1).then(|| rest[one + 1..].to_vec())
    }

    proptest! {
        #[test]
        fn oaep_decodes(m in proptest::collection::vec(any::<u8>(), 0..=190), seed in any::<[u8; 32]>()) {
            let mut rng = ChaCha20Rng::from_seed(seed);
            prop_assert_eq!(oaep_decode::<Sha256>(encode(WrappingAlgorithm::RsaesOaepSha256, &m, &mut rng).unwrap().expose()), Some(m.clone()));
            prop_assert_eq!(oaep_decode::<Sha1>(encode(WrappingAlgorithm::RsaesOaepSha1, &m, &mut rng).unwrap().expose()), Some(m));
        }

        #[test]
        fn pkcs1_has_the_shape(m in proptest::collection::vec(any::<u8>(), 0..=245), seed in any::<[u8; 32]>()) {
            let em = encode(WrappingAlgorithm::RsaesPkcs1V15, &m, &mut ChaCha20Rng::from_seed(seed)).unwrap();
            let em = em.expose();
            let zero = K - m.len() - 1;
            prop_assert_eq!(&em[..2], &[0, 2]);
            prop_assert!(em[2..zero].iter().all(|b| *b != 0) && zero >= 10);
            prop_assert_eq!((em[zero], &em[zero + 1..]), (0, m.as_slice()));
        }
    }

    #[test]
    fn too_long_is_refused() {
        let rng = &mut ChaCha20Rng::from_seed([1; 32]);
        assert_eq!(
            encode(WrappingAlgorithm::RsaesOaepSha256, &[7; 191], rng).unwrap_err(),
            PaddingError::MessageTooLong
        );
        assert_eq!(
            encode(WrappingAlgorithm::RsaesOaepSha1, &[7; 215], rng).unwrap_err(),
            PaddingError::MessageTooLong
        );
        assert_eq!(
            encode(WrappingAlgorithm::RsaesPkcs1V15, &[7; 246], rng).unwrap_err(),
            PaddingError::MessageTooLong
        );
    }
}
