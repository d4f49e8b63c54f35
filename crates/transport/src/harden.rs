//! What every program forbids itself before it reads anything: core dumps, and being read by others of the same user.
//!
//! Each shipped program calls [`harden`] first, because each holds a secret or a credential at some time: tokens and keys of the
//! service online, material offline, a signer's private key at the desk. Programs that it starts inherit the limit alone: the
//! kernel makes a process dumpable again when it runs another program.

use keyferry_core::refusals;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

refusals! {
    /// Core dumps, or being read by others, by the call that the kernel refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct HardenError(pub(crate) call: &'static str): Refused => SANDBOX_PRIVILEGES,
        what("the kernel refuses {call}: memory could be dumped", "内核拒绝 {call}：内存可能被转储"),
        hint("use a Linux kernel of 6.1 or later, and no other sandbox around the program; nothing was read or made yet",
             "请使用 6.1 或更新的 Linux 内核，且不要再套用其他沙箱；尚未读取或生成任何内容");
}

/// No core file, and no ptrace or `/proc/PID/mem` by other processes of this user.
///
/// # Errors
/// [`HardenError`] if the kernel refuses; nothing secret may then be done.
pub fn harden() -> Result<(), HardenError> {
    // `rustix` reads the page size once, before Linux 6.4 from /proc/self/auxv. In a process that is not dumpable that file belongs to
    // root, and rustix panics where it cannot open it: an ordinary user has to read it before.
    let _ = rustix::param::page_size();
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|_| HardenError("RLIMIT_CORE"))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|_| HardenError("PR_SET_DUMPABLE"))
}
