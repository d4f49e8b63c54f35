//! The import token: a secret of the online station. The offline station needs only its digest.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use crate::Fingerprint;

/// Longest token accepted, in characters. 8,192 characters are base64 of 6,144 bytes, which some services
/// send; a provider's facts may set a lower limit.
pub const MAX_TOKEN: usize = 8192;

/// An import token as the API returned it: redacted `Debug`, wiped on drop, no `Serialize`.
#[derive(PartialEq, Eq)]
pub struct ImportToken(Zeroizing<String>);

/// The text is empty, too long or not printable ASCII. The error never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadToken;

impl fmt::Display for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an import token of 1 to 8192 printable characters")
    }
}

impl std::error::Error for BadToken {}

impl ImportToken {
    /// Takes a token from an API reply.
    ///
    /// # Errors
    /// [`BadToken`] if empty, longer than [`MAX_TOKEN`] or not printable ASCII.
    pub fn new(token: Zeroizing<String>) -> Result<Self, BadToken> {
        let printable = token.bytes().all(|b| b.is_ascii_graphic());
        if printable && (1..=MAX_TOKEN).contains(&token.len()) { Ok(Self(token)) } else { Err(BadToken) }
    }

    /// The secret text; there is no other way to read it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the token's characters.
    #[must_use]
    pub fn digest(&self) -> ImportTokenDigest {
        ImportTokenDigest(Fingerprint::of(self.0.as_bytes()))
    }
}

impl fmt::Debug for ImportToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportToken([redacted])")
    }
}

impl<'de> Deserialize<'de> for ImportToken {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(d)?);
        Self::new(text).map_err(serde::de::Error::custom)
    }
}

/// The digest of an import token, the only part of it that the offline station receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImportTokenDigest(Fingerprint);

impl fmt::Display for ImportTokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
