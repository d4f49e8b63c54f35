//! The context that the commands share: the console, and the clock that timestamps events.

use std::time::{SystemTime, UNIX_EPOCH};

use keyferry_core::{Clock, Timestamp};
use keyferry_sandbox::Confinement;
use keyferry_transport::Console;

use crate::descriptors::Descriptors;

/// The program's name and version, as written in the record.
#[cfg(not(any(keyferry_wiping_disabled, keyferry_network_attempt)))]
pub(crate) const PROGRAM: &str = concat!("keyferry-offline ", env!("CARGO_PKG_VERSION"));
/// The build without wiping is the control of the residue test. It must not be used as a station, and every
/// record that it writes says so.
#[cfg(keyferry_wiping_disabled)]
pub(crate) const PROGRAM: &str =
    concat!("keyferry-offline ", env!("CARGO_PKG_VERSION"), " THAT DOES NOT WIPE ITS MEMORY");
/// The same applies to the build that is the control of the boundary test.
#[cfg(all(keyferry_network_attempt, not(keyferry_wiping_disabled)))]
pub(crate) const PROGRAM: &str =
    concat!("keyferry-offline ", env!("CARGO_PKG_VERSION"), " THAT CALLS THE NETWORK");

/// The version as `--version` prints it, after the name.
pub(crate) const VERSION: &str = PROGRAM.split_at("keyferry-offline ".len()).1;

/// The context that is passed to every command.
pub(crate) struct Context {
    pub(crate) console: Console,
    /// The privileges that the process dropped when it started.
    pub(crate) confinement: Confinement,
    /// The descriptors that were open when the program began.
    pub(crate) descriptors: Descriptors,
}

impl Clock for Context {
    fn now(&self) -> Timestamp {
        // A clock before 1970 or after 9999 reads as the epoch, so the check against the parameters' time refuses
        // it.
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        i64::try_from(seconds).ok().and_then(|s| Timestamp::from_unix(s).ok()).unwrap_or(Timestamp::EPOCH)
    }
}
