//! Signals that would end the process are blocked, reported, and delivered again afterwards.
#![allow(clippy::unwrap_used)]

use std::io::ErrorKind;

use keyferry_sandbox::HeldSignals;
use rustix::io::{Errno, read};

/// Sends the signal to this thread only, because the test program has others.
#[allow(unsafe_code)]
fn raise(signal: i32) {
    // SAFETY: the call takes a number.
    assert_eq!(unsafe { libc::raise(signal) }, 0);
}

/// The number of a signal that arrived: the first field of `struct signalfd_siginfo`.
fn arrived(held: &HeldSignals) -> Result<u32, Errno> {
    let mut info = [0; 128];
    let length = read(held, &mut info)?;
    assert_eq!(length, info.len());
    Ok(u32::from_ne_bytes(info[..4].try_into().unwrap()))
}

#[test]
fn a_held_signal_is_reported_and_ends_nothing() {
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGTSTP] {
        let held = HeldSignals::hold().unwrap();
        assert_eq!(arrived(&held).unwrap_err().kind(), ErrorKind::WouldBlock);
        raise(signal);
        assert_eq!(arrived(&held), Ok(signal.cast_unsigned()));
        // The signal was read, so it does not end the process now.
        drop(held);
    }
}

#[test]
fn the_mask_is_as_before_however_deep() {
    let blocked = || {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        status.lines().find(|line| line.starts_with("SigBlk:")).unwrap().to_owned()
    };
    let before = blocked();
    let outer = HeldSignals::hold().unwrap();
    let held = blocked();
    assert_ne!(held, before);
    drop(HeldSignals::hold().unwrap());
    assert_eq!(blocked(), held);
    drop(outer);
    assert_eq!(blocked(), before);
}
