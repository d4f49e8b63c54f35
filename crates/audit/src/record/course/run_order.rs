//! Checks one run against the course of its command: station, program, and line after line.

use std::collections::HashSet;

use keyferry_core::steps::{Stage, Times};
use keyferry_core::transcript::Line;
use keyferry_core::{Alias, Event, EventKind};

use super::{CourseFault, Places, Stretch};

pub(super) fn check(run: &Stretch<'_>, places: &Places<'_>) -> Result<(), CourseFault> {
    check_begun(run)?;
    let mut walk = Walk::of(run, places);
    run.lines.iter().try_for_each(|line| walk.step(line))?;
    check_end(run)
}

/// Checks that an unfinished run stops where its program writes to the file, unless a crash tore the last line.
fn check_end(run: &Stretch<'_>) -> Result<(), CourseFault> {
    let Some(last) = run.lines.last().filter(|_| run.second && !run.torn) else { return Ok(()) };
    let written = match last.event {
        Event::Finished { .. } => true,
        // Both commitments are written together.
        Event::EntropyCommitted { operator, .. } => operator == 2,
        _ => run.course.ends.contains(&last.event.kind()),
    };
    if written { Ok(()) } else { Err(CourseFault::Cut { line: last.seq + 1, kind: last.event.kind() }) }
}

/// Checks that the command ran at its station, with that station's program.
fn check_begun(run: &Stretch<'_>) -> Result<(), CourseFault> {
    let Some(first) = run.lines.first() else { return Ok(()) };
    let Event::Begun { program, command, .. } = &first.event else { return Ok(()) };
    let line = first.seq + 1;
    if run.course.place.station() != Some(first.station) {
        return Err(CourseFault::Station { line, command: command.clone() });
    }
    let version = program.strip_prefix(run.course.program).and_then(|rest| rest.strip_prefix(' '));
    if version.is_none_or(str::is_empty) {
        return Err(CourseFault::Program { line, program: program.clone() });
    }
    Ok(())
}

/// The position in a run.
struct Walk<'r, 't> {
    run: &'r Stretch<'t>,
    places: &'r Places<'r>,
    /// Index of the stage.
    at: usize,
    /// Whether the stage already has a line.
    begun: bool,
    /// The open group of a key, and the key's alias.
    group: Vec<EventKind>,
    alias: Option<&'t Alias>,
    /// The keys whose group has already appeared.
    seen: HashSet<&'t Alias>,
    /// The last key's position in the plan, as long as consecutive lines are about keys.
    last: Option<usize>,
}

impl<'r, 't> Walk<'r, 't> {
    fn of(run: &'r Stretch<'t>, places: &'r Places<'r>) -> Self {
        let (group, seen) = (Vec::new(), HashSet::new());
        Self { run, places, at: 0, begun: false, group, alias: None, seen, last: None }
    }

    fn step(&mut self, line: &'t Line) -> Result<(), CourseFault> {
        if self.goes_on(line) {
            self.group.push(line.event.kind());
            return Ok(());
        }
        if !self.is_whole() {
            return Err(CourseFault::unexpected(line));
        }
        let next = self.stage_of(line)?;
        if next != self.at {
            (self.at, self.begun) = (next, false);
        }
        self.begun = true;
        (self.group, self.alias) = (Vec::new(), None);
        self.take_key(line)
    }

    fn stage(&self) -> Option<&'static Stage> {
        self.run.course.stages.get(self.at)
    }

    /// Whether the line continues the open group.
    fn goes_on(&self, line: &Line) -> bool {
        let Some(Stage::Keys(groups)) = self.stage() else { return false };
        let (kind, open) = (line.event.kind(), self.group.as_slice());
        let longer = |group: &&[EventKind]| group.strip_prefix(open).and_then(<[_]>::first) == Some(&kind);
        !open.is_empty() && self.alias == line.event.alias() && groups.iter().any(longer)
    }

    /// Whether the open group may end here.
    fn is_whole(&self) -> bool {
        match self.stage() {
            Some(Stage::Keys(groups)) => self.group.is_empty() || groups.contains(&self.group.as_slice()),
            _ => true,
        }
    }

    /// The stage that the line opens or continues.
    fn stage_of(&self, line: &Line) -> Result<usize, CourseFault> {
        let kind = line.event.kind();
        // A run that ended with an error may end anywhere.
        let gave_up = matches!(line.event, Event::Finished { succeeded: 0, .. } | Event::GaveUp { .. });
        for (n, stage) in self.run.course.stages.iter().enumerate().skip(self.at) {
            let again = n == self.at && self.begun;
            let repeats = !matches!(stage, Stage::Lines(_, Times::Once | Times::Maybe));
            if stage.takes(kind) && (repeats || !again) {
                return Ok(n);
            }
            if let (Stage::Lines(lacks, Times::Once), false, false) = (stage, again, gave_up) {
                return Err(CourseFault::before(line, *lacks));
            }
        }
        Err(CourseFault::unexpected(line))
    }

    /// A line about a key begins its group; each key has one group in a run.
    fn take_key(&mut self, line: &'t Line) -> Result<(), CourseFault> {
        let Some(alias) = line.event.alias() else {
            self.last = None;
            return Ok(());
        };
        if !self.seen.insert(alias) {
            return Err(CourseFault::unexpected(line));
        }
        if self.run.course.in_order || self.run.second {
            let place = self.places.get(alias).copied();
            if place <= self.last && self.last.is_some() {
                return Err(CourseFault::unexpected(line));
            }
            self.last = place;
        }
        if let Some(Stage::Keys(groups)) = self.stage() {
            if !groups.iter().any(|group| group.first() == Some(&line.event.kind())) {
                return Err(CourseFault::unexpected(line));
            }
            (self.group, self.alias) = (vec![line.event.kind()], Some(alias));
        }
        Ok(())
    }
}
