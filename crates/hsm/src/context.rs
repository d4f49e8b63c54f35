//! The console, and the clock for recorded events.

use std::time::{SystemTime, UNIX_EPOCH};

use keyferry_core::{Clock, Timestamp};
use keyferry_transport::Console;

/// Name and version, as they are in the record.
pub(crate) const PROGRAM: &str = concat!("keyferry-hsm ", env!("CARGO_PKG_VERSION"));

/// Passed to every command.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) console: Console,
}

impl Clock for Context {
    fn now(&self) -> Timestamp {
        // A clock before 1970 or after 9999 reads as the epoch, so the check against the parameters' time fails.
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        i64::try_from(seconds).ok().and_then(|s| Timestamp::from_unix(s).ok()).unwrap_or(Timestamp::EPOCH)
    }
}
