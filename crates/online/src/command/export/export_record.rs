//! The record of an export: opened before the first request, which also shows that the medium can be written. If no key is
//! exported and the file did not exist before, it is deleted again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use keyferry_core::transcript::{Act, Tip};
use keyferry_core::{CeremonyId, Clock, Event, ImportTokenDigest, Station, Story};
use keyferry_transport::{RecordError, TranscriptFile};

use crate::Error;
use crate::record::Found;

/// A transcript that is deleted again if nothing was exported.
pub(super) struct Record {
    file: TranscriptFile,
    unwanted: Option<PathBuf>,
    /// Digests of the import tokens whose fetch was already in the record.
    pub(super) known_tokens: BTreeSet<Option<ImportTokenDigest>>,
}

impl Record {
    /// Opens the record, if it is still the one that was found.
    pub(super) fn open(
        path: &Path,
        ceremony: &CeremonyId,
        found: &Found,
        clock: &dyn Clock,
    ) -> Result<Self, Error> {
        let unwanted = fs::symlink_metadata(path).is_err().then(|| path.to_path_buf());
        let known_tokens = found.chain().map(|chain| Story::of(chain).import_tokens().collect());
        let file = TranscriptFile::open(path, ceremony, Station::Online, clock)?;
        let this = Self { file, unwanted, known_tokens: known_tokens.unwrap_or_default() };
        found.check_same(&this.file)?;
        Ok(this)
    }

    /// Keeps the file from now on.
    pub(super) fn keep(&mut self) {
        self.unwanted = None;
    }

    pub(super) fn add(&mut self, clock: &dyn Clock, event: Event) -> Result<(), RecordError> {
        self.file.add(clock, event)
    }

    pub(super) fn add_act(&mut self, clock: &dyn Clock, act: Act, event: Event) -> Result<(), RecordError> {
        self.file.add_act(clock, act, event)
    }

    pub(super) fn flush(&mut self) -> Result<(), RecordError> {
        self.file.flush()
    }

    /// The record's end.
    pub(super) const fn tip(&self) -> &Tip {
        self.file.tip()
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if let Some(path) = &self.unwanted {
            let _ = fs::remove_file(path);
        }
    }
}
