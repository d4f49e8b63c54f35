//! What the kernel would not let the process take from itself, explained.

use keyferry_core::refusals;

use crate::folders::FoldersError;
use crate::hint::use_another_kernel;
use crate::limits::LimitError;
use crate::memory::MemoryError;

refusals! {
    /// One part of the confinement that could not be had.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SandboxError: Refused {
        /// `PR_SET_NO_NEW_PRIVS`.
        Privileges => SANDBOX_PRIVILEGES,
            what("the kernel refuses PR_SET_NO_NEW_PRIVS: a program started from here could gain privileges",
                 "内核拒绝 PR_SET_NO_NEW_PRIVS：由此启动的程序可能获得特权"),
            hint(use_another_kernel());
        /// A limit.
        Limit from LimitError;
        /// The filter of system calls.
        Syscalls from SyscallsError;
        /// The file system.
        Folders from FoldersError;
        /// Pages for secrets.
        Memory from MemoryError;
    }
}

refusals! {
    /// Why no filter of system calls is in force.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SyscallsError: Refused {
        /// No filter is known for this processor.
        Processor => SANDBOX_CALLS,
            what("no filter of system calls is known for this processor: network calls stay possible",
                 "没有适用于此处理器的系统调用过滤器：仍可发起网络调用"),
            hint(use_another_kernel());
        /// The filter could not be built: a mistake in the program.
        Filter => SANDBOX_CALLS,
            what("the filter of system calls cannot be built: network calls stay possible",
                 "无法构建系统调用过滤器：仍可发起网络调用"),
            hint(use_another_kernel());
        /// The kernel refused it: built without seccomp filters, most likely.
        Refused => SANDBOX_CALLS,
            what("the kernel refuses a filter of system calls (seccomp): network calls stay possible",
                 "内核拒绝系统调用过滤器（seccomp）：仍可发起网络调用"),
            hint(use_another_kernel());
    }
}
