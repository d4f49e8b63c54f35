//! `no-tracer` and `ptrace-scope`: who reads this process's memory as a tracer, and who could.

use keyferry_core::bi;

use super::files;
use super::{Roots, Seen};

/// Checks `TracerPid` of this process.
pub(super) fn look(roots: &Roots) -> Seen {
    match roots.status("TracerPid") {
        Err(unseen) => Seen::fail(unseen.text()),
        Ok(pid) if pid == "0" => Seen::pass(bi!("none", "无")),
        Ok(pid) => {
            // A tracer outside this process's PID namespace has no folder here.
            let comm =
                pid.parse::<u32>().ok().and_then(|n| files::word(&roots.proc(&format!("{n}/comm"))).ok());
            let name = comm.unwrap_or_else(|| "?".into());
            Seen::fail(bi!("process {pid} ({name}) traces this one", "进程 {pid}（{name}）正在跟踪本进程"))
        }
    }
}

/// Checks the scope of Yama: with 1, a process may trace only its children; with 2, only root may trace; with
/// 3, nobody may.
pub(super) fn look_scope(roots: &Roots) -> Seen {
    match files::number(&roots.proc("sys/kernel/yama/ptrace_scope")) {
        Err(e) if e.missing => Seen::note(bi!(
            "the kernel has no Yama; this process is not dumpable, so only root can attach",
            "内核没有 Yama；本进程不可转储，因此只有 root 能附加"
        )),
        Err(unseen) => Seen::note(unseen.text()),
        Ok(0) => {
            Seen::fail(bi!("0: processes of one user may trace each other", "0：同一用户的进程可互相跟踪"))
        }
        Ok(scope @ 1..=3) => Seen::pass(bi!("{scope}", "{scope}")),
        Ok(other) => Seen::note(bi!("{other}: no known value", "{other}：未知的值")),
    }
}
