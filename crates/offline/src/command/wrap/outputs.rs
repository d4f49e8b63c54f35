//! The two files that `wrap` leaves on the medium, and what a file found in the place of one means.

use std::path::{Path, PathBuf};

use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::transcript::MAX_TRANSCRIPT;
use keyferry_core::{Ciphertext, Event, Fingerprint, Station, Transcript};
use keyferry_transport::{FileError, TranscriptFile, check_free, read_capped};

use super::record::is_written;
use crate::context::Context;
use crate::error::OfflineError;
use crate::inputs::Inputs;

/// Where they go.
pub(super) struct Outputs {
    /// Which command leaves them.
    pub(super) command: &'static str,
    pub(super) ciphertext: PathBuf,
    /// Only where one set of shares backs up several keys.
    pub(super) escrow: PathBuf,
    pub(super) transcript: PathBuf,
}

impl Outputs {
    pub(super) fn new(folder: &Path, command: &'static str) -> Self {
        let file = |name| folder.join(name);
        Self {
            command,
            ciphertext: file("ciphertext.json"),
            escrow: file("escrow.json"),
            transcript: file("transcript.jsonl"),
        }
    }

    /// A whole ciphertext for these very parameters whose run has no end in the transcript: it was killed on the way.
    pub(super) fn find_unfinished(
        &self,
        inputs: &Inputs,
    ) -> Result<Option<(Ciphertext, Fingerprint)>, OfflineError> {
        let taken = match check_free(&self.ciphertext) {
            Ok(()) => return Ok(None),
            Err(taken @ FileError::Exists(_)) => taken,
            Err(other) => return Err(other.into()),
        };
        let found = read_capped(&self.ciphertext, MAX_ARTEFACT).ok();
        let found = found.and_then(|bytes| artefact::parse::<Ciphertext>(&bytes).ok());
        match found {
            Some((ciphertext, digest))
                if ciphertext.check_against(&inputs.parameters).is_ok() && self.is_unfinished(&digest) =>
            {
                Ok(Some((ciphertext, digest)))
            }
            _ => Err(taken.into()),
        }
    }

    /// No finished wrap of the transcript wrote this digest.
    fn is_unfinished(&self, digest: &Fingerprint) -> bool {
        let bytes = read_capped(&self.transcript, MAX_TRANSCRIPT).unwrap_or_default();
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let Some(Ok(chain)) = bytes.get(..whole).map(Transcript::verify) else { return false };
        let finished = |e: &Event| matches!(e, Event::Finished { command, .. } if command == self.command);
        let lines = chain.iter().flat_map(Transcript::lines);
        !lines.skip_while(|l| !is_written(&l.event, digest)).any(|l| finished(&l.event))
    }

    pub(super) fn open_record(
        &self,
        inputs: &Inputs,
        context: &Context,
    ) -> Result<TranscriptFile, OfflineError> {
        Ok(TranscriptFile::open(&self.transcript, inputs.plan.ceremony(), Station::Offline, context)?)
    }
}
