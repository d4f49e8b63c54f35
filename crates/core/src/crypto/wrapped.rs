//! One RSA block as a checked type, and the reasons why wrapping can fail.

use core::fmt;

use crate::{Bilingual, Fingerprint, RsaBits, bi, refusals};

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
        /// The arithmetic did not return a block of the modulus's length: a fault of the machine, never of
        /// the input.
        Arithmetic => WRAP_FAILED,
            what("wrapping did not return a valid RSA block", "包装未得到有效的 RSA 数据块"),
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
            what("wrapped material is {found} bytes; {size} produces exactly {k}",
                 "包装后的密钥材料为 {found} 字节；{size} 恰好是 {k} 字节", k = size.bytes()),
            hint("copy ciphertext.json again; if the copy is equal to the original, wrap again",
                 "请重新带来 ciphertext.json；若与原件相同，请重新包装");
    }
}

fn take_another_machine() -> Bilingual {
    bi!(
        "this machine cannot be trusted: stop, and repeat `wrap` on a different machine",
        "本机不可靠：请停止，换一台机器后重新包装"
    )
}

impl WrappedKeyMaterial {
    /// The block, as long as the modulus.
    pub(crate) fn new(block: &[u8]) -> Self {
        Self(block.into())
    }

    /// Takes the 256 bytes of a block that was made elsewhere, with an RSA-2048 key.
    ///
    /// # Errors
    /// [`WrapError::Length`] for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WrapError> {
        Self::from_bytes_of(RsaBits::R2048, bytes)
    }

    /// Takes the bytes of a block that was made elsewhere, with a key of this size.
    ///
    /// # Errors
    /// [`WrapError::Length`] for any length other than the modulus's.
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
