//! The service's clock: the configured one, moved or stopped through the admin interface.
//!
//! It returns two times. [`ServiceClock::now`] applies to keys, tokens and deletions. [`ServiceClock::signing`] applies to
//! signatures: it stays the configured clock when the service's clock is moved, so that a test can move the service to the
//! day after tomorrow and a client with a correct clock can still sign. `skew_seconds` moves the signing time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyferry_core::{Clock, Timestamp};
use serde::{Deserialize, Serialize};

/// A clock that can be moved.
pub struct ServiceClock {
    base: Arc<dyn Clock + Send + Sync>,
    setting: Mutex<Setting>,
}

#[derive(Clone, Copy, Default)]
struct Setting {
    offset: i64,
    frozen: Option<Timestamp>,
    skew: i64,
}

/// The state of the clock.
#[derive(Serialize)]
pub(crate) struct Reading {
    now: Timestamp,
    unix: i64,
    offset_seconds: i64,
    frozen: bool,
    skew_seconds: i64,
}

/// One order to the clock, with exactly one member.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    set: Option<Timestamp>,
    advance_seconds: Option<i64>,
    freeze: Option<bool>,
    real: Option<bool>,
    skew_seconds: Option<i64>,
}

/// The order is invalid, or leads to a time that cannot be represented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadOrder;

impl ServiceClock {
    /// The configured clock, not moved.
    #[must_use]
    pub fn new(base: Arc<dyn Clock + Send + Sync>) -> Self {
        Self { base, setting: Mutex::default() }
    }

    /// The service's time.
    pub fn now(&self) -> Timestamp {
        self.lock().now(self.base.now())
    }

    /// The time that a signature's time is compared with.
    pub fn signing(&self) -> Timestamp {
        let base = self.base.now();
        shifted(base, self.lock().skew).unwrap_or(base)
    }

    /// The time in the `Date` header of a reply: the service's time, with the same skew as for signatures.
    pub fn said(&self) -> Timestamp {
        let setting = *self.lock();
        let now = setting.now(self.base.now());
        shifted(now, setting.skew).unwrap_or(now)
    }

    pub(crate) fn read(&self) -> Reading {
        let (base, setting) = (self.base.now(), *self.lock());
        let now = setting.now(base);
        Reading {
            now,
            unix: now.unix(),
            offset_seconds: base.seconds_until(now),
            frozen: setting.frozen.is_some(),
            skew_seconds: setting.skew,
        }
    }

    /// Returns to the configured clock.
    pub(crate) fn reset(&self) {
        *self.lock() = Setting::default();
    }

    /// Carries out one order; a refused one changes nothing.
    pub(crate) fn order(&self, order: &Order) -> Result<(), BadOrder> {
        let base = self.base.now();
        let mut setting = self.lock();
        let mut next = *setting;
        match (order.set, order.advance_seconds, order.freeze, order.real, order.skew_seconds) {
            (Some(time), None, None, None, None) => next.go(base, time),
            (None, Some(by), None, None, None) => {
                let to = shifted(next.now(base), by).ok_or(BadOrder)?;
                next.go(base, to);
            }
            (None, None, Some(true), None, None) => next.frozen = Some(next.now(base)),
            (None, None, Some(false), None, None) => {
                let now = next.now(base);
                next.frozen = None;
                next.go(base, now);
            }
            (None, None, None, Some(true), None) => next = Setting::default(),
            (None, None, None, None, Some(skew)) => {
                shifted(base, skew).ok_or(BadOrder)?;
                next.skew = skew;
            }
            _ => return Err(BadOrder),
        }
        *setting = next;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Setting> {
        self.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Setting {
    fn now(&self, base: Timestamp) -> Timestamp {
        self.frozen.or_else(|| shifted(base, self.offset)).unwrap_or(base)
    }

    fn go(&mut self, base: Timestamp, to: Timestamp) {
        self.offset = base.seconds_until(to);
        self.frozen = self.frozen.map(|_| to);
    }
}

fn shifted(time: Timestamp, by: i64) -> Option<Timestamp> {
    Timestamp::from_unix(time.unix().checked_add(by)?).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    fn order(clock: &ServiceClock, text: &str) -> Result<(), BadOrder> {
        clock.order(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn orders() {
        let base = Arc::new(AtomicI64::new(1000));
        let source = base.clone();
        let clock =
            ServiceClock::new(Arc::new(move || Timestamp::from_unix(source.load(Ordering::SeqCst)).unwrap()));
        let now = |text: &str| {
            order(&clock, text).unwrap();
            clock.now().unix()
        };
        assert_eq!(now(r#"{"advance_seconds": 60}"#), 1060);
        assert_eq!(now(r#"{"advance_seconds": -10}"#), 1050);
        assert_eq!(now(r#"{"freeze": true}"#), 1050);
        base.store(2000, Ordering::SeqCst);
        assert_eq!(clock.now().unix(), 1050);
        assert_eq!(now(r#"{"advance_seconds": 1}"#), 1051);
        assert_eq!(now(r#"{"freeze": false}"#), 1051, "continues from where it stopped");
        base.store(2001, Ordering::SeqCst);
        assert_eq!(clock.now().unix(), 1052);
        assert_eq!(now(r#"{"set": "2026-12-01T00:00:00Z"}"#), 1_796_083_200);
        assert_eq!(clock.signing().unix(), 2001, "moving the clock does not move the signing time");
        assert_eq!(now(r#"{"skew_seconds": 600}"#), 1_796_083_200);
        assert_eq!(clock.signing().unix(), 2601);
        assert_eq!(now(r#"{"real": true}"#), 2001);
        assert_eq!(clock.signing().unix(), 2001);
    }

    #[test]
    fn refused_orders_change_nothing() {
        let clock = ServiceClock::new(Arc::new(|| Timestamp::EPOCH));
        for bad in [
            "{}",
            r#"{"real": false}"#,
            r#"{"freeze": true, "real": true}"#,
            r#"{"advance_seconds": 9223372036854775807}"#,
            r#"{"skew_seconds": 999999999999}"#,
        ] {
            assert_eq!(order(&clock, bad), Err(BadOrder), "{bad}");
            assert_eq!(clock.read().offset_seconds, 0);
        }
        assert!(serde_json::from_str::<Order>(r#"{"sett": 1}"#).is_err());
    }
}
