//! The previous ceremony for the same key: the plan names the head of its record, and the key's material never changes.

use std::collections::{HashMap, HashSet};

use keyferry_core::story::{Combined, Sharing};
use keyferry_core::{Alias, BackupSet, Commitment, Fingerprint, KeyId, Purpose, Story};

use super::backup::suffice;
use super::{KeyRecord, Record, VerifyError};

/// An earlier record that passed its checks, for comparison.
#[derive(Clone, Debug)]
pub struct Previous {
    head: Fingerprint,
    purpose: Purpose,
    /// Every head that its transcript ever had, because shares may be compared with a copy from an earlier
    /// point.
    heads: HashSet<Fingerprint>,
    /// Commitment, threshold and number of shares of each set that is not void.
    sets: HashMap<BackupSet, (Commitment, u8, u8)>,
    /// The material that each key accepted.
    keys: HashMap<KeyId, Commitment>,
}

impl Previous {
    /// Takes an earlier record that was accepted.
    pub(super) fn of(record: &Record, keys: &[KeyRecord]) -> Self {
        let story = Story::of(&record.chain);
        Self {
            head: story.head(),
            purpose: record.plan.purpose(),
            heads: story.heads().collect(),
            sets: story.sharings().iter().filter(|s| !s.void).map(Self::set).collect(),
            keys: keys.iter().filter_map(Self::key).collect(),
        }
    }

    fn key(key: &KeyRecord) -> Option<(KeyId, Commitment)> {
        Some((key.key_id.clone()?, key.commitment?))
    }

    fn set(sharing: &Sharing) -> (BackupSet, (Commitment, u8, u8)) {
        (sharing.set.clone(), (sharing.commitment, sharing.threshold, sharing.shares))
    }
}

/// Compares a record with the given earlier ones; if there are none, nothing is checked.
pub(super) fn check(
    record: &Record,
    story: &Story<'_>,
    keys: &[KeyRecord],
    given: &[Previous],
) -> Vec<VerifyError> {
    let mut faults = Vec::new();
    if given.is_empty() {
        return faults;
    }
    let now: HashMap<&Alias, &KeyRecord> = keys.iter().map(|key| (&key.alias, key)).collect();
    let plan = record.plan.purpose();
    let others = given.iter().filter(|p| p.purpose != plan);
    faults.extend(others.map(|p| VerifyError::PreviousPurpose { head: p.head, found: p.purpose, plan }));
    for key in record.plan.keys() {
        let Some(head) = key.previous_record else { continue };
        match given.iter().find(|p| p.head == head) {
            None => faults.push(VerifyError::PreviousUnknown { alias: key.alias.clone(), head }),
            Some(previous) => faults.extend(now.get(&key.alias).and_then(|now| compare(now, previous).err())),
        }
    }
    let named = |p: &Previous| record.plan.keys().iter().any(|k| k.previous_record == Some(p.head));
    faults.extend(given.iter().filter(|p| !named(p)).map(|p| VerifyError::PreviousUnnamed { head: p.head }));
    let elsewhere = story.combinations().iter().filter(|c| !c.own);
    faults.extend(elsewhere.filter(|c| !given.iter().any(|p| p.knows(c))).map(|c| {
        let set = c.set.clone();
        VerifyError::PreviousShares { set }
    }));
    faults
}

#[cfg(test)]
impl Previous {
    /// A record with a single head and nothing else.
    pub(super) fn with_head(head: Fingerprint) -> Self {
        let heads = HashSet::from([head]);
        Self { head, purpose: Purpose::Rehearsal, heads, sets: HashMap::new(), keys: HashMap::new() }
    }
}

impl Previous {
    /// Whether its transcript had this head at some time.
    pub(super) fn has_head(&self, head: Fingerprint) -> bool {
        self.heads.contains(&head)
    }

    /// Whether the combined shares belong to a set of this record that is not void, and recovered the material that it
    /// committed to.
    fn knows(&self, combined: &Combined<'_>) -> bool {
        let set = self.sets.get(combined.set).filter(|(commitment, ..)| *commitment == combined.commitment);
        self.heads.contains(&combined.record_head)
            && set.is_some_and(|(_, threshold, shares)| suffice(combined.numbers, *threshold, *shares))
    }
}

/// A key accepts only one material in its lifetime, so both ceremonies must have the same commitment; only a
/// different key may have a different one.
fn compare(now: &KeyRecord, previous: &Previous) -> Result<(), VerifyError> {
    let before = now.key_id.as_ref().and_then(|id| previous.keys.get(id));
    match (before, now.commitment) {
        (Some(before), Some(found)) if *before != found => {
            Err(VerifyError::PreviousMaterial { alias: now.alias.clone() })
        }
        _ => Ok(()),
    }
}
