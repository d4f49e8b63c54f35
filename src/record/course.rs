//! The course of a record: every line is a note or belongs to a run of a command, and each run has the lines that its station's program
//! writes, in that order. The table of steps says which ([`Course`]); what is not there is refused, and so is what is there twice.

use std::collections::HashMap;

use keyferry_core::steps::Course;
use keyferry_core::transcript::Line;
use keyferry_core::{Alias, Event, EventKind, Step, Story, Transcript};

use super::{Record, VerifyError};

mod counts;
mod error;
mod follow;
mod order;
mod plan;

pub use error::CourseFault;

/// One run of a command: its lines follow each other, since the medium is at one station at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'t> {
    pub(super) course: &'static Course,
    /// From `begun` on, `finished` included where there is one.
    pub(super) lines: &'t [Line],
}

impl<'t> Stretch<'t> {
    /// Number of its first line, from 1.
    pub(super) fn line(&self) -> u64 {
        self.lines.first().map_or(0, |line| line.seq + 1)
    }

    /// How many keys succeeded and how many failed; `None` if it did not come to its end.
    pub(super) fn finish(&self) -> Option<(u64, u64)> {
        match self.lines.last()?.event {
            Event::Finished { succeeded, failed, .. } => Some((succeeded, failed)),
            _ => None,
        }
    }

    /// How many lines of a kind it has.
    pub(super) fn count(&self, kind: EventKind) -> u64 {
        self.lines.iter().filter(|line| line.event.kind() == kind).count() as u64
    }

    /// What `pick` takes of its lines, the first one.
    pub(super) fn first<T>(&self, pick: impl Fn(&'t Line) -> Option<T>) -> Option<T> {
        self.lines.iter().find_map(pick)
    }
}

/// Where the keys are in the plan.
pub(super) type Places<'r> = HashMap<&'r Alias, usize>;

/// Every reason why the lines are not a course of this ceremony.
pub(super) fn check(record: &Record, story: &Story<'_>) -> Vec<VerifyError> {
    let (runs, mut faults) = split(record.chain.lines(), |course| course.command != "drill");
    let second = second_version(record.chain.lines());
    let places = record.plan.keys().iter().enumerate().map(|(n, key)| (&key.alias, n)).collect();
    for run in &runs {
        faults.extend(order::check(run, &places).err());
        faults.extend(check_steps(run, second).err());
    }
    faults.extend(check_version(record));
    faults.extend(counts::check(&runs, &record.plan));
    faults.extend(lacks(record, story));
    faults.extend(follow::check(&runs));
    faults.extend(plan::check(&runs, second));
    let faults = faults.into_iter().map(VerifyError::Course);
    let drills = record.drills.as_ref().map(|drills| check_drills(drills.lines(), &places));
    faults.chain(drills.into_iter().flatten().map(VerifyError::DrillCourse)).collect()
}

fn check_drills(lines: &[Line], places: &Places<'_>) -> Vec<CourseFault> {
    let (runs, mut faults) = split(lines, |course| course.command == "drill");
    let second = second_version(lines);
    for run in &runs {
        faults.extend(order::check(run, places).err());
        faults.extend(check_steps(run, second).err());
    }
    faults
}

/// The first line of each run under a plan that nobody compared at the online station, from 1.
pub(super) fn uncompared(record: &Record) -> Vec<(u64, &str)> {
    let runs = runs(record);
    let found = plan::uncompared(&runs, second_version(record.chain.lines()));
    found.map(|run| (run.line(), run.course.command)).collect()
}

/// The runs of the transcript, each with its lines.
pub(super) fn runs(record: &Record) -> Vec<Stretch<'_>> {
    split(record.chain.lines(), |course| course.command != "drill").0
}

/// The drills that were held afterwards.
pub(super) fn drills(record: &Record) -> Vec<Stretch<'_>> {
    let lines = record.drills.as_ref().map(Transcript::lines).unwrap_or_default();
    split(lines, |course| course.command == "drill").0
}

/// The runs, and every line that belongs to none.
fn split(lines: &[Line], ours: impl Fn(&Course) -> bool) -> (Vec<Stretch<'_>>, Vec<CourseFault>) {
    let (mut runs, mut faults, mut rest) = (Vec::new(), Vec::new(), lines);
    while let Some((first, after)) = rest.split_first() {
        match (&first.event, after.first()) {
            (Event::Begun { command, .. }, _) => {
                let (run, after) = rest.split_at(length(rest));
                match Course::of(command).filter(|course| ours(course)) {
                    Some(course) => runs.push(Stretch { course, lines: run }),
                    None => {
                        faults.push(CourseFault::Command { line: first.seq + 1, command: command.clone() })
                    }
                }
                rest = after;
                continue;
            }
            (Event::Note { .. }, _) => {}
            // A station cuts an incomplete line off when it opens the file, and then writes its own.
            (Event::TailRepaired { .. }, Some(next))
                if next.station == first.station
                    && matches!(next.event, Event::Begun { .. } | Event::Note { .. }) => {}
            _ => faults.push(CourseFault::outside(first)),
        }
        rest = after;
    }
    (runs, faults)
}

/// How many lines the run has that begins with the first one.
fn length(lines: &[Line]) -> usize {
    let station = lines.first().map(|line| line.station);
    let others = |line: &Line| {
        Some(line.station) != station
            || matches!(line.event, Event::Begun { .. } | Event::Note { .. } | Event::TailRepaired { .. })
    };
    let end = lines.iter().skip(1).position(others).map_or(lines.len(), |at| at + 1);
    let own = lines.get(..end).unwrap_or_default();
    own.iter().position(|line| matches!(line.event, Event::Finished { .. })).map_or(end, |at| at + 1)
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
fn check_steps(run: &Stretch<'_>, second: u64) -> Result<(), CourseFault> {
    for line in run.lines {
        let file = match &line.event {
            Event::Checked { file, .. } | Event::Confirmed { file, .. } => Some(file.as_str()),
            _ => None,
        };
        let step = Step::of_line(run.course.command, line.event.kind(), file).map(|step| step.name);
        // In version 1 `consent` said how the digest was confirmed, and nothing how a share was.
        let digest = matches!(line.event, Event::Confirmed { .. });
        let share = matches!(line.event, Event::ShareConfirmed { .. });
        let expected = if line.seq < second { (None, digest) } else { (step, digest || share) };
        if (line.act.step, line.act.means.is_some()) != expected {
            return Err(CourseFault::Step { line: line.seq + 1 });
        }
    }
    Ok(())
}

/// What the table of steps demands of the commands that succeeded.
fn lacks(record: &Record, story: &Story<'_>) -> impl Iterator<Item = CourseFault> {
    let missing = story.missing(record.plan.backup());
    missing.into_iter().map(|m| CourseFault::Lacks { line: m.run + 1, kind: m.kind })
}
