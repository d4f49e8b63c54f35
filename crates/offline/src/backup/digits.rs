//! A share as digits that any scanner can type: for each word, its position in SLIP-0039's list (from 0), in four digits.
//!
//! Digits pass through scanners, keyboard wedges and text tools unchanged. Each lookup reads the whole word list,
//! so that its duration does not depend on the word.

use core::fmt::Write as _;

use keyferry_slip39::completion;
use zeroize::Zeroizing;

/// The number of digits for one word.
const WIDTH: usize = 4;

/// Converts words to digits.
pub(super) fn of(words: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(words.len() + WIDTH));
    for word in words.split_whitespace() {
        let place =
            completion::candidates("").enumerate().filter(|(_, w)| *w == word).map(|(n, _)| n).sum::<usize>();
        let _ = write!(out, "{place:04}");
    }
    out
}

/// Converts digits to words; `None` if the line is not made of digits.
pub(super) fn words(line: &str) -> Option<Zeroizing<String>> {
    let line = line.trim();
    let whole = line.len() >= 20 * WIDTH && line.len().is_multiple_of(WIDTH);
    if !whole || !line.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut out = Zeroizing::new(String::with_capacity(line.len() * 3));
    for digits in line.as_bytes().chunks(WIDTH) {
        let place = digits.iter().fold(0, |n, d| n * 10 + usize::from(d - b'0'));
        let word = completion::candidates("").nth(place)?;
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vector 4 of the reference implementation; the numbers are positions in `wordlist.txt`, counted from 0.
    #[test]
    fn there_and_back() {
        let share = "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner \
                     flip making coding armed";
        let digits = of(share);
        assert_eq!((digits.len(), &digits[8..12]), (80, "0000"), "academic is the first word");
        assert_eq!(words(&digits).unwrap().as_str(), share);
        for wrong in ["", "0000", "1024".repeat(20).as_str(), &digits[1..], share] {
            assert!(words(wrong).is_none(), "{wrong}");
        }
    }
}
