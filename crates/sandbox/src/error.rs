//! Explains which protection the process could not enable.

use keyferry_core::refusals;

use crate::advice::use_another_kernel;
use crate::folders::FoldersError;
use crate::limits::LimitError;
use crate::memory::MemoryError;
use crate::syscalls::SyscallsError;

refusals! {
    /// One part of the confinement that could not be enabled.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SandboxError: Refused {
        /// `PR_SET_NO_NEW_PRIVS`.
        Privileges => SANDBOX_PRIVILEGES,
            what("the kernel refuses PR_SET_NO_NEW_PRIVS: a program started from here could gain privileges",
                 "内核拒绝 PR_SET_NO_NEW_PRIVS：由此启动的程序可能获得特权"),
            hint(use_another_kernel());
        /// A resource limit.
        Limit from LimitError;
        /// The system call filter.
        Syscalls from SyscallsError;
        /// The restriction on access to files.
        Folders from FoldersError;
        /// The pages for secrets.
        Memory from MemoryError;
    }
}
