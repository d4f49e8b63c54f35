//! The openings on disk, next to the transcript; each is on the device before the line with its commitment.

use core::fmt;
use std::path::Path;

use keyferry_core::transcript::{MAX_OPENINGS, Openings, OpeningsError};
use keyferry_core::{CeremonyId, Event};

use crate::growing::{Growing, whole_lines};
use crate::pending_lines::PendingLines;
use crate::{FileError, RecordError, read_capped};

/// Name of the file, in the folder of the transcript.
pub const OPENINGS_FILE: &str = keyferry_core::artefact::names::OPENINGS;
/// Mode of the file, which travels with the record.
const MODE: u32 = 0o644;

/// The source of salts: a random generator, which may fail.
pub struct Salts(Box<Draw>);

type Draw = dyn FnMut() -> Option<[u8; 32]> + Send;

impl Salts {
    /// Salts from `draw`, each used once; `None` if the generator failed.
    pub fn new(draw: impl FnMut() -> Option<[u8; 32]> + Send + 'static) -> Self {
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

/// The openings for `transcript` from the complete lines of the file next to it, and whether that file's last line is incomplete.
pub(crate) fn beside(transcript: &Path) -> Result<(Openings, bool), RecordError> {
    let bytes = match read_capped(&transcript.with_file_name(OPENINGS_FILE), MAX_OPENINGS) {
        Err(FileError::NotFound(_)) => Vec::new(),
        other => other?,
    };
    let (lines, tail) = whole_lines(&bytes);
    Ok((Openings::parse(lines)?, !tail.is_empty()))
}

/// The openings of a transcript, open for appending and locked against a second writer.
#[derive(Debug)]
pub(crate) struct OpeningsFile {
    file: Growing,
    salts: Salts,
    pending: PendingLines,
}

impl OpeningsFile {
    /// Opens or creates the file next to `transcript` and checks every line. An incomplete last line is cut off when the next line is
    /// written, because no line of the transcript that needs it was ever written.
    pub(crate) fn beside(
        transcript: &Path,
        ceremony: &CeremonyId,
        salts: Salts,
    ) -> Result<Self, RecordError> {
        let mut file = Growing::open(&transcript.with_file_name(OPENINGS_FILE), MODE)?;
        let read = file.read(MAX_OPENINGS, || OpeningsError::TooLarge.into());
        match read.and_then(|bytes| check(&mut file, &bytes, ceremony)) {
            Ok(()) => Ok(Self { file, salts, pending: PendingLines::default() }),
            Err(error) => {
                file.undo_if_new();
                Err(error)
            }
        }
    }

    /// Replaces the event's names and free texts with commitments, and keeps the openings for
    /// [`write`](Self::write).
    pub(crate) fn withhold(&mut self, ceremony: &CeremonyId, event: &mut Event) -> Result<(), OpeningsError> {
        let salts = &mut self.salts;
        for opening in event.withhold(ceremony, || salts.draw())? {
            let line = opening.to_line()?;
            if self.file.length() + self.pending.length() + line.len() as u64 > MAX_OPENINGS as u64 {
                return Err(OpeningsError::TooLarge);
            }
            self.pending.add(&line);
        }
        Ok(())
    }

    /// Writes the kept openings, and waits until they are on the device.
    pub(crate) fn write(&mut self) -> Result<(), FileError> {
        self.file.append_synced(&self.pending.pieces())?;
        self.pending.clear();
        Ok(())
    }
}

/// Checks that all complete lines belong to this ceremony.
fn check(file: &mut Growing, bytes: &[u8], ceremony: &CeremonyId) -> Result<(), RecordError> {
    let (lines, _) = file.own_lines(bytes)?;
    if Openings::parse(lines)?.ceremony().is_some_and(|found| found != ceremony) {
        return Err(OpeningsError::Ceremony { line: 1 }.into());
    }
    Ok(())
}

impl Drop for OpeningsFile {
    fn drop(&mut self) {
        // The file was created, but nothing was withheld: leave no empty file.
        self.file.undo_if_new();
    }
}
