//! The transcript on disk: verified when it is opened, appended to under a lock, and flushed to the device once, at the
//! end of a command.

use std::path::{Path, PathBuf};

use keyferry_core::transcript::{Act, KnownKeys, MAX_TRANSCRIPT, Tip, TranscriptError};
use keyferry_core::{CeremonyId, Clock, Event, Fingerprint, Station, Step, StepName, Transcript};

use crate::RecordError;
use crate::file::open_capped;
use crate::growing::{Growing, open_to_read};
use crate::openings::{self, OpeningsFile, Salts};
use crate::pending_lines::PendingLines;

mod whole_lines;

use whole_lines::Verified;

/// A transcript file, open for appending and locked against a second writer. Its lines are not kept in
/// memory.
#[derive(Debug)]
pub struct TranscriptFile {
    path: PathBuf,
    file: Growing,
    tip: Tip,
    /// The head of the lines that the file had when it was opened; `None` if there were none.
    found: Option<Fingerprint>,
    station: Station,
    pending: PendingLines,
    /// The running command, once it has begun.
    command: Option<String>,
    /// The openings, if the plan requires names to be withheld.
    openings: Option<OpeningsFile>,
}

/// Mode of the file, which is not secret.
const MODE: u32 = 0o644;

/// The names and texts that stay withheld in spite of the openings next to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// How many names and free texts stay withheld.
    pub withheld: usize,
    /// Whether the last line of the file is incomplete: `verify` refuses it until a station has cut it off.
    pub torn: bool,
}

impl TranscriptFile {
    /// Opens or creates the transcript of a ceremony and verifies its chain. An incomplete last line after the verified ones is cut
    /// off when the next line is written; until then, the file does not change.
    ///
    /// # Errors
    /// [`RecordError`] if the file is a link, is not a regular file, or is in use by another program; if its chain is broken; or if
    /// it belongs to another ceremony. The file is then unchanged.
    pub fn open(
        path: &Path,
        ceremony: &CeremonyId,
        station: Station,
        clock: &dyn Clock,
    ) -> Result<Self, RecordError> {
        let mut file = Growing::open(path, MODE)?;
        let verified = whole_lines::verify(path, &file.file).and_then(|verified| {
            check_ceremony(verified.tip.as_ref().map(Tip::ceremony), ceremony)?;
            Ok(verified)
        });
        let Verified { tip, length, tail } = match verified {
            Ok(verified) => verified,
            Err(error) => {
                file.undo_if_new();
                return Err(error);
            }
        };
        file.follow(length, !tail.is_empty());
        let found = tip.as_ref().map(Tip::head);
        let tip = tip.unwrap_or_else(|| Tip::new(ceremony.clone()));
        let (path, pending, command, openings) = (path.into(), PendingLines::default(), None, None);
        let mut this = Self { path, file, tip, found, station, pending, command, openings };
        if !tail.is_empty() {
            let event = Event::TailRepaired { bytes: tail.len() as u64, sha256: Fingerprint::of(&tail) };
            this.add(clock, event)?;
        }
        Ok(this)
    }

    /// Reads a record of a ceremony without changing or creating anything; `None` if there is no line yet. The lines share memory with
    /// the known names.
    ///
    /// # Errors
    /// The same errors as [`open`](Self::open), except that another program may have the file open.
    pub fn look(
        path: &Path,
        ceremony: &CeremonyId,
        known: &KnownKeys<'_>,
    ) -> Result<Option<Transcript>, RecordError> {
        let Some(file) = open_to_read(path)? else { return Ok(None) };
        let chain = whole_lines::read(path, &file, known)?;
        check_ceremony(chain.as_ref().map(Transcript::ceremony), ceremony)?;
        Ok(chain)
    }

    /// The head of the lines that the file had when it was opened, if there were any.
    #[must_use]
    pub const fn found(&self) -> Option<Fingerprint> {
        self.found
    }

    /// From now on, names and free texts enter the record as commitments, with salts from `salts`; `openings.jsonl` next to it contains
    /// the openings.
    ///
    /// # Errors
    /// [`RecordError`] if that file cannot be used, is damaged, or belongs to another ceremony.
    pub fn commit_names(&mut self, salts: Salts) -> Result<(), RecordError> {
        self.openings = Some(OpeningsFile::beside(&self.path, self.tip.ceremony(), salts)?);
        Ok(())
    }

    /// Adds an event, which reaches the file with the next [`flush`](Self::flush) at the latest.
    ///
    /// # Errors
    /// [`TranscriptError::Unwritable`] if the event is too long; [`RecordError::File`] if the record would exceed its
    /// limit.
    pub fn add(&mut self, clock: &dyn Clock, event: Event) -> Result<(), RecordError> {
        self.add_act(clock, Act::NOBODYS, event)
    }

    /// Adds an event that somebody caused or decided; it reaches the file with the next [`write`](Self::write) or
    /// [`flush`](Self::flush). If the act names no step, the line gets the step that the table has for the event.
    ///
    /// # Errors
    /// [`TranscriptError::Unwritable`] if the event is too long; [`RecordError::File`] if lines cannot be written.
    pub fn add_act(&mut self, clock: &dyn Clock, act: Act, mut event: Event) -> Result<(), RecordError> {
        if let Some(openings) = &mut self.openings {
            openings.withhold(self.tip.ceremony(), &mut event)?;
        }
        let act = Act { step: act.step.or_else(|| self.step_of(&event)), ..act };
        match &event {
            Event::Begun { command, .. } => self.command = Some(command.clone()),
            Event::Finished { .. } => self.command = None,
            _ => {}
        }
        // The chain goes on from a line only if that line will be in the file.
        let mut tip = self.tip.clone();
        let (_, line) = tip.append(self.station, clock.now(), act, event)?;
        // Refuse to write a line that could not be read again.
        check_grows(self.file.length(), self.pending.length() + line.len() as u64)?;
        self.tip = tip;
        // Do not write the line yet: lines that belong together, such as one for each key, are written together.
        self.pending.add(&line);
        Ok(())
    }

    /// The step that an event belongs to, according to the table.
    fn step_of(&self, event: &Event) -> Option<StepName> {
        let command = match event {
            Event::Begun { command, .. } => command,
            _ => self.command.as_ref()?,
        };
        let file = match event {
            Event::Checked { file, .. } | Event::Confirmed { file, .. } => Some(file.as_str()),
            _ => None,
        };
        Step::of_line(command, event.kind(), file).map(|step| step.name)
    }

    /// Writes the added events to the file, where they survive a kill, but not yet a power cut. The openings of their
    /// commitments are on the device before that.
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn write(&mut self) -> Result<(), RecordError> {
        if let Some(openings) = &mut self.openings {
            openings.write()?;
        }
        self.file.append(&self.pending.pieces())?;
        self.pending.clear();
        Ok(())
    }

    /// Waits until all written lines are on the device.
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn sync(&self) -> Result<(), RecordError> {
        Ok(self.file.sync()?)
    }

    /// [`write`](Self::write), then [`sync`](Self::sync).
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn flush(&mut self) -> Result<(), RecordError> {
        self.write()?;
        self.sync()
    }

    /// The end of the chain, including events that are not flushed yet.
    #[must_use]
    pub const fn tip(&self) -> &Tip {
        &self.tip
    }
}

impl Beside {
    /// Counts the names and texts in these lines that the openings next to the record leave withheld.
    ///
    /// # Errors
    /// [`RecordError`] if an opening is wrong or the file cannot be read.
    pub fn of(path: &Path, lines: Option<&Transcript>) -> Result<Self, RecordError> {
        let (openings, torn) = openings::beside(path)?;
        let withheld = lines.map(|lines| lines.withheld_after(&openings)).transpose()?;
        Ok(Self { withheld: withheld.unwrap_or(0), torn })
    }
}

impl Drop for TranscriptFile {
    fn drop(&mut self) {
        // The file was created, but nothing was recorded: leave no empty file.
        self.file.undo_if_new();
    }
}

/// Checks that a record of this length can grow by this many bytes.
///
/// # Errors
/// [`TranscriptError::Full`].
pub(crate) const fn check_grows(length: u64, more: u64) -> Result<(), TranscriptError> {
    if length.saturating_add(more) > MAX_TRANSCRIPT as u64 { Err(TranscriptError::Full) } else { Ok(()) }
}

/// Reads the complete lines of a record, which may belong to any user or be behind a link; `None` if there is none. The
/// lines share memory with the known names.
///
/// # Errors
/// [`RecordError`] if it cannot be read or its chain is broken.
pub fn read_transcript(path: &Path, known: &KnownKeys<'_>) -> Result<Option<Transcript>, RecordError> {
    let (file, _) = open_capped(path, MAX_TRANSCRIPT)?;
    whole_lines::read(path, &file, known)
}

/// Checks that an existing chain belongs to this ceremony.
fn check_ceremony(found: Option<&CeremonyId>, own: &CeremonyId) -> Result<(), TranscriptError> {
    if found.is_none_or(|found| found == own) { Ok(()) } else { Err(TranscriptError::Ceremony { line: 1 }) }
}

#[cfg(test)]
mod tests {
    use keyferry_core::Timestamp;
    use keyferry_core::transcript::Said;

    use super::*;

    #[test]
    fn a_line_that_finds_no_room_is_not_in_the_chain() {
        let folder = tempfile::tempdir().unwrap();
        let ceremony: CeremonyId = "test-1".parse().unwrap();
        let clock = || Timestamp::from_unix(1_800_000_000).unwrap();
        let path = folder.path().join("transcript.jsonl");
        let mut record = TranscriptFile::open(&path, &ceremony, Station::Offline, &clock).unwrap();
        let waived = |length| Event::BackupWaived { reason: Said::from("x".repeat(length)) };
        record.add(&clock, waived(1)).unwrap();
        record.file.follow(MAX_TRANSCRIPT as u64 - record.pending.length() - 400, false);
        let before = record.tip().clone();
        assert!(record.add(&clock, waived(400)).is_err());
        assert_eq!(record.tip(), &before);
        record.add(&clock, waived(1)).unwrap();
        assert_eq!(record.tip().lines(), before.lines() + 1);
    }
}
