//! Everything that is found wrong with a plan, as it is gathered.

use std::collections::BTreeSet;

use super::place::{Place, Severity};
use super::plan_error::{Finding, PlanError};
use crate::toml::Table;

/// Most findings that are listed: as many as somebody corrects in one round.
pub const MAX_FINDINGS: usize = 50;

/// Everything that was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    findings: Vec<Finding>,
    /// Lines whose text could not be read as it is: what else is said about them would be noise.
    unread: BTreeSet<usize>,
    /// Fields that were put right to read on, with and without their tables' numbers.
    repaired: BTreeSet<Place>,
    anywhere: BTreeSet<Place>,
}

impl Found {
    /// An error in a line, unless that line has one already that explains it.
    pub(super) fn add(&mut self, line: usize, place: Place, why: PlanError) {
        if !self.unread.contains(&line) {
            self.push(Finding { severity: Severity::Error, line, place, why });
        }
    }

    /// A line that cannot be read as it is.
    pub(super) fn add_unread(&mut self, line: usize, why: PlanError) {
        self.add(line, Place::FILE, why);
        self.unread.insert(line);
    }

    fn push(&mut self, finding: Finding) {
        if !self.is_full() {
            self.findings.push(finding);
        }
    }

    /// A field has another value than the text says, so that the others can be read.
    pub(super) fn repaired(&mut self, place: Place) {
        self.repaired.insert(place);
        self.anywhere.insert(place.any());
    }

    /// Whether that was done with this field.
    pub(super) fn is_repaired(&self, place: Place) -> bool {
        self.repaired.contains(&place)
    }

    /// Findings of the rules between fields, without those that come from a substituted field.
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

    /// Nothing more is listed.
    pub(super) fn is_full(&self) -> bool {
        self.findings.len() >= MAX_FINDINGS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// In the order of their lines; what is wrong with the whole file comes last, as a wrong line may be the cause.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        let whole = |finding: &Finding| finding.line == 0 || finding.why == PlanError::Former;
        self.findings.sort_by_key(|finding| (whole(finding), finding.line, finding.severity));
        self.findings
    }
}

/// What a rule between fields says.
#[derive(Debug)]
struct Concern {
    severity: Severity,
    place: Place,
    /// The other fields that it depends on.
    reads: &'static [&'static str],
    why: PlanError,
}

/// What the rules between fields say.
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
