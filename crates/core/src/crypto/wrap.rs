//! Wrapping (RFC 8017 §7.1.1, §7.2.1): padding, then RSAEP by two implementations, which have to agree on the
//! block.

use core::fmt;

use rand_core::TryCryptoRng;

use crate::padding::{self, EncodedMessage, PaddingError};
use crate::rsaep::{rsaep, second_rsaep};
use crate::scrub::scrub_stack;
use crate::{KeyMaterial, RsaBits, WrappingAlgorithm, WrappingKey};

pub use super::wrapped::{WrapError, WrappedKeyMaterial};

/// A padded message that is not encrypted yet: every random byte of the wrap has been drawn, and the rest is
/// arithmetic.
pub struct Padded<'k> {
    key: &'k WrappingKey,
    em: EncodedMessage,
}

/// A block that one implementation made. It is not released before [`confirm`](Self::confirm), where a second
/// implementation has to agree.
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

/// The part of [`wrap`] that draws random bytes: `material`, padded for `key`.
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

/// Runs in its own stack frame, so that [`scrub_stack`] overwrites what hashing left.
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
    /// [`WrapError::Arithmetic`] if the result is not a block, which is a fault of the machine and never of
    /// the input.
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
    /// Has the second implementation make the block again from the same padded message, and releases the block if the two are
    /// equal.
    ///
    /// # Errors
    /// [`WrapError::Disagreement`] if the two differ; [`WrapError::Arithmetic`] if the second implementation
    /// makes no block.
    pub fn confirm(self) -> Result<WrappedKeyMaterial, WrapError> {
        let second = second_rsaep(self.key, &self.em)?;
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
