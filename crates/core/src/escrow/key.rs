//! The escrow key, and AES key wrap (RFC 3394) under keys that it derives.

use core::fmt;

use aes::Aes256;
use aes_kw::AesKw;
use hmac::{Hmac, KeyInit, Mac};
use rand_core::TryCryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::NotOpened;
use crate::scrub::scrub_stack;
use crate::{
    Base64Bytes, CeremonyId, Commitment, EscrowError, KeyId, KeyMaterial, MaterialError, MaterialLength,
    Region, SecretStore,
};

/// Bytes that RFC 3394 adds.
pub const SEALED_MORE: usize = 8;
const DOMAIN: &[u8] = b"keyferry/escrow-kek/1";
/// The longest material, sealed.
const MAX_SEALED: usize = 32 + SEALED_MORE;

/// What a sealed entry is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'a> {
    /// The ceremony that made the material.
    pub ceremony: &'a CeremonyId,
    /// Region of the key.
    pub region: &'a Region,
    /// Id of the key.
    pub key_id: &'a KeyId,
}

/// 256 secret bits that open an escrow. No `Clone`, no `Serialize`, redacted `Debug`; wiped on drop.
pub struct EscrowKey(KeyMaterial);

impl EscrowKey {
    /// Draws a fresh one into memory of `store`'s kind.
    ///
    /// # Errors
    /// As [`KeyMaterial::generate_in`].
    pub fn generate_in<R: TryCryptoRng + ?Sized>(
        store: &dyn SecretStore,
        rng: &mut R,
    ) -> Result<Self, MaterialError> {
        KeyMaterial::generate_in(store, MaterialLength::B256, rng).map(Self)
    }

    /// Takes what shares gave.
    ///
    /// # Errors
    /// [`EscrowError::Key`] unless 256 bits.
    pub fn from_material(material: KeyMaterial) -> Result<Self, EscrowError> {
        if material.length() == MaterialLength::B256 { Ok(Self(material)) } else { Err(EscrowError::Key) }
    }

    /// The key as material: to share it.
    #[must_use]
    pub const fn material(&self) -> &KeyMaterial {
        &self.0
    }

    /// Commitment to the key.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment::of(&self.0)
    }

    /// Seals `material` for one key of one ceremony.
    ///
    /// # Errors
    /// [`MaterialError::Length`] cannot occur for material that exists.
    pub fn seal(&self, to: &Sealing<'_>, material: &KeyMaterial) -> Result<Base64Bytes, MaterialError> {
        let mut buffer = [0; MAX_SEALED];
        let sealed = wrap(&self.kek(to), material.expose(), &mut buffer).map(Base64Bytes::from);
        scrub_stack();
        let found = material.expose().len();
        sealed.ok_or(MaterialError::Length { found, takes: &[], text: false, newline: false })
    }

    /// Opens what [`seal`](Self::seal) made for the same key and ceremony.
    pub(super) fn open(
        &self,
        to: &Sealing<'_>,
        sealed: &[u8],
        store: &dyn SecretStore,
    ) -> Result<KeyMaterial, NotOpened> {
        let length = sealed.len().saturating_sub(SEALED_MORE);
        let mut buffer = store.buffer(length).map_err(MaterialError::from)?;
        let opened = unwrap(&self.kek(to), sealed, (*buffer).as_mut());
        scrub_stack();
        opened.ok_or(NotOpened::Integrity)?;
        Ok(KeyMaterial::from_bytes_in(store, (*buffer).as_ref())?)
    }

    fn kek(&self, to: &Sealing<'_>) -> Zeroizing<[u8; 32]> {
        let ceremony = to.ceremony.to_string();
        let fields =
            [DOMAIN, ceremony.as_bytes(), to.region.as_str().as_bytes(), to.key_id.as_str().as_bytes()];
        derive(self.0.expose(), &fields)
    }
}

/// HMAC over length-prefixed fields (8 bytes big endian each), so that no two lists of fields give one key.
#[inline(never)]
fn derive(key: &[u8], fields: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut kek = Zeroizing::new([0; 32]);
    // HMAC takes a key of any length: the error cannot occur, and a zero key would open nothing.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) {
        for field in fields {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field);
        }
        let tag = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
        kek.copy_from_slice(&*tag);
    }
    kek
}

#[inline(never)]
fn wrap<'b>(kek: &[u8; 32], key: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    AesKw::<Aes256>::new(kek.into()).wrap_key(key, buffer).ok()
}

#[inline(never)]
fn unwrap(kek: &[u8; 32], sealed: &[u8], buffer: &mut [u8]) -> Option<()> {
    AesKw::<Aes256>::new(kek.into()).unwrap_key(sealed, buffer).ok().map(|_| ())
}

impl fmt::Debug for EscrowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EscrowKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// RFC 3394 §4.3, §4.5 and §4.6: the key data of 128, 192 (as 128 of it does not fit) and 256 bits under a 256-bit KEK.
    #[test]
    fn the_vectors_of_the_rfc() {
        let bytes = |text: &str| -> Vec<u8> {
            let mut out = vec![0; text.len() / 2];
            hex::decode_into(&text.to_ascii_lowercase(), &mut out).unwrap();
            out
        };
        let kek =
            bytes("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F").try_into().unwrap();
        let mut ran = 0;
        for (key, sealed) in [
            ("00112233445566778899AABBCCDDEEFF", "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"),
            (
                "00112233445566778899AABBCCDDEEFF0001020304050607",
                "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1",
            ),
            (
                "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
                "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21",
            ),
        ] {
            let (key, sealed) = (bytes(key), bytes(sealed));
            let mut buffer = [0; MAX_SEALED];
            assert_eq!(wrap(&kek, &key, &mut buffer), Some(sealed.as_slice()));
            let mut back = vec![0; key.len()];
            assert_eq!(unwrap(&kek, &sealed, &mut back), Some(()));
            assert_eq!(back, key);
            ran += 1;
        }
        assert_eq!(ran, 3);
    }

    #[test]
    fn the_derived_key_is_hmac_of_the_fields() {
        // Python: hmac.new(b"\x90"*32, b"".join(len(f).to_bytes(8, "big") + f for f in fields), "sha256").
        let fields: [&[u8]; 4] =
            [DOMAIN, b"test-1", b"ap-singapore", b"23e80852-1e38-11e9-b129-5cb9019b4b01"];
        assert_eq!(hex::encode(&*derive(&[0x90; 32], &fields)), PYTHON);
    }

    const PYTHON: &str = "4b167a8bd6722f611a8faa9f63d50ac7e83c2fe7d63f596c422fd724b8c62daa";
}
