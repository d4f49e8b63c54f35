//! Key check value: the first three bytes of a known input, encrypted or authenticated with the material.
//!
//! For ciphers the input is one zero block, encrypted (PKCS#11 CKA_CHECK_VALUE): AES (FIPS 197) for the FIPS edition, SM4 (GB/T 32907)
//! for the 国密 edition. An HMAC key encrypts nothing, so it authenticates a fixed text instead (RFC 2104). A check value helps to
//! recognise material; 24 bits prove nothing.

use core::fmt;
use core::str::FromStr;

use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::scrub::scrub_stack;
use crate::serde_helpers::serde_as_text;
use crate::{KeyMaterial, MaterialKind, MaterialLength};

/// The text that an HMAC key authenticates.
const HMAC_TEXT: &[u8] = b"keyferry/kcv/1";

/// How a [`Kcv`] is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KcvMethod {
    /// AES-ECB of one zero block.
    #[serde(rename = "AES-ECB-ZERO")]
    Aes,
    /// SM4-ECB of one zero block.
    #[serde(rename = "SM4-ECB-ZERO")]
    Sm4,
    /// HMAC-SHA-256 of the text `keyferry/kcv/1`.
    #[serde(rename = "HMAC-SHA-256")]
    Hmac,
}

impl KcvMethod {
    /// The method for keys of this kind; `None` if no key of this kind has this length.
    #[must_use]
    pub fn for_material(kind: MaterialKind, length: MaterialLength) -> Option<Self> {
        let method = match kind {
            MaterialKind::Aes => Self::Aes,
            MaterialKind::Sm4 => Self::Sm4,
            MaterialKind::Hmac => Self::Hmac,
        };
        kind.has(length).then_some(method)
    }

    /// The name that artefacts use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aes => "AES-ECB-ZERO",
            Self::Sm4 => "SM4-ECB-ZERO",
            Self::Hmac => "HMAC-SHA-256",
        }
    }
}

impl fmt::Display for KcvMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Aes => "AES",
            Self::Sm4 => "SM4",
            Self::Hmac => "HMAC",
        })
    }
}

/// Three bytes, written as six hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KcvValue([u8; 3]);

impl KcvValue {
    /// The three bytes.
    #[must_use]
    pub const fn bytes(&self) -> [u8; 3] {
        self.0
    }
}

impl fmt::Display for KcvValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::hex::encode(&self.0))
    }
}

/// The text is not six lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKcv;

impl fmt::Display for BadKcv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a KCV of six hex digits in lower case")
    }
}

impl std::error::Error for BadKcv {}

impl FromStr for KcvValue {
    type Err = BadKcv;

    fn from_str(s: &str) -> Result<Self, BadKcv> {
        let mut out = [0; 3];
        crate::hex::decode_into(s, &mut out).ok_or(BadKcv)?;
        Ok(Self(out))
    }
}

serde_as_text!(KcvValue);

/// A key check value and how it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kcv {
    /// How it was made.
    pub method: KcvMethod,
    /// The first three bytes.
    pub value: KcvValue,
}

/// The cipher does not accept keys of that length: SM4 takes 16 bytes, AES takes 16 or 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KcvLength;

impl Kcv {
    /// The check value of `material`.
    ///
    /// # Errors
    /// [`KcvLength`] if the method's cipher does not accept a key of that length. HMAC takes keys of any
    /// length.
    pub fn of(material: &KeyMaterial, method: KcvMethod) -> Result<Self, KcvLength> {
        let key = material.expose();
        let value = match (method, key.len()) {
            (KcvMethod::Sm4, _) => first_three::<sm4::Sm4>(key),
            (KcvMethod::Aes, 16) => first_three::<aes::Aes128>(key),
            (KcvMethod::Aes, _) => first_three::<aes::Aes256>(key),
            (KcvMethod::Hmac, _) => first_three_of_hmac(key),
        };
        scrub_stack();
        Ok(Self { method, value: value.ok_or(KcvLength)? })
    }
}

/// Runs in its own stack frame, so that [`scrub_stack`] overwrites what the cipher left of its round keys.
#[inline(never)]
fn first_three<C: BlockCipherEncrypt + KeyInit>(key: &[u8]) -> Option<KcvValue> {
    let cipher = C::new_from_slice(key).ok()?;
    let mut block = Block::<C>::default();
    cipher.encrypt_block(&mut block);
    block.first_chunk::<3>().map(|b| KcvValue(*b))
}

/// Runs in its own stack frame, so that [`scrub_stack`] overwrites what HMAC left of its key.
#[inline(never)]
fn first_three_of_hmac(key: &[u8]) -> Option<KcvValue> {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
    let tag = mac.chain_update(HMAC_TEXT).finalize().into_bytes();
    tag.first_chunk::<3>().map(|b| KcvValue(*b))
}

impl fmt::Display for Kcv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.value, self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kcv(key: &[u8], method: KcvMethod) -> String {
        Kcv::of(&KeyMaterial::from_bytes(key).unwrap(), method).unwrap().value.to_string()
    }

    #[test]
    fn known_answers() {
        // `openssl enc -aes-256-ecb -nopad -K … | xxd` and the same with -aes-128-ecb, -sm4-ecb, over 16 zero bytes.
        assert_eq!(kcv(&[0x90; 32], KcvMethod::Aes), OPENSSL_AES_256);
        assert_eq!(kcv(&[0x90; 16], KcvMethod::Aes), OPENSSL_AES_128);
        assert_eq!(kcv(&[0x90; 16], KcvMethod::Sm4), OPENSSL_SM4);
        // The all-zero AES-256 key: NIST's known answer is dc95c078….
        assert_eq!(kcv(&[0; 32], KcvMethod::Aes), "dc95c0");
    }

    const OPENSSL_AES_256: &str = "0dfaeb";
    const OPENSSL_AES_128: &str = "983082";
    const OPENSSL_SM4: &str = "1b4619";

    #[test]
    fn known_answers_of_hmac() {
        // printf keyferry/kcv/1 | openssl dgst -sha256 -mac HMAC -macopt hexkey:9090…90
        for (length, openssl) in
            [(28, "82e53e"), (32, "48d494"), (48, "e250df"), (64, "5bc906"), (128, "54e2ad")]
        {
            assert_eq!(kcv(&vec![0x90; length], KcvMethod::Hmac), openssl, "{length} bytes");
        }
    }

    #[test]
    fn sm4_takes_128_bits_only() {
        let material = KeyMaterial::from_bytes(&[0x90; 32]).unwrap();
        assert_eq!(Kcv::of(&material, KcvMethod::Sm4), Err(KcvLength));
    }

    #[test]
    fn each_kind_has_a_method_for_its_lengths_alone() {
        let methods = [KcvMethod::Aes, KcvMethod::Sm4, KcvMethod::Hmac];
        for (kind, method) in MaterialKind::ALL.into_iter().zip(methods) {
            for bytes in 16..=128 {
                let material = KeyMaterial::from_bytes(&vec![0x90; bytes]).unwrap();
                let found = KcvMethod::for_material(kind, material.length());
                assert_eq!(found, kind.has(material.length()).then_some(method));
                assert!(found.is_none_or(|m| Kcv::of(&material, m).is_ok()));
                let takes = kind.has(material.length()) || method == KcvMethod::Hmac;
                assert_eq!(Kcv::of(&material, method).is_ok(), takes, "{kind}, {bytes} bytes");
            }
        }
    }
}
