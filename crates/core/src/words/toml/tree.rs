//! A parsed document: values and tables, each with its line; and the faults of a text.

use std::collections::BTreeMap;

use crate::Bilingual;

/// Maximum nesting depth, and maximum number of parts of a dotted key. A plan needs three.
pub(crate) const MAX_DEPTH: usize = 8;

/// A fault in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Line, from 1; `None` if the fault is in the text as a whole.
    pub(crate) line: Option<usize>,
    /// What is wrong there.
    pub(crate) message: Bilingual,
}

impl Fault {
    pub(super) const fn at(line: usize, message: Bilingual) -> Self {
        Self { line: Some(line), message }
    }
}

/// A value and the line on which it begins.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Array(Vec<Value>),
    /// `[[name]]`, to which further headers add tables.
    Tables(Vec<Table>),
    Table(Table),
    /// A value that could not be read; its fault has been reported.
    Unread,
}

/// Names and values, and how the table was created.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) line: usize,
    pub(super) made: Made,
    /// The values, each with the line of its name.
    pub(crate) entries: BTreeMap<String, (usize, Value)>,
}

/// How a table was created, which decides what may still be added to it (TOML 1.0, "Table").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Made {
    /// As a part of a longer header: its own header may follow once.
    #[default]
    InPassing,
    /// By its header.
    Header,
    /// By dotted keys, within one table's section.
    Dotted,
    /// In braces: it is complete.
    Inline,
}
