//! What the kernel would not let the process take from itself, explained.

use keyferry_core::{Bilingual, Class, Control, Explain, bi, explained};

use crate::folders::FoldersError;
use crate::limits::LimitError;
use crate::memory::MemoryError;

/// One part of the confinement that could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SandboxError {
    /// Core dumps, or being read by others: by the call that was refused.
    Dumps(&'static str),
    /// `PR_SET_NO_NEW_PRIVS`.
    Privileges,
    /// A limit.
    Limit(LimitError),
    /// The filter of system calls.
    Syscalls(SyscallsError),
    /// The file system.
    Folders(FoldersError),
    /// Pages for secrets.
    Memory(MemoryError),
}

/// Why no filter of system calls is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyscallsError {
    /// No filter is known for this processor.
    Processor,
    /// The filter could not be built: a mistake in the program.
    Filter,
    /// The kernel refused it: built without seccomp filters, most likely.
    Refused,
}

impl Explain for SandboxError {
    fn control(&self) -> Control {
        match self {
            Self::Dumps(_) | Self::Privileges | Self::Limit(_) => Control::SANDBOX_PRIVILEGES,
            Self::Syscalls(_) => Control::SANDBOX_CALLS,
            Self::Folders(_) => Control::SANDBOX_FOLDERS,
            Self::Memory(_) => Control::SECRET_MEMORY,
        }
    }

    fn class(&self) -> Class {
        Class::Refused
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::Dumps(call) => {
                bi!("the kernel refuses {call}: memory could be dumped", "内核拒绝 {call}：内存可能被转储")
            }
            Self::Privileges => bi!(
                "the kernel refuses PR_SET_NO_NEW_PRIVS: a program started from here could gain privileges",
                "内核拒绝 PR_SET_NO_NEW_PRIVS：由此启动的程序可能获得特权"
            ),
            Self::Limit(LimitError(name)) => bi!(
                "the kernel refuses {name}: the process is not held to its limits",
                "内核拒绝 {name}：进程不受资源上限约束"
            ),
            Self::Syscalls(why) => syscalls(*why),
            Self::Folders(why) => folders(*why),
            Self::Memory(why) => memory(*why),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Memory(_) => bi!(
                "raise the limit on locked memory (`ulimit -l`), or use a kernel with memfd_secret (Linux 6.5)",
                "请提高锁定内存的上限（`ulimit -l`），或使用支持 memfd_secret 的内核（Linux 6.5）"
            ),
            Self::Folders(FoldersError::Path) => bi!(
                "make the output folder, and see that it can be opened; no key material was made yet",
                "请先创建输出目录，并确认可以打开；尚未生成任何密钥材料"
            ),
            _ => bi!(
                "use a Linux kernel of 6.1 or later with seccomp and Landlock, and no other sandbox around the program; \
                 no key material was made yet",
                "请使用 6.1 或更新、支持 seccomp 与 Landlock 的 Linux 内核，且不要再套用其他沙箱；尚未生成任何密钥材料"
            ),
        }
    }
}

fn syscalls(why: SyscallsError) -> Bilingual {
    match why {
        SyscallsError::Processor => bi!(
            "no filter of system calls is known for this processor: network calls stay possible",
            "没有适用于此处理器的系统调用过滤器：仍可发起网络调用"
        ),
        SyscallsError::Filter => bi!(
            "the filter of system calls cannot be built: network calls stay possible",
            "无法构建系统调用过滤器：仍可发起网络调用"
        ),
        SyscallsError::Refused => bi!(
            "the kernel refuses a filter of system calls (seccomp): network calls stay possible",
            "内核拒绝系统调用过滤器（seccomp）：仍可发起网络调用"
        ),
    }
}

fn folders(why: FoldersError) -> Bilingual {
    match why {
        FoldersError::NotYet => bi!(
            "the process can still open any file: its folders were not narrowed",
            "进程仍可打开任何文件：尚未限制可访问的目录"
        ),
        FoldersError::Missing => bi!(
            "the kernel has no Landlock: the process can open files outside its output folder",
            "内核没有 Landlock：进程可以打开输出目录以外的文件"
        ),
        FoldersError::Path => bi!(
            "the output folder cannot be opened, so the process cannot be narrowed to it",
            "无法打开输出目录，因此无法将进程限制在其中"
        ),
        FoldersError::Refused => bi!(
            "the kernel refuses the Landlock rules: the process can open files outside its output folder",
            "内核拒绝 Landlock 规则：进程可以打开输出目录以外的文件"
        ),
    }
}

fn memory(why: MemoryError) -> Bilingual {
    match why {
        MemoryError::Map => bi!("no pages for key material could be mapped", "无法映射用于密钥材料的内存页"),
        MemoryError::Lock => bi!(
            "the pages for key material could not be locked: they could be written to swap",
            "用于密钥材料的内存页无法锁定：可能被写入交换空间"
        ),
    }
}

explained!(SandboxError);
