//! A background thread that keeps a few RSA key pairs ready, because making one takes a good part of a second.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use getrandom::SysRng;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use rsa::PrivateKey;

/// Key pairs kept ready.
const READY: usize = 3;

/// Longest wait for one, when many are asked for at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// The only size that the service documents.
const BITS: usize = 2048;

/// Key pairs in the order in which they were made; each is handed out once.
pub(crate) struct KeyPool(Mutex<Receiver<PrivateKey>>);

impl KeyPool {
    /// Starts the thread; it ends when the pool is dropped.
    pub(crate) fn start(seed: Option<[u8; 32]>) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(READY);
        thread::Builder::new().name("kms-key-pool".into()).spawn(move || fill(&sender, seed))?;
        Ok(Self(Mutex::new(receiver)))
    }

    /// The next key pair; `None` when none was made in time.
    pub(crate) fn take(&self) -> Option<PrivateKey> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(PATIENCE).ok()
    }
}

/// Makes key pairs until nobody wants them or randomness fails.
fn fill(sender: &SyncSender<PrivateKey>, seed: Option<[u8; 32]>) {
    let mut seeded = seed.map(ChaCha20Rng::from_seed);
    if let Some(rng) = &mut seeded {
        rng.set_stream(1);
    }
    loop {
        let key = match &mut seeded {
            Some(rng) => PrivateKey::new(rng, BITS),
            None => PrivateKey::new(&mut SysRng, BITS),
        };
        let Ok(key) = key else { return };
        if sender.send(key).is_err() {
            return;
        }
    }
}
