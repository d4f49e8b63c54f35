//! `sandbox` and `secret-memory`: the results of `preflight`, which tries out dropping privileges and allocating memory for
//! secrets.
//!
//! A ceremony does not have these rows: it enables the protections itself, and stops if a required one is missing.

use keyferry_core::transcript::MemoryKind;
use keyferry_core::{Explain, PostureCheck, bi};
use keyferry_sandbox::SandboxError;

use super::{Finding, Seen};

/// The privileges that the process could drop on this machine, and the memory that it got, when this was tried out as in
/// a ceremony.
pub(crate) struct Tried {
    /// The protections that the sandbox lacks.
    pub(crate) lacking: Vec<SandboxError>,
    /// The version of Landlock; 0 if the kernel does not have it.
    pub(crate) abi: u32,
    pub(crate) memory: MemoryKind,
}

/// Both rows.
pub(super) fn rows(tried: &Tried) -> [Finding; 2] {
    [
        Finding { check: PostureCheck::Sandbox, seen: sandbox(tried) },
        Finding { check: PostureCheck::SecretMemory, seen: memory(tried.memory) },
    ]
}

fn sandbox(tried: &Tried) -> Seen {
    let Some(first) = tried.lacking.first() else {
        let abi = tried.abi;
        return Seen::pass(bi!(
            "system calls and folders (Landlock ABI {abi})",
            "系统调用与目录（Landlock ABI {abi}）"
        ));
    };
    Seen::fail(first.what())
}

fn memory(kind: MemoryKind) -> Seen {
    match kind {
        MemoryKind::SecretPages => Seen::pass(bi!("secret pages", "机密内存页")),
        MemoryKind::LockedPages => Seen::pass(bi!(
            "locked pages; `secretmem.enable=1` on the kernel's command line may give secret pages",
            "锁定的内存页；在内核命令行加上 `secretmem.enable=1` 或可获得机密内存页"
        )),
        MemoryKind::Unlocked => {
            Seen::fail(bi!("pages that could be written to swap", "可能被写入交换空间的内存页"))
        }
    }
}
