//! AES-256 key wrap: without padding (RFC 3394), which `keyferry/escrow/1` uses, and with padding (RFC 5649), which takes any length.

use aes::Aes256;
use aes_kw::{AesKw, AesKwp};
use hmac::KeyInit;

use crate::MaterialLength;

/// The bytes that either key wrap adds, which is also the size of a block; RFC 5649 first pads to whole
/// blocks.
pub const SEALED_MORE: usize = 8;
/// Length of the longest sealed material.
pub(super) const MAX_SEALED: usize = MaterialLength::MAX.bytes() + SEALED_MORE;

/// The kind of key wrap that seals material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyWrap {
    /// RFC 3394, for material whose length is a multiple of 8 bytes.
    Rfc3394,
    /// RFC 5649, for material of any length.
    Rfc5649,
}

impl KeyWrap {
    /// The sealed length of material of the given length; `None` if this key wrap does not take it.
    #[must_use]
    pub const fn sealed_length(self, length: MaterialLength) -> Option<usize> {
        let whole = length.bytes().next_multiple_of(SEALED_MORE);
        match self {
            Self::Rfc3394 if whole != length.bytes() => None,
            Self::Rfc3394 | Self::Rfc5649 => Some(whole + SEALED_MORE),
        }
    }

    /// Seals `key` into the beginning of `buffer`, which must hold zeros, because they become RFC 5649's
    /// padding.
    #[inline(never)]
    pub(super) fn wrap<'b>(self, kek: &[u8; 32], key: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        match self {
            Self::Rfc3394 => AesKw::<Aes256>::new(kek.into()).wrap_key(key, buffer).ok(),
            Self::Rfc5649 => AesKwp::<Aes256>::new(kek.into()).wrap_key(key, buffer).ok(),
        }
    }

    /// Opens `sealed` into the beginning of `buffer` and returns the key's length. If it does not open, the buffer holds only
    /// zeros.
    #[inline(never)]
    pub(super) fn unwrap(self, kek: &[u8; 32], sealed: &[u8], buffer: &mut [u8]) -> Option<usize> {
        let key = match self {
            Self::Rfc3394 => AesKw::<Aes256>::new(kek.into()).unwrap_key(sealed, buffer).ok(),
            Self::Rfc5649 => AesKwp::<Aes256>::new(kek.into()).unwrap_key(sealed, buffer).ok(),
        };
        key.map(<[u8]>::len)
    }
}

#[cfg(test)]
mod tests {
    use aes::Aes192;

    use super::*;
    use crate::{Fingerprint, hex};

    fn bytes(text: &str) -> Vec<u8> {
        let mut out = vec![0; text.len() / 2];
        hex::decode_into(&text.to_ascii_lowercase(), &mut out).unwrap();
        out
    }

    fn kek() -> [u8; 32] {
        core::array::from_fn(|n| u8::try_from(n).unwrap())
    }

    /// RFC 3394 §4.3, §4.5 and §4.6: key data of 128, 192 and 256 bits under a 256-bit KEK.
    #[test]
    fn the_vectors_of_rfc_3394() {
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
            assert_eq!(KeyWrap::Rfc3394.wrap(&kek(), &key, &mut buffer), Some(sealed.as_slice()));
            let mut back = vec![0; key.len()];
            assert_eq!(KeyWrap::Rfc3394.unwrap(&kek(), &sealed, &mut back), Some(key.len()));
            assert_eq!(back, key);
            ran += 1;
        }
        assert_eq!(ran, 3);
    }

    /// The vectors of RFC 5649 §6, whose keys have 192 bits.
    #[test]
    fn the_vectors_of_rfc_5649() {
        let kek: [u8; 24] = bytes("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8").try_into().unwrap();
        let kwp = AesKwp::<Aes192>::new(&kek.into());
        for (key, sealed) in [
            (
                "c37b7e6492584340bed12207808941155068f738",
                "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
            ),
            ("466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"),
        ] {
            let (key, sealed) = (bytes(key), bytes(sealed));
            let (mut buffer, mut back) = ([0; 32], [0; 24]);
            assert_eq!(kwp.wrap_key(&key, &mut buffer).unwrap(), sealed);
            assert_eq!(kwp.unwrap_key(&sealed, &mut back).unwrap(), key);
        }
    }

    /// Python: `aes_key_wrap_with_padding(bytes(range(32)), bytes(range(n)))` from the package `cryptography`; OpenSSL
    /// with `-id-aes256-wrap-pad -iv a65959a6` produces the same.
    #[test]
    fn answers_of_rfc_5649_with_256_bits() {
        for (length, sealed) in [
            (16, "337e07dce17686cddfa15ea637c777e760ff617b002fe46b"),
            (28, "d966758acb3e484ca6cdb16011f12e9979eea93018cfb83f802730a33f8f4ebcec5d568f5d2577c1"),
            (32, "c783bf3f6ee99c48dabbc410e284c52cbf758578989de18a3294c9a4d197c8a26270488b1ce98016"),
        ] {
            let key: Vec<u8> = (0..length).collect();
            let mut buffer = [0; MAX_SEALED];
            let found = KeyWrap::Rfc5649.wrap(&kek(), &key, &mut buffer);
            assert_eq!(found, Some(bytes(sealed).as_slice()), "{length} bytes");
        }
        // All lengths of material, concatenated.
        let mut all = Vec::new();
        for length in 16..=128 {
            let key: Vec<u8> = (0..length).collect();
            let mut buffer = [0; MAX_SEALED];
            all.extend(KeyWrap::Rfc5649.wrap(&kek(), &key, &mut buffer).unwrap());
        }
        assert_eq!(Fingerprint::of(&all).to_string(), PYTHON);
    }

    const PYTHON: &str = "305f627f119e30173e32743e7257bf6d604924646b9ff4a374c049e0477b72ff";

    #[test]
    fn each_length_is_sealed_to_the_length_that_is_promised() {
        for length in (16..=128).map(|n| MaterialLength::from_bytes(n).unwrap()) {
            let key = vec![0x90; length.bytes()];
            for wrap in [KeyWrap::Rfc3394, KeyWrap::Rfc5649] {
                let mut buffer = [0; MAX_SEALED];
                let sealed = wrap.wrap(&kek(), &key, &mut buffer).map(<[u8]>::to_vec);
                assert_eq!(sealed.as_ref().map(Vec::len), wrap.sealed_length(length));
                let Some(sealed) = sealed else {
                    assert!(wrap == KeyWrap::Rfc3394 && length.bytes() % 8 != 0);
                    continue;
                };
                let mut back = vec![0; sealed.len() - SEALED_MORE];
                assert_eq!(wrap.unwrap(&kek(), &sealed, &mut back), Some(key.len()));
                assert_eq!(back[..key.len()], key);
            }
        }
    }

    #[test]
    fn what_does_not_open_leaves_zeros() {
        for (wrap, other) in [(KeyWrap::Rfc3394, KeyWrap::Rfc5649), (KeyWrap::Rfc5649, KeyWrap::Rfc3394)] {
            let mut buffer = [0; MAX_SEALED];
            let sealed = wrap.wrap(&kek(), &[0x90; 32], &mut buffer).unwrap();
            let mut back = [7; 32];
            assert_eq!(other.unwrap(&kek(), sealed, &mut back), None);
            assert_eq!(back, [0; 32]);
        }
    }
}
