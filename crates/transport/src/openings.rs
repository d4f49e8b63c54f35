//! The openings on disk, beside the transcript: each is on the device before the line that holds its commitment is written.

use core::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use keyferry_core::transcript::{MAX_OPENINGS, Openings, OpeningsError};
use keyferry_core::{CeremonyId, Event};

use crate::file::sync_folder;
use crate::{FileError, RecordError, read_capped};

/// Name of the file, in the folder of the transcript.
pub const OPENINGS_FILE: &str = "openings.jsonl";

/// Where salts come from: a random generator, which may fail.
pub struct Salts(Box<Draw>);

type Draw = dyn FnMut() -> Option<[u8; 32]>;

impl Salts {
    /// Salts that `draw` gives, each used once; `None` where the generator failed.
    pub fn new(draw: impl FnMut() -> Option<[u8; 32]> + 'static) -> Self {
        Self(Box::new(draw))
    }

    fn draw(&mut self) -> Result<[u8; 32], OpeningsError> {
        (self.0)().ok_or(OpeningsError::NoSalt)
    }
}

impl fmt::Debug for Salts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salts")
    }
}

/// What opens the commitments of `transcript`, as far as it lies beside it in whole lines; and whether its last line is incomplete.
pub(crate) fn beside(transcript: &Path) -> Result<(Openings, bool), RecordError> {
    let bytes = match read_capped(&transcript.with_file_name(OPENINGS_FILE), MAX_OPENINGS) {
        Err(FileError::NotFound(_)) => Vec::new(),
        other => other?,
    };
    let (lines, tail) = whole_lines(&bytes);
    Ok((Openings::parse(lines)?, !tail.is_empty()))
}

/// Up to the last line break, and what a crash left after it.
fn whole_lines(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1))
}

/// The openings of a transcript, open for appending and locked against a second writer.
#[derive(Debug)]
pub(crate) struct OpeningsFile {
    path: PathBuf,
    file: File,
    salts: Salts,
    pending: String,
    /// Bytes that are safely on the device; 0 also for a file that this run created.
    length: u64,
}

impl OpeningsFile {
    /// Opens or creates the file beside `transcript`, checks every line, and cuts an incomplete last one off: no line of the
    /// transcript was written that needs it.
    pub(crate) fn beside(
        transcript: &Path,
        ceremony: &CeremonyId,
        salts: Salts,
    ) -> Result<Self, RecordError> {
        let path = transcript.with_file_name(OPENINGS_FILE);
        let io = |e: std::io::Error| FileError::writing(&path, &e);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        file.lock().map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        if length == 0 {
            sync_folder(&path)?;
        }
        if length > MAX_OPENINGS as u64 {
            return Err(OpeningsError::TooLarge.into());
        }
        let mut bytes = Vec::new();
        (&mut file).take(length).read_to_end(&mut bytes).map_err(io)?;
        let (lines, tail) = whole_lines(&bytes);
        let whole = lines.len() as u64;
        if Openings::parse(lines)?.ceremony().is_some_and(|found| found != ceremony) {
            return Err(OpeningsError::Ceremony { line: 1 }.into());
        }
        if !tail.is_empty() {
            file.set_len(whole).map_err(io)?;
        }
        file.seek(SeekFrom::End(0)).map_err(io)?;
        Ok(Self { path, file, salts, pending: String::new(), length: whole })
    }

    /// Puts commitments in the place of the event's names and free texts, and keeps what opens them for [`write`](Self::write).
    pub(crate) fn withhold(&mut self, ceremony: &CeremonyId, event: &mut Event) -> Result<(), OpeningsError> {
        let salts = &mut self.salts;
        for opening in event.withhold(ceremony, || salts.draw())? {
            let line = opening.to_line()?;
            if self.length + (self.pending.len() + line.len()) as u64 > MAX_OPENINGS as u64 {
                return Err(OpeningsError::TooLarge);
            }
            self.pending.push_str(&line);
        }
        Ok(())
    }

    /// Writes what is kept, and waits until it is on the device.
    pub(crate) fn write(&mut self) -> Result<(), FileError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(self.pending.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(e) = written {
            self.undo();
            return Err(FileError::writing(&self.path, &e));
        }
        self.length += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// After a failed write: back to the last whole line, or to no file.
    fn undo(&self) {
        let _ = self.file.set_len(self.length);
        let _ = (&self.file).seek(SeekFrom::End(0));
        if self.length == 0 {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Drop for OpeningsFile {
    fn drop(&mut self) {
        // Opened, but nothing was ever withheld: leave no empty file.
        if self.length == 0 {
            self.undo();
        }
    }
}
