//! Blocks signals that would end the process while a screen shows a secret, and reports them (`signalfd(2)`).
//!
//! A handler could not clear the screen and return to the command, and a station has no second thread that could wait for signals.
//! `SIGKILL` and `SIGSTOP` cannot be blocked.
#![allow(unsafe_code)] // `rustix` and the standard library offer neither the mask nor `signalfd`.

use core::ffi::c_int;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd as _, OwnedFd};

/// The signals of a terminal's keys (Ctrl-C, Ctrl-\ and Ctrl-Z), of a terminal that closes, and of an ordinary `kill`.
const HELD: [c_int; 5] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGTSTP];

/// Signals of the calling thread, which are blocked until this is dropped. The descriptor is readable when a
/// signal has arrived.
///
/// A signal that was read from the descriptor has no further effect. A signal that was not read has its usual effect when this is
/// dropped. Signals to the whole process are blocked only if it has just one thread, like a station.
#[derive(Debug)]
pub struct HeldSignals {
    arrived: OwnedFd,
    // Must come after `arrived`: fields are dropped in this order.
    _before: Mask,
}

impl HeldSignals {
    /// Holds `SIGHUP`, `SIGINT`, `SIGQUIT`, `SIGTERM` and `SIGTSTP` back from now on.
    ///
    /// # Errors
    /// The system's error; then nothing is blocked.
    pub fn hold() -> io::Result<Self> {
        let held = held();
        let before = Mask::add(&held)?;
        // SAFETY: the set is initialised and outlives the call; -1 asks for a new descriptor.
        let fd = unsafe { libc::signalfd(-1, &raw const held, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just opened, and nobody else knows it.
        Ok(Self { arrived: unsafe { OwnedFd::from_raw_fd(fd) }, _before: before })
    }
}

impl AsFd for HeldSignals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.arrived.as_fd()
    }
}

fn held() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `sigemptyset` initialises the set; each added number is a valid signal.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in HELD {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        set.assume_init()
    }
}

/// A thread's former mask; the same thread restores it on drop, because this type is not `Send`.
#[derive(Debug)]
struct Mask(libc::sigset_t, PhantomData<*const ()>);

impl Mask {
    fn add(held: &libc::sigset_t) -> io::Result<Self> {
        let mut before = MaybeUninit::uninit();
        // SAFETY: the call reads the one set and writes the other; both outlive it.
        match unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, held, before.as_mut_ptr()) } {
            // SAFETY: the call succeeded, so it wrote the set.
            0 => Ok(Self(unsafe { before.assume_init() }, PhantomData)),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}

impl Drop for Mask {
    fn drop(&mut self) {
        // SAFETY: the kernel wrote the set; because of the null pointer, the current mask is not returned.
        let _ = unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, ptr::null_mut()) };
    }
}
