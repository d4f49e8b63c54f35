//! The plan as the rest of the code sees it: one method for each question.

use super::plan_error::PlanError;
use super::plan_text::{Backup, Participant, PlanKey, PlanText, Role};
use super::posture_demands::{ClockWindow, Posture};
use super::room::{Hsm, Language, NamesChoice, Thing};
use super::version::PLAN_FORMAT;
use crate::id::{NoteText, PersonName};
use crate::{CeremonyId, Fingerprint, Lang, PostureCheck, Purpose, Span, WrappingAlgorithm};

/// A reviewed ceremony plan.
///
/// # Examples
#[doc = include_str!("../../provider/example.md")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CeremonyPlan {
    pub(super) text: PlanText,
    pub(super) digest: Fingerprint,
}

impl CeremonyPlan {
    /// Checks that the plan has the current version: programs write new plans only from plans of that
    /// version.
    ///
    /// # Errors
    /// [`PlanError::Former`] for a plan of version 1.
    pub fn check_version(&self) -> Result<(), PlanError> {
        if self.text.format == PLAN_FORMAT { Ok(()) } else { Err(PlanError::Former) }
    }

    /// SHA-256 of the plan's exact bytes.
    #[must_use]
    pub const fn digest(&self) -> Fingerprint {
        self.digest
    }

    /// Id of the ceremony.
    #[must_use]
    pub const fn ceremony(&self) -> &CeremonyId {
        &self.text.ceremony
    }

    /// Production or rehearsal.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.text.purpose
    }

    /// The wrapping algorithm of every key.
    #[must_use]
    pub const fn algorithm(&self) -> WrappingAlgorithm {
        self.text.algorithm
    }

    /// How much of the parameters' lifetime must be left when wrapping starts.
    #[must_use]
    pub const fn minimum_time_left(&self) -> Span {
        self.text.minimum_time_left
    }

    /// The people.
    #[must_use]
    pub fn participants(&self) -> &[Participant] {
        &self.text.participant
    }

    /// The keys, in the plan's order.
    #[must_use]
    pub fn keys(&self) -> &[PlanKey] {
        &self.text.key
    }

    /// The chosen backup.
    #[must_use]
    pub const fn backup(&self) -> &Backup {
        &self.text.backup
    }

    /// The required posture.
    #[must_use]
    pub const fn posture(&self) -> &Posture {
        &self.text.posture
    }

    /// Whether this plan requires the check, because it lists it or because of its purpose.
    #[must_use]
    pub fn requires(&self, check: PostureCheck) -> bool {
        self.posture().requires(check, self.purpose())
    }

    /// The time for which the ceremony is planned.
    #[must_use]
    pub const fn clock(&self) -> Option<&ClockWindow> {
        self.text.clock.as_ref()
    }

    /// Checks that there are as many custodians as shares, or none. `wrap` calls this before it makes a
    /// share.
    ///
    /// # Errors
    /// [`PlanError::Custodians`].
    pub fn check_custodians(&self) -> Result<(), PlanError> {
        let Backup::Slip39 { shares, .. } = self.text.backup else { return Ok(()) };
        let found = self.custodians().count();
        if found == 0 || found == usize::from(shares) {
            Ok(())
        } else {
            Err(PlanError::Custodians { found, shares })
        }
    }

    /// Who keeps the shares, in the plan's order. Deputies keep none: they take a custodian's place if needed.
    pub fn custodians(&self) -> impl Iterator<Item = &PersonName> {
        let keeps = |p: &&Participant| p.role == Role::Custodian && p.deputy_of.is_none();
        self.text.participant.iter().filter(keeps).map(|p| &p.name)
    }

    /// The endpoint that the plan names; `None` if it leaves the choice to the provider's facts.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.text.endpoint.as_deref()
    }

    /// The languages of the words that people compare; empty if the plan leaves the choice to them.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        self.text.languages.as_deref().unwrap_or_default()
    }

    /// The languages in which digests are shown as words: the plan's, in its order. Both if the plan names none, so that people
    /// who read different languages can compare.
    #[must_use]
    pub fn word_languages(&self) -> Vec<Lang> {
        let named = self.languages().iter().map(|language| match language {
            Language::En => Lang::En,
            Language::Zh => Lang::Zh,
        });
        if self.languages().is_empty() { Lang::BOTH.to_vec() } else { named.collect() }
    }

    /// Where the ceremony takes place.
    #[must_use]
    pub const fn place(&self) -> Option<&NoteText> {
        self.text.place.as_ref()
    }

    /// Who approved the plan.
    #[must_use]
    pub fn approved_by(&self) -> &[PersonName] {
        self.text.approved_by.as_deref().unwrap_or_default()
    }

    /// Head of the record of this ceremony's rehearsal.
    #[must_use]
    pub const fn rehearsed_record(&self) -> Option<Fingerprint> {
        self.text.rehearsed_record
    }

    /// Whether check values of the material are computed.
    #[must_use]
    pub const fn has_kcv(&self) -> bool {
        self.text.kcv.is_none()
    }

    /// Whether the record contains commitments in place of names and free texts.
    #[must_use]
    pub const fn commits_names(&self) -> bool {
        matches!(self.text.names, Some(NamesChoice::Committed))
    }

    /// SHA-256 of the image that the offline machine boots from.
    #[must_use]
    pub const fn image_sha256(&self) -> Option<Fingerprint> {
        self.text.image_sha256
    }

    /// The objects that must be in the room.
    #[must_use]
    pub fn things(&self) -> &[Thing] {
        self.text.thing.as_deref().unwrap_or_default()
    }

    /// The HSM that makes the material; `None` if the offline station makes it.
    #[must_use]
    pub const fn hsm(&self) -> Option<&Hsm> {
        self.text.hsm.as_ref()
    }
}
