//! A public RSA key as PKCS#11 takes it, by its numbers; and the blocks that are wrapped to it.

use keyferry_core::{RsaBits, WrappedKeyMaterial, WrappingKey, refusals};
use rsa::PublicKey;
use rsa::pkcs8::{DecodePublicKey as _, EncodePublicKey as _};
use rsa::traits::PublicKeyParts as _;

/// How often a key is wrapped again if a block ends with a zero byte. One in 256 right blocks does, and one in 2³² runs would be
/// refused for no reason.
pub(crate) const MAX_TRIES: usize = 4;

/// Modulus and exponent, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicNumbers {
    size: RsaBits,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// A block that a token returned: as long as the modulus, and below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block(WrappedKeyMaterial);

impl Block {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) const fn wrapped(&self) -> &WrappedKeyMaterial {
        &self.0
    }
}

refusals! {
    /// The token returned bytes that are not an RSA block for this key.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum BlockError: Refused {
        /// Longer or shorter than the modulus.
        Length {
            /// Bytes found.
            found: usize,
            /// Bytes of the modulus.
            k: usize,
        } => HSM_BLOCK,
            what("C_WrapKey returned {found} bytes; the wrapping key produces exactly {k}",
                 "C_WrapKey 返回 {found} 字节；该包装密钥应恰好得到 {k} 字节"),
            hint("do not import it: report it to the module's maker. No ciphertext was written",
                 "请勿导入：请报告给模块厂商。没有写出密文");
        /// Not below the modulus.
        TooLarge => HSM_BLOCK,
            what("the bytes that C_WrapKey returned are not below the wrapping key's modulus",
                 "C_WrapKey 返回的结果不小于包装密钥的模数"),
            hint("do not import it: report it to the module's maker. No ciphertext was written",
                 "请勿导入：请报告给模块厂商。没有写出密文");
        /// Encrypted without a key: a number that every RSA key leaves as it is.
        Plain => HSM_BLOCK,
            what("what C_WrapKey returned is a number that RSA does not change: no padding was encrypted",
                 "C_WrapKey 返回的是 RSA 不改变的数值：没有对任何填充加密"),
            hint("the module wrote nothing, or not what it says: do not use it. No ciphertext was written",
                 "模块没有写入内容，或写入的与其声称不符：请勿使用。没有写出密文");
        /// Probably shorter than the buffer that it is in: the library does not say how many bytes were written.
        Ending => HSM_BLOCK,
            what("each of {MAX_TRIES} blocks that C_WrapKey returned ends with a zero byte: it writes fewer bytes than it announced",
                 "C_WrapKey 返回的 {MAX_TRIES} 个数据块均以零字节结尾：写入的字节少于其声称的长度"),
            hint("do not use this module: report it to its maker. No ciphertext was written",
                 "请勿使用该模块：请报告给厂商。没有写出密文");
        /// Not an RSA key of a known size.
        Key => HSM_BLOCK,
            what("the numbers of the public key cannot be determined", "无法得到该公钥的数值"),
            hint("fetch the parameters again", "请重新获取导入参数");
    }
}

impl PublicNumbers {
    /// The numbers of the checked wrapping key.
    pub(crate) fn of(key: &WrappingKey) -> Result<Self, BlockError> {
        let key = PublicKey::from_public_key_der(key.spki_der()).map_err(|_| BlockError::Key)?;
        Self::of_rsa(&key)
    }

    pub(crate) fn of_rsa(key: &PublicKey) -> Result<Self, BlockError> {
        let modulus = stripped(&key.n().to_be_bytes()).to_vec();
        let exponent = stripped(&key.e().to_be_bytes()).to_vec();
        let size = RsaBits::from_bits(modulus.len() * 8).ok_or(BlockError::Key)?;
        Ok(Self { size, modulus, exponent })
    }

    pub(crate) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    pub(crate) fn exponent(&self) -> &[u8] {
        &self.exponent
    }

    /// The numbers as the checked type that this computer wraps to.
    ///
    /// # Errors
    /// [`BlockError::Key`].
    pub(crate) fn wrapping_key(&self) -> Result<WrappingKey, BlockError> {
        let number = |bytes: &[u8]| rsa::BoxedUint::from_be_slice_vartime(bytes);
        let key = PublicKey::new(number(&self.modulus), number(&self.exponent));
        let der = key.ok().and_then(|key| key.to_public_key_der().ok()).ok_or(BlockError::Key)?;
        WrappingKey::from_der_of(&RsaBits::ALL, der.as_bytes()).map_err(|_| BlockError::Key)
    }

    /// Whether these are the same numbers, ignoring leading zeros.
    pub(crate) fn are(&self, modulus: &[u8], exponent: &[u8]) -> bool {
        stripped(modulus) == self.modulus && stripped(exponent) == self.exponent
    }

    /// Zero, one, and the modulus minus one: no padded message encrypts to these, and a buffer that was never written
    /// is zero.
    fn is_fixed(&self, bytes: &[u8]) -> bool {
        let all_but_last = |is: &[u8]| bytes.split_last().is_some_and(|(_, first)| first == is);
        let Some((last, first)) = self.modulus.split_last() else { return false };
        let small = bytes.last().is_some_and(|last| *last < 2) && all_but_last(&vec![0; first.len()]);
        // The modulus is odd.
        small || (bytes.last() == Some(&(last & !1)) && all_but_last(first))
    }

    /// Whether these may be fewer bytes than their buffer has, which was filled with zeros. A shorter number at its beginning can also be
    /// above the modulus.
    pub(crate) fn may_be_short(&self, bytes: &[u8]) -> bool {
        bytes.len() == self.modulus.len() && bytes.last() == Some(&0) && !self.is_fixed(bytes)
    }

    /// The wrapped bytes, if they can be a block for this key.
    ///
    /// # Errors
    /// [`BlockError`].
    pub(crate) fn block(&self, bytes: Vec<u8>) -> Result<Block, BlockError> {
        let (found, k) = (bytes.len(), self.modulus.len());
        if found != k {
            return Err(BlockError::Length { found, k });
        }
        // The lengths are equal, so comparing bytes compares the numbers.
        if bytes >= self.modulus {
            return Err(BlockError::TooLarge);
        }
        if self.is_fixed(&bytes) {
            return Err(BlockError::Plain);
        }
        let wrapped = WrappedKeyMaterial::from_bytes_of(self.size, &bytes);
        wrapped.map(Block).map_err(|_| BlockError::Length { found, k })
    }
}

/// The bytes of a number, without the leading zeros that DER may add.
fn stripped(bytes: &[u8]) -> &[u8] {
    let first = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    bytes.get(first..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> PublicNumbers {
        PublicNumbers { size: RsaBits::R2048, modulus: vec![0xc0; 256], exponent: vec![1, 0, 1] }
    }

    #[test]
    fn a_block_is_exactly_as_long_as_the_modulus() {
        let block = |bytes: Vec<u8>| numbers().block(bytes);
        assert_eq!(block(vec![0x55; 256]).unwrap().as_bytes(), [0x55; 256]);
        // The library returns 257 bytes if a module asks for one byte more than it writes.
        for found in [0, 48, 255, 257] {
            assert_eq!(block(vec![0x55; found]), Err(BlockError::Length { found, k: 256 }));
        }
    }

    #[test]
    fn a_block_is_below_the_modulus() {
        let mut below = vec![0xc0; 256];
        below[255] = 0xbf;
        assert!(numbers().block(below).is_ok());
        assert_eq!(numbers().block(vec![0xc0; 256]), Err(BlockError::TooLarge));
        assert_eq!(numbers().block(vec![0xff; 256]), Err(BlockError::TooLarge));
    }

    /// These are blocks that RSA maps to themselves, such as the buffer of a module that wrote nothing.
    #[test]
    fn a_block_that_rsa_does_not_change_is_refused() {
        let numbers = PublicNumbers { modulus: vec![0xc1; 256], ..numbers() };
        let ending = |first: u8, last: u8| [vec![first; 255], vec![last]].concat();
        for fixed in [ending(0, 0), ending(0, 1), ending(0xc1, 0xc0)] {
            assert_eq!(numbers.block(fixed), Err(BlockError::Plain));
        }
        for other in [ending(0, 2), ending(0xc1, 0xbf), ending(1, 0), ending(0xc0, 1)] {
            assert!(numbers.block(other).is_ok());
        }
    }

    #[test]
    fn leading_zeros_make_no_other_key() {
        let with_zero = [&[0][..], &[0xc0; 256]].concat();
        assert!(numbers().are(&with_zero, &[0, 1, 0, 1]));
        assert!(!numbers().are(&[0xc0; 255], &[1, 0, 1]) && !numbers().are(&[0xc0; 256], &[3]));
    }
}
