//! Turns what people type for a share into full words, without the numbers and commas between them.
//!
//! A sheet prints a number before each word, so a typed number is dropped if it is that of the next word. Other numbers and all other
//! signs stay, so that [`Share::parse`](keyferry_slip39::Share::parse) reports them.

use keyferry_slip39::completion;
use zeroize::Zeroizing;

use super::digits;

/// The words of a line that begins with word number `next` of its share. A scanner's line of digits is converted to
/// words.
pub(super) fn words(line: &str, next: usize) -> Zeroizing<String> {
    if let Some(words) = digits::words(line) {
        return words;
    }
    // The text never gets longer, so the buffer never moves.
    let mut plain = Zeroizing::new(String::with_capacity(line.len() + 1));
    let mut due = next;
    for typed in line.split(|c: char| c.is_whitespace() || ",;，；、".contains(c)) {
        let word = without_stop(without_number(typed, due));
        if word.is_empty() {
            continue;
        }
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.push_str(word);
        due += 1;
    }
    completion::expand(&plain)
}

/// Drops the number in `3. word`, `3) word` and `3word` if word 3 is expected; the number may also be alone.
fn without_number(typed: &str, due: usize) -> &str {
    let end = typed.find(|c: char| !c.is_ascii_digit()).unwrap_or(typed.len());
    let (number, rest) = typed.split_at(end);
    if number.parse() != Ok(due) {
        return typed;
    }
    rest.strip_prefix(['.', ')', ':']).unwrap_or(rest)
}

fn without_stop(word: &str) -> &str {
    let letters = |w: &&str| w.bytes().all(|b| b.is_ascii_alphabetic());
    word.strip_suffix('.').filter(letters).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sheet_prints_beside_a_word_is_left_out() {
        let plain = "academic acid acne acquire";
        for typed in [
            "academic acid acne acquire",
            "1 academic 2 acid 3 acne 4 acquire",
            "1. acad 2. acid 3. acne 4. acqu",
            "1) academic 2:acid 3acne 4.acquire",
            "academic, acid,acne;acquire.",
            "academic，acid、acne； acquire",
            "\u{3000}academic\u{a0}acid\tacne  acquire\r",
        ] {
            assert_eq!(words(typed, 1).as_str(), plain, "{typed}");
        }
        assert_eq!(words("17 acid 18", 17).as_str(), "acid");
        assert_eq!(words("", 1).as_str(), "");
    }

    /// If a word was left out, its neighbour's number reveals it.
    #[test]
    fn what_is_no_word_stays_where_it_is() {
        for (typed, next, kept) in [
            ("2 acid", 1, "2 acid"),
            ("1 academic 3 acne", 1, "academic 3 acne"),
            ("acid2", 1, "acid2"),
            ("01x acid", 2, "01x acid"),
            ("acid-acne", 1, "acid-acne"),
            ("\"acid\"", 1, "\"acid\""),
            ("ａｃｉｄ", 1, "ａｃｉｄ"),
            ("１ acid", 1, "１ acid"),
            ("99999999999999999999999 acid", 1, "99999999999999999999999 acid"),
        ] {
            assert_eq!(words(typed, next).as_str(), kept, "{typed}");
        }
    }
}
