//! How a provider asks: how many requests a second, how many at the same time, how often again, and how long it waits for one answer.

use std::time::{Duration, Instant};

use keyferry_core::{Clock, Lang};

pub use crate::pace::{Pacer, Rate};

/// Time and chance for waits: the computer's, or a test's.
pub trait Waits: Sync {
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
    /// Lets time pass.
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
        // Spreading requests needs no secrecy: a failing generator costs jitter and nothing else.
        getrandom::u32().unwrap_or(u32::MAX / 2)
    }
}

/// How often, and how far apart: exponential backoff with full jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Requests in all, the first one included.
    pub attempts: u32,
    /// The longest wait before the first repetition; doubled for each further one.
    pub base: Duration,
    /// The longest wait at all.
    pub cap: Duration,
}

impl Policy {
    /// Six requests: about eight seconds of waits at most.
    pub const DEFAULT: Self =
        Self { attempts: 6, base: Duration::from_millis(250), cap: Duration::from_secs(15) };

    /// The wait after `failed` requests: anything from nothing to the doubled base, evenly.
    #[must_use]
    pub fn wait(&self, failed: u32, chance: u32) -> Duration {
        let doubled =
            self.base.saturating_mul(1_u32.checked_shl(failed.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(self.cap).mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

/// How a provider behaves towards service and network.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Repetitions.
    pub policy: Policy,
    /// Requests a second.
    pub rate: Rate,
    /// Longest wait for one answer.
    pub timeout: Duration,
    /// Requests under way at the same time, at most.
    pub jobs: usize,
}

/// Which credentials the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// A profile of the provider's own tools: nothing else is then looked at.
    pub profile: Option<String>,
    /// A role of this cloud instance: nothing else is then looked at.
    pub instance_role: Option<String>,
}

/// Takes a line about a request, with its level.
pub type Trace = dyn Fn(u8, &str) + Sync;

/// What a provider needs of the station that asks.
#[derive(Clone, Copy)]
pub struct Station<'c> {
    /// How to ask.
    pub manner: &'c Manner,
    /// Which credentials to ask with.
    pub wanted: &'c Wanted,
    /// The station's clock.
    pub clock: &'c (dyn Clock + Sync),
    /// Time and chance for waits.
    pub waits: &'c dyn Waits,
    /// Where a line about each request goes, with its level: 1, or 2 for names and lengths of what is sent.
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
