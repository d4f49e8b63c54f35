//! The algorithm that key material is for, and how long such keys are in general. The provider's facts say which of them a
//! service takes.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::MaterialLength;

/// The algorithm that key material is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MaterialKind {
    /// AES (FIPS 197) with 128 or 256 bits. No service imports keys of 192 bits.
    Aes,
    /// SM4 (GB/T 32907): 128 bits.
    Sm4,
    /// HMAC (FIPS 198-1) with SHA-224, SHA-256, SHA-384 or SHA-512: a key as long as the digest.
    Hmac,
}

impl MaterialKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Aes, Self::Sm4, Self::Hmac];

    /// The lengths that keys of this kind have, the shortest first.
    #[must_use]
    pub const fn lengths(self) -> &'static [MaterialLength] {
        match self {
            Self::Aes => &[MaterialLength::B128, MaterialLength::B256],
            Self::Sm4 => &[MaterialLength::B128],
            Self::Hmac => &MaterialLength::OF_DIGESTS,
        }
    }

    /// Whether keys of this kind have this length.
    #[must_use]
    pub fn has(self, length: MaterialLength) -> bool {
        self.lengths().contains(&length)
    }

    /// The name that artefacts use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aes => "aes",
            Self::Sm4 => "sm4",
            Self::Hmac => "hmac",
        }
    }
}

impl fmt::Display for MaterialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Aes => "AES",
            Self::Sm4 => "SM4",
            Self::Hmac => "HMAC",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_lengths() {
        let bytes = |kind: MaterialKind| -> Vec<usize> {
            (0..200).filter(|n| MaterialLength::from_bytes(*n).is_some_and(|l| kind.has(l))).collect()
        };
        assert_eq!(bytes(MaterialKind::Aes), [16, 32]);
        assert_eq!(bytes(MaterialKind::Sm4), [16]);
        assert_eq!(bytes(MaterialKind::Hmac), [28, 32, 48, 64]);
    }

    #[test]
    fn kinds_are_written_in_small_letters() {
        for kind in MaterialKind::ALL {
            let text = format!("\"{}\"", kind.as_str());
            assert_eq!(serde_json::to_string(&kind).unwrap(), text);
            assert_eq!(serde_json::from_str::<MaterialKind>(&text).unwrap(), kind);
            assert_eq!(kind.to_string().to_lowercase(), kind.as_str());
        }
        assert!(serde_json::from_str::<MaterialKind>("\"AES\"").is_err());
    }
}
