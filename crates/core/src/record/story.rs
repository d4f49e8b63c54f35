//! The story of a ceremony: the only place where the lines of a transcript are summed up.
//!
//! [`Story::of`] reads a verified chain once, line by line, and keeps what the lines say about commands, keys, shares, crossings
//! and people. Methods here answer all other questions about a record, so that two programs cannot answer differently. It
//! borrows from the chain; the memory and the time that it needs are linear in the number of lines.
//!
//! It judges nothing: the table of [`steps`](crate::steps) says which lines must be there, and the caller decides what a missing
//! line means.

mod asked;
mod commands;
mod crossings;
mod keys;
mod people;
mod share_sets;
mod told;

pub use commands::{ClockBack, Finish, Run, RunEnd};
pub use crossings::{Exported, Seen, Written};
pub use keys::{Created, Fetched, Imported, InService, KeyEnd, KeyStory, Material, Origin, Proof, Wrapped};
pub use people::{Note, TimeGiver};
pub use share_sets::{
    BackupKey, Combined, ConfirmedShare, EscrowDigest, Recoverable, ShareProof, SharesBefore, Sharing,
    Voided, Waived,
};
pub use told::Story;

#[cfg(test)]
mod tests;
