//! The backup that the plan demands: shares were made, each was read back, and the escrow was written, all before the
//! ciphertext was written.
//!
//! Recovered material must come from shares that were combined; shares of an earlier record are compared with that
//! record if it is passed ([`previous`](super::previous)). Drills are compared with the set that they are about.

use keyferry_core::artefact::names;
use std::collections::{HashMap, HashSet};

use keyferry_core::plan::Backup;
use keyferry_core::story::{Combined, Origin, SharesBefore, Sharing};
use keyferry_core::transcript::{Said, Shared};
use keyferry_core::{BackupSet, Ciphertext, Escrow, Fingerprint, KeyId, Story};

use super::{Record, VerifyError};

mod backup_fault;

pub use backup_fault::BackupFault;

/// Every reason why the backup in the record is not what the plan demands.
pub(super) fn check(record: &Record, story: &Story<'_>) -> Vec<VerifyError> {
    let mut faults: Vec<VerifyError> = Vec::new();
    let of_all = [check_custodians(record, story), check_own(story)];
    faults.extend(of_all.into_iter().filter_map(Result::err).map(VerifyError::Backup));
    if let Some(view) = View::of(record, story) {
        faults.extend(
            [view.check_plan(), view.check_combined()]
                .into_iter()
                .filter_map(Result::err)
                .map(VerifyError::Backup),
        );
        faults.extend(view.check_escrow().err());
    }
    faults.extend(check_drills(record, story).err().map(VerifyError::Backup));
    faults
}

/// The ciphertext of a record, and what was done before it was written.
pub(super) struct View<'r> {
    record: &'r Record,
    ciphertext: &'r Ciphertext,
    story: &'r Story<'r>,
    /// Number of the line that records its writing.
    written: u64,
    /// The facts about shares in the lines before that one.
    shares: SharesBefore<'r>,
}

impl<'r> View<'r> {
    /// `None` if there is no ciphertext, or if the transcript does not mention it, which is refused
    /// elsewhere.
    pub(super) fn of(record: &'r Record, story: &'r Story<'r>) -> Option<Self> {
        let (ciphertext, digest) = record.ciphertext.as_ref()?;
        // The last line with this digest counts, because a run from a published seed may write the same bytes
        // as an earlier one.
        let written = story.ciphertexts().iter().rfind(|written| written.ciphertext_sha256 == *digest)?;
        let (written, shares) = (written.seq, story.shares_before(written.seq));
        Some(Self { record, ciphertext, story, written, shares })
    }

    /// The last set that is not void.
    pub(super) fn set(&self) -> Option<&Sharing> {
        self.shares.sharings().iter().rev().find(|s| !s.void)
    }

    /// The last combination of shares before the ciphertext was written.
    fn combined(&self) -> Option<&Combined<'r>> {
        self.shares.combinations().last()
    }

    /// Whether some of the material in the ciphertext was made, and whether some was recovered.
    fn origins(&self) -> (bool, bool) {
        let told = self.ciphertext.keys.iter().filter_map(|key| self.story.key(&key.alias));
        let last = told.filter_map(|key| key.material_before(self.written));
        let recovered = last.map(|material| material.origin == Origin::Recovered);
        recovered.fold((false, false), |(made, had), recovered| (made || !recovered, had || recovered))
    }

    fn check_plan(&self) -> Result<(), BackupFault> {
        let Backup::Slip39 { threshold, shares } = *self.record.plan.backup() else {
            let waived = !self.shares.backup_waived().is_empty();
            return if waived { Ok(()) } else { Err(BackupFault::NotWaived) };
        };
        let combined = self.combined().map(|c| c.seq);
        match self.set() {
            // Recovered material already has shares; new shares from a recovery must match the plan like any
            // others.
            None if self.origins() == (false, true) => Ok(()),
            Some(set) if combined.is_some_and(|at| set.seq < at) && self.origins() == (false, true) => Ok(()),
            None => Err(BackupFault::NoShares),
            Some(set) => self.check_set(set, threshold, shares),
        }
    }

    fn check_set(&self, set: &Sharing, threshold: u8, shares: u8) -> Result<(), BackupFault> {
        if (set.threshold, set.shares) != (threshold, shares) {
            return Err(BackupFault::Scheme { threshold: set.threshold, shares: set.shares });
        }
        for number in 1..=shares {
            let share = set.share(number).filter(|s| s.of == shares);
            share.ok_or(BackupFault::NotConfirmed { number })?;
        }
        match (set.gives, self.record.plan.keys(), self.ciphertext.keys.as_slice()) {
            (Shared::Material, [_], [key])
                if key.commitment == Some(set.commitment) && key.kcv == set.kcv =>
            {
                Ok(())
            }
            (Shared::EscrowKey, [_, _, ..], keys) => match set.escrow {
                Some(escrow) if escrow.keys == keys.len() as u64 => Ok(()),
                _ => Err(BackupFault::EscrowKeys),
            },
            _ => Err(BackupFault::Gives),
        }
    }

    /// Checks that recovered material came from shares, and that shares of this record were confirmed in it.
    fn check_combined(&self) -> Result<(), BackupFault> {
        if !self.origins().1 {
            return Ok(());
        }
        let combined = self.combined().ok_or(BackupFault::NotCombined)?;
        if !combined.own {
            // Only the earlier record contains the threshold, so a single share is accepted here only if it
            // is number 1.
            let fewest = if combined.numbers == [1] { 1 } else { 2 };
            let some = suffice(combined.numbers, fewest, u8::MAX);
            return if some { Ok(()) } else { Err(BackupFault::NotCombined) };
        }
        let mut sets = self.shares.sharings().iter();
        let known = sets.find(|s| s.set == *combined.set && !s.void && s.seq < combined.seq);
        // In version 2, the line about an escrow is written before the file.
        let second = self.record.plan.check_version().is_ok();
        let good = known.is_some_and(|s| {
            let opens = s.gives == Shared::Material || s.escrow.is_some() || !second;
            opens && s.commitment == combined.commitment && suffice(combined.numbers, s.threshold, s.shares)
        });
        if !good {
            return Err(BackupFault::NotCombined);
        }
        self.check_as_generated(combined.seq)
    }

    /// Checks that material recovered from this record's own shares equals the material generated before.
    fn check_as_generated(&self, combined: u64) -> Result<(), BackupFault> {
        let generated =
            |alias| self.story.key(alias)?.generated_before(combined).map(|material| material.commitment);
        let same = self.ciphertext.keys.iter().all(|k| generated(&k.alias) == Some(k.commitment));
        if same { Ok(()) } else { Err(BackupFault::Gives) }
    }

    /// Checks that the folder contains the unchanged escrow of this record's shares, and that the escrow holds the
    /// ciphertext's material.
    fn check_escrow(&self) -> Result<(), VerifyError> {
        let Some(set) = self.set().filter(|s| s.gives == Shared::EscrowKey) else { return Ok(()) };
        let fault = || VerifyError::Backup(BackupFault::Escrow);
        let Some((escrow, digest)) = &self.record.escrow else {
            return if set.escrow.is_some() {
                Err(VerifyError::Missing { file: names::ESCROW })
            } else {
                Ok(())
            };
        };
        // In version 1, a run that was killed between writing the escrow and recording it left no digest, so
        // only the escrow's content is checked.
        let unsaid = self.record.plan.check_version().is_err();
        let as_written = set.escrow.map_or(unsaid, |written| written.sha256 == *digest);
        let of_this = escrow.backup_set == set.set
            && escrow.escrow_key_commitment == set.commitment
            && escrow.ceremony == *self.record.plan.ceremony()
            && escrow.plan_sha256 == self.record.plan.digest()
            && escrow.purpose == self.record.plan.purpose();
        if as_written && of_this && holds(escrow, self.ciphertext) { Ok(()) } else { Err(fault()) }
    }
}

/// Checks that every share, even of a void set, was read back by the custodian whom the plan names for its
/// number.
fn check_custodians(record: &Record, story: &Story<'_>) -> Result<(), BackupFault> {
    let planned: Vec<_> = record.plan.custodians().collect();
    for share in story.sharings().iter().flat_map(|set| &set.confirmed) {
        let named = usize::from(share.number).checked_sub(1).and_then(|n| planned.get(n));
        let right = match &share.custodian {
            // The opening is missing, which a deviation reports.
            Some(Said::Withheld(_)) => named.is_some(),
            Some(Said::Open(name)) => named == Some(&name),
            None => named.is_none(),
        };
        if !right {
            return Err(BackupFault::Custodian { number: share.number });
        }
    }
    Ok(())
}

/// Checks that shares of this record were compared with an earlier state of the same record.
fn check_own(story: &Story<'_>) -> Result<(), BackupFault> {
    let made: HashSet<&BackupSet> = story.sharings().iter().map(|sharing| &sharing.set).collect();
    let foreign = story.combinations().iter().any(|combined| !combined.own && made.contains(combined.set));
    if foreign { Err(BackupFault::NotCombined) } else { Ok(()) }
}

/// Checks that these are different shares of the set, and enough of them.
pub(super) fn suffice(numbers: &[u8], threshold: u8, shares: u8) -> bool {
    let different: HashSet<&u8> = numbers.iter().collect();
    different.len() == numbers.len()
        && numbers.len() >= usize::from(threshold)
        && numbers.iter().all(|number| (1..=shares).contains(number))
}

/// Checks that the escrow holds every key in the ciphertext, with the same material.
fn holds(escrow: &Escrow, ciphertext: &Ciphertext) -> bool {
    let entries: HashMap<&KeyId, _> = escrow.keys.iter().map(|k| (&k.key_id, k)).collect();
    ciphertext.keys.iter().all(|key| {
        entries.get(&key.key_id).is_some_and(|entry| {
            entry.alias == key.alias
                && entry.region == key.region
                && entry.provider == key.provider
                && (entry.material, entry.kcv, entry.commitment) == (key.material, key.kcv, key.commitment)
        })
    })
}

/// Checks that drills used shares of this record and recovered the material that it committed to.
fn check_drills(record: &Record, story: &Story<'_>) -> Result<(), BackupFault> {
    let Some(drills) = &record.drills else { return Ok(()) };
    let (drills, heads): (_, HashSet<Fingerprint>) = (Story::of(drills), story.heads().collect());
    let sets: HashMap<&BackupSet, &Sharing> = story.sharings().iter().rev().map(|s| (&s.set, s)).collect();
    let given = story.sharings().iter().flat_map(|s| s.confirmed.iter().map(move |share| (s, share)));
    let digests: HashMap<(&BackupSet, u8), Fingerprint> =
        given.map(|(s, share)| ((&s.set, share.number), share.share_sha256)).collect();
    let plan = Some(record.plan.digest());
    let runs = drills.runs().iter().filter(|run| run.plan_sha256 != plan).map(|run| run.seq);
    let combined = drills.combinations().iter().filter(|combined| {
        let same = sets.get(combined.set).is_some_and(|s| {
            s.commitment == combined.commitment && suffice(combined.numbers, s.threshold, s.shares)
        });
        !same || !heads.contains(&combined.record_head)
    });
    let counted = miscounted(&drills, &sets, story);
    let own = |set, number| digests.get(&(set, number)).copied();
    let shares =
        drills.share_proofs().iter().filter(|proof| own(proof.set, proof.number) != Some(proof.share_sha256));
    let first = runs.chain(combined.map(|c| c.seq)).chain(shares.map(|s| s.seq)).chain(counted).min();
    first.map_or(Ok(()), |seq| Err(BackupFault::Drill { line: seq + 1 }))
}

/// Drills that were finished without a share, or with keys that their set does not cover.
fn miscounted(drills: &Story<'_>, sets: &HashMap<&BackupSet, &Sharing>, story: &Story<'_>) -> Vec<u64> {
    let mut combined = drills.combinations().iter().peekable();
    let mut proved = drills.share_proofs().iter().peekable();
    let mut wrong = Vec::new();
    for (run, end) in drills.runs_in_turn() {
        let Some(end) = end else { continue };
        while combined.next_if(|c| c.seq < run.seq).is_some() {}
        while proved.next_if(|p| p.seq < run.seq).is_some() {}
        let keys = combined.next_if(|c| c.seq < end.seq).and_then(|c| sets.get(c.set));
        let keys = keys.map(|set| story.keys_of(set).count() as u64);
        let alone = proved.next_if(|p| p.seq < end.seq).map(|_| 1);
        let of = if keys.is_some() == alone.is_some() { None } else { keys.or(alone) };
        if of != Some(end.succeeded + end.failed) {
            wrong.push(run.seq);
        }
    }
    wrong
}
