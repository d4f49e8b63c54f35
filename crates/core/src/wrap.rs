//! Wrapping: pad, RSAEP (RFC 8017 §5.1.1), one block out; and the RSA block as a checked type.

use core::fmt;

use rand_core::TryCryptoRng;
use rsa::BoxedUint;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroize;

use crate::padding::{self, EncodedMessage, K, PaddingError};
use crate::{
    Bilingual, Class, Control, Explain, Fingerprint, KeyMaterial, WrappingAlgorithm, WrappingKey, bi,
    explained,
};

/// Key material encrypted to a wrapping key: one block of 256 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKeyMaterial(Box<[u8; K]>);

/// Why nothing was wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WrapError {
    /// The random generator failed.
    Entropy,
    /// The arithmetic gave no block of the modulus' length: a fault, never an input.
    Arithmetic,
    /// A wrapped block is not 256 bytes long.
    Length(usize),
}

impl WrappedKeyMaterial {
    /// Takes the 256 bytes of a block made elsewhere.
    ///
    /// # Errors
    /// [`WrapError::Length`] for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WrapError> {
        bytes.try_into().map(|b: [u8; K]| Self(Box::new(b))).map_err(|_| WrapError::Length(bytes.len()))
    }

    /// The 256 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; K] {
        &self.0
    }

    /// SHA-256 of the block.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.as_bytes())
    }
}

impl fmt::Debug for WrappedKeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKeyMaterial({:?})", self.fingerprint())
    }
}

/// Wraps `material` to `key`: RSAES-OAEP-ENCRYPT (§7.1.1, empty label, MGF1 of the same hash) or
/// RSAES-PKCS1-V1_5-ENCRYPT (§7.2.1).
///
/// # Errors
/// [`WrapError::Entropy`] if `rng` fails.
pub fn wrap<R: TryCryptoRng + ?Sized>(
    key: &WrappingKey,
    algorithm: WrappingAlgorithm,
    material: &KeyMaterial,
    rng: &mut R,
) -> Result<WrappedKeyMaterial, WrapError> {
    let m = material.expose();
    let em = match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => padding::eme_oaep::<Sha256, R>(m, rng),
        WrappingAlgorithm::RsaesOaepSha1 => padding::eme_oaep::<Sha1, R>(m, rng),
        WrappingAlgorithm::RsaesPkcs1V15 => padding::eme_pkcs1_v1_5(m, rng),
    };
    let em = em.map_err(|e| match e {
        PaddingError::Entropy => WrapError::Entropy,
        // 32 bytes fit every padding; a longer message cannot be a KeyMaterial.
        PaddingError::MessageTooLong => WrapError::Arithmetic,
    })?;
    rsaep(key, &em)
}

/// RSAEP: c = m^e mod n, as k octets.
fn rsaep(key: &WrappingKey, em: &EncodedMessage) -> Result<WrappedKeyMaterial, WrapError> {
    let mut m = BoxedUint::from_be_slice(em.as_slice(), 2048).map_err(|_| WrapError::Arithmetic)?;
    let c = rsa::hazmat::rsa_encrypt(key.rsa(), &m);
    m.zeroize();
    let c = c.map_err(|_| WrapError::Arithmetic)?;
    WrappedKeyMaterial::from_bytes(&c.to_be_bytes()).map_err(|_| WrapError::Arithmetic)
}

impl Explain for WrapError {
    fn control(&self) -> Control {
        match self {
            Self::Entropy => Control::MAT_ENTROPY,
            _ => Control::WRAP_FAILED,
        }
    }

    fn class(&self) -> Class {
        Class::Refused
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::Entropy => bi!("the random generator failed", "随机数发生器失败"),
            Self::Arithmetic => bi!("wrapping gave no valid RSA block", "包装未得到有效的 RSA 数据块"),
            Self::Length(n) => bi!(
                "wrapped material is {n} bytes; RSA-2048 gives exactly 256",
                "包装后的密钥材料为 {n} 字节；RSA-2048 恰好是 256 字节"
            ),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Length(_) => bi!(
                "bring ciphertext.json again; if it is equal to the original, wrap again",
                "请重新带来 ciphertext.json；若与原件相同，请重新包装"
            ),
            _ => bi!(
                "this machine is not sound: stop, take another one, and wrap again",
                "本机不可靠：请停止，换一台机器后重新包装"
            ),
        }
    }
}

explained!(WrapError);
