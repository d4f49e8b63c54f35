//! The rules between fields that hold at any time: what makes values a plan.

use std::collections::BTreeSet;

use super::finding::{Place, Raised};
use super::{Backup, CeremonyPlan, MAX_KEYS, PlanError, facts, people};

impl CeremonyPlan {
    /// The rules between fields that hold at any time.
    pub(super) fn check(&self, raised: &mut Raised) {
        let plan = &self.text;
        if plan.key.is_empty() || plan.key.len() > MAX_KEYS {
            raised.error(Place::root("key"), &[], PlanError::KeyCount(plan.key.len()));
            return;
        }
        facts::check(plan, raised);
        people::check(plan, raised);
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
            // The service keeps aliases unique within a region; the ceremony within the plan, since people read them aloud.
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
}
