//! How many requests per second are accepted, and how requests ended; the admin interface sets and shows the
//! limit, and shows the counts.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// A limit, as a test posts it.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitOrder {
    /// `null` lifts the limit.
    per_second: Option<u32>,
    /// Requests that may arrive at once after a pause; `per_second` if absent.
    burst: Option<u32>,
}

/// A limit, as the admin interface shows it.
#[derive(Serialize)]
pub(crate) struct LimitReading {
    per_second: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    burst: Option<u32>,
}

/// A token bucket over real time: the service's clock may be frozen.
#[derive(Default)]
pub struct Throttle(Mutex<Option<Bucket>>);

struct Bucket {
    per_second: u32,
    burst: u32,
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    /// Sets or lifts the limit.
    pub(crate) fn order(&self, order: LimitOrder) -> Result<(), &'static str> {
        let bucket = match (order.per_second, order.burst) {
            (None, None) => None,
            (None, Some(_)) => return Err("`burst` needs `per_second`"),
            (Some(0), _) | (_, Some(0)) => return Err("a limit must be 1 or more; null lifts it"),
            (Some(per_second), burst) => {
                let burst = burst.unwrap_or(per_second);
                Some(Bucket { per_second, burst, tokens: burst.into(), filled: Instant::now() })
            }
        };
        *self.lock() = bucket;
        Ok(())
    }

    pub(crate) fn read(&self) -> LimitReading {
        let bucket = self.lock();
        LimitReading {
            per_second: bucket.as_ref().map(|b| b.per_second),
            burst: bucket.as_ref().map(|b| b.burst),
        }
    }

    pub(crate) fn clear(&self) {
        *self.lock() = None;
    }

    /// Whether one more request is within the limit.
    pub fn admits(&self) -> bool {
        self.lock().as_mut().is_none_or(|bucket| bucket.admits(Instant::now()))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Bucket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn admits(&mut self, now: Instant) -> bool {
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * f64::from(self.per_second);
        self.tokens = (self.tokens + gained).min(self.burst.into());
        self.filled = now;
        let admitted = self.tokens >= 1.0;
        if admitted {
            self.tokens -= 1.0;
        }
        admitted
    }
}

/// For each action, how often each outcome occurred.
#[derive(Default)]
pub struct Counts(Mutex<BTreeMap<String, BTreeMap<String, u64>>>);

impl Counts {
    /// Counts one more. Names come from fixed lists or are capped by the log's rules; unknown actions share one
    /// entry.
    pub fn add(&self, action: &str, outcome: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(action).and_then(|outcomes| outcomes.get_mut(outcome)) {
            *count += 1;
        } else {
            counts.entry(action.to_owned()).or_default().insert(outcome.to_owned(), 1);
        }
    }

    pub(crate) fn read(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_fills_with_time_and_never_over() {
        let start = Instant::now();
        let mut bucket = Bucket { per_second: 10, burst: 2, tokens: 2.0, filled: start };
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!([bucket.admits(start), bucket.admits(start), bucket.admits(start)], [true, true, false]);
        assert!(!bucket.admits(at(50)) && bucket.admits(at(101)) && !bucket.admits(at(110)));
        let rested = at(60_000);
        assert_eq!(
            [bucket.admits(rested), bucket.admits(rested), bucket.admits(rested)],
            [true, true, false]
        );
    }

    #[test]
    fn limits_that_make_no_sense() {
        let throttle = Throttle::default();
        let order = |per_second, burst| throttle.order(LimitOrder { per_second, burst });
        assert!(
            order(Some(0), None).is_err()
                && order(None, Some(1)).is_err()
                && order(Some(1), Some(0)).is_err()
        );
        assert!(throttle.admits() && throttle.read().per_second.is_none());
        assert!(order(Some(1), None).is_ok());
        let start = Instant::now();
        let admits = || throttle.lock().as_mut().unwrap().admits(start);
        assert!(admits() && !admits());
        assert!(order(None, None).is_ok() && throttle.admits());
    }
}
