//! A schedule that spaces requests out, so that the service never has to throttle them.
//!
//! Each request takes the next slot. A missed slot may still be used for a short moment, but missed slots are never caught up
//! in one burst.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Requests per second, from the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(u32);

impl Rate {
    /// Below the tightest limit that a provider documents: 100 requests per second. Other programs that use the same account
    /// share that limit.
    pub const DEFAULT: Self = Self(80);
}

impl core::str::FromStr for Rate {
    type Err = &'static str;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let n = s.parse().ok().filter(|n| (1..=10_000).contains(n));
        n.map(Self).ok_or("expected a number of requests per second from 1 to 10000")
    }
}

impl core::fmt::Display for Rate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// The slots of one client.
#[derive(Debug)]
pub struct Pacer {
    slot: Duration,
    /// The first slot that is still free.
    free: Mutex<Duration>,
}

/// How late a slot may still be used, because threads wake up late.
const LATE: Duration = Duration::from_millis(30);

impl Pacer {
    /// A schedule with that many slots per second.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { slot: Duration::from_secs(1) / rate.0, free: Mutex::new(Duration::ZERO) }
    }

    /// The minimum time that this many requests take.
    #[must_use]
    pub fn time(&self, requests: u32) -> Duration {
        self.slot.saturating_mul(requests)
    }

    /// Takes the next slot, and returns how long to wait for it from `now` on.
    pub fn take(&self, now: Duration) -> Duration {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = (*free).max(now.saturating_sub(LATE));
        *free = mine + self.slot;
        mine.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn ten_thousand_requests_take_the_limit_s_own_time() {
        let pacer = Pacer::new("100".parse().unwrap());
        let mut now = Duration::ZERO;
        for n in 0..10_000_u64 {
            now += pacer.take(now) + millis(n % 7); // late wake-ups
        }
        assert!((99_900..=100_100).contains(&now.as_millis()), "{now:?}");
    }

    #[test]
    fn a_pause_is_not_caught_up_in_a_burst() {
        let pacer = Pacer::new("100".parse().unwrap());
        assert_eq!(pacer.take(Duration::ZERO), Duration::ZERO);
        let waits: Vec<u128> = (0..6).map(|_| pacer.take(millis(10_000)).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 10, 20]);
    }

    #[test]
    fn rates() {
        for bad in ["", "0", "-1", "10001", "1.5", "x"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
        assert_eq!("80".parse(), Ok(Rate::DEFAULT));
    }
}
