//! Checks that `finished` counts the keys that the lines of the run name.

use std::collections::{HashMap, HashSet};

use keyferry_core::plan::Backup;
use keyferry_core::steps::{HSM_REWRAP, HSM_WRAP};
use keyferry_core::transcript::Shared;
use keyferry_core::{CeremonyPlan, Event, EventKind, Fingerprint, KeyId};

use super::{CourseFault, Stretch};

/// Returns a fault for every run whose count is wrong, in order.
pub(super) fn check(runs: &[Stretch<'_>], plan: &CeremonyPlan) -> Vec<CourseFault> {
    let mut so_far = SoFar { planned: plan.keys().len() as u64, ..SoFar::default() };
    let mut faults = Vec::new();
    for run in runs {
        if !so_far.counts(run) {
            faults.push(CourseFault::Counts { line: run.line() });
        }
        faults.extend(check_shares(run, plan.backup()).err());
    }
    faults
}

/// The facts from earlier runs.
#[derive(Default)]
struct SoFar<'t> {
    planned: u64,
    /// The keys that were created under each draft.
    created: HashMap<Option<Fingerprint>, HashSet<&'t KeyId>>,
    /// Whether an export was cut off.
    cut: bool,
    /// How many keys the last export has.
    exported: Option<u64>,
    /// The keys that were proved.
    proved: HashSet<&'t KeyId>,
}

impl<'t> SoFar<'t> {
    fn counts(&mut self, run: &Stretch<'t>) -> bool {
        match run.course.command {
            "create-key" => self.create(run),
            "export" => self.export(run),
            "import" => self.import(run),
            "wrap" | "rewrap" | HSM_WRAP | HSM_REWRAP => self.wrapped(run),
            _ => true,
        }
    }

    fn create(&mut self, run: &Stretch<'t>) -> bool {
        let draft = run.first(|line| match line.event {
            Event::Begun { plan_sha256, .. } => Some(plan_sha256),
            _ => None,
        });
        let created = run.lines.iter().filter_map(|line| match &line.event {
            Event::KeyCreated { key_id, .. } => Some(key_id),
            _ => None,
        });
        let known = self.created.entry(draft.flatten()).or_default();
        // If an earlier run created a key under this draft, this run adopts the key without naming it again.
        let earlier = known.len() as u64;
        known.extend(created);
        let now = known.len() as u64 - earlier;
        let Some((succeeded, failed)) = run.finish() else { return true };
        // A key that was created but could not be checked has a line of each kind: created and failed.
        succeeded <= earlier + now && now <= succeeded + failed && run.count(EventKind::KeyFailed) == failed
    }

    fn export(&mut self, run: &Stretch<'t>) -> bool {
        let keys = run.first(|line| match line.event {
            Event::Exported { keys, .. } => Some(keys),
            _ => None,
        });
        self.exported = keys.or(self.exported);
        // The program writes the lines of all keys at once; only a run that finishes an interrupted one writes
        // just the missing lines.
        let named = run.count(EventKind::ParametersFetched) + run.count(EventKind::KeyFailed);
        if run.second && !run.torn && !self.cut && named > 0 && named != self.planned {
            return false;
        }
        let Some((succeeded, failed)) = run.finish() else {
            self.cut = true;
            return true;
        };
        let refused = run.count(EventKind::KeyFailed);
        (succeeded == 0 || self.exported == Some(succeeded))
            && succeeded + failed == self.planned
            // A run that only finishes an earlier one does not name a key again.
            && (refused == failed || (self.cut && refused == 0))
    }

    fn import(&mut self, run: &Stretch<'t>) -> bool {
        let proved = run.lines.iter().filter_map(|line| match &line.event {
            Event::Proved { key_id, .. } => Some(key_id),
            _ => None,
        });
        let now: HashSet<&KeyId> = proved.collect();
        let earlier = self.proved.difference(&now).count() as u64;
        self.proved.extend(&now);
        let Some((succeeded, failed)) = run.finish() else { return true };
        let now = now.len() as u64;
        // A key that was proved before is not proved again.
        (now..=now + earlier).contains(&succeeded)
            && run.count(EventKind::KeyFailed) == failed
            && succeeded + failed <= self.planned
    }

    fn wrapped(&self, run: &Stretch<'t>) -> bool {
        let written = run.first(|line| match line.event {
            Event::CiphertextWritten { keys, .. } => Some(keys),
            _ => None,
        });
        if run.count(EventKind::GaveUp) > 0 && written.is_some() {
            return false;
        }
        match run.finish() {
            None => true,
            Some((0, failed)) => written.is_none() && failed <= self.planned,
            Some((succeeded, failed)) => {
                let wrapped = run.count(EventKind::Wrapped);
                written == Some(wrapped) && succeeded == wrapped && run.count(EventKind::KeyFailed) == failed
            }
        }
    }
}

/// Checks that there are as many shares as the plan requires. In a run that succeeded, each must have been read back, and the
/// escrow must hold every key.
fn check_shares(run: &Stretch<'_>, backup: &Backup) -> Result<(), CourseFault> {
    let made = run.first(|line| match line.event {
        Event::SharesMade { threshold, shares, gives, .. } => Some((line.seq + 1, threshold, shares, gives)),
        _ => None,
    });
    let Some((line, threshold, shares, gives)) = made else { return Ok(()) };
    let planned =
        matches!(*backup, Backup::Slip39 { threshold: t, shares: n } if (t, n) == (threshold, shares));
    let escrow = run.first(|line| match line.event {
        Event::EscrowWritten { keys, .. } => Some(keys),
        _ => None,
    });
    let wrapped = run.count(EventKind::Wrapped);
    let holds = (gives == Shared::EscrowKey).then_some(wrapped);
    let whole = run.count(EventKind::ShareConfirmed) == u64::from(shares) && escrow == holds;
    let begun = escrow.is_none() || escrow == holds;
    let succeeded = run.finish().is_some_and(|(succeeded, _)| succeeded > 0);
    if planned && begun && (whole || !succeeded) { Ok(()) } else { Err(CourseFault::Shares { line }) }
}
