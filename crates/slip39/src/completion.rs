//! Help for people who type words: completion, suggestions for a wrong word, and abbreviated words written in
//! full.
//!
//! Words are quoted and compared letter by letter here. This is only for the screen of the person who holds the share, never for
//! a record.

use zeroize::Zeroizing;

use crate::wordlist::{self, PREFIX};

/// The most words that [`suggest`] offers.
pub const SUGGESTIONS: usize = 5;

/// Maximum number of words that [`suggest`] offers.
pub fn candidates(prefix: &str) -> impl Iterator<Item = &'static str> {
    let prefix = Zeroizing::new(prefix.to_ascii_lowercase());
    wordlist::words().filter(move |w| w.starts_with(prefix.as_str()))
}

/// The one word that begins with `prefix`; `None` if several words do, or none. Four letters are always
/// enough.
///
/// # Examples
/// ```
/// use keyferry_slip39::completion::complete;
/// assert_eq!(complete("acad"), Some("academic"));
/// assert_eq!(complete("ac"), None);
/// ```
#[must_use]
pub fn complete(prefix: &str) -> Option<&'static str> {
    let mut found = candidates(prefix);
    found.next().filter(|_| found.next().is_none())
}

/// Words of the list at most two mistakes away from `word` (a letter inserted, left out, changed, or swapped with its neighbour), the
/// nearest first, at most [`SUGGESTIONS`].
#[must_use]
pub fn suggest(word: &str) -> Vec<&'static str> {
    // A text that is over two letters longer than the longest word of the list cannot be near any word.
    if word.chars().count() > 10 {
        return Vec::new();
    }
    let word = Zeroizing::new(word.to_lowercase());
    let comparable = wordlist::words().filter(|w| w.len().abs_diff(word.chars().count()) <= 2);
    let mut near: Vec<_> = comparable.map(|w| (distance(&word, w), w)).filter(|(d, _)| *d <= 2).collect();
    near.sort_unstable();
    near.into_iter().take(SUGGESTIONS).map(|(_, w)| w).collect()
}

/// Returns `text` with every abbreviated word written in full: a word of four letters or more that is the beginning of a word in
/// the list, as on metal plates. Any other word is left unchanged, for [`Share::parse`](crate::Share::parse) to refuse.
#[must_use]
pub fn expand(text: &str) -> Zeroizing<String> {
    // Twice the length of the text is enough room for words of up to eight letters, so the buffer never moves
    // and leaves no copy behind.
    let mut out = Zeroizing::new(String::with_capacity(text.len() * 2 + 1));
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let full = Some(word).filter(|w| w.len() >= PREFIX).and_then(complete);
        out.push_str(full.unwrap_or(word));
    }
    out
}

/// Optimal string alignment distance: Levenshtein's distance with swapped neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Zeroizing<Vec<char>>, Vec<char>) =
        (Zeroizing::new(a.chars().collect()), b.chars().collect());
    // Three rows of the distance table: `row` is for `a` up to the current letter, `last` ends one letter earlier, and
    // `before` two letters earlier. The columns are the prefixes of `b`.
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    let mut previous = None;
    for (n, x) in a.iter().enumerate() {
        let mut row = vec![n + 1];
        for (m, y) in b.iter().enumerate() {
            let at = |row: &[usize], m: usize| row.get(m).copied().unwrap_or(usize::MAX - 1);
            let mut best =
                (at(&last, m) + usize::from(x != y)).min(at(&last, m + 1) + 1).min(at(&row, m) + 1);
            let exchanged = m > 0 && b.get(m - 1) == Some(x) && previous == Some(y);
            if exchanged {
                best = best.min(at(&before, m - 1) + 1);
            }
            row.push(best);
        }
        previous = Some(x);
        before = core::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "acid", 4),
            ("acid", "", 4),
            ("acid", "acid", 0),
            ("acdi", "acid", 1),
            ("aid", "acid", 1),
            ("accid", "acid", 1),
            ("axid", "acid", 1),
            ("caid", "acid", 1),
            ("cadi", "acid", 2),
            ("zzzz", "acid", 4),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn four_letters_complete_every_word() {
        let mut counted = 0;
        for word in wordlist::words() {
            assert_eq!(complete(&word[..PREFIX]), Some(word));
            assert_eq!(complete(&word.to_uppercase()), Some(word));
            counted += 1;
        }
        assert_eq!(counted, 1024);
        assert_eq!(candidates("").count(), 1024);
        assert_eq!(complete("academics"), None);
    }

    #[test]
    fn every_single_slip_is_suggested() {
        for word in wordlist::words().step_by(31) {
            for at in 0..word.len() {
                let mut less = word.to_owned();
                less.remove(at);
                assert!(suggest(&less).contains(&word), "{less} {word}");
                let mut other = word.to_owned();
                other.replace_range(at..=at, "q");
                assert!(suggest(&other).contains(&word), "{other} {word}");
            }
        }
        assert!(suggest("xylophone").is_empty());
        assert!(suggest(&"a".repeat(10_000)).is_empty());
    }

    #[test]
    fn abbreviations_are_written_in_full() {
        assert_eq!(
            expand(" DUCK  enla acad\tacademi aca zzzz ").as_str(),
            "duckling enlarge academic academic aca zzzz"
        );
        assert_eq!(expand("").as_str(), "");
    }
}
