//! The rules between fields that hold at any time. A text that breaks one of them is not a plan.

use std::collections::BTreeSet;

use super::ceremony_plan::CeremonyPlan;
use super::finding::Raised;
use super::place::Place;
use super::plan_error::PlanError;
use super::plan_text::{Backup, Participant, Role};
use super::{caps::MAX_KEYS, participants, provider_limits};
use crate::id::PersonName;
use crate::{Endpoint, Purpose};

/// Longest endpoint in bytes.
const MAX_ENDPOINT: usize = 256;

impl CeremonyPlan {
    /// The rules between fields that hold at any time.
    pub(super) fn check(&self, raised: &mut Raised) {
        let plan = &self.text;
        if plan.key.is_empty() || plan.key.len() > MAX_KEYS {
            raised.error(Place::root("key"), &[], PlanError::KeyCount(plan.key.len()));
            return;
        }
        provider_limits::check(plan, raised);
        participants::check(plan, raised);
        self.check_keys(raised);
        self.check_endpoint(raised);
        self.check_roles(raised);
        self.check_things(raised);
        plan.posture.check(raised);
        plan.clock.iter().for_each(|window| window.check(raised));
        self.check_backup(raised);
    }

    fn check_keys(&self, raised: &mut Raised) {
        let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for (number, key) in self.text.key.iter().enumerate() {
            // The service keeps aliases unique within a region. Within a plan they must also be unique, because
            // people read them aloud.
            if !names.insert(&key.alias) {
                let twice = PlanError::Duplicate(key.alias.to_string());
                raised.error(Place::of("key", number, "alias"), &[], twice);
            }
            if let Some(id) = key.key_id.as_ref().filter(|id| !ids.insert(*id)) {
                let twice = PlanError::Duplicate(id.to_string());
                raised.error(Place::of("key", number, "key_id"), &[], twice);
            }
        }
    }

    fn check_backup(&self, raised: &mut Raised) {
        let place = |field| Place::of("backup", 0, field);
        let scheme = &["backup.scheme"];
        match &self.text.backup {
            Backup::None { reason } if reason.trim().is_empty() => {
                raised.error(place("reason"), scheme, PlanError::BackupReason);
            }
            Backup::Slip39 { shares, .. } if !(1..=16).contains(shares) => {
                raised.error(place("shares"), scheme, PlanError::BackupNumbers);
            }
            Backup::Slip39 { threshold, shares } if !(1..=*shares).contains(threshold) => {
                raised.error(
                    place("threshold"),
                    &["backup.scheme", "backup.shares"],
                    PlanError::BackupNumbers,
                );
            }
            Backup::Slip39 { threshold: 1, shares: 2.. } => {
                raised.error(
                    place("threshold"),
                    &["backup.scheme", "backup.shares"],
                    PlanError::BackupNumbers,
                );
            }
            _ => {}
        }
    }

    fn check_roles(&self, raised: &mut Raised) {
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

    /// Checks the endpoint with the same rule as the online station.
    fn check_endpoint(&self, raised: &mut Raised) {
        let Some(endpoint) = self.endpoint() else { return };
        let good = endpoint.len() <= MAX_ENDPOINT && endpoint.parse::<Endpoint>().is_ok();
        if !good {
            raised.error(Place::root("endpoint"), &[], PlanError::Endpoint)
        }
    }

    fn check_things(&self, raised: &mut Raised) {
        let mut seen = BTreeSet::new();
        for (number, thing) in self.things().iter().enumerate() {
            if !seen.insert((thing.name.as_str(), thing.identifier.as_str())) {
                let place = Place::of("thing", number, "name");
                raised.error(place, &["thing.identifier"], PlanError::Duplicate(thing.name.to_string()));
            }
        }
    }
}
