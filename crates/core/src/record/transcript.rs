//! The transcript: one event per line, and each line contains the SHA-256 of the line before.
//!
//! A changed, dropped, swapped or inserted line breaks the chain. Cutting lines off the end does not; the head digest, which
//! is read aloud and later signed, closes that gap. Lines are canonical JSON, and anybody can recompute the chain with
//! `sha256sum`.

mod act;
mod chain;
mod event;
mod event_kind;
mod line;
mod openings;
mod reading;
mod said;
mod said_in;
mod share_words;
mod shared_names;
mod transcript_error;
mod transcript_v1;

pub use act::{Act, Actor, BadActor, Means};
pub use chain::{Tip, Transcript, Verifier};
pub use event::{Event, HsmKeyEnd, MaterialSource, MemoryKind, Station, TimeSource};
pub use event_kind::{EventKind, Kinds};
pub use line::{Line, TRANSCRIPT_FORMAT};
pub use openings::{MAX_OPENINGS, MAX_REASON, OPENINGS_FORMAT, Opening, Openings, OpeningsError};
pub use said::{Said, SaidIn, Withheld};
pub use share_words::{ShareMedium, Shared};
pub(in crate::record) use shared_names::KnownKey;
pub use shared_names::KnownKeys;
pub use transcript_error::{MAX_LINE, MAX_TRANSCRIPT, TranscriptError};

#[cfg(test)]
mod tests;
