//! A strict Tencent Cloud KMS on loopback: for rehearsals, for tests, and for other people's CI.
//!
//! It speaks plain HTTP/1.1 on a loopback address only, and checks every signature. It follows the facts of
//! `ceremony/spec/tencent-kms.md` §1 to §9: the vendor's `tccli` and its SDKs for Python and Node run against it unchanged. Where those facts
//! end (§10), it chooses one defensible answer. Keys are in memory and are lost when it stops, unless
//! [`Config::state`] names a file. It is not a vault: its purpose is to refuse what the real service refuses.
//!
//! # The admin interface
//! With [`Config::admin`], tests give orders on a second loopback address. Plain JSON, no signature; a request of a web page is refused.
//!
//! | request | body | what it does |
//! |---|---|---|
//! | `GET /clock` | | the service's time |
//! | `POST /clock` | one of `{"set": T}`, `{"advance_seconds": N}`, `{"freeze": true}`, `{"real": true}`, `{"skew_seconds": N}` | moves it; `skew_seconds` moves it against the signatures too |
//! | `GET /state` | | each region's keys: state, expiry, number of fetches and imports, SHA-256 of the material, never the material |
//! | `POST /reset` | `{}` | forgets every key |
//! | `GET`, `POST`, `DELETE /faults` | an order: whose call, how many, which fault | error code, delay, cut, cut midway, lost reply, garbled body, status |
//! | `GET`, `POST /limit` | requests a second, burst | throttles as the service would |
//! | `GET /counts` | | answers by action and outcome |
//! | `GET /imports` | | the last 1000 imports: key, outcome, and why one was refused (`oaep-mgf`, `pkcs1`, `public-key-of-an-earlier-fetch`, …), which the wire does not say |
//!
//! Layers, top down: `server` (HTTP and its caps) → `dispatch` (protocol, authentication, action, parameters, envelope) →
//! `keys`, `import`, `usage` (one function per action) → `state`, `rules`, `unwrap`, `cipher`, `pool`, `random`.
//!
//! # Examples
//! ```
//! use std::sync::Arc;
//!
//! use keyferry_core::Timestamp;
//! use keyferry_emulator::{Config, Emulator};
//! use keyferry_kms_api::Credentials;
//!
//! let clock = || Timestamp::from_unix(1_795_000_000).unwrap();
//! let running = Emulator::spawn(Config::new(vec![Credentials::new("AKIDtest", "secret")], Arc::new(clock))).unwrap();
//! println!("http://{}", running.addr());
//! running.stop();
//! ```
mod admin;
mod auth;
mod cipher;
mod clock;
mod crowd;
mod dispatch;
mod error;
mod explain;
mod faults;
mod form;
mod import;
mod imports;
mod key;
mod keys;
mod lifecycle;
mod log;
mod params;
mod pool;
mod protocol;
mod random;
mod recipient;
mod refusal;
mod region;
mod reply;
mod rules;
mod serve;
mod server;
mod state;
mod store;
mod throttle;
mod unwrap;
mod usage;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use keyferry_core::Clock;
use keyferry_kms_api::{Action, Credentials, Edition};
use tokio::sync::oneshot;

pub use admin::ADMIN_PATHS;
pub use error::EmulatorError;
pub use explain::Cause;
pub use log::{LogLine, LogSink};
pub use server::{MAX_BODY, MAX_HEADERS};
pub use store::StateFileError;

use crate::server::Listeners;

/// What an emulator is made of.
pub struct Config {
    /// Where to listen: a loopback address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where to listen for orders of tests (see the module documentation): loopback too; `None` for no admin interface.
    pub admin: Option<SocketAddr>,
    /// Whose signatures are taken.
    pub credentials: Vec<Credentials>,
    /// Actions that nobody here has the right to call: `ceremony/spec/tencent-kms.md` §7.4.
    pub denied: BTreeSet<Action>,
    /// Editions that differ from [`Edition::expected_in`].
    pub region_editions: BTreeMap<String, Edition>,
    /// Where a line per request goes; `None` for nowhere.
    pub log: Option<LogSink>,
    /// The service's clock; tests set it.
    pub clock: Arc<dyn Clock + Send + Sync>,
    /// Makes keys, tokens and ids repeatable; `None` draws them from the operating system.
    pub rng_seed: Option<[u8; 32]>,
    /// File in which keys outlive the process (made if it is not there); `None` for memory alone. Not together with `rng_seed`.
    pub state: Option<PathBuf>,
    /// Wrapping key pairs that requests share in turn, at least 2. No key gets one twice in a row.
    pub wrapping_keys: usize,
}

/// [`Config::wrapping_keys`] unless told otherwise.
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

/// An emulator that holds its address, but does not answer yet.
pub struct Emulator {
    listeners: Listeners,
    addr: SocketAddr,
    admin_addr: Option<SocketAddr>,
    service: dispatch::Service,
}

impl Emulator {
    /// Takes the address.
    ///
    /// # Errors
    /// [`EmulatorError`]: no loopback address, no credentials, the address is taken, or no randomness.
    pub fn bind(config: Config) -> Result<Self, EmulatorError> {
        if config.credentials.is_empty() {
            return Err(EmulatorError::NoCredentials);
        }
        let (service, addr) = listen(config.listen)?;
        let (admin, admin_addr) = config.admin.map(listen).transpose()?.unzip();
        let listeners = Listeners { service, admin };
        Ok(Self { listeners, addr, admin_addr, service: dispatch::Service::new(config)? })
    }

    /// Where it listens, with the port that was picked.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where the admin interface listens, if there is one.
    #[must_use]
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin_addr
    }

    /// Answers until `shutdown` is done. Blocks; brings its own runtime, so it must not run inside another.
    ///
    /// # Errors
    /// [`EmulatorError::Start`] when the runtime cannot be started.
    pub fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), EmulatorError> {
        server::run(self.listeners, self.service, server::Limits::default(), shutdown)
            .map_err(EmulatorError::Start)
    }

    /// Binds and answers on a thread of its own.
    ///
    /// # Errors
    /// As [`Emulator::bind`], or [`EmulatorError::Start`] when no thread can be started.
    pub fn spawn(config: Config) -> Result<Running, EmulatorError> {
        let emulator = Self::bind(config)?;
        let (addr, admin_addr) = (emulator.addr, emulator.admin_addr);
        let (stop, stopped) = oneshot::channel::<()>();
        let work = move || {
            // A dropped sender means the same as a message: stop.
            emulator.run(async { drop(stopped.await) })
        };
        let thread = std::thread::Builder::new()
            .name("kms-emulator".into())
            .spawn(work)
            .map_err(EmulatorError::Start)?;
        Ok(Running { addr, admin_addr, stop: Some(stop), thread: Some(thread) })
    }
}

/// Takes a loopback address.
fn listen(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), EmulatorError> {
    if !wanted.ip().to_canonical().is_loopback() {
        return Err(EmulatorError::NotLoopback(wanted));
    }
    let taken = |e| EmulatorError::Bind(wanted, e);
    let listener = TcpListener::bind(wanted).map_err(taken)?;
    listener.set_nonblocking(true).map_err(taken)?;
    let addr = listener.local_addr().map_err(taken)?;
    Ok((listener, addr))
}

/// An emulator on its own thread; stops when dropped.
pub struct Running {
    addr: SocketAddr,
    admin_addr: Option<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), EmulatorError>>>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where the admin interface listens, if there is one.
    #[must_use]
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin_addr
    }

    /// Stops it and waits until its port is free again.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What it died of is of no use to someone who wants it gone.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("addr", &self.addr).finish_non_exhaustive()
    }
}
