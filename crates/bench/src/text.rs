//! Short texts of a report that are safe to show.

use serde::{Deserialize, Serialize};

/// A short text that is safe to show: no control characters, at most 200 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Text(String);

impl Text {
    /// The part of `text` that can be shown.
    pub(super) fn of(text: &str) -> Self {
        let mut kept = String::new();
        for c in text.trim().chars().filter(|c| !c.is_control()) {
            if kept.len() + c.len_utf8() > 200 {
                break;
            }
            kept.push(c);
        }
        Self(kept)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if Self::of(&text).0 == text {
            Ok(Self(text))
        } else {
            Err("a text that is too long or not printable")
        }
    }
}
