//! The three wrapping algorithms, as plans, artefacts and records spell them. Each provider's own spelling is in its facts.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// How key material is wrapped to an RSA key (RFC 8017 §7).
///
/// OAEP uses MGF1 with the same hash and the empty label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WrappingAlgorithm {
    /// RSAES-OAEP with SHA-256: the default.
    #[default]
    #[serde(rename = "RSAES_OAEP_SHA_256")]
    RsaesOaepSha256,
    /// RSAES-OAEP with SHA-1.
    #[serde(rename = "RSAES_OAEP_SHA_1")]
    RsaesOaepSha1,
    /// RSAES-PKCS1-v1_5, which is used only if a plan asks for it.
    #[serde(rename = "RSAES_PKCS1_V1_5")]
    RsaesPkcs1V15,
}

impl WrappingAlgorithm {
    /// All of them, strongest first.
    pub const ALL: [Self; 3] = [Self::RsaesOaepSha256, Self::RsaesOaepSha1, Self::RsaesPkcs1V15];

    /// The name as plans, artefacts and records spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RsaesOaepSha256 => "RSAES_OAEP_SHA_256",
            Self::RsaesOaepSha1 => "RSAES_OAEP_SHA_1",
            Self::RsaesPkcs1V15 => "RSAES_PKCS1_V1_5",
        }
    }
}

impl fmt::Display for WrappingAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names none of the three algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm;

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected RSAES_OAEP_SHA_256, RSAES_OAEP_SHA_1 or RSAES_PKCS1_V1_5")
    }
}

impl std::error::Error for UnknownAlgorithm {}

impl FromStr for WrappingAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|a| a.as_str() == s).ok_or(UnknownAlgorithm)
    }
}
