//! The record of an export: opened before the first request, which also shows that the medium can be written; gone again if
//! the export comes to nothing and the file was not there before.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use keyferry_core::transcript::Act;
use keyferry_core::{CeremonyId, Clock, Event, ImportTokenDigest, Station, Story, Transcript};
use keyferry_transport::{RecordError, TranscriptFile};

/// A transcript that is kept only if there is something to keep it for.
pub(super) struct Record {
    file: TranscriptFile,
    unwanted: Option<PathBuf>,
}

impl Record {
    pub(super) fn open(path: &Path, ceremony: &CeremonyId, clock: &dyn Clock) -> Result<Self, RecordError> {
        let unwanted = fs::symlink_metadata(path).is_err().then(|| path.to_path_buf());
        Ok(Self { file: TranscriptFile::open(path, ceremony, Station::Online, clock)?, unwanted })
    }

    /// From now on the file stays.
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

    pub(super) const fn chain(&self) -> &Transcript {
        self.file.chain()
    }

    /// Digests of the import tokens whose fetch is in the record.
    pub(super) fn known_tokens(&self) -> BTreeSet<Option<ImportTokenDigest>> {
        Story::of(self.file.chain()).import_tokens().collect()
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if let Some(path) = &self.unwanted {
            let _ = fs::remove_file(path);
        }
    }
}
