//! The name of a set of shares: the two words that each of its shares begins with (SLIP-0039: identifier, flag and exponent).

use core::fmt;
use core::str::FromStr;

use crate::serde_helpers::serde_as_text;

/// Two words of four to eight lower-case letters with a space between them. It is not secret, because every
/// share shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BackupSet(String);

/// The text is not two such words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadBackupSet;

impl fmt::Display for BadBackupSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected the two words that name a set of shares")
    }
}

impl std::error::Error for BadBackupSet {}

impl FromStr for BackupSet {
    type Err = BadBackupSet;

    fn from_str(s: &str) -> Result<Self, BadBackupSet> {
        let word = |w: &str| (4..=8).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_lowercase());
        match s.split_once(' ') {
            Some((first, second)) if word(first) && word(second) => Ok(Self(s.to_owned())),
            _ => Err(BadBackupSet),
        }
    }
}

impl fmt::Display for BackupSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

serde_as_text!(BackupSet);
