//! Hints for a kernel that lacks a protection.

use keyferry_core::{Bilingual, bi};

pub(crate) fn use_another_kernel() -> Bilingual {
    bi!(
        "use a Linux kernel of 6.1 or later with seccomp and Landlock, and no other sandbox around the program; \
         no key material has been made yet",
        "请使用 6.1 或更新、支持 seccomp 与 Landlock 的 Linux 内核，且不要再套用其他沙箱；尚未生成任何密钥材料"
    )
}
