//! The ceremony before, for the same key: the plan names the head of its record, and the material is the same for life.

use std::collections::HashSet;

use keyferry_core::story::{Combined, Sharing};
use keyferry_core::{Alias, Fingerprint, Purpose, Story};

use super::{Audit, KeyRecord, Record, VerifyError};

/// A record that was checked before, to compare with.
#[derive(Clone, Debug)]
pub struct Previous {
    head: Fingerprint,
    purpose: Purpose,
    /// Every head that its transcript ever had: shares are compared with a copy that was taken on the way.
    heads: HashSet<Fingerprint>,
    sets: Vec<Sharing>,
    keys: Vec<KeyRecord>,
}

impl Previous {
    /// From the audit of an earlier record.
    ///
    /// # Errors
    /// [`VerifyError::PreviousRefused`] unless that record was accepted.
    pub fn of(audit: &Audit) -> Result<Self, VerifyError> {
        match &audit.record {
            Some(record) if audit.refusals.is_empty() => {
                let story = Story::of(&record.chain);
                Ok(Self {
                    head: story.head(),
                    purpose: record.plan.purpose(),
                    heads: story.heads().collect(),
                    sets: story.sharings().to_vec(),
                    keys: audit.keys.clone(),
                })
            }
            _ => Err(VerifyError::PreviousRefused),
        }
    }
}

/// Against the earlier records that were given; none given checks nothing.
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
    let plan = record.plan.purpose();
    let others = given.iter().filter(|p| p.purpose != plan);
    faults.extend(others.map(|p| VerifyError::PreviousPurpose { head: p.head, found: p.purpose, plan }));
    for key in record.plan.keys() {
        let Some(head) = key.previous_record else { continue };
        match given.iter().find(|p| p.head == head) {
            None => faults.push(VerifyError::PreviousUnknown { alias: key.alias.clone(), head }),
            Some(previous) => faults.extend(compare(&key.alias, keys, previous).err()),
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

impl Previous {
    /// The shares that were combined are of a set of this record, which is not void, and gave what it committed to.
    fn knows(&self, combined: &Combined<'_>) -> bool {
        let set = self.sets.iter().find(|s| s.set == *combined.set && !s.void);
        self.heads.contains(&combined.record_head) && set.is_some_and(|s| s.commitment == combined.commitment)
    }
}

/// A key takes one material for life, so both ceremonies have the same commitment; only another key may have another.
fn compare(alias: &Alias, keys: &[KeyRecord], previous: &Previous) -> Result<(), VerifyError> {
    let Some(now) = keys.iter().find(|k| k.key.alias == *alias) else { return Ok(()) };
    let same = |before: &&KeyRecord| before.key.key_id.is_some() && before.key.key_id == now.key.key_id;
    let before = previous.keys.iter().find(same);
    match (before.and_then(|b| b.commitment), now.commitment) {
        (Some(before), Some(now)) if before != now => {
            Err(VerifyError::PreviousMaterial { alias: alias.clone() })
        }
        _ => Ok(()),
    }
}
