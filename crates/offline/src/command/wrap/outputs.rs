//! The files that `wrap` writes to the medium, and the refusal of a ciphertext that already exists there.

use keyferry_core::artefact::names;
use std::path::{Path, PathBuf};

use keyferry_core::plan::Backup;
use keyferry_core::transcript::KnownKeys;
use keyferry_core::{Station, bi};
use keyferry_transport::show::subject::Kind;
use keyferry_transport::{
    FileError, Salts, TranscriptFile, check_free, is_empty_leftover, remove_empty_leftover,
};

use crate::compared::Found;
use crate::context::Context;
use crate::error::{CiphertextExists, NotPublished, OfflineError};
use crate::inputs::Inputs;

/// The folder for the outputs.
pub(super) struct Outputs {
    /// The command that writes the outputs.
    pub(super) command: &'static str,
    pub(super) ciphertext: PathBuf,
    /// The file of the escrow, which exists only if one set of shares backs up several keys.
    pub(super) escrow: PathBuf,
    pub(super) transcript: PathBuf,
}

impl Outputs {
    pub(super) fn new(folder: &Path, command: &'static str) -> Self {
        let file = |name| folder.join(name);
        Self {
            command,
            ciphertext: file(names::CIPHERTEXT),
            escrow: file(names::ESCROW),
            transcript: file(names::TRANSCRIPT),
        }
    }

    /// Refuses a file in the ciphertext's place, whatever its content: it came with the medium, so it is not evidence of what
    /// this station did. Anybody with the parameters can make a ciphertext that fits them.
    pub(super) fn check_free(&self, inputs: &Inputs) -> Result<(), OfflineError> {
        match check_free(&self.ciphertext) {
            Err(FileError::Exists(path)) if is_empty_leftover(&path) => Ok(()),
            Err(FileError::Exists(path)) => {
                Err(CiphertextExists { path, command: self.command, shared: is_shared(inputs) }.into())
            }
            other => Ok(other?),
        }
    }

    /// Refuses a file in the escrow's place. Unlike the error about a ciphertext, this error only names the
    /// file.
    pub(super) fn check_escrow_free(&self) -> Result<(), FileError> {
        if is_empty_leftover(&self.escrow) { Ok(()) } else { check_free(&self.escrow) }
    }

    /// Removes the empty files that a power cut during a rename can leave under the outputs' names.
    pub(super) fn clear(&self, context: &Context) -> Result<(), FileError> {
        for path in [&self.ciphertext, &self.escrow].into_iter().filter(|path| is_empty_leftover(path)) {
            remove_empty_leftover(path)?;
            let text = bi!(
                "{path}, an empty file that a power cut can leave",
                "{path}（空文件，断电时可能留下）",
                path = path.display()
            );
            context.console.row(&bi!("removed", "已移除"), text.get(context.console.lang()));
        }
        Ok(())
    }

    /// Names of the files in the folder that belong to the ceremony. All of them go to the online station.
    pub(super) fn carried(&self) -> Vec<&'static str> {
        let there = |name: &&str| self.ciphertext.with_file_name(name).exists();
        Kind::ALL.iter().map(|kind| kind.file_name()).filter(there).collect()
    }

    /// The error if the record is complete, but its ciphertext did not get its file name, or the name may not have
    /// reached the device.
    pub(super) fn not_published(&self, cause: FileError, named: bool, inputs: &Inputs) -> NotPublished {
        NotPublished { cause, named, command: self.command, shared: is_shared(inputs) }
    }

    /// The current state of the record to which lines will be added.
    pub(super) fn look(&self, inputs: &Inputs) -> Result<Found, OfflineError> {
        let known = KnownKeys::of_plan(&inputs.plan);
        Found::at(&self.transcript, (inputs.plan.ceremony(), &known), inputs.plan.purpose())
    }

    /// Opens exactly the record that was compared. If the plan withholds names, they become commitments with salts from
    /// `salts`.
    pub(super) fn open_record(
        &self,
        inputs: &Inputs,
        found: &Found,
        salts: Salts,
        context: &Context,
    ) -> Result<TranscriptFile, OfflineError> {
        let (path, ceremony) = (&self.transcript, inputs.plan.ceremony());
        let mut record = TranscriptFile::open(path, ceremony, Station::Offline, context)?;
        found.check(&record)?;
        if inputs.plan.commits_names() {
            record.commit_names(salts)?;
        }
        Ok(record)
    }
}

/// Whether the plan backs the material up with shares.
fn is_shared(inputs: &Inputs) -> bool {
    matches!(inputs.plan.backup(), Backup::Slip39 { .. })
}
