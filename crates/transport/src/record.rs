//! The transcript on disk: verified when it is opened, appended under a lock, one device flush at the end of a command.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use keyferry_core::transcript::{Act, MAX_TRANSCRIPT, TranscriptError};
use keyferry_core::{CeremonyId, Clock, Event, Fingerprint, Station, Step, StepName, Transcript};

use crate::file::sync_folder;
use crate::openings::{self, OpeningsFile, Salts};
use crate::{FileError, RecordError};

/// A transcript file, open for appending and locked against a second writer.
#[derive(Debug)]
pub struct TranscriptFile {
    path: PathBuf,
    file: File,
    chain: Transcript,
    station: Station,
    pending: String,
    /// The command that runs, once it has begun.
    command: Option<String>,
    /// Where the plan wants names as commitments.
    openings: Option<OpeningsFile>,
    /// Bytes that are safely on the device; 0 also for a file that this run created.
    length: u64,
}

/// The openings beside a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// How many names and free texts stay withheld.
    pub withheld: usize,
    /// The last line of the file is incomplete: `verify` refuses it until a station has cut it off.
    pub torn: bool,
}

impl TranscriptFile {
    /// Opens or creates the transcript of a ceremony, verifies its chain, and repairs an incomplete last line.
    ///
    /// # Errors
    /// [`RecordError`] if the file cannot be used, its chain is broken, or it belongs to another ceremony.
    pub fn open(
        path: &Path,
        ceremony: &CeremonyId,
        station: Station,
        clock: &dyn Clock,
    ) -> Result<Self, RecordError> {
        let io = |e: std::io::Error| FileError::writing(path, &e);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        file.lock().map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        if length == 0 {
            // It may have just been created: later flushes of its lines do not cover its name.
            sync_folder(path)?;
        }
        if length > MAX_TRANSCRIPT as u64 {
            return Err(TranscriptError::TooLarge.into());
        }
        let mut bytes = Vec::new();
        (&mut file).take(length).read_to_end(&mut bytes).map_err(io)?;
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let (lines, tail) = bytes.split_at(whole);
        let chain = Transcript::verify(lines)?.unwrap_or_else(|| Transcript::new(ceremony.clone()));
        if chain.ceremony() != ceremony {
            return Err(TranscriptError::Ceremony { line: 1 }.into());
        }
        let mut this = Self {
            path: path.into(),
            file,
            chain,
            station,
            pending: String::new(),
            command: None,
            openings: None,
            length: whole as u64,
        };
        if !tail.is_empty() {
            this.file.set_len(whole as u64).map_err(io)?;
            let event = Event::TailRepaired { bytes: tail.len() as u64, sha256: Fingerprint::of(tail) };
            this.add(clock, event)?;
        }
        this.file.seek(SeekFrom::End(0)).map_err(io)?;
        Ok(this)
    }

    /// From now on names and free texts enter the record as commitments, with salts from `salts`; what opens them stands in
    /// `openings.jsonl` beside it.
    ///
    /// # Errors
    /// [`RecordError`] if that file cannot be used, is damaged, or belongs to another ceremony.
    pub fn commit_names(&mut self, salts: Salts) -> Result<(), RecordError> {
        self.openings = Some(OpeningsFile::beside(&self.path, self.chain.ceremony(), salts)?);
        Ok(())
    }

    /// What the openings that lie beside the record leave withheld.
    ///
    /// # Errors
    /// [`RecordError`] if an opening is wrong or the file cannot be read.
    pub fn beside(&self) -> Result<Beside, RecordError> {
        let (openings, torn) = openings::beside(&self.path)?;
        let mut chain = self.chain.clone();
        chain.open_said(&openings)?;
        Ok(Beside { withheld: chain.withheld(), torn })
    }

    /// Adds an event; it reaches the file with the next [`flush`](Self::flush).
    ///
    /// # Errors
    /// [`TranscriptError::Unwritable`] if the event is too long.
    pub fn add(&mut self, clock: &dyn Clock, event: Event) -> Result<(), RecordError> {
        self.add_act(clock, Act::NOBODYS, event)
    }

    /// Adds what somebody did or decided; it reaches the file with the next [`flush`](Self::flush).
    ///
    /// # Errors
    /// [`TranscriptError::Unwritable`] if the event is too long.
    pub fn add_act(&mut self, clock: &dyn Clock, act: Act, mut event: Event) -> Result<(), RecordError> {
        if let Some(openings) = &mut self.openings {
            openings.withhold(self.chain.ceremony(), &mut event)?;
        }
        let act = Act { step: self.step_of(&event), ..act };
        match &event {
            Event::Begun { command, .. } => self.command = Some(command.clone()),
            Event::Finished { .. } => self.command = None,
            _ => {}
        }
        let line = self.chain.append(self.station, clock.now(), act, event)?;
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
        if let Err(e) = self.file.write_all(self.pending.as_bytes()) {
            self.undo();
            return Err(FileError::writing(&self.path, &e).into());
        }
        self.length += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// Waits until what was written is on the device.
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn sync(&self) -> Result<(), RecordError> {
        self.file.sync_data().map_err(|e| FileError::writing(&self.path, &e).into())
    }

    /// [`write`](Self::write), then [`sync`](Self::sync).
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn flush(&mut self) -> Result<(), RecordError> {
        self.write()?;
        self.sync()
    }

    /// After a failed write: back to the last whole line, or to no file.
    fn undo(&self) {
        let _ = self.file.set_len(self.length);
        if self.length == 0 {
            let _ = std::fs::remove_file(&self.path);
        }
    }

    /// The chain so far, events not yet flushed included.
    #[must_use]
    pub const fn chain(&self) -> &Transcript {
        &self.chain
    }
}

impl Drop for TranscriptFile {
    fn drop(&mut self) {
        // Opened, but nothing was ever recorded: leave no empty file.
        if self.length == 0 {
            self.undo();
        }
    }
}
