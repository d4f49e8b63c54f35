//! Makes outside text safe for a terminal: afterwards, nothing in it moves the cursor, changes the direction of text, or is
//! invisible.
//!
//! A record, a file name or an answer from the provider can contain control characters, line breaks that begin a forged line, and
//! characters that change the direction of the following text. All of them are made visible: as U+FFFD in text for people, as an escape
//! in JSON.

use core::fmt::Write as _;

use keyferry_core::is_deceptive;
use serde_json::Value;

/// One of the program's own texts with outside values in it; line breaks stay.
#[must_use]
pub fn text(text: &str) -> String {
    text.chars().map(|c| if is_deceptive(c) && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// One line of text; a line break in a value does not start a new line.
#[must_use]
pub fn line(value: &str) -> String {
    value.chars().map(|c| if is_deceptive(c) { '\u{fffd}' } else { c }).collect()
}

/// JSON over several lines. It has line breaks only between values; within values, line breaks and deceptive
/// characters are escaped.
#[must_use]
pub fn json(value: &Value) -> String {
    escaped(&format!("{value:#}"))
}

/// JSON that is already serialised.
#[must_use]
pub fn escaped(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        if is_deceptive(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C0, DEL, C1, separators, direction marks and overrides, isolates, and the byte order mark.
    const HOSTILE: &str = "a\u{1b}[2Jb\r\u{7f}\u{85}\u{9b}2J\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}z";

    #[test]
    fn nothing_that_deceives_is_left() {
        for shown in
            [text(HOSTILE), line(HOSTILE), line("a\nb"), json(&serde_json::json!({ "a\u{202e}": HOSTILE }))]
        {
            assert!(!shown.chars().any(|c| is_deceptive(c) && c != '\n'), "{shown:?}");
        }
        assert_eq!((text("a\nb").as_str(), line("a\nb").as_str()), ("a\nb", "a\u{fffd}b"));
        assert_eq!(line("密钥 é 1"), "密钥 é 1");
    }

    #[test]
    fn json_says_the_same() {
        let value = serde_json::json!({ "k\u{2066}": [HOSTILE, "x\ny", 1], "plain": "密" });
        assert_eq!(serde_json::from_str::<Value>(&json(&value)).unwrap(), value);
    }
}
