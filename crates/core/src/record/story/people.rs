//! People: what they noted, what they agreed to, and who entered the time.

use crate::id::NoteText;
use crate::transcript::{Line, Said, TimeSource};
use crate::{Event, PersonName, Timestamp};

/// A note.
#[derive(Clone, Copy, Debug)]
pub struct Note<'t> {
    /// Number of the line, from 0.
    pub seq: u64,
    /// Who noted it, as typed.
    pub by: &'t Said<PersonName>,
    /// Its text.
    pub text: &'t Said<NoteText>,
}

/// Where a station's time came from.
#[derive(Clone, Copy, Debug)]
pub struct TimeGiver {
    /// Number of the line, from 0.
    pub seq: u64,
    /// The time that was confirmed.
    pub time: Timestamp,
    /// The time on the machine's clock.
    pub clock: Timestamp,
    /// Who confirmed it.
    pub by: TimeSource,
}

#[derive(Clone, Debug, Default)]
pub(super) struct People<'t> {
    pub(super) notes: Vec<Note<'t>>,
    pub(super) times: Vec<TimeGiver>,
}

impl<'t> People<'t> {
    pub(super) fn tell(&mut self, line: &'t Line) {
        let seq = line.seq;
        match &line.event {
            Event::Note { by, text } => self.notes.push(Note { seq, by, text }),
            Event::TimeGiven { given, clock } => {
                self.times.push(TimeGiver { seq, time: *given, clock: *clock, by: TimeSource::Given });
            }
            Event::TimeConfirmed { time, clock, by, .. } => {
                self.times.push(TimeGiver { seq, time: *time, clock: *clock, by: *by });
            }
            _ => {}
        }
    }
}
