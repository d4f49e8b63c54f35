//! The secret that is shared: SLIP-0039's master secret, with an even number of bytes and at least 128 bits.

use core::fmt;

use keyferry_core::refusals;
use zeroize::Zeroizing;

use crate::bits;
use crate::share::{MAX_WORDS, MIN_WORDS};

/// Shortest secret, in bytes.
pub const MIN_SECRET: usize = 16;
/// Longest secret, in bytes, that fits into the longest share.
pub const MAX_SECRET: usize = match bits::bytes_in(MAX_WORDS - 7) {
    Some(bytes) => bytes,
    None => MIN_SECRET,
};
const _: () = assert!(matches!(bits::bytes_in(MIN_WORDS - 7), Some(MIN_SECRET)));

/// A secret to share, or recovered from shares. No `Clone`, no `Serialize`, redacted `Debug`; wiped on drop.
pub struct Secret(Zeroizing<Vec<u8>>);

refusals! {
    /// Why a secret cannot be shared.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SecretError: Refused {
        /// Fewer bytes than [`MIN_SECRET`].
        TooShort(found: usize) => SHARE_SECRET,
            what("a secret of {found} bytes is too short to share; SLIP-39 needs {MIN_SECRET} bytes (128 bits) or more",
                 "{found} 字节的秘密值太短；SLIP-39 要求至少 {MIN_SECRET} 字节（128 位）"),
            hint("share key material, not a password: 128 or 256 random bits",
                 "请拆分密钥材料而不是口令：128 或 256 位随机数");
        /// An odd number of bytes.
        Odd(found: usize) => SHARE_SECRET,
            what("a secret of {found} bytes cannot be shared; SLIP-39 needs an even number of bytes",
                 "{found} 字节的秘密值无法拆分；SLIP-39 要求偶数字节"),
            hint("look for an extra or a missing byte, such as a line break at the end",
                 "请检查是否多了或少了一个字节，例如末尾的换行符");
        /// More bytes than [`MAX_SECRET`].
        TooLong(found: usize) => SHARE_SECRET,
            what("a secret of {found} bytes is too long to share; {MAX_SECRET} bytes fit into the longest share",
                 "{found} 字节的秘密值太长；最长的分片只能容纳 {MAX_SECRET} 字节"),
            hint("encrypt it under a key of 256 bits and share that key",
                 "请用 256 位密钥加密该秘密值，再拆分该密钥");
    }
}

impl Secret {
    /// Copies the bytes. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`SecretError`] for a length that SLIP-0039 does not support.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        match bytes.len() {
            n if n < MIN_SECRET => Err(SecretError::TooShort(n)),
            n if n > MAX_SECRET => Err(SecretError::TooLong(n)),
            n if n % 2 == 1 => Err(SecretError::Odd(n)),
            _ => Ok(Self(Zeroizing::new(bytes.to_vec()))),
        }
    }

    pub(crate) fn recovered(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The secret bytes; there is no other way to read them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bits, [redacted])", self.0.len() * 8)
    }
}
