//! A strict Tencent Cloud KMS on loopback: for rehearsals, for tests, and for other people's CI.
//!
//! It speaks plain HTTP/1.1, only on a loopback address, and checks every signature. It follows the facts in `ceremony/spec/tencent-kms.md`
//! §1 to §9: the vendor's `tccli` and its SDKs for Python and Node run against it unchanged. Where nothing is known (§10), it chooses one
//! defensible answer. Keys are in memory and are lost when it stops, unless [`Config::state`] names a file. It is not a vault: its purpose
//! is to refuse what the real service refuses.
//!
//! # The admin interface
//! With [`Config::admin`], tests control the emulator through a second loopback address. Requests are plain JSON
//! without a signature; requests from web pages are refused.
//!
//! | request | body | what it does |
//! |---|---|---|
//! | `GET /clock` | | the service's time |
//! | `POST /clock` | one of `{"set": T}`, `{"advance_seconds": N}`, `{"freeze": true}`, `{"real": true}`, `{"skew_seconds": N}` | sets the service's time; `skew_seconds` also shifts the time that signatures are checked against |
//! | `GET /state` | | each region's keys: state, expiry, number of fetches and imports, SHA-256 of the material, never the material |
//! | `POST /reset` | `{}` | forgets every key |
//! | `GET`, `POST`, `DELETE /faults` | a rule: which calls, how many, which fault | error code, delay, cut, cut midway, lost reply, garbled body, status |
//! | `GET`, `POST /limit` | requests per second, burst | throttles as the service would |
//! | `GET /counts` | | number of answers by action and outcome |
//! | `GET /imports` | | the last 1000 imports: key, outcome, and why one was refused (`oaep-mgf`, `pkcs1`, `public-key-of-an-earlier-fetch`, …), which the wire does not say |
//!
//! Layers, top down: the kit (HTTP and its caps, clock, faults, admin interface) → `dispatch` (protocol, authentication, action, parameters,
//! envelope) → `serve` → `keys`, `import`, `usage` (one function per action) → `state`, `rules`, `unwrap`, `cipher`.
//!
//! # Examples
//! ```
//! use std::sync::Arc;
//!
//! use keyferry_core::Timestamp;
//! use keyferry_emulator_tencent::Config;
//! use keyferry_tencent::Credentials;
//!
//! let clock = || Timestamp::from_unix(1_795_000_000).unwrap();
//! let running = keyferry_emulator_tencent::spawn(Config::new(vec![Credentials::new("AKIDtest", "secret")], Arc::new(clock))).unwrap();
//! println!("http://{}", running.addr());
//! running.stop();
//! ```
mod auth;
mod cipher;
mod dispatch;
mod explain;
mod import;
mod key;
mod keys;
mod lifecycle;
mod params;
mod protocol;
mod recipient;
mod refusal;
mod region;
mod rules;
mod serve;
mod shown;
mod state;
mod stored_key;
mod unwrap;
mod usage;
mod web_form;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use keyferry_core::Clock;
use keyferry_emulator_kit::{Addresses, Emulator, LogSink};
use keyferry_tencent::{Action, Credentials, Edition};

pub use dispatch::Service;
pub use keyferry_emulator_kit::{
    ADMIN_PATHS, Cause, EmulatorError, LogLine, MAX_BODY, MAX_HEADERS, Running, StateFileError,
};

/// An emulator's configuration.
pub struct Config {
    /// Where to listen: a loopback address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The address of the admin interface (see the module documentation), also loopback; `None` for none.
    pub admin: Option<SocketAddr>,
    /// The credentials whose signatures are accepted.
    pub credentials: Vec<Credentials>,
    /// Actions that nobody here has the right to call: `ceremony/spec/tencent-kms.md` §7.4.
    pub denied: BTreeSet<Action>,
    /// Editions that differ from [`Edition::expected_in`].
    pub region_editions: BTreeMap<String, Edition>,
    /// Receives one line for each request; `None` for no log.
    pub log: Option<LogSink>,
    /// The service's clock; tests set it.
    pub clock: Arc<dyn Clock + Send + Sync>,
    /// A seed that makes keys, tokens and ids repeatable; with `None` they come from the operating system.
    pub rng_seed: Option<[u8; 32]>,
    /// File that keeps the keys when the process ends (created if it does not exist); `None` for memory only. It cannot
    /// be combined with `rng_seed`.
    pub state: Option<PathBuf>,
    /// Number of wrapping key pairs that requests share in turn, at least 2. No key gets the same one twice in a row.
    pub wrapping_keys: usize,
}

/// The default of [`Config::wrapping_keys`].
pub const WRAPPING_KEYS: usize = 16;

impl Config {
    /// A free port on 127.0.0.1, the operating system's randomness, no log.
    #[must_use]
    pub fn new(credentials: Vec<Credentials>, clock: Arc<dyn Clock + Send + Sync>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            admin: None,
            credentials,
            denied: BTreeSet::new(),
            region_editions: BTreeMap::new(),
            log: None,
            clock,
            rng_seed: None,
            state: None,
            wrapping_keys: WRAPPING_KEYS,
        }
    }
}

/// An emulator that holds its addresses, but does not answer yet.
///
/// # Errors
/// [`EmulatorError`]: not a loopback address, no credentials, an address that is taken, no randomness, or a state file that cannot be used.
pub fn bind(config: Config) -> Result<Emulator<Service>, EmulatorError> {
    if config.credentials.is_empty() {
        return Err(EmulatorError::NoCredentials);
    }
    let addresses = Addresses { service: config.listen, admin: config.admin };
    Emulator::bind(addresses, || Service::new(config))
}

/// Binds, and answers on its own thread.
///
/// # Errors
/// As [`bind`], or [`EmulatorError::Start`] when no thread can be started.
pub fn spawn(config: Config) -> Result<Running, EmulatorError> {
    bind(config)?.spawn()
}
