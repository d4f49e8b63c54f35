//! The system's clock.

use keyferry_core::Timestamp;

/// The time now, in whole seconds; a clock outside the years 0 to 9999 reads as 1970.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(jiff::Timestamp::now().as_second()).unwrap_or(Timestamp::EPOCH)
}
