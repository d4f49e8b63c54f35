//! A filter for a process that runs third-party code: it can do everything except use a network.
//!
//! Such code maps files, starts threads and talks to daemons on its own machine through Unix sockets, so nobody can list all the calls
//! that it needs. It must not get any other kind of socket, or `io_uring`, which could create one without the call.

use rustix::thread::set_no_new_privs;
use seccompiler::{SeccompAction, SeccompCmpOp, apply_filter};

use super::{compile, foreign, rule, word};
use crate::{SandboxError, SyscallsError};

/// From now on, allows only sockets within the machine, for this thread and all that it starts. Irrevocable. A refused call fails
/// with `EACCES`.
///
/// # Errors
/// [`SandboxError`] if the kernel lacks this filter.
pub fn deny_networks() -> Result<(), SandboxError> {
    set_no_new_privs(true).map_err(|_| SandboxError::Privileges)?;
    enter().map_err(SandboxError::Syscalls)
}

fn enter() -> Result<(), SyscallsError> {
    apply_filter(&program()?).map_err(|_| SyscallsError::Refused)
}

fn program() -> Result<seccompiler::BpfProgram, SyscallsError> {
    let denied = SeccompAction::Errno(libc::EACCES.cast_unsigned());
    let local = u64::from(libc::AF_UNIX.cast_unsigned());
    let other = |argument| rule(vec![word(argument, SeccompCmpOp::Ne, local)?]);
    let calls = vec![
        (libc::SYS_socket, vec![other(0)?]),
        (libc::SYS_socketpair, vec![other(0)?]),
        (libc::SYS_io_uring_setup, Vec::new()),
    ];
    let listed = compile(calls, SeccompAction::Allow, denied)?;
    Ok(foreign().into_iter().chain(listed).collect())
}

#[cfg(test)]
#[allow(clippy::disallowed_types)] // The tests attempt exactly what these lints forbid.
mod tests {
    use std::net::UdpSocket;
    use std::os::unix::net::UnixStream;

    use super::*;

    /// Runs in a separate thread, because the filter applies to the calling thread.
    #[test]
    fn a_network_is_refused_and_a_socket_of_the_machine_is_not() {
        let inside = std::thread::spawn(|| {
            deny_networks().unwrap();
            let network = UdpSocket::bind("127.0.0.1:0").map(drop).map_err(|e| e.kind());
            (network, UnixStream::pair().map(drop).is_ok())
        });
        let (network, local) = inside.join().unwrap();
        assert_eq!(network, Err(std::io::ErrorKind::PermissionDenied));
        assert!(local);
        assert!(UdpSocket::bind("127.0.0.1:0").is_ok(), "other threads are as before");
    }
}
