//! Commitment: HMAC-SHA-256 keyed with the material over a fixed domain string (RFC 2104). For a key that no keyferry program ever holds,
//! it is SHA-256 of another domain string and the key, computed in the token that made the key (`C_DigestKey`). The two are never equal.
//!
//! Equal commitments, even years apart, mean the same material. A commitment reveals nothing about the
//! material.

use core::fmt;
use core::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::scrub::scrub_stack;
use crate::serde_helpers::serde_as_text;
use crate::{BadFingerprint, KeyMaterial};

const DOMAIN: &[u8] = b"keyferry/commitment/1";

/// The prefix of a token's commitment, where the method is not stated separately.
const TOKEN: &str = "token-sha256:";

/// A binding, hiding tag of key material, written as 64 hex digits; prefixed with `token-sha256:` if a token made it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Commitment {
    method: Method,
    tag: [u8; 32],
}

impl Commitment {
    /// Commits to `material`.
    #[must_use]
    pub fn of(material: &KeyMaterial) -> Self {
        let tag = tag(material.expose());
        scrub_stack();
        Self { method: Method::Hmac, tag }
    }

    /// The domain of a commitment that a token computes: the token hashes it, followed by the key, with
    /// SHA-256.
    pub const TOKEN_DOMAIN: &'static str = "keyferry/commitment/token/1";

    /// The commitment made from a digest that a token computed: SHA-256 of [`TOKEN_DOMAIN`](Self::TOKEN_DOMAIN) and the
    /// key.
    #[must_use]
    pub const fn of_token(digest: [u8; 32]) -> Self {
        Self { method: Method::Token, tag: digest }
    }

    /// Whether a token computed it.
    #[must_use]
    pub const fn is_of_token(&self) -> bool {
        matches!(self.method, Method::Token)
    }

    /// Only the digits, which artefacts store as `value`.
    pub(crate) fn digits(&self) -> String {
        crate::hex::encode(&self.tag)
    }

    fn of_digits(method: Method, digits: &str) -> Result<Self, BadFingerprint> {
        let mut tag = [0; 32];
        crate::hex::decode_into(digits, &mut tag).ok_or(BadFingerprint)?;
        Ok(Self { method, tag })
    }
}

/// Runs in its own stack frame, so that [`scrub_stack`] overwrites what HMAC left of its key.
#[inline(never)]
fn tag(key: &[u8]) -> [u8; 32] {
    // HMAC accepts a key of any length, so the error cannot occur; if it did, a zero tag would match nothing.
    let tag = Hmac::<Sha256>::new_from_slice(key);
    tag.map(|mac| mac.chain_update(DOMAIN).finalize().into_bytes().into()).unwrap_or_default()
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.method {
            Method::Hmac => f.pad(&self.digits()),
            Method::Token => f.pad(&format!("{TOKEN}{}", self.digits())),
        }
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({self})")
    }
}

impl FromStr for Commitment {
    type Err = BadFingerprint;

    fn from_str(s: &str) -> Result<Self, BadFingerprint> {
        match s.strip_prefix(TOKEN) {
            Some(digits) => Self::of_digits(Method::Token, digits),
            None => Self::of_digits(Method::Hmac, s),
        }
    }
}

serde_as_text!(Commitment);

/// How a commitment was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Method {
    /// HMAC-SHA-256 keyed with the material, over [`DOMAIN`].
    #[serde(rename = "HMAC-SHA-256")]
    Hmac,
    /// SHA-256 of [`Commitment::TOKEN_DOMAIN`] and the key, computed by the token.
    #[serde(rename = "TOKEN-SHA-256")]
    Token,
}

/// A commitment with its method, as artefacts since `/2` write it: `{"method": …, "value": …}`, or null where there is none.
pub(crate) mod with_method {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    use super::{Commitment, Method};

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        method: Method,
        value: String,
    }

    pub(crate) fn serialize<S: Serializer>(commitment: &Option<Commitment>, s: S) -> Result<S::Ok, S::Error> {
        commitment.map(|c| Pair { method: c.method, value: c.digits() }).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Commitment>, D::Error> {
        let Some(Pair { method, value }) = Option::<Pair>::deserialize(d)? else { return Ok(None) };
        Commitment::of_digits(method, &value).map(Some).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tokens_commitment_is_another_one_and_reads_back() {
        // printf keyferry/commitment/token/1 | cat - key | sha256sum, for a key of 32 bytes 0x90.
        let digest =
            *crate::Fingerprint::of(&[Commitment::TOKEN_DOMAIN.as_bytes(), &[0x90; 32]].concat()).as_bytes();
        let [token, hmac] = [Commitment::of_token(digest), Commitment { method: Method::Hmac, tag: digest }];
        assert_ne!(token, hmac);
        for commitment in [token, hmac] {
            assert_eq!(commitment.to_string().parse(), Ok(commitment));
            let mut written = Vec::new();
            with_method::serialize(&Some(commitment), &mut serde_json::Serializer::new(&mut written))
                .unwrap();
            let mut read = serde_json::Deserializer::from_slice(&written);
            assert_eq!(with_method::deserialize(&mut read).unwrap(), Some(commitment));
            assert!(!String::from_utf8(written).unwrap().contains("token-sha256:"));
        }
        assert!(token.to_string().starts_with("token-sha256:"));
        assert!("token-sha256:90".parse::<Commitment>().is_err());
    }

    #[test]
    fn known_answer_by_openssl() {
        // printf keyferry/commitment/1 | openssl dgst -sha256 -mac HMAC -macopt hexkey:9090…90 (32 bytes)
        let material = KeyMaterial::from_bytes(&[0x90; 32]).unwrap();
        assert_eq!(
            Commitment::of(&material).to_string(),
            "aeba16a73896de3266c747b061897856ca367fcd1e7a25993d11b180eaafc146"
        );
    }
}
