//! Secret text, and the API credentials that consist of it: wiped on drop, never shown by `Debug`.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Secret text. `Serialize` exists for the wire: only requests and replies are serialized.
#[derive(Clone, Default)]
pub struct Sensitive(Zeroizing<String>);

impl Sensitive {
    /// Takes ownership of the text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself: the only access to it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether both hold the same text, in time that does not depend on where they differ.
    #[must_use]
    pub fn same_as(&self, other: &str) -> bool {
        let tag = digest(self.expose()).finalize().into_bytes();
        digest(other).verify_slice(&tag).is_ok()
    }
}

/// A keyed digest, so that comparing tags says nothing about the texts.
fn digest(text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new(&[0x6b; 64].into());
    mac.update(text.as_bytes());
    mac
}

impl From<String> for Sensitive {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Sensitive {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(Self::new)
    }
}

/// The credentials that sign requests: a permanent pair, or a temporary one with its session token.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The public half, which travels in the `Authorization` header.
    pub secret_id: String,
    /// The signing half.
    pub secret_key: Sensitive,
    /// The session token of temporary credentials, sent as `X-TC-Token`.
    pub token: Option<Sensitive>,
}

impl Credentials {
    /// A permanent pair.
    #[must_use]
    pub fn new(secret_id: impl Into<String>, secret_key: impl Into<Sensitive>) -> Self {
        Self { secret_id: secret_id.into(), secret_key: secret_key.into(), token: None }
    }

    /// The same pair with a session token.
    #[must_use]
    pub fn with_token(self, token: impl Into<Sensitive>) -> Self {
        Self { token: Some(token.into()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let credentials = Credentials::new("AKID", "hunter2").with_token("session");
        let shown = format!("{credentials:?} {:#?}", credentials.secret_key);
        assert!(shown.contains("AKID") && shown.contains("[redacted]"), "{shown}");
        assert!(!shown.contains("hunter2") && !shown.contains("session"), "{shown}");
    }

    #[test]
    fn comparison() {
        let secret = Sensitive::from("same");
        assert!(secret.same_as("same"));
        assert!(!secret.same_as("sam") && !secret.same_as("") && !secret.same_as("samf"));
    }
}
