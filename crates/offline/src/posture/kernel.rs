//! `kernel-lockdown` and `secure-boot`: whether root could change the kernel, and whether the firmware verified it.

use keyferry_core::bi;

use super::files;
use super::{Roots, Seen};

/// The EFI variable: four bytes of attributes, one of value.
const SECURE_BOOT: &str = "firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

/// Reads the lockdown mode; the file shows the active mode in brackets.
pub(super) fn look_lockdown(roots: &Roots) -> Seen {
    let path = roots.sys("kernel/security/lockdown");
    let text = match files::word(&path) {
        Err(e) if e.missing => {
            return Seen::note(bi!(
                "the kernel has no lockdown, or securityfs is not mounted",
                "内核没有 lockdown，或未挂载 securityfs"
            ));
        }
        Err(unseen) => return Seen::note(unseen.text()),
        Ok(text) => text,
    };
    let mode = text.split_whitespace().find_map(|w| w.strip_prefix('[')?.strip_suffix(']'));
    match mode {
        Some(mode @ ("integrity" | "confidentiality")) => Seen::pass(bi!("{mode}", "{mode}")),
        Some("none") => Seen::fail(bi!("none", "未启用")),
        _ => Seen::note(files::Unseen::malformed(&path).text()),
    }
}

pub(super) fn look_secure_boot(roots: &Roots) -> Seen {
    let path = roots.sys(SECURE_BOOT);
    match files::bytes(&path) {
        Err(e) if e.missing => Seen::note(bi!(
            "not booted by EFI, or its variables are not mounted",
            "不是由 EFI 启动，或未挂载其变量"
        )),
        Err(unseen) => Seen::note(unseen.text()),
        Ok(bytes) => match bytes.as_slice() {
            [_, _, _, _, 1] => Seen::pass(bi!("on", "已启用")),
            [_, _, _, _, 0] => Seen::fail(bi!("off", "未启用")),
            _ => Seen::note(files::Unseen::malformed(&path).text()),
        },
    }
}
