//! The parts that every emulated KMS needs: a server on loopback, a clock, faults, a limit, an admin interface, a state file.
//!
//! A vendor's crate implements [`Vendor`]: it first reads a request without any effect and then acts on it, because a fault may come
//! between the two. The kit serves it, bounds every length and every wait, injects the faults that a test ordered, and answers the admin
//! interface. It contains nothing about a vendor: the vendor's crate decides what a refusal looks like on the wire.
//!
//! Layers, top down: `emulator` (addresses and threads) → `server` (HTTP and its caps) → `admin` → `vendor`, `clock`, `faults`,
//! `throttle`, `log`, `imports` → `random`, `pool`, `store`.

mod admin;
mod clock;
mod crowd;
mod emulator;
mod error;
mod faults;
mod imports;
mod log;
mod pool;
mod random;
mod reply;
mod server;
mod store;
mod throttle;
mod vendor;

pub use admin::ADMIN_PATHS;
pub use clock::ServiceClock;
pub use emulator::{Addresses, Emulator, Running};
pub use error::EmulatorError;
pub use faults::{Fault, Faults, Target};
pub use imports::Imports;
pub use log::{Cause, LogLine, LogSink, name_from_wire};
pub use pool::KeyPool;
pub use random::{NoRandomness, Random};
pub use server::{MAX_BODY, MAX_HEADERS};
pub use store::{Kept, StateFileError, Store, Stored};
pub use throttle::{Counts, Throttle};
pub use vendor::{Arrived, Controls, Envelope, NoBody, Vendor};

/// The parts of a request that arrive before its body.
pub use hyper::{Method, http::request::Parts};
