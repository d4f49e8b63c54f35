//! Names that programs pass to each other, each checked once when it is parsed: ceremony, alias, key id, region.
//!
//! Copies of a name share its text, because a record repeats the same few names in every line.
//!
//! These are the most general forms that are safe in file names, on terminals and in texts. Each provider has its own, stricter
//! rule.

use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::provider::sample_names::sample;
use crate::serde_helpers::serde_as_text;
use crate::text::{folded, has_twin, is_deceptive};
use crate::{Bilingual, bi};

/// Why a name was refused; the text says what was expected, and which character is invisible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadName {
    expected: &'static str,
    deceptive: Option<char>,
}

impl BadName {
    fn new(expected: &'static str, found: &str) -> Self {
        Self { expected, deceptive: found.chars().find(|c| is_deceptive(*c)) }
    }
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)?;
        self.deceptive.map_or(Ok(()), |c| write!(f, "; found U+{:04X}", u32::from(c)))
    }
}

impl std::error::Error for BadName {}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $valid:ident, $expected:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Shares the memory of `known` if the names are equal.
            pub fn share(&mut self, other: &Self) {
                if self.0 == other.0 {
                    self.0 = Arc::clone(&other.0);
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(s: &str) -> Result<Self, BadName> {
                if $valid(s.as_bytes()) { Ok(Self(s.into())) } else { Err(BadName::new($expected, s)) }
            }
        }

        serde_as_text!($name);
    )+};
}

names! {
    /// Id of one ceremony, unique in the organisation, safe as a file name.
    CeremonyId, ceremony_id,
        "expected a ceremony id: 1 to 64 of a-z, 0-9, '-', '_' and '.', beginning with a letter or digit";
    /// Alias of a key. The provider's own rule is in its [`Facts`](crate::provider::Facts).
    Alias, alias,
        "expected an alias: 1 to 250 of letters, digits, '-', '_', '.' and '/', beginning with a letter or digit";
    /// The provider's id of a key; its own rule is in its [`Facts`](crate::provider::Facts).
    KeyId, key_id,
        "expected a key id: 1 to 250 of letters, digits and '-_.:/@+=', beginning with a letter or digit";
    /// A region of the provider, or any other name that the provider has for its sites.
    Region, region,
        concat!("expected a region such as ", sample!(region), ": 2 to 64 of a-z, 0-9 and '-'");
    /// Name of a person, as the record must contain it.
    PersonName, person_name,
        "expected a name of 1 to 100 visible characters, each in its usual composed form, without a space at either end";
    /// A note in a record: one line without control characters.
    NoteText, note_text,
        "expected one line of 1 to 1000 visible characters, without a space at either end";
}

fn ceremony_id(s: &[u8]) -> bool {
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    (1..=64).contains(&s.len())
        && s.iter().all(inner)
        && s.first().is_some_and(u8::is_ascii_alphanumeric)
        && !s.windows(2).any(|w| w == b"..")
}

fn alias(s: &[u8]) -> bool {
    is_name(s, b"-_./")
}

fn key_id(s: &[u8]) -> bool {
    is_name(s, b"-_.:/@+=")
}

/// Whether it has only characters that no file system, terminal or text misinterprets.
fn is_name(s: &[u8], signs: &[u8]) -> bool {
    (1..=250).contains(&s.len())
        && s.iter().all(|b| b.is_ascii_alphanumeric() || signs.contains(b))
        && s.first().is_some_and(u8::is_ascii_alphanumeric)
        && !s.windows(2).any(|w| w == b".." || w == b"//")
}

fn region(s: &[u8]) -> bool {
    (2..=64).contains(&s.len())
        && s.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
        && s.first().is_some_and(u8::is_ascii_lowercase)
        && s.last() != Some(&b'-')
}

fn person_name(s: &[u8]) -> bool {
    is_line(s, 100, |c| is_deceptive(c) || has_twin(c))
}

fn note_text(s: &[u8]) -> bool {
    is_line(s, 1000, is_deceptive)
}

/// Whether it is one line of text, without a space at either end and without refused characters.
fn is_line(s: &[u8], most: usize, refused: impl Fn(char) -> bool) -> bool {
    core::str::from_utf8(s)
        .is_ok_and(|s| (1..=most).contains(&s.chars().count()) && s.trim() == s && !s.chars().any(refused))
}

impl PersonName {
    /// A form that names have in common if people could confuse them. Two people in one plan must not share it.
    pub(crate) fn folded(&self) -> String {
        folded(&self.0)
    }
}

/// Whether a ceremony makes a real key or is for practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// The real ceremony, against the provider.
    Production,
    /// The same steps, against the emulator. A production run refuses everything that a rehearsal made.
    Rehearsal,
}

impl Purpose {
    /// The word in plans and artefacts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Rehearsal => "rehearsal",
        }
    }

    /// The word, as used in a sentence.
    #[must_use]
    pub fn name(self) -> Bilingual {
        match self {
            Self::Production => bi!("production ceremony", "正式仪式"),
            Self::Rehearsal => bi!("rehearsal", "演练"),
        }
    }

    /// The word on a screen, in a form in which the two cannot be confused.
    #[must_use]
    pub fn title(self) -> Bilingual {
        match self {
            Self::Production => bi!("PRODUCTION", "正式仪式"),
            Self::Rehearsal => bi!("REHEARSAL", "演练"),
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_pass_and_names_that_do_not() {
        for good in ["payments-2026-11", "a", "x.y_z"] {
            assert!(good.parse::<CeremonyId>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "A", "a/b", "a..b", ".", &"a".repeat(65), "密"] {
            assert!(bad.parse::<CeremonyId>().is_err(), "{bad}");
        }
        for good in
            ["23e80852-1e38-11e9-b129-5cb9019b4b01", "arn:toy:kms:eu-west-1:111122223333:key/mrk-1234abcd"]
        {
            assert!(good.parse::<KeyId>().is_ok(), "{good}");
        }
        for bad in ["", "-x", "a b", "a..b", "a//b", "a\"b", "a\\b", "密", &"a".repeat(251)] {
            assert!(bad.parse::<KeyId>().is_err(), "{bad}");
        }
        for bad in ["_a", "", "a b", "a:b", "a/../b", &"a".repeat(251)] {
            assert!(bad.parse::<Alias>().is_err(), "{bad}");
        }
        for bad in ["", "a", "ap-", "AP-x", "-ap", "a_b-c", "1a", &"a".repeat(65)] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
        for good in ["王 小明", "王小明（财务）", "阿依古丽·买买提", "O'Brien", "Müller", "Ada\u{3000}Moss"]
        {
            assert!(good.parse::<PersonName>().is_ok(), "{good}");
        }
        // A space at the end, and characters with a more usual form: u with a diaeresis, Angstrom, fi, e.
        for bad in ["Ada ", "Mu\u{308}ller", "\u{212b}sa", "\u{fb01}nn", "\u{2091}va", &"a".repeat(101)] {
            assert!(bad.parse::<PersonName>().is_err(), "{bad}");
        }
        assert!("a\u{1b}[2J".parse::<PersonName>().is_err());
        assert!("封条 4711 已破损，已更换。".parse::<NoteText>().is_ok());
        for bad in ["", " ", "a ", "a\nb", "a\u{202e}b", &"a".repeat(1001)] {
            assert!(bad.parse::<NoteText>().is_err(), "{bad}");
        }
    }
}
