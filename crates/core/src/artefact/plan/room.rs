//! The room as the plan wants it: its people, its things, its languages, its machine.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::finding::{Place, Raised};
use super::{Backup, CeremonyPlan, Participant, PlanError, Role};
use crate::id::{NoteText, PersonName};
use crate::{Endpoint, Fingerprint, Lang, Purpose};

/// A language in which people read words aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// 简体中文.
    Zh,
}

/// Whether check values of the material are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KcvChoice {
    /// None: 24 bits that the material decides stand nowhere.
    None,
}

/// How names and free texts stand in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamesChoice {
    /// As salted commitments; what opens them stands in `openings.jsonl`.
    Committed,
}

/// A thing that the room has to have, and that people compare.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// What it is.
    pub name: NoteText,
    /// What tells it from others: a serial number, the number of a seal.
    pub identifier: NoteText,
}

/// The HSM that makes the material.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hsm {
    /// SHA-256 of its PKCS#11 module's file.
    pub module_sha256: Fingerprint,
    /// Label of the token.
    pub token: NoteText,
    /// It is reached over a network.
    #[serde(default)]
    pub network: bool,
}

/// Longest endpoint in bytes.
const MAX_ENDPOINT: usize = 256;

impl CeremonyPlan {
    pub(super) fn check_roles(&self, raised: &mut Raised) {
        let people = &self.text.participant;
        let has = |role| people.iter().any(|p| p.role == role);
        let witnessed = has(Role::Operator) && has(Role::Witness);
        if self.text.purpose == Purpose::Production && !witnessed {
            raised.error(Place::root("purpose"), &["participant", "participant.role"], PlanError::NoWitness);
        }
        let keeps = |name: &PersonName| self.custodians().any(|custodian| custodian == name);
        let of_nobody =
            |p: &Participant| p.deputy_of.as_ref().is_some_and(|of| p.role != Role::Custodian || !keeps(of));
        let reads = &["participant.name", "participant.role", "participant.deputy_of"];
        for (number, person) in people.iter().enumerate().filter(|(_, p)| of_nobody(p)) {
            let place = Place::of("participant", number, "deputy_of");
            raised.error(place, reads, PlanError::Deputy(person.name.clone()));
        }
    }

    /// As many custodians as shares, or none: what `wrap` wants before it makes a share.
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

    /// The online station can speak to the endpoint: both have the same rule.
    pub(super) fn check_endpoint(&self, raised: &mut Raised) {
        let Some(endpoint) = self.endpoint() else { return };
        let good = endpoint.len() <= MAX_ENDPOINT && endpoint.parse::<Endpoint>().is_ok();
        if !good {
            raised.error(Place::root("endpoint"), &[], PlanError::Endpoint)
        }
    }

    pub(super) fn check_things(&self, raised: &mut Raised) {
        let mut seen = BTreeSet::new();
        for (number, thing) in self.things().iter().enumerate() {
            if !seen.insert((thing.name.as_str(), thing.identifier.as_str())) {
                let place = Place::of("thing", number, "name");
                raised.error(place, &["thing.identifier"], PlanError::Duplicate(thing.name.to_string()));
            }
        }
    }

    /// Who keeps the shares, in the plan's order. A deputy keeps none: he takes a custodian's place if need be.
    pub fn custodians(&self) -> impl Iterator<Item = &PersonName> {
        let keeps = |p: &&Participant| p.role == Role::Custodian && p.deputy_of.is_none();
        self.text.participant.iter().filter(keeps).map(|p| &p.name)
    }

    /// The endpoint that the plan names, if it does not leave it to the provider's facts.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.text.endpoint.as_deref()
    }

    /// The languages of the words that people compare; none where the plan leaves it to them.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        self.text.languages.as_deref().unwrap_or_default()
    }

    /// The languages in which digests are shown as words: the plan's, in its order, else both, so that people who read one language can
    /// compare with people who read the other.
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

    /// Whether check values of the material are made.
    #[must_use]
    pub const fn has_kcv(&self) -> bool {
        self.text.kcv.is_none()
    }

    /// Whether names and free texts stand in the record as commitments, and not as they were said.
    #[must_use]
    pub const fn commits_names(&self) -> bool {
        matches!(self.text.names, Some(NamesChoice::Committed))
    }

    /// SHA-256 of the image that the offline machine starts from.
    #[must_use]
    pub const fn image_sha256(&self) -> Option<Fingerprint> {
        self.text.image_sha256
    }

    /// The things that the room has to have.
    #[must_use]
    pub fn things(&self) -> &[Thing] {
        self.text.thing.as_deref().unwrap_or_default()
    }

    /// The HSM that makes the material; `None` where the offline station does.
    #[must_use]
    pub const fn hsm(&self) -> Option<&Hsm> {
        self.text.hsm.as_ref()
    }
}
