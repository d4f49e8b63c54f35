//! Checks what was done to the keys after the ceremony, according to `life.jsonl`: only to keys in the plan, with the agreement of the
//! people whom the plan names, and with the result that the command leads to.
//!
//! Nobody signs the file, just as nobody signs `drills.jsonl`; people write the head that each command shows on
//! paper.

use std::collections::{HashMap, HashSet};

use keyferry_core::plan::Role;
use keyferry_core::transcript::{Actor, Line, Means};
use keyferry_core::{Alias, Event, EventKind, Fingerprint, KeyId, Purpose, Story, bi};

use super::course::Stretch;
use super::{Deviation, Record, VerifyError};

mod life_fault;

pub use life_fault::LifeFault;

/// Checks every run against the plan and the ceremony's record.
pub(super) fn check(record: &Record, story: &Story<'_>, runs: &[Stretch<'_>]) -> Vec<VerifyError> {
    if runs.is_empty() {
        return Vec::new();
    }
    let keys = record.plan.keys().iter().filter_map(|key| Some((&key.alias, key.key_id.as_ref()?)));
    let mut life =
        Life { record, keys: keys.collect(), heads: story.heads().collect(), open: HashMap::new() };
    runs.iter().filter_map(|run| life.check(run).err()).map(VerifyError::Life).collect()
}

/// Who agreed, and by which means.
type Agreed = Vec<(Option<Actor>, Option<Means>)>;

struct Life<'r> {
    record: &'r Record,
    keys: HashMap<&'r Alias, &'r KeyId>,
    heads: HashSet<Fingerprint>,
    /// Who agreed in a run that was cut off, by command and key; the same command may continue it.
    open: HashMap<(&'static str, &'r KeyId), Agreed>,
}

impl<'r> Life<'r> {
    fn check(&mut self, run: &Stretch<'r>) -> Result<(), LifeFault> {
        let mut agreed = HashMap::<&KeyId, Agreed>::new();
        for line in run.lines {
            let at = line.seq + 1;
            match &line.event {
                Event::Begun { plan_sha256, .. } if *plan_sha256 != Some(self.record.plan.digest()) => {
                    return Err(LifeFault::Plan { line: at });
                }
                Event::Agreed { alias, key_id, record_head } => {
                    self.check_key(alias, Some(key_id), at)?;
                    if !self.heads.contains(record_head) {
                        return Err(LifeFault::Head { line: at });
                    }
                    agreed.entry(key_id).or_default().push((line.act.by, line.act.means));
                }
                Event::KeyFailed { alias, .. } => self.check_key(alias, None, at)?,
                Event::KeyChanged { alias, key_id, .. } => {
                    self.check_key(alias, Some(key_id), at)?;
                    check_state(run.course.command, line)?;
                    let before = self.open.remove(&(run.course.command, key_id));
                    let who = agreed.get(key_id).or(before.as_ref()).map(Vec::as_slice).unwrap_or_default();
                    if !self.is_agreed(run.course.command, who) {
                        return Err(LifeFault::NotAgreed { line: at });
                    }
                }
                _ => {}
            }
        }
        let Some((succeeded, failed)) = run.finish() else {
            self.open.extend(agreed.into_iter().map(|(id, who)| ((run.course.command, id), who)));
            return Ok(());
        };
        let counted = (run.count(EventKind::KeyChanged), run.count(EventKind::KeyFailed));
        let right = counted == (succeeded, failed) && succeeded + failed == 1;
        if right { Ok(()) } else { Err(LifeFault::Counts { line: run.line() }) }
    }

    fn check_key(&self, alias: &Alias, id: Option<&KeyId>, line: u64) -> Result<(), LifeFault> {
        let planned = self.keys.get(alias).copied();
        let same = planned.is_some() && id.is_none_or(|id| planned == Some(id));
        if same { Ok(()) } else { Err(LifeFault::Key { line }) }
    }

    /// In production, an operator and a witness from the plan, in that order; in a rehearsal, a script may have agreed for
    /// them.
    fn is_agreed(&self, command: &str, who: &[(Option<Actor>, Option<Means>)]) -> bool {
        if !takes_out_of_use(command) {
            return who.is_empty();
        }
        if self.record.plan.purpose() == Purpose::Rehearsal && matches!(who, [(None, Some(Means::Option))]) {
            return true;
        }
        let [(Some(first), Some(one)), (Some(second), Some(other))] = who else { return false };
        let has = |actor: &Actor| {
            let people = self.record.plan.participants().iter().filter(|person| person.role == actor.role);
            usize::from(actor.number) <= people.count()
        };
        (first.role, second.role) == (Role::Operator, Role::Witness)
            && has(first)
            && has(second)
            && [one, other].iter().all(|means| **means != Means::Option)
    }
}

/// Whether the key can no longer be used afterwards.
fn takes_out_of_use(command: &str) -> bool {
    matches!(command, "delete-material" | "schedule-deletion" | "disable")
}

/// Checks that the command leads to the state that the service reported.
fn check_state(command: &str, line: &Line) -> Result<(), LifeFault> {
    let Event::KeyChanged { state, deletion_date, request_id, .. } = &line.event else { return Ok(()) };
    let right = match command {
        "delete-material" => state == "PendingImport",
        "schedule-deletion" => state == "PendingDelete",
        "enable" => state == "Enabled",
        "cancel-deletion" => matches!(state.as_str(), "Disabled" | "PendingImport"),
        _ => state == "Disabled",
    };
    let dated = deletion_date.is_some() == (command == "schedule-deletion");
    if right && dated && !request_id.is_empty() {
        Ok(())
    } else {
        Err(LifeFault::State { line: line.seq + 1 })
    }
}

/// Changes that failed, changes with an unknown result, and answers that came from a pipe.
pub(super) fn deviations(record: &Record, runs: &[Stretch<'_>]) -> Vec<Deviation> {
    let mut found = Vec::new();
    for run in runs {
        let (command, time) = (run.course.command, run.lines.first().map(|line| line.time));
        let time = time.map_or_else(String::new, |time| time.to_string());
        if run.finish().is_none() {
            let text = bi!(
                "life.jsonl: {command} of {time} was interrupted; whether the key was changed is in the service's log",
                "life.jsonl：{time} 的 {command} 被中断；密钥是否已更改须查服务端日志"
            );
            found.push(Deviation::of_record("life-interrupted", text));
        }
        for line in run.lines {
            if let Event::KeyFailed { alias, control, reason } = &line.event {
                let text = bi!(
                    "life.jsonl: {command} of {time} was refused for key {alias} by {control}: {reason}",
                    "life.jsonl：{time} 对密钥 {alias} 的 {command} 被 {control} 拒绝：{reason}"
                );
                found.push(Deviation::of_record("life-refused", text));
            }
            let piped =
                line.act.means == Some(Means::NoTerminal) && record.plan.purpose() == Purpose::Production;
            if let (Event::Agreed { .. }, Some(by), true) = (&line.event, line.act.by, piped) {
                let text = bi!(
                    "life.jsonl: the answer of {by} to {command} of {time} came from a pipe, not from a person at a terminal",
                    "life.jsonl：{by} 对 {time} 的 {command} 的回答来自管道，而不是由人在终端输入"
                );
                found.push(Deviation::of_record("life-no-terminal", text));
            }
        }
    }
    found
}
