//! Gathers everything that is wrong with a plan.

use std::collections::BTreeSet;

use super::place::{Place, Severity};
use super::plan_error::{Finding, PlanError};
use crate::toml::Table;

/// Maximum number of findings that are listed: about as many as a person corrects in one round.
pub const MAX_FINDINGS: usize = 50;

/// Everything that was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    findings: Vec<Finding>,
    /// Lines that could not be read: any other finding about them would be noise.
    unread: BTreeSet<usize>,
    /// Fields whose values were replaced so that reading could continue, with and without their tables'
    /// numbers.
    repaired: BTreeSet<Place>,
    anywhere: BTreeSet<Place>,
}

impl Found {
    /// Adds an error in a line, unless the line could not be read, which explains the error.
    pub(super) fn add(&mut self, line: usize, place: Place, why: PlanError) {
        if !self.unread.contains(&line) {
            self.push(Finding { severity: Severity::Error, line, place, why });
        }
    }

    /// Adds an error for a line that cannot be read.
    pub(super) fn add_unread(&mut self, line: usize, why: PlanError) {
        self.add(line, Place::FILE, why);
        self.unread.insert(line);
    }

    fn push(&mut self, finding: Finding) {
        if !self.is_full() {
            self.findings.push(finding);
        }
    }

    /// Notes that a field's value was replaced so that the other fields can be read.
    pub(super) fn repaired(&mut self, place: Place) {
        self.repaired.insert(place);
        self.anywhere.insert(place.any());
    }

    /// Whether this field's value was replaced.
    pub(super) fn is_repaired(&self, place: Place) -> bool {
        self.repaired.contains(&place)
    }

    /// Adds the findings of the rules between fields, except those caused by a replaced value.
    pub(super) fn take(&mut self, raised: Raised, document: &Table) {
        let table = |place: Place| place.whole();
        for Concern { severity, place, reads, why } in raised.0 {
            let made_up = [place, table(place), Place::root(place.table)];
            let ours = made_up.iter().any(|place| self.repaired.contains(place))
                || self.anywhere.iter().any(|place| reads.iter().any(|name| place.is_named(name)));
            if !ours {
                self.push(Finding { severity, line: place.line(document), place, why });
            }
        }
    }

    /// Whether the list is full.
    pub(super) fn is_full(&self) -> bool {
        self.findings.len() >= MAX_FINDINGS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The findings in the order of their lines. Those about the whole file come last, because a wrong line may be
    /// their cause.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        let whole = |finding: &Finding| finding.line == 0 || finding.why == PlanError::Former;
        self.findings.sort_by_key(|finding| (whole(finding), finding.line, finding.severity));
        self.findings
    }
}

/// One finding from a rule between fields.
#[derive(Debug)]
struct Concern {
    severity: Severity,
    place: Place,
    /// The other fields that it depends on.
    reads: &'static [&'static str],
    why: PlanError,
}

/// The findings of the rules between fields.
#[derive(Debug, Default)]
pub(super) struct Raised(Vec<Concern>);

impl Raised {
    /// An error at a field; `reads` names the other fields that it depends on.
    pub(super) fn error(&mut self, place: Place, reads: &'static [&'static str], why: PlanError) {
        self.push(Severity::Error, place, reads, why);
    }

    /// A warning at a field.
    pub(super) fn warn(&mut self, place: Place, reads: &'static [&'static str], why: PlanError) {
        self.push(Severity::Warning, place, reads, why);
    }

    fn push(&mut self, severity: Severity, place: Place, reads: &'static [&'static str], why: PlanError) {
        if self.0.len() < MAX_FINDINGS {
            self.0.push(Concern { severity, place, reads, why });
        }
    }
}
