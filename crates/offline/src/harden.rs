//! What the process forbids itself before it reads anything: core dumps, and being read by others of the same user.

use keyferry_core::{Bilingual, Class, Control, Explain, bi, explained};
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// The kernel refused a protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HardenError(&'static str);

/// No core file, and no ptrace or `/proc/PID/mem` by other processes of this user.
pub(crate) fn harden() -> Result<(), HardenError> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|_| HardenError("RLIMIT_CORE"))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|_| HardenError("PR_SET_DUMPABLE"))
}

impl Explain for HardenError {
    fn control(&self) -> Control {
        Control::POSTURE
    }
    fn class(&self) -> Class {
        Class::Refused
    }
    fn what(&self) -> Bilingual {
        bi!("the kernel refuses {}: memory could be dumped", "内核拒绝 {}：内存可能被转储", self.0)
    }
    fn hint(&self) -> Bilingual {
        bi!(
            "use a Linux kernel that allows it; nothing was read yet",
            "请使用允许该操作的 Linux 内核；尚未读取任何内容"
        )
    }
}

explained!(HardenError);
