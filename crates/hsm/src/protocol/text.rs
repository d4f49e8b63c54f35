//! Text from the module, made safe for a screen and a record.

use keyferry_core::is_deceptive;
use serde::{Deserialize, Serialize};

/// Longest text from the module, in characters.
pub(super) const MAX_TEXT: usize = 128;

/// Text from the module: short, and without characters that a reader cannot see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Text(String);

impl Text {
    /// The text, cut to its limit, with a space for each character that a reader cannot see.
    pub(crate) fn cut(text: &str) -> Self {
        // Some modules pad with zero bytes, so the ends are trimmed last, after zeros became spaces.
        let plain: String = text.chars().map(|c| if is_deceptive(c) { ' ' } else { c }).collect();
        Self(plain.trim().chars().take(MAX_TEXT).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = text.chars().count() <= MAX_TEXT && !text.chars().any(is_deceptive);
        if fits { Ok(Self(text)) } else { Err("a text is too long, or has characters that nobody sees") }
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_and_cleaned() {
        assert_eq!(Text::cut(" a\u{1b}b ").as_str(), "a b");
        // One label is padded with zero bytes, and one contains a right-to-left override.
        assert_eq!(Text::cut("label\0\0\0").as_str(), "label");
        assert_eq!(Text::cut("la\u{202e}bel").as_str(), "la bel");
        assert!(Text::try_from("la\u{202e}bel".to_owned()).is_err());
        assert_eq!(Text::cut(&"é".repeat(200)).as_str().chars().count(), MAX_TEXT);
    }
}
