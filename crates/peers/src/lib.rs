//! The other implementations of RSA wrapping, behind one small trait: keyferry is measured and tested against them.
//!
//! `rsa` (pure Rust) is always included; `aws-lc-rs` and the system's OpenSSL come with the feature `c`, because they compile
//! or link C. No station depends on this crate. Nothing here wipes its memory, so it must never handle real key
//! material.
//!
//! # Examples
//! ```
//! use keyferry_core::WrappingAlgorithm;
//!
//! # let spki = include_bytes!("../../../tests/data/rsa2048.der");
//! for peer in keyferry_peers::all() {
//!     let mut wrapper = peer.prepare(spki, WrappingAlgorithm::RsaesOaepSha256)?;
//!     assert_eq!(wrapper.wrap(&[7; 32])?.len(), 256);
//! }
//! # Ok::<(), keyferry_peers::PeerError>(())
//! ```

use core::fmt;

use keyferry_core::WrappingAlgorithm;

#[cfg(feature = "c")]
pub mod aws_lc;
mod lock;
pub mod rust_crypto;
#[cfg(feature = "c")]
pub mod system_openssl;

/// An implementation of RSAES-OAEP and RSAES-PKCS1-v1_5 that is not keyferry's.
pub trait Peer: Send + Sync {
    /// A short name, as in tables: `rsa`, `aws-lc-rs`, `openssl`.
    fn name(&self) -> &'static str;

    /// Its version.
    fn version(&self) -> String;

    /// Reads a SubjectPublicKeyInfo and prepares to wrap to it. The case "fresh key" is this call and one [`Wrapper::wrap`].
    ///
    /// # Errors
    /// [`PeerError::Key`] if the peer refuses the key.
    fn prepare(&self, spki_der: &[u8], algorithm: WrappingAlgorithm) -> Result<Box<dyn Wrapper>, PeerError>;

    /// Reads a PKCS#8 private key and prepares to open what was wrapped to it.
    ///
    /// # Errors
    /// [`PeerError::Key`] if the peer refuses the key.
    fn opener(&self, pkcs8_der: &[u8], algorithm: WrappingAlgorithm) -> Result<Box<dyn Opener>, PeerError>;
}

/// A peer that holds a public key.
pub trait Wrapper: Send {
    /// Wraps `m`: pads with the peer's own randomness and encrypts.
    ///
    /// # Errors
    /// [`PeerError::Wrap`] if the peer refuses, for example because the message is too long.
    fn wrap(&mut self, m: &[u8]) -> Result<Vec<u8>, PeerError>;
}

/// A peer that holds a private key.
pub trait Opener: Send {
    /// Opens one block.
    ///
    /// # Errors
    /// [`PeerError::Open`] if the peer refuses. With PKCS#1 v1.5, a peer may also return made-up bytes (implicit rejection).
    fn open(&mut self, block: &[u8]) -> Result<Vec<u8>, PeerError>;
}

/// The operation that a peer refused; peers report no further reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerError {
    /// The named peer refused a key.
    Key(&'static str),
    /// The named peer refused to wrap.
    Wrap(&'static str),
    /// The named peer refused to open.
    Open(&'static str),
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(peer) => write!(f, "{peer} refuses the key"),
            Self::Wrap(peer) => write!(f, "{peer} refuses to wrap"),
            Self::Open(peer) => write!(f, "{peer} refuses to open"),
        }
    }
}

impl std::error::Error for PeerError {}

/// Every peer in this build, with `rsa` first.
#[must_use]
pub fn all() -> Vec<Box<dyn Peer>> {
    vec![
        Box::new(rust_crypto::RustCrypto),
        #[cfg(feature = "c")]
        Box::new(aws_lc::AwsLc),
        #[cfg(feature = "c")]
        Box::new(system_openssl::SystemOpenssl),
    ]
}

/// The longest message that `algorithm` takes with RSA-2048 (RFC 8017 §7.1.1, §7.2.1).
#[must_use]
pub const fn longest_message(algorithm: WrappingAlgorithm) -> usize {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha256 => 256 - 2 * 32 - 2,
        WrappingAlgorithm::RsaesOaepSha1 => 256 - 2 * 20 - 2,
        WrappingAlgorithm::RsaesPkcs1V15 => 256 - 11,
    }
}
