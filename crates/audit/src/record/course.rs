//! The course of a record: every line is a note or belongs to a run of a command, and each run has the lines that its station's program
//! writes, in that order. The table of steps says which ([`Course`](keyferry_core::steps::Course)); what is not there is refused, and so is what is there twice.

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

/// Where the keys are in the plan.
pub(super) type Places<'r> = HashMap<&'r Alias, usize>;

/// Every reason why the lines are not a course of this ceremony.
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

/// What one file shows by itself.
fn check_file(split: &Split<'_>, places: &Places<'_>) -> Vec<CourseFault> {
    let mut faults = split.faults.clone();
    for run in &split.runs {
        faults.extend(run_order::check(run, places).err());
        faults.extend(check_steps(run).err());
    }
    faults.extend(repeated(&split.notes));
    faults
}

/// The same note twice in one second is one line twice: nobody says anything that fast.
fn repeated(notes: &[&Line]) -> Option<CourseFault> {
    let mut seen = HashSet::new();
    let again = notes.iter().find(|line| {
        let text = serde_json::to_string(&line.event).unwrap_or_default();
        !seen.insert((line.station, line.time, text))
    });
    again.map(|line| CourseFault::follows(line))
}

/// A plan of version 2 has been read by no program that writes lines of version 1.
fn check_version(record: &Record) -> Option<CourseFault> {
    let first = record.chain.lines().first()?;
    let former = !first.names_format && record.plan.check_version().is_ok();
    former.then_some(CourseFault::Version { line: 1 })
}

/// Number of the first line of version 2, from 0; beyond every line if there is none.
fn second_version(lines: &[Line]) -> u64 {
    lines.iter().find(|line| line.names_format).map_or(u64::MAX, |line| line.seq)
}

/// A line says the step that the table has for it, and by which means people answered; in version 1 no line says either.
fn check_steps(run: &Stretch<'_>) -> Result<(), CourseFault> {
    for (n, line) in run.lines.iter().enumerate() {
        let file = match &line.event {
            Event::Checked { file, .. } | Event::Confirmed { file, .. } => Some(file.as_str()),
            _ => None,
        };
        let step = Step::of_line(run.course.command, line.event.kind(), file).map(|step| step.name);
        // An import that proves the backup says so, and so does the line about its success.
        let proves = matches!(line.event, Event::Imported { .. })
            && line.act.step == Some(StepName::ProveBackup)
            && run.second;
        let step = if proves { Some(StepName::ProveBackup) } else { step };
        // In version 1 `consent` said how the digest was confirmed, and nothing how a share was.
        let digest = matches!(line.event, Event::Confirmed { .. });
        let person = matches!(line.event, Event::ShareConfirmed { .. } | Event::Agreed { .. });
        let expected = if run.second { (step, digest || person) } else { (None, digest) };
        if (line.act.step, line.act.means.is_some()) != expected || !is_followed(run, n, proves) {
            return Err(CourseFault::Step { line: line.seq + 1 });
        }
    }
    Ok(())
}

/// What was sent to prove a backup proved it or failed; nothing else that was sent proved one.
fn is_followed(run: &Stretch<'_>, n: usize, proves: bool) -> bool {
    let imported = |line: &Line| matches!(line.event, Event::Imported { .. });
    let next = run.lines.get(n + 1).map(|line| line.event.kind());
    match run.lines.get(n).filter(|line| run.second && imported(line)) {
        Some(_) if proves => matches!(next, None | Some(EventKind::BackupProved | EventKind::KeyFailed)),
        Some(_) => next != Some(EventKind::BackupProved),
        None => true,
    }
}

/// What the table of steps demands of the commands that succeeded.
fn lacks(record: &Record, story: &Story<'_>) -> impl Iterator<Item = CourseFault> {
    let missing = story.missing(record.plan.backup());
    missing.into_iter().map(|m| CourseFault::Lacks { line: m.run + 1, kind: m.kind })
}
