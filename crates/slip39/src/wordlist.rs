//! The 1024 words of SLIP-0039 ("Wordlist"): four to eight letters each, in alphabetical order, no two with the same first four letters.
//!
//! `wordlist.txt` is the list published with the standard, unchanged (satoshilabs/slips, `slip-0039/wordlist.txt`; also in the reference
//! implementation, MIT, © 2019 SatoshiLabs); a test pins its digest. The word that is looked up is secret, so lookups in both directions
//! go through the whole list and select with masks.

use core::hint::black_box;

use zeroize::Zeroizing;

const LIST: &str = include_str!("wordlist.txt");
/// Number of words in the list.
const COUNT: usize = 1024;
/// Length of the longest word.
const LONGEST: usize = 8;
/// Number of letters that identify a word (SLIP-0039, "Wordlist").
pub(crate) const PREFIX: usize = 4;

/// All words in order.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    LIST.lines()
}

/// All one bits if the two are equal, otherwise 0.
fn equal(a: u64, b: u64) -> u64 {
    let differ = a ^ b;
    let bit = (differ | differ.wrapping_neg()) >> 63;
    black_box(bit.wrapping_sub(1))
}

/// Every word as one number, in order, its first letter in the lowest byte: computed by the compiler, so that the words of the list, which
/// are not secret, never appear in memory that the program writes.
static PACKED: [u64; COUNT] = packed();

#[allow(clippy::indexing_slicing)] // A const fn has no iterators, and a longer list would not compile.
const fn packed() -> [u64; COUNT] {
    let list = LIST.as_bytes();
    let mut packed = [0; COUNT];
    let (mut at, mut word, mut shift) = (0, 0, 0);
    while at < list.len() {
        if list[at] == b'\n' {
            (word, shift) = (word + 1, 0);
        } else {
            packed[word] |= (list[at] as u64) << shift;
            shift += 8;
        }
        at += 1;
    }
    packed
}

/// Writes word `index` (0 to 1023) at the end of `text`.
pub(crate) fn push_word(index: u16, text: &mut String) {
    let mut packed = Zeroizing::new(0);
    for (n, word) in (0u64..).zip(PACKED.iter()) {
        *packed |= word & equal(n, u64::from(index));
    }
    let letters = Zeroizing::new(packed.to_le_bytes());
    text.extend(letters.iter().filter(|l| **l != 0).map(|l| char::from(*l)));
}

/// The index of a word in letters of either case; `None` if it is not in the list.
pub(crate) fn position(word: &str) -> Option<u16> {
    if word.len() > LONGEST || !word.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let mut letters = Zeroizing::new([0; LONGEST]);
    letters.iter_mut().zip(word.bytes()).for_each(|(to, from)| *to = from.to_ascii_lowercase());
    let sought = Zeroizing::new(u64::from_le_bytes(*letters));
    let (mut index, mut found) = (0, 0);
    for (n, word) in (0u64..).zip(PACKED.iter()) {
        let hit = equal(*word, *sought);
        index |= n & hit;
        found |= hit;
    }
    u16::try_from(index).ok().filter(|_| found != 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_numbers_are_the_words() {
        let spelled = PACKED
            .map(|n| String::from_utf8(n.to_le_bytes().into_iter().filter(|b| *b != 0).collect()).unwrap());
        assert!(words().eq(spelled.iter().map(String::as_str)));
    }

    #[test]
    fn the_list_is_the_published_one() {
        let digest: String = Sha256::digest(LIST).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(digest, "bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3");
        let all: Vec<&str> = words().collect();
        assert_eq!(all.len(), 1024);
        assert!(all.is_sorted());
        assert!(all.iter().all(|w| (PREFIX..=LONGEST).contains(&w.len())));
        assert!(all.iter().all(|w| w.bytes().all(|b| b.is_ascii_lowercase())));
        assert_eq!(all.iter().map(|w| &w[..PREFIX]).collect::<BTreeSet<_>>().len(), 1024);
    }

    #[test]
    fn each_word_is_found_at_its_place_and_written_from_it() {
        for (n, word) in (0..).zip(words()) {
            assert_eq!(position(word), Some(n));
            assert_eq!(position(&word.to_uppercase()), Some(n));
            let mut text = String::new();
            push_word(n, &mut text);
            assert_eq!(text, word);
        }
    }

    #[test]
    fn other_words_are_not_found() {
        for word in
            ["", "acad", "academia", "academics", "academic ", "zebra", "éclair", "acid\0", "\0\0\0\0"]
        {
            assert_eq!(position(word), None, "{word:?}");
        }
    }
}
