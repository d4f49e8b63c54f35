//! Why no system call filter is in force.

use keyferry_core::refusals;

use crate::advice::use_another_kernel;

refusals! {
    /// Why no system call filter is in force.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SyscallsError: Refused {
        /// No filter is known for this processor.
        Processor => SANDBOX_CALLS,
            what("no filter of system calls is known for this processor: network calls stay possible",
                 "没有适用于此处理器的系统调用过滤器：仍可发起网络调用"),
            hint(use_another_kernel());
        /// The filter could not be built, which is a bug in the program.
        Filter => SANDBOX_CALLS,
            what("the filter of system calls cannot be built: network calls stay possible",
                 "无法构建系统调用过滤器：仍可发起网络调用"),
            hint(use_another_kernel());
        /// The kernel refused the filter, most likely because it was built without seccomp filters.
        Refused => SANDBOX_CALLS,
            what("the kernel refuses a filter of system calls (seccomp): network calls stay possible",
                 "内核拒绝系统调用过滤器（seccomp）：仍可发起网络调用"),
            hint(use_another_kernel());
    }
}
