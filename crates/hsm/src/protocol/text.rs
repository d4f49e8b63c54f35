//! A text from the module, made safe for a screen and a record.

use serde::{Deserialize, Serialize};

/// Longest text from the module, in characters.
pub(super) const MAX_TEXT: usize = 128;

/// A text from the module: short, and without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Text(String);

impl Text {
    /// The text, cut to its limit, with a space for each control character.
    pub(crate) fn cut(text: &str) -> Self {
        let plain = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
        Self(plain.take(MAX_TEXT).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = text.chars().count() <= MAX_TEXT && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err("a text is too long, or has control characters") }
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
        assert_eq!(Text::cut(&"é".repeat(200)).as_str().chars().count(), MAX_TEXT);
    }
}
