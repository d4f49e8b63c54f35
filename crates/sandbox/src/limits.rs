//! Limits the memory and the files of the process, and forbids other processes.
//!
//! `RLIMIT_NPROC` counts the threads of all processes of a user, so no value of it can allow threads and refuse processes. The limit is
//! 0 if no further thread is needed; otherwise, only the system call filter refuses processes. The filter has no exceptions, while this
//! limit never restricts root.

use keyferry_core::refusals;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::advice::use_another_kernel;
use crate::syscalls::Extra;

const MIB: u64 = 1024 * 1024;

/// The resources that the process may use; a limit that is already lower is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Address space in bytes (`RLIMIT_AS`).
    pub memory: u64,
    /// Length of a file that the process writes, in bytes (`RLIMIT_FSIZE`).
    pub file: u64,
    /// Open files (`RLIMIT_NOFILE`).
    pub open_files: u64,
}

impl Limits {
    /// Enough for a ceremony of 100,000 keys, which takes about 700 MiB of memory and files of a few hundred MiB.
    pub const CEREMONY: Self = Self { memory: 4096 * MIB, file: 1024 * MIB, open_files: 64 };
}

refusals! {
    /// The limit that the kernel refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LimitError(pub(crate) name: &'static str): Refused => SANDBOX_PRIVILEGES,
        what("the kernel refuses {name}: the process is not bound by its limits", "内核拒绝 {name}：进程不受资源上限约束"),
        hint(use_another_kernel());
}

/// Sets the limits, and forbids further tasks unless threads are needed.
pub(crate) fn apply(limits: &Limits, extra: Extra) -> Result<(), LimitError> {
    lower(Resource::As, limits.memory, "RLIMIT_AS")?;
    lower(Resource::Fsize, limits.file, "RLIMIT_FSIZE")?;
    lower(Resource::Nofile, limits.open_files, "RLIMIT_NOFILE")?;
    if extra.threads { Ok(()) } else { lower(Resource::Nproc, 0, "RLIMIT_NPROC") }
}

/// Sets both the soft and the hard limit, so that the process cannot raise it again.
fn lower(resource: Resource, to: u64, name: &'static str) -> Result<(), LimitError> {
    let now = getrlimit(resource);
    let least = |limit: Option<u64>| Some(limit.map_or(to, |l| l.min(to)));
    let maximum = least(now.maximum);
    let current = least(now.current);
    setrlimit(resource, Rlimit { current, maximum }).map_err(|_| LimitError(name))
}
