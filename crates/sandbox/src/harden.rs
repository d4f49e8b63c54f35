//! What the process forbids itself before it reads anything: core dumps, and being read by others of the same user.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use crate::SandboxError;

/// No core file, and no ptrace or `/proc/PID/mem` by other processes of this user.
///
/// # Errors
/// [`SandboxError::Dumps`] if the kernel refuses; nothing secret may then be done.
pub fn harden() -> Result<(), SandboxError> {
    // `rustix` reads the page size once, before Linux 6.4 from /proc/self/auxv. In a process that is not dumpable that file belongs to
    // root, and rustix panics where it cannot open it: an ordinary user has to read it before.
    let _ = rustix::param::page_size();
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|_| SandboxError::Dumps("RLIMIT_CORE"))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|_| SandboxError::Dumps("PR_SET_DUMPABLE"))
}
