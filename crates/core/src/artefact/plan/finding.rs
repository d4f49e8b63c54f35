//! What is wrong with a plan: where, how serious, and why.

use core::fmt;
use std::collections::BTreeSet;

use super::PlanError;
use super::schema::is_list;
use crate::toml::{Kind, Table};
use crate::{Bilingual, Explain, bi, refusals};

/// Most findings that are listed: as many as somebody corrects in one round.
pub const MAX_FINDINGS: usize = 50;

/// Whether a finding stops a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Some command would refuse the plan.
    Error,
    /// No command refuses it; the reviewers should know.
    Warning,
}

/// A field of the plan, or one of its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Name of the table; empty for what stands before all tables.
    table: &'static str,
    /// Which of several tables of that name, from 0.
    number: usize,
    /// Name of the field; empty for the table itself.
    field: &'static str,
}

impl Place {
    /// The whole file.
    pub(super) const FILE: Self = Self::root("");

    /// A field before all tables, or a table of which there is one.
    pub(super) const fn root(field: &'static str) -> Self {
        Self::of("", 0, field)
    }

    /// A field of a table.
    pub(super) const fn of(table: &'static str, number: usize, field: &'static str) -> Self {
        Self { table, number, field }
    }

    /// Without the number: what a rule reads is named so, as `purpose`, `key` or `key.region`.
    fn any(self) -> Self {
        Self { number: 0, ..self }
    }

    fn is_named(self, name: &str) -> bool {
        let (table, field) = name.rsplit_once('.').unwrap_or(("", name));
        (self.table, self.field) == (table, field) || (self.table, self.field) == (name, "")
    }

    /// The line of the value, else of the table that should have it; 0 if there is neither.
    pub(super) fn line(self, document: &Table) -> usize {
        let table = self.table.split('.').filter(|part| !part.is_empty());
        let found =
            table.clone().try_fold(document, |within, part| match &within.entries.get(part)?.1.kind {
                Kind::Table(table) => Some(table),
                Kind::Tables(tables) => tables.get(self.number),
                Kind::Array(values) => match &values.get(self.number)?.kind {
                    Kind::Table(table) => Some(table),
                    _ => None,
                },
                _ => None,
            });
        let Some(found) = found else { return 0 };
        let whole = if self.table.is_empty() { 0 } else { found.line };
        found.entries.get(self.field).map_or(whole, |(_, value)| value.line)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.table.is_empty() || self.field.is_empty() { "" } else { " " };
        match self.table {
            "" => {}
            table if is_list(table) => write!(f, "[[{table}]] {}", self.number + 1)?,
            table => write!(f, "[{table}]")?,
        }
        write!(f, "{gap}{}", self.field)
    }
}

refusals! {
    /// One thing that is wrong with a plan.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Finding {
        /// How serious it is.
        pub severity: Severity,
        /// Line of the value, from 1; 0 where no line has it.
        pub line: usize,
        /// Which field.
        pub place: Place,
        /// What is wrong.
        pub why: PlanError,
    }: Refused => (why.control()), class(why.class()), what(in_place(*line, *place, why)), hint(why.hint());
}

/// The error with its line and field.
fn in_place(line: usize, place: Place, why: &PlanError) -> Bilingual {
    // What is wrong with the file as a whole, or a line as a whole, says so itself.
    if matches!(why, PlanError::Character { .. } | PlanError::Encoding(_)) {
        return why.what();
    }
    // So does what is missing.
    let missing = matches!(why, PlanError::Missing { .. });
    let place = if missing { Place { field: "", ..place } } else { place };
    let line = if line == 0 {
        bi!("the plan", "计划文件")
    } else {
        bi!("line {line} of the plan", "计划文件第 {line} 行")
    };
    let place = if place == Place::FILE { bi!("", "") } else { bi!(", {place}", "，{place}") };
    let why = why.what();
    Bilingual {
        en: format!("{}{}: {}", line.en, place.en, why.en),
        zh: format!("{}{}：{}", line.zh, place.zh, why.zh),
    }
}

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

    /// What the rules raise between fields, but nothing that comes from a field that was put right.
    pub(super) fn take(&mut self, raised: Raised, document: &Table) {
        let table = |place: Place| Place { field: "", ..place };
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
