//! Where in a plan something is wrong, and how serious it is.

use core::fmt;

use super::schema::is_list;
use crate::toml::{Kind, Table};

/// Whether a finding stops a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// At least one command would refuse the plan.
    Error,
    /// No command refuses the plan, but the reviewers should know.
    Warning,
}

/// A field of the plan, or one of its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Name of the table; empty for the fields before the first table.
    pub(super) table: &'static str,
    /// The index among several tables of that name, from 0.
    number: usize,
    /// Name of the field; empty for the table itself.
    pub(super) field: &'static str,
}

impl Place {
    /// The whole file.
    pub(super) const FILE: Self = Self::root("");

    /// A field before the first table, or a table that appears only once.
    pub(super) const fn root(field: &'static str) -> Self {
        Self::of("", 0, field)
    }

    /// A field of a table.
    pub(super) const fn of(table: &'static str, number: usize, field: &'static str) -> Self {
        Self { table, number, field }
    }

    /// The table that it is in.
    pub(super) fn whole(self) -> Self {
        Self { field: "", ..self }
    }

    /// The place without its table's number, which is how rules name the fields that they read: `purpose`,
    /// `key` or `key.region`.
    pub(super) fn any(self) -> Self {
        Self { number: 0, ..self }
    }

    pub(super) fn is_named(self, name: &str) -> bool {
        let (table, field) = name.rsplit_once('.').unwrap_or(("", name));
        (self.table, self.field) == (table, field) || (self.table, self.field) == (name, "")
    }

    /// The line of the value, or of the table that should have it; 0 if there is neither.
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
