//! Contributions to entropy that can only add: dice, typed text, files, two operators; and the generator that mixes them in.
//!
//! Material comes from the operating system's generator. A [`Pool`] of contributions is mixed into every block of it ([`Mixed`]):
//! whoever knows one of the two sources and not the other knows nothing of the output. Only dice are credited with bits, because only
//! for dice somebody can say how many there are; everything else adds without being counted. Refused: dice worth less than 256 bits, empty,
//! oversize and constant contributions, and reveals that are not what was committed.
//!
//! `ceremony/operate/entropy.md` says it for those who recompute; `ceremony/operate/entropy-vectors.json` has values.

mod commitment;
mod dice;
mod error;
mod hkdf;
mod mixed;

use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::scrub::scrub_stack;

pub use commitment::{Commitments, NONCE_DIGITS};
pub use dice::{DICE_BITS, Dice, MAX_ROLLS, fair_rolls};
pub use error::{DiceFault, EntropyError};
pub use mixed::{Mixed, MixedError};

/// Longest contribution in bytes.
pub const MAX_CONTRIBUTION: usize = 1024 * 1024;
/// Shortest file in bytes.
pub const MIN_FILE: usize = 32;
/// HMAC's key of the pool.
const POOL: &[u8] = b"keyferry/entropy-pool/1";

/// What a contribution is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Rolls of a die: counted, and credited.
    Dice,
    /// Typed text: characters are counted, no bits are credited.
    Text,
    /// A file: bytes are counted, no bits are credited.
    File,
    /// The first operator's, by commit and reveal.
    #[serde(rename = "operator-1")]
    Operator1,
    /// The second operator's.
    #[serde(rename = "operator-2")]
    Operator2,
}

impl Kind {
    /// As it stands in the record and in the pool.
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

/// What the record may say of a contribution: never a digest of it, as a short one could be guessed from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// What it is.
    pub contribution: Kind,
    /// Rolls, characters or bytes.
    pub count: u64,
    /// Bits of entropy that it is credited with; 0 does not mean that it has none.
    pub credited_bits: u16,
}

impl Credit {
    /// Whether a contribution can have been credited so: dice alone have bits, as many as they need and no more than fair ones give.
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
    kind: Kind,
    count: usize,
    credited_bits: u16,
    bytes: Zeroizing<Vec<u8>>,
}

impl Contribution {
    /// Dice, if they are worth 256 bits.
    ///
    /// # Errors
    /// [`EntropyError::Dice`] with the number of rolls still needed.
    pub fn dice(dice: &Dice) -> Result<Self, EntropyError> {
        let credited_bits = dice.credit()?;
        let bytes = Zeroizing::new(dice.expose().to_vec());
        Ok(Self { kind: Kind::Dice, count: dice.rolls(), credited_bits, bytes })
    }

    /// Typed text, taken as it is in UTF-8.
    ///
    /// # Errors
    /// [`EntropyError::Empty`], also of white space alone; [`EntropyError::TooLong`].
    pub fn text(text: &str) -> Result<Self, EntropyError> {
        if text.trim().is_empty() {
            return Err(EntropyError::Empty);
        }
        capped(text.as_bytes())?;
        let bytes = Zeroizing::new(text.as_bytes().to_vec());
        Ok(Self { kind: Kind::Text, count: text.chars().count(), credited_bits: 0, bytes })
    }

    /// A file's bytes.
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

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Rolls, characters or bytes.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Bits that it is credited with.
    #[must_use]
    pub const fn credited_bits(&self) -> u16 {
        self.credited_bits
    }

    /// What the record may say of it.
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

/// All contributions in 32 octets. Redacted `Debug`, wiped on drop.
pub struct Pool(hkdf::Block);

impl Pool {
    /// HMAC-SHA-256 (RFC 2104) keyed with `keyferry/entropy-pool/1` over kind and bytes of each, in the order given, each with its length
    /// before it (8 octets, big endian).
    #[must_use]
    pub fn of(contributions: &[Contribution]) -> Self {
        let pool = gather(contributions);
        scrub_stack();
        Self(pool)
    }

    fn expose(&self) -> &[u8] {
        &*self.0
    }
}

/// In a frame of its own, so that [`scrub_stack`] reaches what HMAC left.
#[inline(never)]
fn gather(contributions: &[Contribution]) -> hkdf::Block {
    let length = |bytes: &[u8]| (bytes.len() as u64).to_be_bytes();
    let lengths: Vec<_> =
        contributions.iter().map(|c| (length(c.kind.as_str().as_bytes()), length(&c.bytes))).collect();
    let fields = contributions.iter().zip(&lengths);
    let fields =
        fields.flat_map(|(c, (kind, bytes))| [&kind[..], c.kind.as_str().as_bytes(), bytes, &c.bytes]);
    hkdf::hmac(POOL, &fields.collect::<Vec<_>>())
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_credit_is_possible_if_a_contribution_can_have_it() {
        let credit = |contribution, count, credited_bits| Credit { contribution, count, credited_bits };
        let possible =
            [(Kind::Dice, 100, 256), (Kind::Dice, 100, 258), (Kind::File, 32, 0), (Kind::Text, 1, 0)];
        let others = [
            (Kind::Dice, 99, 256),
            (Kind::Dice, 100, 255),
            (Kind::Dice, 100, 259),
            (Kind::Dice, u64::MAX, 256),
            (Kind::File, 31, 0),
            (Kind::File, 32, 1),
            (Kind::Text, 0, 0),
            (Kind::Text, 20, 20),
            (Kind::Operator2, 0, 0),
        ];
        assert!(possible.into_iter().all(|(kind, count, bits)| credit(kind, count, bits).is_possible()));
        assert!(!others.into_iter().any(|(kind, count, bits)| credit(kind, count, bits).is_possible()));
    }

    #[test]
    fn contributions_have_bounds() {
        assert_eq!(Contribution::text("").unwrap_err(), EntropyError::Empty);
        assert_eq!(Contribution::text(" \t").unwrap_err(), EntropyError::Empty);
        assert_eq!(
            Contribution::text("一 b").unwrap().credit(),
            Credit { contribution: Kind::Text, count: 3, credited_bits: 0 }
        );
        let long = "x".repeat(MAX_CONTRIBUTION);
        assert!(Contribution::text(&long).is_ok());
        assert_eq!(Contribution::text(&(long + "x")).unwrap_err(), EntropyError::TooLong);
        assert_eq!(Contribution::file(&[1; 31]).unwrap_err(), EntropyError::FileShort { bytes: 31 });
        assert_eq!(Contribution::file(&[1; 32]).unwrap_err(), EntropyError::FileConstant);
        let mut file = [1; 32];
        file[31] = 2;
        assert_eq!(Contribution::file(&file).unwrap().count(), 32);
        assert_eq!(Contribution::file(&vec![1; MAX_CONTRIBUTION + 1]).unwrap_err(), EntropyError::TooLong);
        assert_eq!(
            Contribution::dice(&Dice::new()).unwrap_err().to_string(),
            "0 rolls are less than 256 bits: 100 more rolls are needed"
        );
    }

    #[test]
    fn nothing_shows_in_debug() {
        let secret = Contribution::text("hunter2").unwrap();
        let shown = format!("{secret:?} {:?}", Pool::of(&[]));
        assert_eq!(shown, "Contribution(text, [redacted]) Pool([redacted])");
    }

    #[test]
    fn kinds_are_written_as_they_are_mixed() {
        for kind in [Kind::Dice, Kind::Text, Kind::File, Kind::Operator1, Kind::Operator2] {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("{:?}", kind.as_str()));
        }
    }

    proptest! {
        #[test]
        fn another_division_of_the_same_bytes_is_another_pool(text in "[a-z]{2,20}", at in 1usize..19) {
            let at = at.min(text.len() - 1);
            let pool = |parts: &[&str]| {
                let parts: Vec<_> = parts.iter().map(|p| Contribution::text(p).unwrap()).collect();
                Pool::of(&parts).expose().to_vec()
            };
            let (a, b) = text.split_at(at);
            prop_assert_ne!(pool(&[&text]), pool(&[a, b]));
            prop_assert!(a == b || pool(&[a, b]) != pool(&[b, a]));
        }
    }
}
