//! Where random bytes come from: the operating system, or a seed for repeatable runs.

use std::sync::{Mutex, PoisonError};

use chacha20::ChaCha20Rng;
use getrandom::SysRng;
use rand_core::{Rng, SeedableRng, TryRng};
use uuid::{Builder, Uuid};
use zeroize::Zeroizing;

use crate::refusal::Refusal;

/// A source of random bytes, shared by all requests.
pub(crate) enum Random {
    System,
    Seeded(Box<Mutex<ChaCha20Rng>>),
}

impl Random {
    /// Stream 0 of the seed, or the operating system. (The pool of key pairs draws from stream 1.)
    pub(crate) fn new(seed: Option<[u8; 32]>) -> Self {
        seed.map_or(Self::System, |seed| Self::Seeded(Box::new(Mutex::new(ChaCha20Rng::from_seed(seed)))))
    }

    pub(crate) fn fill(&self, bytes: &mut [u8]) -> Result<(), Refusal> {
        match self {
            Self::System => SysRng.try_fill_bytes(bytes).map_err(|_| Refusal::internal()),
            Self::Seeded(rng) => {
                rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
                Ok(())
            }
        }
    }

    pub(crate) fn array<const N: usize>(&self) -> Result<[u8; N], Refusal> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn bytes(&self, len: usize) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let mut bytes = Zeroizing::new(vec![0; len]);
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A version 4 UUID; the nil UUID when there is no randomness, since every reply needs some id.
    pub(crate) fn request_id(&self) -> String {
        self.array().map_or(Uuid::nil(), |bytes| Builder::from_random_bytes(bytes).into_uuid()).to_string()
    }
}
