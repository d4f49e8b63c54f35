//! The parsed contents of a record's files, each of which is well formed.

use keyferry_core::artefact::names;
use keyferry_core::artefact::{self, Artefact, ArtefactError};
use keyferry_core::plan::PlanError;
use keyferry_core::transcript::{Openings, OpeningsError, TranscriptError};
use keyferry_core::{CeremonyPlan, Ciphertext, Escrow, Fingerprint, Parameters, Transcript};

use super::condensed::Condensed;
use super::{Folder, VerifyError};

/// The parsed contents of a record's files, each of which is well formed.
#[derive(Clone, Debug)]
pub struct Record {
    /// The reviewed plan.
    pub plan: CeremonyPlan,
    /// The exported parameters, and the digest of their file; the wrapping keys are not kept.
    pub parameters: Option<(Parameters, Fingerprint)>,
    /// The ciphertext that came back, and the digest of its file; the wrapped materials are not kept.
    pub ciphertext: Option<(Ciphertext, Fingerprint)>,
    pub(super) condensed: Condensed,
    /// The transcript: what happened.
    pub chain: Transcript,
    /// The escrow and its digest, if several keys are backed up with shares.
    pub escrow: Option<(Escrow, Fingerprint)>,
    /// How the names and free texts of `chain` were written. `chain` itself contains the opened names; a name is
    /// withheld there only if it has no opening.
    pub written: AsWritten,
    /// The drills that were held with the record's shares afterwards; nobody signs them.
    pub drills: Option<Transcript>,
    /// How the names and free texts of `drills` were written.
    pub drills_written: AsWritten,
    /// The changes made to the keys afterwards; nobody signs this file.
    pub life: Option<Transcript>,
    /// How the names and free texts of `life` were written.
    pub life_written: AsWritten,
}

/// Numbers of lines, from 0, before names were opened. A line may be in both lists.
#[derive(Clone, Debug, Default)]
pub struct AsWritten {
    /// Lines with a name or free text in the clear.
    pub open: Vec<u64>,
    /// Lines in which a name or free text is a commitment.
    pub committed: Vec<u64>,
}

impl AsWritten {
    fn of(chain: &Transcript) -> Self {
        let lines = |wanted: fn((usize, usize)) -> usize| {
            let found = chain.lines().iter().filter(|line| wanted(line.event.said()) > 0);
            found.map(|line| line.seq).collect()
        };
        Self { open: lines(|said| said.0), committed: lines(|said| said.1) }
    }
}

/// The parser's result for a file that may be missing.
pub(super) type Read<T, E> = Option<Result<T, E>>;

/// The parsers' results for all files, before they become a record.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) parameters: Read<(Parameters, Fingerprint), ArtefactError>,
    pub(super) ciphertext: Read<(Ciphertext, Fingerprint), ArtefactError>,
    pub(super) escrow: Read<(Escrow, Fingerprint), ArtefactError>,
    pub(super) plan: Read<CeremonyPlan, PlanError>,
    /// The inner `None` means an empty file.
    pub(super) transcript: Read<Option<Transcript>, TranscriptError>,
    pub(super) drills: Read<Option<Transcript>, TranscriptError>,
    pub(super) life: Read<Option<Transcript>, TranscriptError>,
    pub(super) openings: Read<Openings, OpeningsError>,
    /// The digests from the parameters and from the ciphertext, each filled in as soon as its file was read.
    pub(super) condensed: Option<Condensed>,
}

impl Contents {
    /// Parses the files of a folder that is in memory.
    pub(super) fn of(folder: &Folder) -> Self {
        Self {
            parameters: folder.parameters.as_deref().map(artefact::parse),
            ciphertext: folder.ciphertext.as_deref().map(artefact::parse),
            escrow: folder.escrow.as_deref().map(artefact::parse),
            plan: folder.plan.as_deref().map(CeremonyPlan::parse),
            transcript: folder.transcript.as_deref().map(Transcript::verify),
            drills: folder.drills.as_deref().map(Transcript::verify),
            life: folder.life.as_deref().map(Transcript::verify),
            openings: folder.openings.as_deref().map(Openings::parse),
            condensed: None,
        }
    }

    /// Drops the wrapping keys of the parameters, if there are parameters.
    pub(super) fn condense_parameters(&mut self) {
        let parameters = self.parameters.as_mut().and_then(|read| read.as_mut().ok());
        self.condensed = Some(Condensed::of_parameters(parameters));
    }

    /// Drops the wrapped materials of the ciphertext, if there is one.
    pub(super) fn condense_ciphertext(&mut self) {
        let parameters = self.parameters.as_ref().and_then(|read| read.as_ref().ok());
        let ciphertext = self.ciphertext.as_mut().and_then(|read| read.as_mut().ok());
        self.condensed.get_or_insert_default().add_ciphertext(parameters, ciphertext);
    }

    /// The record; only the plan and the transcript must exist.
    ///
    /// # Errors
    /// [`VerifyError`] names the first file that is not well formed.
    pub(super) fn record(mut self) -> Result<Record, VerifyError> {
        if self.condensed.is_none() {
            self.condense_parameters();
            self.condense_ciphertext();
        }
        let missing = |name| VerifyError::Missing { file: name };
        let mut chain = self.transcript.ok_or(missing(names::TRANSCRIPT))??.ok_or(VerifyError::Empty)?;
        let plan = self.plan.ok_or(missing(names::PLAN))??;
        let parameters = artefact(names::PARAMETERS, self.parameters)?;
        let ciphertext = artefact(names::CIPHERTEXT, self.ciphertext)?;
        let condensed = self.condensed.unwrap_or_default();
        let escrow = artefact(names::ESCROW, self.escrow)?;
        let mut drills = self.drills.transpose().map_err(VerifyError::Drills)?.flatten();
        let mut life = self.life.transpose().map_err(VerifyError::LifeChain)?.flatten();
        let written = AsWritten::of(&chain);
        let life_written = life.as_ref().map(AsWritten::of).unwrap_or_default();
        let drills_written = drills.as_ref().map(AsWritten::of).unwrap_or_default();
        if let Some(openings) = self.openings.transpose()? {
            chain.open_said(&openings)?;
            drills.as_mut().map_or(Ok(()), |drills| drills.open_said(&openings))?;
            life.as_mut().map_or(Ok(()), |life| life.open_said(&openings))?;
        }
        Ok(Record {
            plan,
            parameters,
            ciphertext,
            condensed,
            chain,
            escrow,
            written,
            drills,
            drills_written,
            life,
            life_written,
        })
    }
}

fn artefact<T: Artefact>(
    file: &'static str,
    read: Read<(T, Fingerprint), ArtefactError>,
) -> Result<Option<(T, Fingerprint)>, VerifyError> {
    read.transpose().map_err(|error| VerifyError::Artefact { file, error })
}
