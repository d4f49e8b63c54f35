//! Public bytes in artefacts as canonical base64 (RFC 4648 §4: padded, no line breaks, zero trailing bits), length-capped.

use core::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base64_text;

/// Longest value in bytes: no field of an artefact needs more.
pub(crate) const MAX_FIELD: usize = 4096;
/// Length of its text.
const MAX_TEXT: usize = base64_text::encoded_length(MAX_FIELD);

/// Bytes of at most 4096, written as canonical base64. A clone shares them.
#[derive(Clone, PartialEq, Eq)]
pub struct Base64Bytes(Arc<[u8]>);

impl Base64Bytes {
    /// The decoded bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Decodes canonical base64; `None` for any other text.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        base64_text::decode(text.as_bytes())
            .filter(|bytes| bytes.len() <= MAX_FIELD)
            .map(|bytes| Self(bytes.into()))
    }
}

impl From<&[u8]> for Base64Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Display for Base64Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64_text::encode(&self.0))
    }
}

impl fmt::Debug for Base64Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64Bytes({} bytes)", self.0.len())
    }
}

impl Serialize for Base64Bytes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Base64Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::decode(&text)
            .ok_or_else(|| serde::de::Error::custom("expected canonical base64 of at most 4096 bytes"))
    }
}
