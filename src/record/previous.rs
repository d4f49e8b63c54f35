//! The ceremony before, for the same key: the plan names the head of its record, and the material is the same for life.

use keyferry_core::{Alias, Fingerprint};

use super::{Audit, KeyRecord, Record, VerifyError};

/// A record that was checked before, to compare with.
#[derive(Clone, Debug)]
pub struct Previous {
    head: Fingerprint,
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
                Ok(Self { head: record.chain.head(), keys: audit.keys.clone() })
            }
            _ => Err(VerifyError::PreviousRefused),
        }
    }
}

/// Against the earlier records that were given; none given checks nothing.
pub(super) fn check(record: &Record, keys: &[KeyRecord], given: &[Previous]) -> Vec<VerifyError> {
    let mut faults = Vec::new();
    if given.is_empty() {
        return faults;
    }
    for key in record.plan.keys() {
        let Some(head) = key.previous_record else { continue };
        match given.iter().find(|p| p.head == head) {
            None => faults.push(VerifyError::PreviousUnknown { alias: key.alias.clone(), head }),
            Some(previous) => faults.extend(compare(&key.alias, keys, previous).err()),
        }
    }
    let named = |p: &Previous| record.plan.keys().iter().any(|k| k.previous_record == Some(p.head));
    faults.extend(given.iter().filter(|p| !named(p)).map(|p| VerifyError::PreviousUnnamed { head: p.head }));
    faults
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
