//! `no-core-dumps`: none of this process's memory reaches a file or another program when it crashes.
//!
//! The process sets its limit to zero and makes itself not dumpable. A core pattern that is a pipe ignores the limit and starts a
//! program as root whenever a process crashes, so it is refused as well.

use keyferry_core::bi;

use super::files::{self, Unseen};
use super::{Roots, Seen};

pub(super) fn look(roots: &Roots, dumpable: Option<bool>) -> Seen {
    let pattern = files::word(&roots.proc("sys/kernel/core_pattern"));
    let limit = limit(roots);
    match (pattern, limit, dumpable) {
        (Err(unseen), ..) | (_, Err(unseen), _) => Seen::fail(unseen.text()),
        (.., Some(true)) => Seen::fail(bi!("this process can be dumped", "本进程可被转储")),
        (.., None) => Seen::fail(bi!(
            "cannot be determined: the kernel does not say whether this process can be dumped",
            "无法判断：内核未说明本进程是否可被转储"
        )),
        (Ok(pattern), ..) if pattern.starts_with('|') => {
            let program =
                pattern.trim_start_matches('|').split_whitespace().next().unwrap_or_default().to_owned();
            Seen::fail(bi!("dumps are piped to {program}", "转储会交给 {program}"))
        }
        (_, Ok(limit), _) if limit != ("0".into(), "0".into()) => {
            let (soft, hard) = limit;
            Seen::fail(bi!("the limit is {soft}, at most {hard}", "限制为 {soft}，上限 {hard}"))
        }
        (Ok(pattern), ..) => {
            let suid = files::word(&roots.proc("sys/fs/suid_dumpable")).unwrap_or_else(|_| "?".into());
            Seen::pass(bi!(
                "limit 0, not dumpable; pattern {pattern:?}, suid_dumpable {suid}",
                "限制为 0，不可转储；模式 {pattern:?}，suid_dumpable {suid}"
            ))
        }
    }
}

/// The soft and the hard limit of this process.
fn limit(roots: &Roots) -> Result<(String, String), Unseen> {
    let path = roots.proc("self/limits");
    let text = files::text(&path)?;
    let row = text.lines().find_map(|l| l.strip_prefix("Max core file size"));
    let mut words = row.unwrap_or_default().split_whitespace();
    match (words.next(), words.next()) {
        (Some(soft), Some(hard)) => Ok((soft.into(), hard.into())),
        _ => Err(Unseen::malformed(&path)),
    }
}

/// Whether the kernel says that this process is dumpable; `None` if it does not say.
pub(crate) fn dumpable() -> Option<bool> {
    use rustix::process::{DumpableBehavior, dumpable_behavior};
    dumpable_behavior().ok().map(|b| b != DumpableBehavior::NotDumpable)
}
