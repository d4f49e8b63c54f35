//! The three outputs of an export, and what an existing file under one of their names means.

use keyferry_core::artefact::names;
use std::io::Write;
use std::path::{Path, PathBuf};

use keyferry_core::artefact::{self, Form, MAX_ARTEFACT};
use keyferry_core::{CeremonyPlan, Fingerprint, Session, Story, Timestamp};
use keyferry_transport::{
    Access, FileError, RecordError, check_free, check_record_room, check_room, folder_of, is_empty_leftover,
    read_capped, read_private, write_new_by,
};

use super::export_flags::Export;
use crate::Error;
use crate::place::check_outward;
use crate::record::{Found, longest_lines};

/// The size in bytes of one key in the parameters, with the longest wrapping key, and of the rest of the file.
const ENTRY: u64 = 3 * 1024;

/// Where the outputs go.
pub(super) struct Outputs {
    pub(super) parameters: PathBuf,
    pub(super) transcript: PathBuf,
    pub(super) session: PathBuf,
}

/// Where a run starts from.
pub(super) enum Start {
    /// No output exists yet.
    Fresh,
    /// A run under the same plan was killed after its session was written.
    Finish {
        /// What that run fetched.
        session: Box<Session>,
        /// It was killed before `parameters.json` appeared.
        parameters_missing: bool,
    },
}

impl Outputs {
    pub(super) fn new(args: &Export) -> Self {
        Self {
            parameters: args.out.join(names::PARAMETERS),
            transcript: args.out.join(names::TRANSCRIPT),
            session: args.session.clone(),
        }
    }

    /// Whether the medium has room for the most that a run can write. A fetch cannot be undone: it makes earlier parameters
    /// invalid.
    pub(super) fn check_room(&self, plan: &CeremonyPlan) -> Result<(), RecordError> {
        let keys = u64::try_from(plan.keys().len()).unwrap_or(u64::MAX);
        let lines = longest_lines(plan.keys().len());
        check_record_room(&self.transcript, lines)?;
        Ok(check_room(&[(&self.parameters, ENTRY * (keys + 1)), (&self.transcript, lines)])?)
    }

    /// Checks the outputs before any request; changes nothing.
    pub(super) fn examine(&self, plan: &CeremonyPlan, found: &Found, now: Timestamp) -> Result<Start, Error> {
        check_outward(folder_of(&self.parameters))?;
        // A power cut during a rename can leave a temporary file on FAT; that is not an output.
        let parameters = taken(&self.parameters)? && !is_empty_leftover(&self.parameters);
        match (taken(&self.session)?, parameters) {
            (false, false) => Ok(Start::Fresh),
            (false, true) => Err(FileError::Exists(self.parameters.clone()).into()),
            (true, false) => {
                let session = self.own_session(plan)?;
                // This version no longer writes parameters in the previous format.
                if artefact::digest(&session.parameters)? != session.parameters_sha256 {
                    return Err(FileError::Exists(self.session.clone()).into());
                }
                // Nobody can use expired parameters; people move the session away and export again.
                if session.parameters.keys.iter().all(|e| e.expires_at.is_some_and(|t| t <= now)) {
                    return Err(FileError::Exists(self.session.clone()).into());
                }
                Ok(Start::Finish { session, parameters_missing: true })
            }
            (true, true) => {
                let session = self.own_session(plan)?;
                let same = read_capped(&self.parameters, MAX_ARTEFACT)
                    .is_ok_and(|bytes| Fingerprint::of(&bytes) == session.parameters_sha256);
                if !same
                    || found
                        .chain()
                        .is_some_and(|c| Story::of(c).is_export_finished(session.parameters_sha256))
                {
                    return Err(FileError::Exists(self.parameters.clone()).into());
                }
                Ok(Start::Finish { session, parameters_missing: false })
            }
        }
    }

    /// The session found, if it is private to this user and was made under the same plan.
    fn own_session(&self, plan: &CeremonyPlan) -> Result<Box<Session>, FileError> {
        let bytes = read_private(&self.session, MAX_ARTEFACT)?;
        artefact::parse::<Session>(&bytes)
            .ok()
            .map(|(session, _)| session)
            .filter(|s| s.parameters.plan_sha256 == plan.digest())
            .map(Box::new)
            .ok_or_else(|| FileError::Exists(self.session.clone()))
    }
}

/// Whether the name is taken; a missing folder is an error at once.
fn taken(path: &Path) -> Result<bool, FileError> {
    match check_free(path) {
        Ok(()) => Ok(false),
        Err(FileError::Exists(_)) => Ok(true),
        Err(other) => Err(other),
    }
}

/// Writes an artefact without a copy of its bytes in memory.
pub(super) fn write_artefact<T: Form>(path: &Path, artefact: &T, access: Access) -> Result<(), Error> {
    let digest = artefact::digest(artefact)?;
    Ok(write_new_by(path, access, digest, |to: &mut dyn Write| artefact::write_to(artefact, to))?)
}
