//! The phases of a wrap after the first, as types: each holds the data for the next phase, which consumes it.
//!
//! `begin` makes `Ready`, `keys` and `rewrap` make the contents of `Made`, and `publish` ends the run.

use keyferry_core::escrow::BackupSet;
use keyferry_core::story::Sharing;
use keyferry_core::transcript::Means;
use keyferry_core::{Ciphertext, CiphertextEntry, Commitment, Fingerprint, Kcv, Source};
use keyferry_transport::TranscriptFile;

use super::job::Job;
use super::void::Void;
use crate::compared::Found;
use crate::confine::Confined;
use crate::error::OfflineError;
use crate::posture::Fit;

/// The machine meets the requirements, people agreed, and the process has dropped privileges.
pub(super) struct Agreed<'j> {
    pub(super) job: &'j Job<'j>,
    pub(super) fit: Fit,
    pub(super) confined: Confined,
    pub(super) consent: Means,
    pub(super) found: Found,
    pub(super) void: Void<'j>,
}

/// Everything that holds for [`Agreed`], and the record now says so. Material is made or wrapped in this
/// phase only.
pub(super) struct Ready<'j> {
    pub(super) job: &'j Job<'j>,
    pub(super) confined: Confined,
    pub(super) record: TranscriptFile,
    /// Every set of shares that the record names, because a new set must have another name.
    pub(super) sets: Vec<BackupSet>,
    /// The shares that are in force in the record, until this run makes its own.
    pub(super) shares: Option<BackedUp>,
}

/// A set of shares that people have received.
pub(super) struct BackedUp {
    pub(super) set: BackupSet,
    pub(super) threshold: u8,
    pub(super) shares: u8,
    /// How many shares were read back.
    pub(super) confirmed: usize,
    pub(super) kcv: Option<Kcv>,
    pub(super) commitment: Commitment,
    /// Digest of the escrow that the shares open.
    pub(super) escrow: Option<Fingerprint>,
}

impl BackedUp {
    /// The set as a record describes it.
    pub(super) fn of(sharing: &Sharing) -> Self {
        let Sharing { threshold, shares, kcv, commitment, .. } = *sharing;
        let (set, confirmed) = (sharing.set.clone(), sharing.confirmed.len());
        let escrow = sharing.escrow.map(|escrow| escrow.sha256);
        Self { set, threshold, shares, confirmed, kcv, commitment, escrow }
    }
}

/// The results for the keys.
pub(super) struct Wrapped {
    pub(super) entries: Vec<CiphertextEntry>,
    pub(super) source: Source,
    pub(super) seeded: bool,
    pub(super) failed: usize,
    pub(super) first_failure: Option<OfflineError>,
}

/// Wrapped keys in memory, backed up as the plan requires. No ciphertext is written before this phase.
pub(super) struct Made<'j> {
    pub(super) job: &'j Job<'j>,
    pub(super) record: TranscriptFile,
    pub(super) shares: Option<BackedUp>,
    pub(super) wrapped: Wrapped,
}

/// A ciphertext on the device, which the record names.
pub(super) struct Published<'j> {
    pub(super) job: &'j Job<'j>,
    pub(super) record: TranscriptFile,
    pub(super) shares: Option<BackedUp>,
    pub(super) ciphertext: Ciphertext,
    pub(super) digest: Fingerprint,
    /// How many keys failed, including those that were refused before.
    pub(super) failed: usize,
}
