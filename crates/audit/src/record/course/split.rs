//! Splits a file of lines into runs of commands and the lines between them.

use keyferry_core::artefact::names;
use keyferry_core::steps::{Course, LIFE_FILE};
use keyferry_core::transcript::Line;
use keyferry_core::{Event, EventKind, Transcript};

use super::CourseFault;
use crate::record::Record;

/// One run of a command. Its lines are consecutive, because the medium is at one station at a time.
#[derive(Clone, Copy, Debug)]
pub(in crate::record) struct Stretch<'t> {
    pub(in crate::record) course: &'static Course,
    /// The lines from `begun` on, including `finished` if there is one.
    pub(in crate::record) lines: &'t [Line],
    /// Whether its lines have version 2.
    pub(in crate::record) second: bool,
    /// Whether a crash left half a line after its last one.
    pub(in crate::record) torn: bool,
}

impl<'t> Stretch<'t> {
    /// Number of its first line, from 1.
    pub(in crate::record) fn line(&self) -> u64 {
        self.lines.first().map_or(0, |line| line.seq + 1)
    }

    /// How many keys succeeded and how many failed; `None` if it was not finished.
    pub(in crate::record) fn finish(&self) -> Option<(u64, u64)> {
        match self.lines.last()?.event {
            Event::Finished { succeeded, failed, .. } => Some((succeeded, failed)),
            _ => None,
        }
    }

    /// How many lines of this kind it has.
    pub(in crate::record) fn count(&self, kind: EventKind) -> u64 {
        self.lines.iter().filter(|line| line.event.kind() == kind).count() as u64
    }

    /// The first of its lines that `pick` selects.
    pub(in crate::record) fn first<T>(&self, pick: impl Fn(&'t Line) -> Option<T>) -> Option<T> {
        self.lines.iter().find_map(pick)
    }
}

/// The lines of one file.
#[derive(Debug, Default)]
pub(in crate::record) struct Split<'t> {
    pub(in crate::record) runs: Vec<Stretch<'t>>,
    pub(in crate::record) notes: Vec<&'t Line>,
    /// Repairs after a crash, each with the line that the same station wrote next.
    pub(in crate::record) repairs: Vec<(&'t Line, &'t Line)>,
    /// Every other line.
    pub(super) faults: Vec<CourseFault>,
}

/// Each of the record's files of lines, split into runs.
#[derive(Debug)]
pub(in crate::record) struct Courses<'t> {
    pub(in crate::record) transcript: Split<'t>,
    pub(in crate::record) drills: Split<'t>,
    /// The changes made to the keys afterwards.
    pub(in crate::record) life: Split<'t>,
}

impl<'t> Courses<'t> {
    pub(in crate::record) fn of(record: &'t Record) -> Self {
        let drills = record.drills.as_ref().map(Transcript::lines).unwrap_or_default();
        let life = record.life.as_ref().map(Transcript::lines).unwrap_or_default();
        Self {
            transcript: Split::of(record.chain.lines(), names::TRANSCRIPT),
            drills: Split::of(drills, names::DRILLS),
            life: Split::of(life, LIFE_FILE),
        }
    }
}

impl<'t> Split<'t> {
    /// The lines of a file with this name.
    fn of(lines: &'t [Line], file: &str) -> Self {
        let (mut this, mut rest) = (Self::default(), lines);
        let second = super::second_version(lines);
        while let Some((first, after)) = rest.split_first() {
            match (&first.event, after.first()) {
                (Event::Begun { command, .. }, _) => {
                    let (lines, after) = rest.split_at(length(rest));
                    match Course::of(command).filter(|course| course.file() == file) {
                        Some(course) => this.runs.push(Stretch {
                            course,
                            lines,
                            second: first.seq >= second,
                            torn: after
                                .first()
                                .is_some_and(|next| matches!(next.event, Event::TailRepaired { .. })),
                        }),
                        None => this
                            .faults
                            .push(CourseFault::Command { line: first.seq + 1, command: command.clone() }),
                    }
                    rest = after;
                    continue;
                }
                (Event::Note { .. }, _) => this.notes.push(first),
                // A station cuts off an incomplete line when it opens the file, and then writes its own.
                (Event::TailRepaired { .. }, Some(next))
                    if next.station == first.station
                        && matches!(next.event, Event::Begun { .. } | Event::Note { .. }) =>
                {
                    this.repairs.push((first, next));
                }
                _ => this.faults.push(CourseFault::outside(first)),
            }
            rest = after;
        }
        this
    }
}

/// The length of the run that begins with the first line.
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
