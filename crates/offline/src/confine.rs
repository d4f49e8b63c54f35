//! Drops the privileges that the process no longer needs and allocates memory for secrets, before a secret exists.
//!
//! If the kernel lacks a protection, the run stops if the plan requires it (`sandbox`, `secret-memory`). In production, the run also
//! stops unless the plan waives the protection with a reason. A rehearsal, and commands without a plan, continue and name what is
//! missing. The record lists the protections that took effect.

use std::path::Path;

use keyferry_core::transcript::MemoryKind;
use keyferry_core::{Bilingual, Event, Explain, PostureCheck, PostureDemand, bi};
use keyferry_sandbox::{Confinement, Folders, LockedProcess, MemoryError, SandboxError, SecretMemory};
use keyferry_transport::console::Mark;

use crate::args::Asked;
use crate::context::Context;
use crate::posture::{Demands, Tried};

/// A process that can reach only one folder, and memory for its secrets.
pub(crate) struct Confined {
    pub(crate) memory: SecretMemory,
    confinement: Confinement,
    event: Event,
}

impl Confined {
    /// The event for the record.
    pub(crate) fn event(&self) -> Event {
        self.event.clone()
    }

    /// Checks that further threads may hold secrets.
    ///
    /// # Errors
    /// [`MemoryError`] if their memory would not be locked like that of the first thread.
    pub(crate) const fn check_threads(&self) -> Result<(), MemoryError> {
        self.confinement.check_threads()
    }
}

/// Confines the process for a ceremony: from now on, it can reach only `folder`, the folder for shares, and
/// the files that contribute entropy.
pub(crate) fn for_plan(
    folder: &Path,
    entropy: &[Asked],
    shares: Option<&Path>,
    demands: &Demands,
    context: &Context,
) -> Result<Confined, SandboxError> {
    confine(folder, entropy, shares, |lack| is_required(lack, demands), context)
}

/// Confines the process as the last step of `preflight`: from now on, it can open only `folder`.
///
/// # Errors
/// [`SandboxError::Memory`] if the process gets no memory at all, which stops the run even if a plan waives
/// the protection.
pub(crate) fn try_out(folder: Option<&Path>, context: &Context) -> Result<Tried, SandboxError> {
    let memory = SecretMemory::new()?.kind();
    let confinement = context.confinement.narrow(&folder.iter().fold(Folders::new(), Folders::write));
    let abi = confinement.folders().map_or(0, |abi| abi.version);
    Ok(Tried { lacking: confinement.lacking().collect(), abi, memory })
}

/// Whether a protection that the kernel lacks stops a ceremony.
pub(crate) fn is_required(lack: &SandboxError, demands: &Demands) -> bool {
    demands.of(word_for(lack)) == PostureDemand::Required
}

/// The plan's word for a protection.
const fn word_for(lack: &SandboxError) -> PostureCheck {
    match lack {
        SandboxError::Memory(_) => PostureCheck::SecretMemory,
        _ => PostureCheck::Sandbox,
    }
}

/// Confines a command that holds no secret but reads input that anybody could have sent: from now on, the
/// process can reach only `folder`.
pub(crate) fn without_secret(folder: &Path, context: &Context) {
    let confinement = context.confinement.narrow(&Folders::new().write(folder));
    confinement.lacking().for_each(|lack| warn(&lack, context));
}

/// Confines a command that is run by hand. Without a plan, no protection is required; missing ones are shown.
pub(crate) fn by_hand(folder: &Path, entropy: &[Asked], context: &Context) -> Result<Confined, SandboxError> {
    confine(folder, entropy, None, |_| false, context)
}

fn confine(
    folder: &Path,
    entropy: &[Asked],
    shares: Option<&Path>,
    required: impl Fn(&SandboxError) -> bool,
    context: &Context,
) -> Result<Confined, SandboxError> {
    let outputs = shares.iter().fold(Folders::new().write(folder), Folders::write);
    let folders = entropy.iter().fold(outputs, |folders, asked| match asked {
        // A missing file is reported later, when it is read.
        Asked::File(path) if path.exists() => folders.read(path),
        _ => folders,
    });
    let memory = SecretMemory::new()?;
    let confinement = context.confinement.narrow(&folders);
    for lack in confinement.lacking().chain(memory.lacking()) {
        if required(&lack) {
            return Err(lack);
        }
        warn(&lack, context);
    }
    let abi = confinement.folders().map_or(0, |abi| abi.version);
    show(abi, memory.kind(), confinement.locked(), context);
    Ok(Confined { event: confinement.event(memory.kind()), memory, confinement })
}

fn warn(lack: &SandboxError, context: &Context) {
    let (what, control) = (lack.what(), lack.control());
    let (console, lang) = (&context.console, context.console.lang());
    let lead = bi!("  NOT CONFINED [{control}]: ", "  未受限 [{control}]：");
    console.item(Mark::Care, lead.get(lang), what.get(lang));
}

fn show(abi: u32, memory: MemoryKind, locked: LockedProcess, context: &Context) {
    let console = &context.console;
    let memory = match memory {
        MemoryKind::SecretPages => bi!("secret pages", "机密内存页"),
        MemoryKind::LockedPages => bi!("locked pages", "锁定的内存页"),
        MemoryKind::Unlocked => bi!("NOT LOCKED", "未锁定"),
    };
    let rest = match locked {
        LockedProcess::Whole => bi!("everything else is locked", "其余内存均已锁定"),
        LockedProcess::Present => bi!("the memory in use at the start is locked", "启动时已有的内存已锁定"),
        LockedProcess::Nothing => bi!("the rest is not locked", "其余内存未锁定"),
    };
    let text = folders(abi);
    console.row(&bi!("confined", "已受限"), text.get(console.lang()));
    let text =
        Bilingual { en: format!("{}, {}", memory.en, rest.en), zh: format!("{}，{}", memory.zh, rest.zh) };
    console.row(&bi!("memory", "内存"), text.get(console.lang()));
    if locked != LockedProcess::Whole {
        console.say(&bi!(
            "  To lock all memory, raise the limit before the command: `ulimit -l unlimited`.",
            "  如需锁定全部内存，请在运行命令之前提高上限：`ulimit -l unlimited`。"
        ));
    }
}

/// Says which files the process can still open; `abi` is 0 if there is no Landlock.
fn folders(abi: u32) -> Bilingual {
    if abi == 0 {
        return bi!("NOT to the output folder: there is no Landlock", "未限制在输出目录：没有 Landlock");
    }
    bi!("output folder only (Landlock ABI {abi})", "仅限输出目录（Landlock ABI {abi}）")
}

#[cfg(test)]
mod tests {
    use super::folders;

    #[test]
    fn a_process_without_landlock_is_not_called_confined() {
        assert!(folders(0).en.starts_with("NOT"));
        assert_eq!(folders(2).en, "output folder only (Landlock ABI 2)");
    }
}
