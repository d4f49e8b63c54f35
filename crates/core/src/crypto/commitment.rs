//! Commitment: HMAC-SHA-256 keyed with the material over a fixed domain string (RFC 2104).
//!
//! Equal commitments years apart mean the same material; without the material it reveals nothing of it.

use core::fmt;
use core::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::de::serde_as_text;
use crate::scrub::scrub_stack;
use crate::{BadFingerprint, KeyMaterial};

const DOMAIN: &[u8] = b"keyferry/commitment/1";

/// A binding, hiding tag of key material, written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// Commits to `material`.
    #[must_use]
    pub fn of(material: &KeyMaterial) -> Self {
        let tag = tag(material.expose());
        scrub_stack();
        Self(tag)
    }
}

/// In a frame of its own, so that [`scrub_stack`] reaches what HMAC left of its key.
#[inline(never)]
fn tag(key: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length; the error cannot occur, and a zero tag would match nothing.
    let tag = Hmac::<Sha256>::new_from_slice(key);
    tag.map(|mac| mac.chain_update(DOMAIN).finalize().into_bytes().into()).unwrap_or_default()
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::hex::encode(&self.0))
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
        let mut out = [0; 32];
        crate::hex::decode_into(s, &mut out).ok_or(BadFingerprint)?;
        Ok(Self(out))
    }
}

serde_as_text!(Commitment);

/// How a commitment was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Method {
    /// HMAC-SHA-256 keyed with the material, over [`DOMAIN`].
    #[serde(rename = "HMAC-SHA-256")]
    Hmac,
}

/// A commitment with its method, as artefacts since `/2` write it: `{"method": …, "value": …}`, or null where there is none.
pub(crate) mod with_method {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Commitment, Method};

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        method: Method,
        value: Commitment,
    }

    pub(crate) fn serialize<S: Serializer>(commitment: &Option<Commitment>, s: S) -> Result<S::Ok, S::Error> {
        commitment.map(|value| Pair { method: Method::Hmac, value }).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Commitment>, D::Error> {
        Ok(Option::<Pair>::deserialize(d)?.map(|pair| pair.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
