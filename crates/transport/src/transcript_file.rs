//! The transcript on disk: verified when it is opened, appended under a lock, one device flush at the end of a command.

use std::path::{Path, PathBuf};

use keyferry_core::transcript::{Act, KnownKeys, MAX_TRANSCRIPT, Tip, TranscriptError};
use keyferry_core::{
    Alias, CeremonyId, Clock, Event, Fingerprint, KeyId, Station, Step, StepName, Transcript,
};

use crate::RecordError;
use crate::file::open_capped;
use crate::growing::{Growing, open_to_read};
use crate::openings::{self, OpeningsFile, Salts};

mod whole_lines;

use whole_lines::Verified;

/// A transcript file, open for appending and locked against a second writer. Its lines are not in memory.
#[derive(Debug)]
pub struct TranscriptFile {
    path: PathBuf,
    file: Growing,
    tip: Tip,
    /// Head of the lines that were found when the file was opened; `None` if there were none.
    found: Option<Fingerprint>,
    station: Station,
    pending: String,
    /// The command that runs, once it has begun.
    command: Option<String>,
    /// Where the plan wants names as commitments.
    openings: Option<OpeningsFile>,
}

/// Mode of the file: it is no secret.
const MODE: u32 = 0o644;

/// The openings next to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// How many names and free texts stay withheld.
    pub withheld: usize,
    /// The last line of the file is incomplete: `verify` refuses it until a station has cut it off.
    pub torn: bool,
}

impl TranscriptFile {
    /// Opens or creates the transcript of a ceremony and verifies its chain. An incomplete last line behind verified ones is cut off
    /// with the next line that is written; until then the file stays as it was found.
    ///
    /// # Errors
    /// [`RecordError`] if the file is a link, no regular file, or in use by another program; if its chain is broken, or it belongs to
    /// another ceremony. It is then as it was.
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
        let (path, pending, command, openings) = (path.into(), String::new(), None, None);
        let mut this = Self { path, file, tip, found, station, pending, command, openings };
        if !tail.is_empty() {
            let event = Event::TailRepaired { bytes: tail.len() as u64, sha256: Fingerprint::of(&tail) };
            this.add(clock, event)?;
        }
        Ok(this)
    }

    /// Reads a record of a ceremony without changing or making anything; `None` if there is no line yet. Its lines share the names that are
    /// known.
    ///
    /// # Errors
    /// As [`open`](Self::open), but for a file that another program writes to.
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

    /// Head of the lines that were in the file when it was opened; `None` if there were none.
    #[must_use]
    pub const fn found(&self) -> Option<Fingerprint> {
        self.found
    }

    /// From now on names and free texts enter the record as commitments, with salts from `salts`; `openings.jsonl` next to it contains the
    /// openings.
    ///
    /// # Errors
    /// [`RecordError`] if that file cannot be used, is damaged, or belongs to another ceremony.
    pub fn commit_names(&mut self, salts: Salts) -> Result<(), RecordError> {
        self.openings = Some(OpeningsFile::beside(&self.path, self.tip.ceremony(), salts)?);
        Ok(())
    }

    /// Makes room for lines about keys, which reach the file in one piece: a text that grows is in memory twice while it does. `lines` are
    /// the bytes of each but for its names, and for the ceremony's.
    pub fn reserve<'k>(
        &mut self,
        lines: &[usize],
        keys: impl Iterator<Item = (&'k Alias, Option<&'k KeyId>)>,
    ) {
        let ceremony = self.tip.ceremony().as_str().len();
        let of_key = |(alias, id): (&Alias, Option<&KeyId>)| {
            let names = ceremony + alias.as_str().len() + id.map_or(0, |id| id.as_str().len());
            lines.iter().map(|line| line + names).sum::<usize>()
        };
        self.pending.reserve_exact(keys.map(of_key).fold(0, usize::saturating_add));
    }

    /// Adds an event; it reaches the file at the latest with the next [`flush`](Self::flush).
    ///
    /// # Errors
    /// [`TranscriptError::Unwritable`] if the event is too long; [`RecordError::File`] if the record would pass its cap.
    pub fn add(&mut self, clock: &dyn Clock, event: Event) -> Result<(), RecordError> {
        self.add_act(clock, Act::NOBODYS, event)
    }

    /// Adds what somebody did or decided; it reaches the file with the next [`write`](Self::write) or [`flush`](Self::flush). If the act
    /// names no step, the line gets the one that the table has for it.
    ///
    /// # Errors
    /// [`TranscriptError::Unwritable`] if the event is too long; [`RecordError::File`] if lines are written and cannot be.
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
        let (_, line) = self.tip.append(self.station, clock.now(), act, event)?;
        // A line that nobody could read again is not written.
        check_grows(self.file.length(), self.pending.len() as u64 + line.len() as u64)?;
        // Never written here: what belongs together, such as a line for each key, reaches the file in one piece or not at all.
        self.pending.push_str(&line);
        Ok(())
    }

    /// The step that an event belongs to, by the table.
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

    /// Writes the added events to the file: safe from a kill, not yet from a power cut. What opens their commitments is on the device
    /// before.
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn write(&mut self) -> Result<(), RecordError> {
        if let Some(openings) = &mut self.openings {
            openings.write()?;
        }
        self.file.append(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    /// Waits until what was written is on the device.
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

    /// Where the chain ends, events not yet flushed included.
    #[must_use]
    pub const fn tip(&self) -> &Tip {
        &self.tip
    }
}

impl Beside {
    /// What the openings that are next to a record leave withheld in its lines.
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
        // Made, but nothing was ever recorded: leave no empty file.
        self.file.undo_if_new();
    }
}

/// Whether a record of so many bytes can grow by so many.
///
/// # Errors
/// [`TranscriptError::Full`].
pub(crate) const fn check_grows(length: u64, more: u64) -> Result<(), TranscriptError> {
    if length.saturating_add(more) > MAX_TRANSCRIPT as u64 { Err(TranscriptError::Full) } else { Ok(()) }
}

/// Reads the whole lines of a record, whosever it is, through links too; `None` if there is none. They share the names that are known.
///
/// # Errors
/// [`RecordError`] if it cannot be read or its chain is broken.
pub fn read_transcript(path: &Path, known: &KnownKeys<'_>) -> Result<Option<Transcript>, RecordError> {
    let (file, _) = open_capped(path, MAX_TRANSCRIPT)?;
    whole_lines::read(path, &file, known)
}

/// A chain that was found belongs to this ceremony.
fn check_ceremony(found: Option<&CeremonyId>, own: &CeremonyId) -> Result<(), TranscriptError> {
    if found.is_none_or(|found| found == own) { Ok(()) } else { Err(TranscriptError::Ceremony { line: 1 }) }
}
