//! An emulator's addresses and threads: bound on loopback, answering on the caller's thread or on its own.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::error::EmulatorError;
use crate::server::{self, Listeners};
use crate::vendor::Vendor;

/// Where an emulator listens: only loopback addresses; port 0 picks a free one.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// The service.
    pub service: SocketAddr,
    /// The admin interface, through which tests control the emulator; `None` for none.
    pub admin: Option<SocketAddr>,
}

/// An emulator that holds its addresses, but does not answer yet.
pub struct Emulator<V> {
    listeners: Listeners,
    addr: SocketAddr,
    admin_addr: Option<SocketAddr>,
    vendor: V,
}

impl<V: Vendor> Emulator<V> {
    /// Binds the addresses, then starts the vendor's service.
    ///
    /// # Errors
    /// [`EmulatorError`]: not a loopback address, the address is taken, or the error from `vendor`.
    pub fn bind(
        addresses: Addresses,
        vendor: impl FnOnce() -> Result<V, EmulatorError>,
    ) -> Result<Self, EmulatorError> {
        let (service, addr) = listen(addresses.service)?;
        let (admin, admin_addr) = addresses.admin.map(listen).transpose()?.unzip();
        Ok(Self { listeners: Listeners { service, admin }, addr, admin_addr, vendor: vendor()? })
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

    /// Answers until `shutdown` completes. This blocks and starts its own runtime, so it must not be called
    /// inside another one.
    ///
    /// # Errors
    /// [`EmulatorError::Start`] when the runtime cannot be started.
    pub fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), EmulatorError> {
        server::run(self.listeners, self.vendor, server::Limits::default(), shutdown)
            .map_err(EmulatorError::Start)
    }

    /// Answers on its own thread.
    ///
    /// # Errors
    /// [`EmulatorError::Start`] when no thread can be started.
    pub fn spawn(self) -> Result<Running, EmulatorError> {
        let (addr, admin_addr) = (self.addr, self.admin_addr);
        let (stop, stopped) = oneshot::channel::<()>();
        let work = move || {
            // A dropped sender means the same as a message: stop.
            self.run(async { drop(stopped.await) })
        };
        let thread = std::thread::Builder::new()
            .name("kms-emulator".into())
            .spawn(work)
            .map_err(EmulatorError::Start)?;
        Ok(Running { addr, admin_addr, stop: Some(stop), thread: Some(thread) })
    }
}

/// Binds a loopback address.
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
            // The caller wants it to end, so the reason for its end does not matter.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("addr", &self.addr).finish_non_exhaustive()
    }
}
