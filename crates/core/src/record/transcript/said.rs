//! A name or free text in a record: either as it was said, or as a commitment to it. With commitments, a record can be
//! shown without revealing the people in it.
//!
//! A commitment is SHA-256 over a domain, the ceremony, the member that it is in, a salt of 32 bytes and the text, each with its
//! length. Each commitment has its own salt, so equal names have different commitments, and an attacker without the salt cannot
//! try names. The ceremony and the member are included, so an opening fits only one place. Salt and text are in an
//! [`Opening`](super::Opening), which is kept apart from the record.

use core::fmt::Display;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Bilingual, CeremonyId, Fingerprint, bi};

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

/// The member of a line that contains a name or free text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SaidIn {
    /// `reason` of `posture-waived`.
    PostureReason,
    /// `reason` of `backup-waived`.
    BackupReason,
    /// `custodian` of `share-confirmed`.
    Custodian,
    /// `by` of `note`.
    NoteBy,
    /// `text` of `note`.
    NoteText,
}

impl SaidIn {
    /// All members.
    pub const ALL: [Self; 5] =
        [Self::PostureReason, Self::BackupReason, Self::Custodian, Self::NoteBy, Self::NoteText];

    /// The word for this member in an opening.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PostureReason => "posture-reason",
            Self::BackupReason => "backup-reason",
            Self::Custodian => "custodian",
            Self::NoteBy => "note-by",
            Self::NoteText => "note-text",
        }
    }
}

impl Withheld {
    /// Commits to something that was said in a ceremony. The salt comes from a random generator and is used
    /// once.
    #[must_use]
    pub fn of(ceremony: &CeremonyId, member: SaidIn, salt: &[u8; 32], text: &str) -> Self {
        let (ceremony, member) = (ceremony.as_str().as_bytes(), member.as_str().as_bytes());
        Self { commitment: Fingerprint::of_fields(&[DOMAIN, ceremony, member, salt, text.as_bytes()]) }
    }

    /// The digest.
    #[must_use]
    pub const fn commitment(&self) -> Fingerprint {
        self.commitment
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

impl<T: Display> Said<T> {
    /// The text; or, if it is withheld, a note that says so, with the beginning of the commitment.
    #[must_use]
    pub fn shown(&self) -> Bilingual {
        match self {
            Self::Open(text) => bi!("{text}", "{text}"),
            Self::Withheld(withheld) => {
                let short: String = withheld.commitment.to_string().chars().take(12).collect();
                bi!("(withheld: {short}…)", "（未公开：{short}…）")
            }
        }
    }
}

impl<T> From<T> for Said<T> {
    fn from(text: T) -> Self {
        Self::Open(text)
    }
}

impl<T: Display> Display for Said<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.shown().en)
    }
}

/// A member of any type.
pub(super) trait Member {
    fn text(&self) -> Result<String, Withheld>;
    fn withhold(&mut self, withheld: Withheld);
    /// `false` if the text is not allowed in this member.
    fn reveal(&mut self, text: &str) -> bool;
}

impl<T: Display + FromStr> Member for Said<T> {
    fn text(&self) -> Result<String, Withheld> {
        match self {
            Self::Open(text) => Ok(text.to_string()),
            Self::Withheld(withheld) => Err(*withheld),
        }
    }

    fn withhold(&mut self, withheld: Withheld) {
        *self = Self::Withheld(withheld);
    }

    fn reveal(&mut self, text: &str) -> bool {
        text.parse().map(|text| *self = Self::Open(text)).is_ok()
    }
}
