//! The ciphertexts of `Encrypt`: AES-256-GCM under 256-bit material, SM4-GCM under 128-bit material.
//!
//! A blob is three base64 parts joined by `-k-`, as in the vendor's examples (`ceremony/spec/tencent-kms.md` §4.5): a header
//! of 64 bytes (key id, nonce, digest of the region), the tag of 16 bytes, the ciphertext. Header and encryption context are
//! authenticated: a blob opens only in its region, under its key and in its context, even if two keys hold the same material.

use aes::Aes256;
use aes::cipher::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{AesGcm, Nonce};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use sm4::Sm4;
use zeroize::Zeroizing;

const SEPARATOR: &str = "-k-";
const KEY_ID: usize = 36;
const NONCE: usize = 12;
const REGION: usize = 16;
const HEADER: usize = KEY_ID + NONCE + REGION;
const TAG: usize = 16;

/// Longest blob that is read: 4096 bytes of plaintext make less than 6 KiB.
const MAX_BLOB: usize = 8 * 1024;

/// Length of a nonce, which the caller draws.
pub(crate) type NonceBytes = [u8; NONCE];

/// Not a blob from this service, or not for this key and context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadBlob;

/// A blob split into its parts, none of which are authenticated yet.
pub(crate) struct Blob {
    header: Vec<u8>,
    sealed: Vec<u8>,
}

impl Blob {
    /// Splits a blob.
    pub(crate) fn parse(text: &str) -> Result<Self, BadBlob> {
        if text.len() > MAX_BLOB {
            return Err(BadBlob);
        }
        let mut parts = text.split(SEPARATOR).map(|part| BASE64_STANDARD.decode(part).map_err(|_| BadBlob));
        let mut part = || parts.next().ok_or(BadBlob)?;
        let (header, tag, mut sealed) = (part()?, part()?, part()?);
        if parts.next().is_some() || header.len() != HEADER || tag.len() != TAG {
            return Err(BadBlob);
        }
        sealed.extend_from_slice(&tag);
        Ok(Self { header, sealed })
    }

    /// The key that it names.
    pub(crate) fn key_id(&self) -> Result<&str, BadBlob> {
        self.header.get(..KEY_ID).and_then(|id| std::str::from_utf8(id).ok()).ok_or(BadBlob)
    }

    /// Opens it.
    pub(crate) fn open(
        &self,
        material: &[u8],
        region: &str,
        context: &str,
    ) -> Result<Zeroizing<Vec<u8>>, BadBlob> {
        let nonce = self.header.get(KEY_ID..KEY_ID + NONCE).and_then(|n| n.try_into().ok()).ok_or(BadBlob)?;
        if !self.header.ends_with(&region_digest(region)) {
            return Err(BadBlob);
        }
        let aad = [self.header.as_slice(), context.as_bytes()].concat();
        let payload = Payload { msg: &self.sealed, aad: &aad };
        with_cipher(material, &nonce, Direction::Open, payload).map(Zeroizing::new)
    }
}

/// Makes a blob.
pub(crate) fn seal(
    material: &[u8],
    (region, key_id): (&str, &str),
    context: &str,
    nonce: &NonceBytes,
    plaintext: &[u8],
) -> Result<String, BadBlob> {
    let header = [key_id.as_bytes(), nonce, &region_digest(region)].concat();
    if header.len() != HEADER {
        return Err(BadBlob);
    }
    let aad = [header.as_slice(), context.as_bytes()].concat();
    let sealed = with_cipher(material, nonce, Direction::Seal, Payload { msg: plaintext, aad: &aad })?;
    let (ciphertext, tag) = sealed.split_last_chunk::<TAG>().ok_or(BadBlob)?;
    let parts = [header.as_slice(), tag, ciphertext].map(|part| BASE64_STANDARD.encode(part));
    Ok(parts.join(SEPARATOR))
}

enum Direction {
    Seal,
    Open,
}

/// The length of the material follows from the edition, and determines the cipher.
fn with_cipher(
    material: &[u8],
    nonce: &NonceBytes,
    direction: Direction,
    payload: Payload<'_, '_>,
) -> Result<Vec<u8>, BadBlob> {
    fn run<C: Aead<NonceSize = U12>>(
        cipher: &C,
        nonce: &NonceBytes,
        direction: Direction,
        payload: Payload<'_, '_>,
    ) -> Result<Vec<u8>, BadBlob> {
        let nonce: &Nonce<U12> = nonce.into();
        match direction {
            Direction::Seal => cipher.encrypt(nonce, payload),
            Direction::Open => cipher.decrypt(nonce, payload),
        }
        .map_err(|_| BadBlob)
    }
    match material.len() {
        32 => {
            let cipher = AesGcm::<Aes256, U12>::new_from_slice(material).map_err(|_| BadBlob)?;
            run(&cipher, nonce, direction, payload)
        }
        16 => {
            let cipher = AesGcm::<Sm4, U12>::new_from_slice(material).map_err(|_| BadBlob)?;
            run(&cipher, nonce, direction, payload)
        }
        _ => Err(BadBlob),
    }
}

fn region_digest(region: &str) -> [u8; REGION] {
    let digest: [u8; 32] = Sha256::digest(region).into();
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "23e80852-1e38-11e9-b129-5cb9019b4b01";
    const AT: (&str, &str) = ("ap-singapore", ID);

    #[test]
    fn round_trips_in_both_editions() {
        for material in [vec![1; 32], vec![1; 16]] {
            let text = seal(&material, AT, "{}", &[7; 12], b"hello").unwrap();
            let blob = Blob::parse(&text).unwrap();
            assert_eq!(blob.key_id(), Ok(ID));
            assert_eq!(blob.open(&material, "ap-singapore", "{}").unwrap().as_slice(), b"hello");
            assert_eq!(blob.open(&material, "ap-guangzhou", "{}"), Err(BadBlob));
            assert_eq!(blob.open(&material, "ap-singapore", ""), Err(BadBlob));
            let other: Vec<u8> = material.iter().map(|b| b ^ 1).collect();
            assert_eq!(blob.open(&other, "ap-singapore", "{}"), Err(BadBlob));
        }
        assert_eq!(seal(&[1; 24], AT, "", &[7; 12], b"x"), Err(BadBlob));
    }

    #[test]
    fn the_shape_of_the_vendor_s_examples() {
        let text = seal(&[1; 32], AT, "", &[7; 12], &[0; 36]).unwrap();
        let lengths: Vec<usize> =
            text.split("-k-").map(|part| BASE64_STANDARD.decode(part).unwrap().len()).collect();
        assert_eq!(lengths, [64, 16, 36]);
    }

    #[test]
    fn every_byte_counts() {
        let text = seal(&[1; 32], AT, "", &[7; 12], b"hello").unwrap();
        let opens = |text: &str| {
            let blob = Blob::parse(text)?;
            if blob.key_id() != Ok(ID) {
                return Err(BadBlob);
            }
            blob.open(&[1; 32], "ap-singapore", "").map(|_| ())
        };
        assert_eq!(opens(&text), Ok(()));
        for position in 0..text.len() {
            let digit = if text.as_bytes()[position] == b'B' { "C" } else { "B" };
            let mut spoilt = text.clone();
            spoilt.replace_range(position..=position, digit);
            assert_eq!(opens(&spoilt), Err(BadBlob), "{position}");
        }
        for text in
            ["", "-k-", "-k--k-", "AA==-k-AA==-k-AA==", &text[..text.len() - 4], &format!("{text}-k-AA==")]
        {
            assert_eq!(opens(text), Err(BadBlob), "{text}");
        }
        assert!(Blob::parse(&"A".repeat(MAX_BLOB + 1)).is_err());
    }
}
