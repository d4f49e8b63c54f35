//! `no-swap` and `no-hibernation`: the ways in which memory can reach a disk.

use keyferry_core::bi;

use super::files::{self, Unseen};
use super::{Roots, Seen};

/// Both `/proc/swaps` and the kernel's total in `/proc/meminfo` must say that there is no swap. Swap in compressed memory (zram)
/// counts, because it may have a disk behind it.
pub(super) fn look(roots: &Roots) -> Seen {
    match areas(roots).and_then(|areas| total_kib(roots).map(|total| (areas, total))) {
        Err(unseen) => Seen::fail(unseen.text()),
        Ok((areas, 0)) if areas.is_empty() => Seen::pass(bi!("off", "未启用")),
        Ok((areas, total)) => {
            let areas = files::few(&areas);
            Seen::fail(bi!("{total} KiB in use: {areas}", "已启用 {total} KiB：{areas}"))
        }
    }
}

/// A kernel without swap has no `/proc/swaps`.
fn areas(roots: &Roots) -> Result<Vec<String>, Unseen> {
    let path = roots.proc("swaps");
    let text = match files::text(&path) {
        Err(e) if e.missing => return Ok(Vec::new()),
        other => other?,
    };
    let mut lines = text.lines();
    if !lines.next().is_some_and(|l| l.starts_with("Filename")) {
        return Err(Unseen::malformed(&path));
    }
    Ok(lines.filter_map(|l| l.split_whitespace().next()).map(str::to_owned).collect())
}

fn total_kib(roots: &Roots) -> Result<u64, Unseen> {
    let path = roots.proc("meminfo");
    let total = files::field(&files::text(&path)?, &path, "SwapTotal")?;
    let number = total.split_whitespace().next().and_then(|n| n.parse().ok());
    number.ok_or_else(|| Unseen::malformed(&path))
}

/// The kernel lists `disk` in `/sys/power/state` if it can hibernate. To wake up again, it also needs a
/// device to resume from.
pub(super) fn look_hibernation(roots: &Roots) -> Seen {
    let state = match files::word(&roots.sys("power/state")) {
        Err(e) if e.missing && files::names(&roots.sys).is_ok_and(|n| !n.is_empty()) => {
            return Seen::pass(bi!("the kernel cannot", "内核不支持"));
        }
        Err(e) => return Seen::note(e.text()),
        Ok(state) => state,
    };
    let disabled = files::word(&roots.sys("power/disk")).is_ok_and(|d| d.contains("[disabled]"));
    if disabled || !state.split_whitespace().any(|w| w == "disk") {
        return Seen::pass(bi!("switched off", "已禁用"));
    }
    let device = files::word(&roots.sys("power/resume")).ok().filter(|d| d != "0:0" && !d.is_empty());
    let line = files::text(&roots.proc("cmdline")).unwrap_or_default();
    let asked = line.split_whitespace().find(|w| w.starts_with("resume=")).map(str::to_owned);
    match device.or(asked) {
        Some(device) => Seen::fail(bi!("set up: {device}", "已配置：{device}")),
        None => Seen::note(bi!(
            "the kernel could, but has no device to wake up from",
            "内核支持，但没有配置唤醒设备"
        )),
    }
}
