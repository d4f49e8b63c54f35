//! Wrapping: pad, RSAEP (RFC 8017 §7.1.1, §7.2.1), twice, one block out; and the RSA block as a checked type.

use core::fmt;

use rand_core::TryCryptoRng;

use crate::padding::{self, EncodedMessage, PaddingError};
use crate::rsaep::{rsaep, rsaep_by_rsa};
use crate::scrub::scrub_stack;
use crate::{Bilingual, Fingerprint, KeyMaterial, RsaBits, WrappingAlgorithm, WrappingKey, bi, refusals};

/// Key material encrypted to a wrapping key: one block of 256, 384 or 512 bytes, as long as the key's modulus.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKeyMaterial(Box<[u8]>);

refusals! {
    /// Why nothing was wrapped.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum WrapError: Refused {
        /// The random generator failed.
        Entropy => MAT_ENTROPY, what("the random generator failed", "随机数发生器失败"), hint(take_another_machine());
        /// There is no secret memory left for the padded block.
        Memory => SECRET_MEMORY,
            what("there is no secret memory left for the padded block", "没有剩余的机密内存可存放填充后的数据块"),
            hint(crate::MaterialError::Memory.hint());
        /// The arithmetic gave no block of the modulus' length: a fault, never an input.
        Arithmetic => WRAP_FAILED,
            what("wrapping gave no valid RSA block", "包装未得到有效的 RSA 数据块"),
            hint(take_another_machine());
        /// Two implementations made different blocks of the same padded message.
        Disagreement => WRAP_AGREE,
            what("two implementations of RSA wrapped the same padded message to different blocks",
                 "两个 RSA 实现对同一填充消息得到了不同的数据块"),
            hint(take_another_machine());
        /// A wrapped block is not as long as the modulus.
        Length {
            /// Bytes found.
            found: usize,
            /// The length of the modulus.
            size: RsaBits,
        } => WRAP_FAILED,
            what("wrapped material is {found} bytes; {size} gives exactly {k}",
                 "包装后的密钥材料为 {found} 字节；{size} 恰好是 {k} 字节", k = size.bytes()),
            hint("bring ciphertext.json again; if it is equal to the original, wrap again",
                 "请重新带来 ciphertext.json；若与原件相同，请重新包装");
    }
}

fn take_another_machine() -> Bilingual {
    bi!(
        "this machine is not sound: stop, take another one, and wrap again",
        "本机不可靠：请停止，换一台机器后重新包装"
    )
}

impl WrappedKeyMaterial {
    /// As long as a modulus.
    pub(crate) fn new(block: &[u8]) -> Self {
        Self(block.into())
    }

    /// Takes the 256 bytes of a block made elsewhere, with a key of RSA-2048.
    ///
    /// # Errors
    /// [`WrapError::Length`] for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WrapError> {
        Self::from_bytes_of(RsaBits::R2048, bytes)
    }

    /// Takes the bytes of a block made elsewhere, with a key of this size.
    ///
    /// # Errors
    /// [`WrapError::Length`] for any other length than the modulus'.
    pub fn from_bytes_of(size: RsaBits, bytes: &[u8]) -> Result<Self, WrapError> {
        if bytes.len() == size.bytes() {
            return Ok(Self::new(bytes));
        }
        Err(WrapError::Length { found: bytes.len(), size })
    }

    /// The block.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
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

/// A padded message that was not encrypted yet: every random byte of a wrap is drawn, and the rest is arithmetic.
pub struct Padded<'k> {
    key: &'k WrappingKey,
    em: EncodedMessage,
}

/// A block that one implementation made. Nothing leaves before [`confirm`](Self::confirm): a second one has to agree.
pub struct Unconfirmed<'k> {
    key: &'k WrappingKey,
    em: EncodedMessage,
    block: WrappedKeyMaterial,
}

/// Wraps `material` to `key`: RSAES-OAEP-ENCRYPT (§7.1.1, empty label, MGF1 of the same hash) or
/// RSAES-PKCS1-V1_5-ENCRYPT (§7.2.1).
///
/// # Errors
/// [`WrapError::Entropy`] if `rng` fails; [`WrapError::Memory`] if the store that the material came from has no room for the block.
pub fn wrap<'k, R: TryCryptoRng + ?Sized>(
    key: &'k WrappingKey,
    algorithm: WrappingAlgorithm,
    material: &KeyMaterial,
    rng: &mut R,
) -> Result<Unconfirmed<'k>, WrapError> {
    pad(key, algorithm, material, rng)?.encrypt()
}

/// The part of [`wrap`] that draws: `material`, padded for `key`.
///
/// # Errors
/// As [`wrap`].
pub fn pad<'k, R: TryCryptoRng + ?Sized>(
    key: &'k WrappingKey,
    algorithm: WrappingAlgorithm,
    material: &KeyMaterial,
    rng: &mut R,
) -> Result<Padded<'k>, WrapError> {
    let em = encode(key.size(), algorithm, material, rng);
    scrub_stack();
    Ok(Padded { key, em: em? })
}

/// In a frame of its own, so that [`scrub_stack`] reaches what hashing left.
#[inline(never)]
fn encode<R: TryCryptoRng + ?Sized>(
    size: RsaBits,
    algorithm: WrappingAlgorithm,
    material: &KeyMaterial,
    rng: &mut R,
) -> Result<EncodedMessage, WrapError> {
    padding::encode_material(size, algorithm, material, rng).map_err(|e| match e {
        PaddingError::Entropy => WrapError::Entropy,
        PaddingError::Memory => WrapError::Memory,
        // 128 bytes fit every padding; a longer message cannot be a KeyMaterial.
        PaddingError::MessageTooLong => WrapError::Arithmetic,
    })
}

impl<'k> Padded<'k> {
    /// The part of [`wrap`] that computes.
    ///
    /// # Errors
    /// [`WrapError::Arithmetic`] if no block comes out: a fault, never an input.
    pub fn encrypt(self) -> Result<Unconfirmed<'k>, WrapError> {
        let Self { key, em } = self;
        let block = rsaep(key, &em)?;
        Ok(Unconfirmed { key, em, block })
    }
}

impl fmt::Debug for Padded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Padded([redacted])")
    }
}

impl Unconfirmed<'_> {
    /// Lets the second implementation make the block again from the same padded message, and releases it if the two are equal.
    ///
    /// # Errors
    /// [`WrapError::Disagreement`] if they are not; [`WrapError::Arithmetic`] if the second makes none.
    pub fn confirm(self) -> Result<WrappedKeyMaterial, WrapError> {
        let second = rsaep_by_rsa(self.key, &self.em)?;
        if second == self.block { Ok(second) } else { Err(WrapError::Disagreement) }
    }
}

impl fmt::Debug for Unconfirmed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unconfirmed([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Control, Explain};

    const SPKI: &[u8] = include_bytes!("../../tests/data/rsa2048.der");

    #[test]
    fn a_block_that_the_second_implementation_does_not_make_stays_inside() {
        let key = WrappingKey::from_der(SPKI).unwrap();
        let em = || EncodedMessage::from_bytes(&[1; 256]);
        let block = rsaep(&key, &em()).unwrap();
        let right = Unconfirmed { key: &key, em: em(), block: block.clone() };
        assert_eq!(right.confirm(), Ok(block.clone()));
        let mut wrong = block.as_bytes().to_vec();
        wrong[255] ^= 1;
        let wrong = Unconfirmed { key: &key, em: em(), block: WrappedKeyMaterial::new(&wrong) };
        let refused = wrong.confirm().unwrap_err();
        assert_eq!((refused, refused.control()), (WrapError::Disagreement, Control::WRAP_AGREE));
    }
}
