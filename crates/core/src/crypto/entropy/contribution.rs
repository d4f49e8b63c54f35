//! One contribution: its kind, its size, and the bits that it is credited with.

use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::bounds::{MAX_CONTRIBUTION, MIN_FILE};
use super::dice::{self, Dice};
use super::entropy_error::EntropyError;

/// The kind of a contribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Rolls of a die: they are counted, and bits are credited.
    Dice,
    /// Typed text: characters are counted, no bits are credited.
    Text,
    /// A file: bytes are counted, no bits are credited.
    File,
    /// The first operator's text, by commit and reveal.
    #[serde(rename = "operator-1")]
    Operator1,
    /// The second operator's text, by commit and reveal.
    #[serde(rename = "operator-2")]
    Operator2,
}

impl Kind {
    /// The name that the record and the pool use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dice => "dice",
            Self::Text => "text",
            Self::File => "file",
            Self::Operator1 => "operator-1",
            Self::Operator2 => "operator-2",
        }
    }
}

/// What the record may say about a contribution: never a digest of it, because a short contribution could be
/// guessed from its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// Its kind.
    pub contribution: Kind,
    /// Rolls, characters or bytes.
    pub count: u64,
    /// Bits of entropy that it is credited with; 0 does not mean that it has no entropy.
    pub credited_bits: u16,
}

impl Credit {
    /// Whether a contribution can have been credited with that many bits. Only dice are credited with any: at least the required
    /// number, and no more than fair dice are worth.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let (count, bits) = (usize::try_from(self.count).unwrap_or(usize::MAX), self.credited_bits);
        match self.contribution {
            Kind::Dice => dice::is_possible(count, bits),
            Kind::File => bits == 0 && (MIN_FILE..=MAX_CONTRIBUTION).contains(&count),
            Kind::Text | Kind::Operator1 | Kind::Operator2 => {
                bits == 0 && (1..=MAX_CONTRIBUTION).contains(&count)
            }
        }
    }
}

/// One secret contribution. No `Clone`, no `Serialize`, redacted `Debug`, wiped on drop.
pub struct Contribution {
    pub(super) kind: Kind,
    count: usize,
    credited_bits: u16,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

impl Contribution {
    /// Takes dice, if they are worth 256 bits.
    ///
    /// # Errors
    /// [`EntropyError::Dice`] with the number of rolls still needed.
    pub fn dice(dice: &Dice) -> Result<Self, EntropyError> {
        let credited_bits = dice.credit()?;
        let bytes = Zeroizing::new(dice.expose().to_vec());
        Ok(Self { kind: Kind::Dice, count: dice.rolls(), credited_bits, bytes })
    }

    /// Takes typed text, unchanged, as UTF-8.
    ///
    /// # Errors
    /// [`EntropyError::Empty`], also for white space alone; [`EntropyError::TooLong`].
    pub fn text(text: &str) -> Result<Self, EntropyError> {
        if text.trim().is_empty() {
            return Err(EntropyError::Empty);
        }
        capped(text.as_bytes())?;
        let bytes = Zeroizing::new(text.as_bytes().to_vec());
        Ok(Self { kind: Kind::Text, count: text.chars().count(), credited_bits: 0, bytes })
    }

    /// Takes a file's bytes.
    ///
    /// # Errors
    /// [`EntropyError::FileShort`] under [`MIN_FILE`] bytes, [`EntropyError::FileConstant`], [`EntropyError::TooLong`].
    pub fn file(bytes: &[u8]) -> Result<Self, EntropyError> {
        if bytes.len() < MIN_FILE {
            return Err(EntropyError::FileShort { bytes: bytes.len() });
        }
        capped(bytes)?;
        if bytes.iter().all(|b| Some(b) == bytes.first()) {
            return Err(EntropyError::FileConstant);
        }
        let bytes = Zeroizing::new(bytes.to_vec());
        Ok(Self { kind: Kind::File, count: bytes.len(), credited_bits: 0, bytes })
    }

    /// Takes an operator's contribution that matched its commitment; no bits are credited.
    pub(super) const fn revealed(kind: Kind, count: usize, bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { kind, count, credited_bits: 0, bytes }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Rolls, characters or bytes.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The bits that it is credited with.
    #[must_use]
    pub const fn credited_bits(&self) -> u16 {
        self.credited_bits
    }

    /// What the record may say about it.
    #[must_use]
    pub const fn credit(&self) -> Credit {
        Credit { contribution: self.kind, count: self.count as u64, credited_bits: self.credited_bits }
    }
}

impl PartialEq for Contribution {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &*self.bytes) == (other.kind, &*other.bytes)
    }
}

impl Eq for Contribution {}

impl fmt::Debug for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contribution({}, [redacted])", self.kind.as_str())
    }
}

fn capped(bytes: &[u8]) -> Result<(), EntropyError> {
    if bytes.len() > MAX_CONTRIBUTION { Err(EntropyError::TooLong) } else { Ok(()) }
}
