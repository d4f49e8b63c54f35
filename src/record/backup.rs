//! The backup that the plan demands: shares made, each read back, the escrow written, all of it before the ciphertext was.
//!
//! Material that was recovered instead needs shares that were combined; a set of an earlier record is compared with that record where
//! it is given ([`previous`](super::previous)). Drills are compared with the set that they are about.

use std::collections::{HashMap, HashSet};

use keyferry_core::plan::{Backup, Role};
use keyferry_core::transcript::Shared;
use keyferry_core::{BackupSet, Ciphertext, Commitment, Escrow, Event, Fingerprint, KeyId, Transcript};

use super::{Record, SharesRecord, VerifyError};

mod error;

pub use error::BackupFault;

/// Every reason why the record's backup is not the plan's.
pub(super) fn check(record: &Record) -> Vec<VerifyError> {
    let mut faults: Vec<VerifyError> = Vec::new();
    if let Some(view) = View::of(record) {
        faults.extend(
            [view.check_plan(), view.check_combined()]
                .into_iter()
                .filter_map(Result::err)
                .map(VerifyError::Backup),
        );
        faults.extend(view.check_escrow().err());
    }
    faults.extend(check_drills(record).err().map(VerifyError::Backup));
    faults
}

/// The ciphertext of a record, and what was done before it was written.
pub(super) struct View<'r> {
    record: &'r Record,
    ciphertext: &'r Ciphertext,
    /// Number of the line that says that it was written.
    written: u64,
    sets: Vec<SharesRecord>,
}

/// Shares that were combined.
pub(super) struct Combined<'r> {
    pub(super) seq: u64,
    pub(super) set: &'r BackupSet,
    pub(super) commitment: Commitment,
    /// Of the record that they were compared with.
    pub(super) record_head: Fingerprint,
    pub(super) numbers: &'r [u8],
}

impl<'r> View<'r> {
    /// `None` without a ciphertext, or if the transcript does not tell of it, which is refused elsewhere.
    pub(super) fn of(record: &'r Record) -> Option<Self> {
        let (ciphertext, digest) = record.ciphertext.as_ref()?;
        let is_written = |e: &Event| matches!(e, Event::CiphertextWritten { ciphertext_sha256, .. } if ciphertext_sha256 == digest);
        // The last of them: a run from a published seed may write the bytes of an earlier one again.
        let written = record.chain.lines().iter().rfind(|l| is_written(&l.event))?.seq;
        Some(Self { record, ciphertext, written, sets: SharesRecord::before(&record.chain, written) })
    }

    /// The last set that is not void.
    pub(super) fn set(&self) -> Option<&SharesRecord> {
        self.sets.iter().rev().find(|s| !s.void)
    }

    /// The last combination before the ciphertext.
    pub(super) fn combined(&self) -> Option<Combined<'r>> {
        combinations(&self.record.chain).filter(|c| c.seq < self.written).last()
    }

    /// Whether material of the ciphertext was made, and whether some was recovered.
    fn origins(&self) -> (bool, bool) {
        let keys: HashSet<_> = self.ciphertext.keys.iter().map(|k| &k.alias).collect();
        let mut last = HashMap::new();
        for line in self.record.chain.lines().iter().take_while(|l| l.seq < self.written) {
            match &line.event {
                Event::MaterialGenerated { alias, .. } => last.insert(alias, false),
                Event::MaterialRecovered { alias, .. } => last.insert(alias, true),
                _ => None,
            };
        }
        let of = |recovered| last.iter().any(|(alias, r)| *r == recovered && keys.contains(alias));
        (of(false), of(true))
    }

    fn check_plan(&self) -> Result<(), BackupFault> {
        let Backup::Slip39 { threshold, shares } = *self.record.plan.backup() else {
            let waived = |e: &Event| matches!(e, Event::BackupWaived { .. });
            let mut before = self.record.chain.lines().iter().take_while(|l| l.seq < self.written);
            return if before.any(|l| waived(&l.event)) { Ok(()) } else { Err(BackupFault::NotWaived) };
        };
        let combined = self.combined().map(|c| c.seq);
        match self.set() {
            // Recovered material has its shares; those that a recovery made anew are held to the plan like any.
            None if self.origins() == (false, true) => Ok(()),
            Some(set) if combined.is_some_and(|at| set.seq < at) && self.origins() == (false, true) => Ok(()),
            None => Err(BackupFault::NoShares),
            Some(set) => self.check_set(set, threshold, shares),
        }
    }

    fn check_set(&self, set: &SharesRecord, threshold: u8, shares: u8) -> Result<(), BackupFault> {
        if (set.threshold, set.shares) != (threshold, shares) {
            return Err(BackupFault::Scheme { threshold: set.threshold, shares: set.shares });
        }
        let people = self.record.plan.participants();
        let mut custodians = people.iter().filter(|p| p.role == Role::Custodian).map(|p| &p.name);
        for number in 1..=shares {
            let share = set.share(number).filter(|s| s.of == shares);
            let share = share.ok_or(BackupFault::NotConfirmed { number })?;
            if share.custodian.as_ref() != custodians.next() {
                return Err(BackupFault::Custodian { number });
            }
        }
        match (set.gives, self.record.plan.keys(), self.ciphertext.keys.as_slice()) {
            (Shared::Material, [_], [key]) if key.commitment == set.commitment && key.kcv == set.kcv => {
                Ok(())
            }
            (Shared::EscrowKey, [_, _, ..], keys) => match set.escrow {
                Some((_, count)) if count == keys.len() as u64 => Ok(()),
                _ => Err(BackupFault::EscrowKeys),
            },
            _ => Err(BackupFault::Gives),
        }
    }

    /// Recovered material came from shares; those of this very record were confirmed in it.
    fn check_combined(&self) -> Result<(), BackupFault> {
        if !self.origins().1 {
            return Ok(());
        }
        let combined = self.combined().ok_or(BackupFault::NotCombined)?;
        if !is_own(&combined, &self.record.chain) {
            return Ok(());
        }
        let known = self.sets.iter().find(|s| s.set == *combined.set && !s.void && s.seq < combined.seq);
        let good = known.is_some_and(|s| {
            s.commitment == combined.commitment && combined.numbers.len() >= usize::from(s.threshold)
        });
        if !good {
            return Err(BackupFault::NotCombined);
        }
        self.check_as_generated(combined.seq)
    }

    /// What came back from this record's own shares is what was generated before.
    fn check_as_generated(&self, combined: u64) -> Result<(), BackupFault> {
        let mut generated = HashMap::new();
        for line in self.record.chain.lines().iter().take_while(|l| l.seq < combined) {
            if let Event::MaterialGenerated { alias, commitment, .. } = &line.event {
                generated.insert(alias, *commitment);
            }
        }
        let same = self.ciphertext.keys.iter().all(|k| generated.get(&k.alias) == Some(&k.commitment));
        if same { Ok(()) } else { Err(BackupFault::Gives) }
    }

    /// The escrow of this record's shares lies in the folder as it was written, and holds the ciphertext's material.
    fn check_escrow(&self) -> Result<(), VerifyError> {
        let Some(set) = self.set().filter(|s| s.gives == Shared::EscrowKey) else { return Ok(()) };
        let fault = || VerifyError::Backup(BackupFault::Escrow);
        let Some((escrow, digest)) = &self.record.escrow else {
            return if set.escrow.is_some() {
                Err(VerifyError::Missing { file: "escrow.json" })
            } else {
                Ok(())
            };
        };
        // A run that was killed between writing it and saying so left no digest: what it holds decides.
        let as_written = set.escrow.is_none_or(|(written, _)| written == *digest);
        let of_this = escrow.backup_set == set.set
            && escrow.escrow_key_commitment == set.commitment
            && escrow.ceremony == *self.record.plan.ceremony()
            && escrow.plan_sha256 == self.record.plan.digest()
            && escrow.purpose == self.record.plan.purpose();
        if as_written && of_this && holds(escrow, self.ciphertext) { Ok(()) } else { Err(fault()) }
    }
}

/// Every key of the ciphertext stands in the escrow with the same material.
fn holds(escrow: &Escrow, ciphertext: &Ciphertext) -> bool {
    let entries: HashMap<&KeyId, _> = escrow.keys.iter().map(|k| (&k.key_id, k)).collect();
    ciphertext.keys.iter().all(|key| {
        entries.get(&key.key_id).is_some_and(|entry| {
            entry.alias == key.alias
                && entry.region == key.region
                && (entry.bits, entry.kcv, entry.commitment) == (key.bits, key.kcv, key.commitment)
        })
    })
}

/// Every combination of shares that a transcript tells of.
pub(super) fn combinations(chain: &Transcript) -> impl Iterator<Item = Combined<'_>> {
    chain.lines().iter().filter_map(|line| match &line.event {
        Event::SharesCombined { set, numbers, commitment, record_head } => {
            Some(Combined { seq: line.seq, set, commitment: *commitment, record_head: *record_head, numbers })
        }
        _ => None,
    })
}

/// The shares were compared with this very record, as it was before.
pub(super) fn is_own(combined: &Combined<'_>, chain: &Transcript) -> bool {
    chain
        .lines()
        .iter()
        .take_while(|l| l.seq <= combined.seq)
        .any(|l| l.seq > 0 && l.prev == combined.record_head)
}

/// Every head that a transcript ever had.
pub(super) fn heads(chain: &Transcript) -> HashSet<Fingerprint> {
    chain.lines().iter().skip(1).map(|l| l.prev).chain([chain.head()]).collect()
}

/// Drills were held with shares of this record, and gave what it committed to.
fn check_drills(record: &Record) -> Result<(), BackupFault> {
    let Some(drills) = &record.drills else { return Ok(()) };
    let (sets, heads) = (SharesRecord::all(&record.chain), heads(&record.chain));
    let known = |set: &BackupSet| sets.iter().find(|s| s.set == *set);
    for line in drills.lines() {
        let good = match &line.event {
            Event::Begun { plan_sha256, .. } => *plan_sha256 == Some(record.plan.digest()),
            Event::SharesCombined { set, commitment, record_head, .. } => {
                known(set).is_some_and(|s| s.commitment == *commitment) && heads.contains(record_head)
            }
            Event::ShareProved { set, number, share_sha256 } => {
                let share = known(set).and_then(|s| s.share(*number));
                share.is_some_and(|s| s.share_sha256 == *share_sha256)
            }
            _ => true,
        };
        if !good {
            return Err(BackupFault::Drill { line: line.seq + 1 });
        }
    }
    Ok(())
}
