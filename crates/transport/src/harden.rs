//! Hardens every program before it reads anything: prevents core dumps, and stops other processes of the user
//! from reading its memory.
//!
//! Each shipped program calls [`harden`] first, because each holds a secret or a credential at some time: tokens and keys of the
//! service online, material offline, a signer's private key at the desk. A program that it starts inherits only the limit,
//! because the kernel makes a process dumpable again when it runs another program.

use keyferry_core::refusals;
use keyferry_core::transcript::MAX_TRANSCRIPT;
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

refusals! {
    /// Why a program did not start. Nothing was read or written.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum HardenError: Refused {
        /// The kernel refused a call, so memory could be dumped, or read by others.
        Dumps(call: &'static str) => SANDBOX_PRIVILEGES,
            what("the kernel refuses {call}: memory could be dumped", "内核拒绝 {call}：内存可能被转储"),
            hint("use a Linux kernel of 6.1 or later, and no other sandbox around the program; nothing has been read or made yet",
                 "请使用 6.1 或更新的 Linux 内核，且不要再套用其他沙箱；尚未读取或生成任何内容");
        /// There is a limit on the length of files, in bytes. The kernel would kill the program in the middle of
        /// an output.
        FileLimit(limit: u64) => FILE_SPACE, class(Io),
            what("files are limited to {limit} bytes here (`ulimit -f`), but an output may need {MAX_TRANSCRIPT}",
                 "此处文件大小限制为 {limit} 字节（`ulimit -f`）；输出可能需要 {MAX_TRANSCRIPT} 字节"),
            hint("lift the limit with `ulimit -f unlimited`, then run the command again; nothing has been read or made yet",
                 "请用 `ulimit -f unlimited` 解除限制后重新运行命令；尚未读取或生成任何内容");
    }
}

/// Prevents core files, and ptrace or `/proc/PID/mem` by other processes of this user; refuses a limit on file sizes that outputs
/// could reach.
///
/// # Errors
/// [`HardenError`] if the kernel refuses; the program must then not handle any secret.
pub fn harden() -> Result<(), HardenError> {
    // `rustix` reads the page size once; before Linux 6.4, it reads it from /proc/self/auxv. In a process that is not dumpable, that
    // file belongs to root, and rustix panics if it cannot open it. So the page size has to be read first.
    let _ = rustix::param::page_size();
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|_| HardenError::Dumps("RLIMIT_CORE"))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|_| HardenError::Dumps("PR_SET_DUMPABLE"))?;
    check_file_limit(getrlimit(Resource::Fsize).current)
}

/// Beyond the limit, the kernel silently ends a process with SIGXFSZ. Ignoring a signal needs `unsafe`, so the limit is refused.
fn check_file_limit(current: Option<u64>) -> Result<(), HardenError> {
    match current {
        Some(limit) if limit < MAX_TRANSCRIPT as u64 => Err(HardenError::FileLimit(limit)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use keyferry_core::{Class, Control, Explain};

    use super::*;

    #[test]
    fn a_limit_that_an_output_could_reach_is_refused() {
        let refused = check_file_limit(Some(MAX_TRANSCRIPT as u64 - 1)).unwrap_err();
        assert_eq!((refused.control(), refused.class()), (Control::FILE_SPACE, Class::Io));
        assert_eq!(check_file_limit(Some(MAX_TRANSCRIPT as u64)), Ok(()));
        assert_eq!(check_file_limit(None), Ok(()));
    }
}
