//! A name or free text of a record: as it was said, or a commitment to it, so that a record can be shown without its people.
//!
//! A commitment is SHA-256 over a domain, a salt of 32 bytes and the text, each with its length. Salt and text stand in an opening,
//! which is kept apart from the record. Without it the text is withheld; with a wrong one the record is refused.

use serde::{Deserialize, Serialize};

use crate::Fingerprint;

const DOMAIN: &[u8] = b"keyferry/said/1";

/// A name or free text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said<T> {
    /// As it was said.
    Open(T),
    /// A commitment to it.
    Withheld(Withheld),
}

/// A commitment to a name or free text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    commitment: Fingerprint,
}

impl Withheld {
    /// Commits to a text. The salt comes from a random generator and is used once.
    #[must_use]
    pub fn of(salt: &[u8; 32], text: &str) -> Self {
        Self { commitment: Fingerprint::of_fields(&[DOMAIN, salt, text.as_bytes()]) }
    }
}

impl<T> Said<T> {
    /// The text, unless it is withheld.
    pub const fn open(&self) -> Option<&T> {
        match self {
            Self::Open(text) => Some(text),
            Self::Withheld(_) => None,
        }
    }
}

impl<T> From<T> for Said<T> {
    fn from(text: T) -> Self {
        Self::Open(text)
    }
}

impl<T: core::fmt::Display> core::fmt::Display for Said<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Open(text) => text.fmt(f),
            Self::Withheld(withheld) => write!(f, "(withheld: {})", withheld.commitment),
        }
    }
}
