//! The transcript: one event per line, and each line contains the SHA-256 of the line before.
//!
//! A changed, dropped, swapped or inserted line breaks the chain. Cutting lines off the end does not; the head digest, which
//! is read aloud and later signed, closes that gap. Lines are canonical JSON, and anybody can recompute the chain with
//! `sha256sum`.

mod act;
mod chain;
mod error;
mod event;
mod former;
mod kind;
mod known;
mod line;
mod openings;
mod reading;
mod said;
mod said_in;
mod shares;

pub use act::{Act, Actor, BadActor, Means};
pub use chain::{Tip, Transcript, Verifier};
pub use error::{MAX_LINE, MAX_TRANSCRIPT, TranscriptError};
pub use event::{Event, HsmKeyEnd, MaterialSource, MemoryKind, Station, TimeSource};
pub use kind::{EventKind, Kinds};
pub(in crate::record) use known::KnownKey;
pub use known::KnownKeys;
pub use line::{Line, TRANSCRIPT_FORMAT};
pub use openings::{MAX_OPENINGS, MAX_REASON, OPENINGS_FORMAT, Opening, Openings, OpeningsError};
pub use said::{Said, SaidIn, Withheld};
pub use shares::{ShareMedium, Shared};

#[cfg(test)]
mod tests;
