//! A filter for a process that runs third-party code: it can start threads, but no other process.
//!
//! A process that such code leaves behind would have a copy of this one's memory, and would keep running when the
//! program ends.

use rustix::thread::set_no_new_privs;
use seccompiler::{SeccompAction, SeccompCmpOp, apply_filter};

use super::{Call, compile, foreign, no_clone3, rule, word};
use crate::{SandboxError, SyscallsError};

/// From now on, forbids other processes, for this thread and all that it starts. Irrevocable. A refused call fails
/// with `EPERM`.
///
/// # Errors
/// [`SandboxError`] if the kernel lacks this filter.
pub fn deny_processes() -> Result<(), SandboxError> {
    set_no_new_privs(true).map_err(|_| SandboxError::Privileges)?;
    enter().map_err(SandboxError::Syscalls)
}

fn enter() -> Result<(), SyscallsError> {
    apply_filter(&program()?).map_err(|_| SyscallsError::Refused)
}

fn program() -> Result<seccompiler::BpfProgram, SyscallsError> {
    let denied = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let thread = u64::from(libc::CLONE_THREAD.cast_unsigned());
    let no_thread = rule(vec![word(0, SeccompCmpOp::MaskedEq(thread), 0)?])?;
    let mut calls: Vec<Call> = vec![(libc::SYS_clone, vec![no_thread])];
    // x86-64 also has separate, older calls for this.
    #[cfg(target_arch = "x86_64")]
    calls.extend([(libc::SYS_fork, Vec::new()), (libc::SYS_vfork, Vec::new())]);
    let listed = compile(calls, SeccompAction::Allow, denied)?;
    Ok(foreign().into_iter().chain(no_clone3()).chain(listed).collect())
}

#[cfg(test)]
#[allow(clippy::disallowed_types, clippy::disallowed_methods)] // The tests attempt exactly what these lints forbid.
mod tests {
    use std::process::Command;

    use super::*;

    /// Runs in a separate thread, because the filter applies to the calling thread.
    #[test]
    fn a_process_is_refused_and_a_thread_is_not() {
        let start = || Command::new("true").status().map(drop).map_err(|e| e.kind());
        let inside = std::thread::spawn(move || {
            deny_processes().unwrap();
            (start(), std::thread::spawn(|| 7).join().unwrap())
        });
        assert_eq!(inside.join().unwrap(), (Err(std::io::ErrorKind::PermissionDenied), 7));
        assert_eq!(start(), Ok(()), "other threads are as before");
    }
}
