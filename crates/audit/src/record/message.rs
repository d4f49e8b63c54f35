//! The message that a signature of a record covers: the transcript's bytes, represented by their digests, so that the
//! bytes need not be in memory.

use keyferry_core::Fingerprint;
use sha2::{Digest, Sha256, Sha512};
use ssh_key::HashAlg;

/// The digests of a transcript that a signature can cover (PROTOCOL.sshsig).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    sha256: [u8; 32],
    sha512: [u8; 64],
}

impl Message {
    /// The message for bytes that are in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut pieces = Pieces::default();
        pieces.add(bytes);
        pieces.message()
    }

    /// SHA-256 of the bytes, as `sha256sum` prints it.
    #[must_use]
    pub const fn sha256(&self) -> Fingerprint {
        Fingerprint::from_bytes(self.sha256)
    }

    pub(super) fn digest(&self, algorithm: HashAlg) -> &[u8] {
        match algorithm {
            HashAlg::Sha256 => &self.sha256,
            // There are no other digest algorithms; a signature over another digest does not verify.
            _ => &self.sha512,
        }
    }
}

/// A message that arrives piece by piece.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    sha256: Sha256,
    sha512: Sha512,
}

impl Pieces {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.sha512.update(bytes);
    }

    pub(super) fn message(self) -> Message {
        Message { sha256: self.sha256.finalize().into(), sha512: self.sha512.finalize().into() }
    }
}
