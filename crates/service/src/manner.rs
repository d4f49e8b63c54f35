//! How a provider asks: how many requests per second, how many at the same time, how many repetitions, and how long it waits for one
//! answer.

use std::time::{Duration, Instant};

use keyferry_core::{Clock, Lang};

pub use crate::pace::{Pacer, Rate};

/// Time and randomness for waits, from the computer or from a test.
pub trait Waits: Sync {
    /// Time since some fixed moment. It never goes back.
    fn elapsed(&self) -> Duration;
    /// Waits for this long.
    fn sleep(&self, time: Duration);
    /// A random number.
    fn chance(&self) -> u32;
}

/// The computer's clock and random generator.
#[derive(Clone, Copy, Debug)]
pub struct SystemWaits(Instant);

impl Default for SystemWaits {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Waits for SystemWaits {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn chance(&self) -> u32 {
        // Spreading requests needs no secrecy: if the generator fails, only the jitter is lost.
        getrandom::u32().unwrap_or(u32::MAX / 2)
    }
}

/// How often and after which waits a request is repeated: exponential backoff with full jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The total number of requests, including the first one.
    pub attempts: u32,
    /// The longest wait before the first repetition; it doubles for each further one.
    pub base: Duration,
    /// The longest of all waits.
    pub cap: Duration,
}

impl Policy {
    /// Six requests, with at most about eight seconds of waiting.
    pub const DEFAULT: Self =
        Self { attempts: 6, base: Duration::from_millis(250), cap: Duration::from_secs(15) };

    /// The wait after `failed` requests: uniformly random between zero and the doubled base.
    #[must_use]
    pub fn wait(&self, failed: u32, chance: u32) -> Duration {
        let doubled =
            self.base.saturating_mul(1_u32.checked_shl(failed.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(self.cap).mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

/// How a provider behaves towards the service and the network.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Repetitions.
    pub policy: Policy,
    /// Requests per second.
    pub rate: Rate,
    /// Longest wait for one answer.
    pub timeout: Duration,
    /// The largest number of requests at the same time.
    pub jobs: usize,
}

/// Which credentials the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// A profile of the provider's own tools; if it is set, nothing else is consulted.
    pub profile: Option<String>,
    /// A role of this cloud instance; if it is set, nothing else is consulted.
    pub instance_role: Option<String>,
}

/// Receives a line about a request, with its level.
pub type Trace = dyn Fn(u8, &str) + Sync;

/// Everything that a provider needs from the station.
#[derive(Clone, Copy)]
pub struct Station<'c> {
    /// How to ask.
    pub manner: &'c Manner,
    /// The credentials to use.
    pub wanted: &'c Wanted,
    /// The station's clock.
    pub clock: &'c (dyn Clock + Sync),
    /// Time and randomness for waits.
    pub waits: &'c dyn Waits,
    /// Receives a line about each request, with its level: 1, or 2 for a line with the names and lengths of
    /// what is sent.
    pub trace: &'c Trace,
    /// The language that the service may use.
    pub lang: Lang,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stay_under_the_cap() {
        let policy = Policy { attempts: 9, base: Duration::from_millis(100), cap: Duration::from_secs(1) };
        let longest: Vec<u128> = (1..=6).map(|n| policy.wait(n, u32::MAX).as_millis()).collect();
        assert_eq!(longest, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(policy.wait(4, 0), Duration::ZERO);
        assert!((99..=100).contains(&policy.wait(2, u32::MAX / 2).as_millis()));
        assert_eq!(policy.wait(u32::MAX, u32::MAX).as_millis(), 1000);
    }
}
