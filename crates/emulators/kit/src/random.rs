//! Where random bytes come from: the operating system, or a seed for repeatable runs.

use std::sync::{Mutex, PoisonError};

use chacha20::ChaCha20Rng;
use getrandom::SysRng;
use rand_core::{Rng, SeedableRng, TryRng};
use uuid::{Builder, Uuid};
use zeroize::Zeroizing;

/// The operating system's random generator failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandomness;

/// A source of random bytes, shared by all requests.
pub enum Random {
    /// The operating system.
    System,
    /// Repeatable.
    Seeded(Box<Mutex<ChaCha20Rng>>),
}

impl Random {
    /// Stream 0 of the seed, or the operating system. (The pool of key pairs draws from stream 1.)
    #[must_use]
    pub fn new(seed: Option<[u8; 32]>) -> Self {
        seed.map_or(Self::System, |seed| Self::Seeded(Box::new(Mutex::new(ChaCha20Rng::from_seed(seed)))))
    }

    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        match self {
            Self::System => SysRng.try_fill_bytes(bytes).map_err(|_| NoRandomness),
            Self::Seeded(rng) => {
                rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
                Ok(())
            }
        }
    }

    /// `N` bytes.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn array<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// `len` bytes.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn bytes(&self, len: usize) -> Result<Zeroizing<Vec<u8>>, NoRandomness> {
        let mut bytes = Zeroizing::new(vec![0; len]);
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A version 4 UUID; the nil UUID if there is no randomness, because every reply needs an id.
    #[must_use]
    pub fn request_id(&self) -> String {
        self.array().map_or(Uuid::nil(), |bytes| Builder::from_random_bytes(bytes).into_uuid()).to_string()
    }
}
