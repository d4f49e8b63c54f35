//! Key check value: the first three bytes of one zero block encrypted under the material (PKCS#11 CKA_CHECK_VALUE).
//!
//! AES (FIPS 197) for the FIPS edition, SM4 (GB/T 32907) for the 国密 edition. It recognises material; 24 bits prove nothing
//! more.

use core::fmt;
use core::str::FromStr;

use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use serde::{Deserialize, Serialize};

use crate::de::serde_as_text;
use crate::scrub::scrub_stack;
use crate::{Edition, KeyMaterial};

/// Which cipher made a [`Kcv`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KcvMethod {
    /// AES-ECB of a zero block.
    #[serde(rename = "AES-ECB-ZERO")]
    Aes,
    /// SM4-ECB of a zero block.
    #[serde(rename = "SM4-ECB-ZERO")]
    Sm4,
}

impl KcvMethod {
    /// The method for a region's edition.
    #[must_use]
    pub const fn for_edition(edition: Edition) -> Self {
        match edition {
            Edition::Fips => Self::Aes,
            Edition::Sm => Self::Sm4,
        }
    }

    /// As it stands in artefacts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aes => "AES-ECB-ZERO",
            Self::Sm4 => "SM4-ECB-ZERO",
        }
    }
}

impl fmt::Display for KcvMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Aes => "AES",
            Self::Sm4 => "SM4",
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
    /// The cipher.
    pub method: KcvMethod,
    /// The first three bytes.
    pub value: KcvValue,
}

/// SM4 takes 128-bit keys only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KcvLength;

impl Kcv {
    /// The check value of `material`.
    ///
    /// # Errors
    /// [`KcvLength`] for SM4 with 256-bit material.
    pub fn of(material: &KeyMaterial, method: KcvMethod) -> Result<Self, KcvLength> {
        let key = material.expose();
        let value = match (method, key.len()) {
            (KcvMethod::Sm4, _) => first_three::<sm4::Sm4>(key),
            (KcvMethod::Aes, 16) => first_three::<aes::Aes128>(key),
            (KcvMethod::Aes, _) => first_three::<aes::Aes256>(key),
        };
        scrub_stack();
        Ok(Self { method, value: value.ok_or(KcvLength)? })
    }
}

/// In a frame of its own, so that [`scrub_stack`] reaches what the cipher left of its round keys.
#[inline(never)]
fn first_three<C: BlockCipherEncrypt + KeyInit>(key: &[u8]) -> Option<KcvValue> {
    let cipher = C::new_from_slice(key).ok()?;
    let mut block = Block::<C>::default();
    cipher.encrypt_block(&mut block);
    block.first_chunk::<3>().map(|b| KcvValue(*b))
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
        // The all-zero AES-256 key: NIST's KAT, dc95c078….
        assert_eq!(kcv(&[0; 32], KcvMethod::Aes), "dc95c0");
    }

    const OPENSSL_AES_256: &str = "0dfaeb";
    const OPENSSL_AES_128: &str = "983082";
    const OPENSSL_SM4: &str = "1b4619";

    #[test]
    fn sm4_takes_128_bits_only() {
        let material = KeyMaterial::from_bytes(&[0x90; 32]).unwrap();
        assert_eq!(Kcv::of(&material, KcvMethod::Sm4), Err(KcvLength));
    }
}
