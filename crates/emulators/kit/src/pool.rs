//! The service's wrapping key pairs: a background thread makes a set of them, and requests use them in turn.
//!
//! Making a pair takes a large part of a second, so a new pair for every request would delay all clients. The provider does not promise
//! a new pair for every request: a token is bound to *its* pair and its key, and that remains true if several keys share a pair. One
//! key must never get the same pair twice in a row, because then a public key would still work after a later fetch made it invalid.
//! [`KeyPool::take`] ensures that.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use chacha20::ChaCha20Rng;
use getrandom::SysRng;
use rand_core::SeedableRng;
use rsa::PrivateKey;

/// Pairs made ahead of demand.
const AHEAD: usize = 3;

/// Longest wait for a pair when many are requested at once. In tests it is long enough for the slowest machine to make one.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 600 } else { 30 });

/// The only size that the service documents: `ceremony/spec/tencent-kms.md` §4.4.
const BITS: usize = 2048;

/// The smallest set with which no key gets the same pair twice in a row.
const MIN_SET: usize = 2;

/// The set of pairs.
pub struct KeyPool {
    shared: Arc<Shared>,
    seeded: bool,
}

struct Shared {
    set: Mutex<Set>,
    changed: Condvar,
}

struct Set {
    /// In the order in which they were made.
    pairs: Vec<Arc<PrivateKey>>,
    /// The size of the full set.
    full: usize,
    /// How often a pair was requested.
    asked: usize,
    /// Whether the pool was dropped, or the random generator failed.
    ended: bool,
}

impl Set {
    /// The number of pairs that should exist now: a few more than were requested.
    fn wanted(&self) -> usize {
        self.asked.saturating_add(AHEAD).min(self.full)
    }

    /// The pair for request number `turn`, if it exists: with a seed, always the same pair; without a seed, any
    /// pair that is ready.
    fn pick(&self, turn: usize, seeded: bool, last: Option<&Arc<PrivateKey>>) -> Option<Arc<PrivateKey>> {
        let among = if seeded { self.full } else { self.pairs.len() };
        (0..MIN_SET)
            .filter_map(|step| turn.checked_add(step)?.checked_rem(among))
            .map(|index| self.pairs.get(index))
            .find(|pair| {
                pair.is_none_or(|pair| last.is_none_or(|last| !Arc::ptr_eq(pair, last) && pair != last))
            })
            .flatten()
            .cloned()
    }
}

impl KeyPool {
    /// Starts the thread; it ends when the set is full or the pool is dropped.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(seed: Option<[u8; 32]>, full: usize) -> io::Result<Self> {
        let set = Set { pairs: Vec::new(), full: full.max(MIN_SET), asked: 0, ended: false };
        let shared = Arc::new(Shared { set: Mutex::new(set), changed: Condvar::new() });
        let worker = shared.clone();
        thread::Builder::new().name("kms-key-pool".into()).spawn(move || worker.fill(seed))?;
        Ok(Self { shared, seeded: seed.is_some() })
    }

    /// A pair other than `last`; `None` if none was made in time.
    #[must_use]
    pub fn take(&self, last: Option<&Arc<PrivateKey>>) -> Option<Arc<PrivateKey>> {
        let deadline = Instant::now() + PATIENCE;
        let mut set = self.shared.lock();
        let turn = set.asked;
        set.asked = turn.wrapping_add(1);
        self.shared.changed.notify_all();
        loop {
            if let Some(pair) = set.pick(turn, self.seeded, last) {
                return Some(pair);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if set.ended || left.is_zero() {
                return None;
            }
            set = self.shared.changed.wait_timeout(set, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for KeyPool {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes pairs as they are needed.
    fn fill(&self, seed: Option<[u8; 32]>) {
        // Stream 1 of the seed; ids and tokens draw from stream 0.
        let mut seeded = seed.map(ChaCha20Rng::from_seed);
        if let Some(rng) = &mut seeded {
            rng.set_stream(1);
        }
        while self.wait_for_demand() {
            let pair = match &mut seeded {
                Some(rng) => PrivateKey::new(rng, BITS),
                None => PrivateKey::new(&mut SysRng, BITS),
            };
            let mut set = self.lock();
            match pair {
                Ok(pair) => set.pairs.push(Arc::new(pair)),
                Err(_) => set.ended = true,
            }
            drop(set);
            self.changed.notify_all();
        }
    }

    /// Whether one more pair is needed; waits until that is known.
    fn wait_for_demand(&self) -> bool {
        let mut set = self.lock();
        loop {
            if set.ended || set.pairs.len() >= set.full {
                return false;
            }
            if set.pairs.len() < set.wanted() {
                return true;
            }
            set = self.changed.wait(set).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Two pairs serve any number of requests, and one key never gets its last pair again.
    #[test]
    fn a_small_set_serves_many_and_never_twice_in_a_row() {
        let pool = KeyPool::start(Some([3; 32]), 0).unwrap();
        let (mut last, mut seen) = (None, BTreeSet::new());
        for _ in 0..50 {
            let pair = pool.take(last.as_ref()).unwrap();
            assert!(last.as_ref().is_none_or(|last| !Arc::ptr_eq(last, &pair)));
            seen.insert(Arc::as_ptr(&pair) as usize);
            last = Some(pair);
        }
        assert_eq!(seen.len(), MIN_SET);
    }

    #[test]
    fn a_pool_without_randomness_or_owner_does_not_hang() {
        let pool = KeyPool::start(Some([4; 32]), 2).unwrap();
        pool.shared.lock().ended = true;
        pool.shared.changed.notify_all();
        let started = Instant::now();
        while pool.take(None).is_some() && started.elapsed() < PATIENCE {}
        assert!(started.elapsed() < PATIENCE);
    }
}
