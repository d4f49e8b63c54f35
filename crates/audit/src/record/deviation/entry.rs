//! One deviation: what it is, and where in the record.

use keyferry_core::Bilingual;

/// One deviation, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Number of the line in the transcript, from 1; `None` if it concerns the whole record.
    pub line: Option<u64>,
    /// A word for programs, such as `note` or `unsigned`.
    pub kind: &'static str,
    /// The text for people.
    pub text: Bilingual,
}

impl Deviation {
    pub(in crate::record) fn of_record(kind: &'static str, text: Bilingual) -> Self {
        Self { line: None, kind, text }
    }

    pub(in crate::record) fn of_seq(seq: u64, kind: &'static str, text: Bilingual) -> Self {
        Self { line: Some(seq + 1), kind, text }
    }
}
