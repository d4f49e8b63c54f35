//! One share: its fields, and its words (SLIP-0039, "Format of the share mnemonic").
//!
//! Refuses words that are not in the list, lengths that no share has, a wrong checksum, set bits in the padding, and fields that
//! contradict each other. No refusal quotes a word.

use core::fmt;

use keyferry_core::scrub::scrub_stack;
use zeroize::Zeroizing;

use crate::completion::{candidates, suggest};
use crate::rs1024::{self, CHECKSUM_WORDS};
use crate::{bits, wordlist};

mod share_error;

pub use share_error::{LengthFault, ShareError, WordFault};

/// Words before the value: 40 bits of fields.
const HEADER_WORDS: usize = 4;
/// Words of the shortest share, for 128 bits.
pub const MIN_WORDS: usize = 20;
/// Words of the longest share: an RS1024 code word has room for this many after the longer customization
/// string.
pub const MAX_WORDS: usize = 1023 - 17;
/// Longest text that is examined, in bytes: [`MAX_WORDS`] words of eight letters, each with some space.
pub const MAX_TEXT: usize = 16 * 1024;

/// The name of a set, which the first two words of all its shares encode. It is not secret, because every
/// share shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SetName {
    /// Random, 15 bits.
    pub identifier: u16,
    /// The extendable backup flag: the encryption does not depend on the identifier, so further sets of the same secret can be
    /// made. Without it, the identifier is part of the salt, so a further set under another identifier encrypts the secret
    /// again.
    pub extendable: bool,
    /// The e in 10,000 · 2^e iterations of PBKDF2; 0 to 15.
    pub iteration_exponent: u8,
}

impl SetName {
    /// The set whose shares begin with these two words; `None` if they are not two words of the list.
    #[must_use]
    pub fn of_words(text: &str) -> Option<Self> {
        let (first, second) = text.split_once(' ')?;
        let bits = u32::from(wordlist::position(first)?) << 10 | u32::from(wordlist::position(second)?);
        let part = |shift: u32, mask: u32| bits >> shift & mask;
        Some(Self {
            identifier: u16::try_from(part(5, 0x7fff)).ok()?,
            extendable: part(4, 1) == 1,
            iteration_exponent: u8::try_from(part(0, 0xf)).ok()?,
        })
    }

    /// The number of HMAC-SHA-256 computations for encrypting or decrypting the secret; each takes about half
    /// a microsecond.
    #[must_use]
    pub const fn iterations(&self) -> u64 {
        10_000 << self.iteration_exponent
    }

    fn bits(self) -> u64 {
        u64::from(self.identifier) << 5 | u64::from(self.extendable) << 4 | u64::from(self.iteration_exponent)
    }
}

impl fmt::Display for SetName {
    /// The two words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for word in ten_bits(self.bits(), [10, 0]) {
            if !text.is_empty() {
                text.push(' ');
            }
            wordlist::push_word(word, &mut text);
        }
        f.pad(&text)
    }
}

impl fmt::Debug for SetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetName({self})")
    }
}

/// Ten bits of `value` for each of `shifts`, starting that many bits above the lowest.
fn ten_bits<const N: usize>(value: u64, shifts: [u32; N]) -> [u16; N] {
    // Ten bits always fit.
    shifts.map(|shift| u16::try_from(value >> shift & 0x3ff).unwrap_or_default())
}

/// The place of a share in its set. Not secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the group, from 0.
    pub group_index: u8,
    /// How many groups recover the secret, 1 to 16.
    pub group_threshold: u8,
    /// How many groups there are, 1 to 16.
    pub group_count: u8,
    /// Index of the share in its group, from 0; people count from 1.
    pub member_index: u8,
    /// How many shares recover the group, 1 to 16.
    pub member_threshold: u8,
}

/// One share. No `Clone`, no `Serialize`, redacted `Debug`; its value is wiped on drop.
///
/// # Examples
/// ```
/// use keyferry_slip39::Share;
/// // Vector 4 of the reference implementation.
/// let words = "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short \
///              owner flip making coding armed";
/// let share = Share::parse(words)?;
/// assert_eq!((share.name().to_string().as_str(), share.place().member_threshold), ("shadow pistol", 2));
/// assert_eq!(share.words().as_str(), words);
/// # Ok::<(), keyferry_slip39::ShareError>(())
/// ```
pub struct Share {
    name: SetName,
    place: Place,
    value: Zeroizing<Vec<u8>>,
}

impl Share {
    pub(crate) fn new(name: SetName, place: Place, value: Zeroizing<Vec<u8>>) -> Self {
        Self { name, place, value }
    }

    /// Reads the words of one share, in upper or lower case, with any white space between them.
    ///
    /// # Errors
    /// [`ShareError`] says what is wrong, and where if that is known.
    pub fn parse(text: &str) -> Result<Self, ShareError> {
        let parsed = Self::parse_words(text);
        scrub_stack();
        parsed
    }

    #[inline(never)]
    fn parse_words(text: &str) -> Result<Self, ShareError> {
        let words = indices(text)?;
        let length = words.len();
        let value_words = length.saturating_sub(HEADER_WORDS + CHECKSUM_WORDS);
        if !(MIN_WORDS..=MAX_WORDS).contains(&length) || bits::bytes_in(value_words).is_none() {
            return Err(ShareError::Length { words: length, fault: LengthFault::of(length) });
        }
        let (data, _) = words.split_at(HEADER_WORDS + value_words);
        let (header, value) = data.split_at(HEADER_WORDS);
        let header = header.iter().fold(0, |bits, word| bits << 10 | u64::from(*word));
        let name = name_of(header);
        let remainder = rs1024::remainder(name.extendable, &words);
        if remainder != 0 {
            let several = LengthFault::of(length) == LengthFault::SeveralShares;
            let suspect = rs1024::locate(name.extendable, &words, remainder);
            return Err(ShareError::Checksum { words: length, suspect, several });
        }
        let place = place_of(header)?;
        let value = bits::bytes(value).ok_or(ShareError::Padding)?;
        Ok(Self { name, place, value })
    }

    /// The words, in lower case with one space between them.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        let text = self.write_words();
        scrub_stack();
        text
    }

    #[inline(never)]
    fn write_words(&self) -> Zeroizing<String> {
        // Allocate room for all words at once, because a vector or string that grows leaves copies behind.
        let count = HEADER_WORDS + bits::words_for(self.value.len()) + CHECKSUM_WORDS;
        let mut words = Zeroizing::new(Vec::with_capacity(count));
        words.extend(ten_bits(self.header(), [30, 20, 10, 0]));
        bits::push_words(&self.value, &mut words);
        let checksum = rs1024::create(self.name.extendable, &words);
        words.extend(checksum);
        let mut text = Zeroizing::new(String::with_capacity(count * 9));
        for word in words.iter() {
            if !text.is_empty() {
                text.push(' ');
            }
            wordlist::push_word(*word, &mut text);
        }
        text
    }

    /// The name of its set, from its first two words.
    #[must_use]
    pub const fn name(&self) -> SetName {
        self.name
    }

    /// Its place in its set.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }

    /// The length in bytes of the secret that it encodes.
    #[must_use]
    pub fn secret_bytes(&self) -> usize {
        self.value.len()
    }

    pub(crate) fn value(&self) -> &[u8] {
        &self.value
    }

    fn header(&self) -> u64 {
        let Place { group_index, group_threshold, group_count, member_index, member_threshold } = self.place;
        let nibbles = [group_index, group_threshold - 1, group_count - 1, member_index, member_threshold - 1];
        nibbles.into_iter().fold(self.name.bits(), |bits, nibble| bits << 4 | u64::from(nibble))
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({}, {:?}, [redacted])", self.name, self.place)
    }
}

/// Four bits, starting `shift` bits above the lowest.
fn nibble(header: u64, shift: u32) -> u8 {
    u8::try_from(header >> shift & 0xf).unwrap_or_default()
}

fn name_of(header: u64) -> SetName {
    SetName {
        identifier: u16::try_from(header >> 25 & 0x7fff).unwrap_or_default(),
        extendable: header >> 24 & 1 == 1,
        iteration_exponent: nibble(header, 20),
    }
}

fn place_of(header: u64) -> Result<Place, ShareError> {
    let place = Place {
        group_index: nibble(header, 16),
        group_threshold: nibble(header, 12) + 1,
        group_count: nibble(header, 8) + 1,
        member_index: nibble(header, 4),
        member_threshold: nibble(header, 0) + 1,
    };
    let Place { group_index, group_threshold: threshold, group_count: count, .. } = place;
    if threshold > count {
        return Err(ShareError::GroupThreshold { threshold, count });
    }
    // The standard does not forbid a share of a group beyond the last one, but no program that splits a
    // secret makes such a share.
    if group_index >= count {
        return Err(ShareError::GroupIndex { group: group_index + 1, count });
    }
    Ok(place)
}

/// The words as numbers.
fn indices(text: &str) -> Result<Zeroizing<Vec<u16>>, ShareError> {
    if text.len() > MAX_TEXT {
        return Err(ShareError::TextTooLong);
    }
    let count = text.split_whitespace().count();
    if count == 0 {
        return Err(ShareError::Empty);
    }
    let mut words = Zeroizing::new(Vec::with_capacity(count));
    for (n, word) in text.split_whitespace().enumerate() {
        let fault = |fault| ShareError::Word { position: n + 1, fault };
        words.push(wordlist::position(word).ok_or_else(|| fault(diagnose(word)))?);
    }
    Ok(words)
}

/// Why a word is not in the list.
fn diagnose(word: &str) -> WordFault {
    let letters = |c: char| c.is_ascii_alphabetic();
    if !word.is_ascii() {
        WordFault::Foreign
    } else if word.chars().any(|c| c.is_ascii_digit()) {
        WordFault::Number
    } else if !word.chars().all(letters) {
        WordFault::Punctuation
    } else if is_two_words(word) {
        WordFault::RunTogether
    } else {
        match candidates(word).take(2).count() {
            1 => WordFault::Abbreviated,
            2 => WordFault::Ambiguous,
            _ if suggest(word).is_empty() => WordFault::Unknown,
            _ => WordFault::Misspelt,
        }
    }
}

fn is_two_words(word: &str) -> bool {
    let two = |at: usize| word.split_at_checked(at).is_some_and(|(a, b)| both(a, b));
    fn both(a: &str, b: &str) -> bool {
        wordlist::position(a).is_some() && wordlist::position(b).is_some()
    }
    (4..=8).any(two)
}
