//! The escrow key, and key wrap under the keys derived from it.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rand_core::TryCryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::escrow_error::NotOpened;
use super::key_wrap::{KeyWrap, MAX_SEALED, SEALED_MORE};
use crate::scrub::scrub_stack;
use crate::{
    Base64Bytes, CeremonyId, Commitment, EscrowError, KeyId, KeyMaterial, MaterialError, MaterialLength,
    Provider, Region, SecretStore,
};

/// The values that a sealed entry is bound to, and how it is sealed.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'a> {
    /// The key wrap that seals it.
    pub wrap: KeyWrap,
    /// The ceremony that made the material.
    pub ceremony: &'a CeremonyId,
    /// Who runs the KMS; the version with RFC 3394 did not bind it.
    pub provider: Provider,
    /// Region of the key.
    pub region: &'a Region,
    /// Id of the key.
    pub key_id: &'a KeyId,
}

/// 256 secret bits that open an escrow. No `Clone`, no `Serialize`, redacted `Debug`; wiped on drop.
pub struct EscrowKey(KeyMaterial);

impl EscrowKey {
    /// Draws a fresh key into memory of `store`'s kind.
    ///
    /// # Errors
    /// As [`KeyMaterial::generate_in`].
    pub fn generate_in<R: TryCryptoRng + ?Sized>(
        store: &dyn SecretStore,
        rng: &mut R,
    ) -> Result<Self, MaterialError> {
        KeyMaterial::generate_in(store, MaterialLength::B256, rng).map(Self)
    }

    /// Takes the key that shares recovered.
    ///
    /// # Errors
    /// [`EscrowError::Key`] unless it has 256 bits.
    pub fn from_material(material: KeyMaterial) -> Result<Self, EscrowError> {
        if material.length() == MaterialLength::B256 { Ok(Self(material)) } else { Err(EscrowError::Key) }
    }

    /// The key as material, which can be split into shares.
    #[must_use]
    pub const fn material(&self) -> &KeyMaterial {
        &self.0
    }

    /// Commitment to the key.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment::of(&self.0)
    }

    /// Seals `material` for one key in one ceremony.
    ///
    /// # Errors
    /// [`MaterialError::Length`] if the key wrap does not take material of this length.
    pub fn seal(&self, to: &Sealing<'_>, material: &KeyMaterial) -> Result<Base64Bytes, MaterialError> {
        let mut buffer = [0; MAX_SEALED];
        let sealed = to.wrap.wrap(&self.kek(to), material.expose(), &mut buffer).map(Base64Bytes::from);
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
        let opened = to.wrap.unwrap(&self.kek(to), sealed, (*buffer).as_mut());
        scrub_stack();
        let length = opened.ok_or(NotOpened::Integrity)?;
        let bytes = (*buffer).as_ref().get(..length).ok_or(NotOpened::Integrity)?;
        Ok(KeyMaterial::from_bytes_in(store, bytes)?)
    }

    fn kek(&self, to: &Sealing<'_>) -> Zeroizing<[u8; 32]> {
        let ceremony = to.ceremony.to_string();
        let [provider, region, key_id] = [to.provider.facts().id, to.region.as_str(), to.key_id.as_str()];
        match to.wrap {
            KeyWrap::Rfc3394 => {
                derive(self.0.expose(), &[KEK_1, ceremony.as_bytes(), region.as_bytes(), key_id.as_bytes()])
            }
            KeyWrap::Rfc5649 => {
                let names = [provider, region, key_id].map(str::as_bytes);
                let [provider, region, key_id] = names;
                let fields = [KEK_2, ceremony.as_bytes(), provider, region, key_id];
                derive(self.0.expose(), &fields)
            }
        }
    }
}

/// The label differs for each kind of key wrap, so no derived key is used for two kinds.
const KEK_1: &[u8] = b"keyferry/escrow-kek/1";
const KEK_2: &[u8] = b"keyferry/escrow-kek/2";

/// HMAC over length-prefixed fields (8 bytes big-endian each), so two different lists of fields never produce
/// the same key.
#[inline(never)]
fn derive(key: &[u8], fields: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut kek = Zeroizing::new([0; 32]);
    // HMAC accepts a key of any length, so the error cannot occur; if it did, a zero key would open nothing.
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

impl fmt::Debug for EscrowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EscrowKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Heap, hex};

    #[test]
    fn the_derived_key_is_hmac_of_the_fields() {
        // Python: hmac.new(b"\x90"*32, b"".join(len(f).to_bytes(8, "big") + f for f in fields), "sha256").
        let fields: [&[u8]; 4] = [KEK_1, b"test-1", b"ap-singapore", b"23e80852-1e38-11e9-b129-5cb9019b4b01"];
        assert_eq!(hex::encode(&*derive(&[0x90; 32], &fields)), PYTHON);
    }

    fn key() -> EscrowKey {
        EscrowKey::from_material(KeyMaterial::from_bytes(&[0x90; 32]).unwrap()).unwrap()
    }

    /// Calls `test` with the values for one entry: its ceremony, region and key.
    fn with_sealing<T>(wrap: KeyWrap, names: [&str; 3], test: impl Fn(&Sealing<'_>) -> T) -> T {
        let (ceremony, region, key_id) =
            (names[0].parse().unwrap(), names[1].parse().unwrap(), names[2].parse().unwrap());
        let provider = Provider::OF_VERSION_1;
        test(&Sealing { wrap, ceremony: &ceremony, provider, region: &region, key_id: &key_id })
    }

    const NAMES: [&str; 3] = ["test-1", "ap-singapore", "23e80852-1e38-11e9-b129-5cb9019b4b01"];

    fn seal(wrap: KeyWrap, material: &[u8]) -> Result<Vec<u8>, MaterialError> {
        let material = KeyMaterial::from_bytes(material).unwrap();
        with_sealing(wrap, NAMES, |to| key().seal(to, &material).map(|s| s.as_bytes().to_vec()))
    }

    fn open(wrap: KeyWrap, names: [&str; 3], sealed: &[u8]) -> Option<Vec<u8>> {
        with_sealing(wrap, names, |to| key().open(to, sealed, &Heap).ok().map(|m| m.expose().to_vec()))
    }

    #[test]
    fn material_of_every_length_comes_back() {
        for length in 16..=128 {
            let material = vec![0xa5; length];
            let sealed = seal(KeyWrap::Rfc5649, &material).unwrap();
            assert_eq!(open(KeyWrap::Rfc5649, NAMES, &sealed), Some(material.clone()));
            match seal(KeyWrap::Rfc3394, &material) {
                Ok(sealed) => assert_eq!(open(KeyWrap::Rfc3394, NAMES, &sealed), Some(material)),
                Err(refused) => {
                    let wrong =
                        MaterialError::Length { found: length, takes: &[], text: false, newline: false };
                    assert_eq!((refused, length % 8 == 0), (wrong, false));
                }
            }
        }
    }

    #[test]
    fn an_entry_opens_as_it_was_sealed_alone() {
        for (wrap, other) in [(KeyWrap::Rfc3394, KeyWrap::Rfc5649), (KeyWrap::Rfc5649, KeyWrap::Rfc3394)] {
            let sealed = seal(wrap, &[0xa5; 32]).unwrap();
            assert!(open(wrap, NAMES, &sealed).is_some() && open(other, NAMES, &sealed).is_none());
            let moved = ["test-2", "ap-hongkong", "23e80852-1e38-11e9-b129-5cb9019b4b02"];
            for at in 0..3 {
                let mut names = NAMES;
                names[at] = moved[at];
                assert_eq!(open(wrap, names, &sealed), None);
            }
            for bit in 0..8 * sealed.len() {
                let mut altered = sealed.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(open(wrap, NAMES, &altered), None, "bit {bit}");
            }
            for length in 0..sealed.len() {
                assert_eq!(open(wrap, NAMES, &sealed[..length]), None, "{length} bytes");
            }
        }
    }

    const PYTHON: &str = "4b167a8bd6722f611a8faa9f63d50ac7e83c2fe7d63f596c422fd724b8c62daa";
}
