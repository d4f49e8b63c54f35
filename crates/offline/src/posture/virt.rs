//! `bare-metal`: whether this machine runs under a hypervisor, whose owner can read all memory.

use keyferry_core::bi;

use super::files;
use super::{Roots, Seen};

/// The names by which virtual machines identify themselves, in lower case.
const NAMES: [&str; 18] = [
    "qemu",
    "kvm",
    "vmware",
    "virtualbox",
    "innotek",
    "bochs",
    "virtual machine",
    "xen",
    "parallels",
    "openstack",
    "firecracker",
    "google compute",
    "amazon ec2",
    "alibaba cloud",
    "tencent cloud",
    "bhyve",
    "cloud hypervisor",
    "hvm domu",
];

pub(super) fn look(roots: &Roots) -> Seen {
    let firmware: Vec<_> = ["product_name", "sys_vendor", "board_vendor"]
        .iter()
        .filter_map(|f| files::word(&roots.sys("class/dmi/id").join(f)).ok())
        .collect();
    let named = firmware.iter().find(|n| NAMES.iter().any(|v| n.to_lowercase().contains(v)));
    let kind = files::word(&roots.sys("hypervisor/type")).ok();
    match (named.or(kind.as_ref()), flag(roots)) {
        (Some(name), _) => Seen::fail(bi!("a virtual machine: {name}", "虚拟机：{name}")),
        (None, Some(true)) => Seen::fail(bi!(
            "a virtual machine: the processor says hypervisor",
            "虚拟机：处理器报告 hypervisor"
        )),
        (None, Some(false)) => {
            let name = firmware.first().map_or("?", String::as_str).to_owned();
            Seen::pass(bi!("no hypervisor; {name}", "没有虚拟机监控器；{name}"))
        }
        (None, None) => Seen::note(bi!(
            "cannot be determined: the processor lists no x86 flags",
            "无法判断：处理器未列出 x86 标志"
        )),
    }
}

/// The processor's `hypervisor` flag; `None` if it lists no flags.
pub(super) fn flag(roots: &Roots) -> Option<bool> {
    let text = roots.processors()?;
    let flags = text.lines().find_map(|l| l.strip_prefix("flags")?.trim_start().strip_prefix(':'))?;
    Some(flags.split_whitespace().any(|f| f == "hypervisor"))
}
