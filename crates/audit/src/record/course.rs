//! The course of a record: every line is a note or belongs to a run of a command, and each run has the lines that its station's program
//! writes, in their order. The table of steps defines these ([`Course`](keyferry_core::steps::Course)); a missing line is refused, and so
//! is a repeated one.

use std::collections::{HashMap, HashSet};

use keyferry_core::transcript::Line;
use keyferry_core::{Alias, Event, EventKind, Step, StepName, Story};

use super::{Record, VerifyError};

mod counts;
mod course_fault;
mod follow;
mod plan;
mod run_order;
mod split;

pub use course_fault::CourseFault;
pub(super) use split::{Courses, Split, Stretch};

/// The position of each key in the plan.
pub(super) type Places<'r> = HashMap<&'r Alias, usize>;

/// Every reason why the lines are not a valid course of this ceremony.
pub(super) fn check(record: &Record, courses: &Courses<'_>, story: &Story<'_>) -> Vec<VerifyError> {
    let places = record.plan.keys().iter().enumerate().map(|(n, key)| (&key.alias, n)).collect();
    let runs = &courses.transcript.runs;
    let mut faults = check_file(&courses.transcript, &places);
    faults.extend(check_version(record));
    faults.extend(counts::check(runs, &record.plan));
    faults.extend(lacks(record, story));
    faults.extend(follow::check(runs));
    faults.extend(plan::check(runs));
    let drills = check_file(&courses.drills, &places).into_iter().map(VerifyError::DrillCourse);
    let life = check_file(&courses.life, &places).into_iter().map(VerifyError::LifeCourse);
    faults.into_iter().map(VerifyError::Course).chain(drills).chain(life).collect()
}

/// The checks of a single file.
fn check_file(split: &Split<'_>, places: &Places<'_>) -> Vec<CourseFault> {
    let mut faults = split.faults.clone();
    for run in &split.runs {
        faults.extend(run_order::check(run, places).err());
        faults.extend(check_steps(run).err());
    }
    faults.extend(repeated(&split.notes));
    faults
}

/// The same note twice within one second is a repeated line, because nobody types that fast.
fn repeated(notes: &[&Line]) -> Option<CourseFault> {
    let mut seen = HashSet::new();
    let again = notes.iter().find(|line| {
        let text = serde_json::to_string(&line.event).unwrap_or_default();
        !seen.insert((line.station, line.time, text))
    });
    again.map(|line| CourseFault::follows(line))
}

/// No program that writes lines of version 1 can read a plan of version 2.
fn check_version(record: &Record) -> Option<CourseFault> {
    let first = record.chain.lines().first()?;
    let former = !first.names_format && record.plan.check_version().is_ok();
    former.then_some(CourseFault::Version { line: 1 })
}

/// Number of the first line of version 2, from 0; beyond the last line if there is none.
fn second_version(lines: &[Line]) -> u64 {
    lines.iter().find(|line| line.names_format).map_or(u64::MAX, |line| line.seq)
}

/// Checks that a line states its step according to the table, and how people answered. In version 1, no line states
/// either.
fn check_steps(run: &Stretch<'_>) -> Result<(), CourseFault> {
    for (n, line) in run.lines.iter().enumerate() {
        let file = match &line.event {
            Event::Checked { file, .. } | Event::Confirmed { file, .. } => Some(file.as_str()),
            _ => None,
        };
        let step = Step::of_line(run.course.command, line.event.kind(), file).map(|step| step.name);
        // The line of an import that proves the backup names that step. `is_followed` checks that the next
        // line reports the result.
        let proves = matches!(line.event, Event::Imported { .. })
            && line.act.step == Some(StepName::ProveBackup)
            && run.second;
        let step = if proves { Some(StepName::ProveBackup) } else { step };
        // In version 1, `consent` said how the digest was confirmed, but no member said how a share was
        // confirmed.
        let digest = matches!(line.event, Event::Confirmed { .. });
        let person = matches!(line.event, Event::ShareConfirmed { .. } | Event::Agreed { .. });
        let expected = if run.second { (step, digest || person) } else { (None, digest) };
        if (line.act.step, line.act.means.is_some()) != expected || !is_followed(run, n, proves) {
            return Err(CourseFault::Step { line: line.seq + 1 });
        }
    }
    Ok(())
}

/// Checks that every import that was sent to prove a backup either proved it or failed, and that no other
/// import proved one.
fn is_followed(run: &Stretch<'_>, n: usize, proves: bool) -> bool {
    let imported = |line: &Line| matches!(line.event, Event::Imported { .. });
    let next = run.lines.get(n + 1).map(|line| line.event.kind());
    match run.lines.get(n).filter(|line| run.second && imported(line)) {
        Some(_) if proves => matches!(next, None | Some(EventKind::BackupProved | EventKind::KeyFailed)),
        Some(_) => next != Some(EventKind::BackupProved),
        None => true,
    }
}

/// Checks that the commands that succeeded have the lines that the table of steps requires.
fn lacks(record: &Record, story: &Story<'_>) -> impl Iterator<Item = CourseFault> {
    let missing = story.missing(record.plan.backup());
    missing.into_iter().map(|m| CourseFault::Lacks { line: m.run + 1, kind: m.kind })
}
