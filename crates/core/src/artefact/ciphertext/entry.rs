//! One key's entry in a ciphertext, and where the file came from.

use serde::{Deserialize, Serialize};

use crate::commitment::with_method;
use crate::provider::Material;
use crate::serde_helpers::stated;
use crate::{
    Alias, Base64Bytes, Commitment, Fingerprint, Kcv, KeyId, Provider, Region, Timestamp, WrappingAlgorithm,
};

/// One key's wrapped material.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CiphertextEntry {
    /// Alias in the service.
    pub alias: Alias,
    /// Who runs the KMS.
    pub provider: Provider,
    /// Region of the key.
    pub region: Region,
    /// Id of the key.
    pub key_id: KeyId,
    /// Algorithm of the wrapping.
    pub algorithm: WrappingAlgorithm,
    /// SHA-256 of the wrapping key's SubjectPublicKeyInfo.
    pub wrapping_key_sha256: Fingerprint,
    /// The kind and the length of the material.
    pub material: Material,
    /// The wrapped material: as many bytes as the wrapping key's modulus.
    pub wrapped_material: Base64Bytes,
    /// Check value of the material; `None` where the plan leaves it out.
    #[serde(deserialize_with = "stated")]
    pub kcv: Option<Kcv>,
    /// Commitment to the material; `None` if no keyferry program ever held it.
    #[serde(with = "with_method")]
    pub commitment: Option<Commitment>,
    /// SHA-256 that ties all of the above to the parameters.
    pub binding: Fingerprint,
}

/// Where the material came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Made on the offline station.
    Station,
    /// Recovered from shares.
    Shares,
    /// Made in an HSM, which released it only in wrapped form.
    Hsm,
}

impl Source {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Station => "station",
            Self::Shares => "shares",
            Self::Hsm => "hsm",
        }
    }
}

/// Where the material of a ciphertext came from, and when it was wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Where the material came from.
    pub source: Source,
    /// Whether it came from a published seed, which production refuses.
    pub seeded: bool,
    /// When it was wrapped, according to the time given to the offline station or to its own clock.
    pub wrapped_at: Timestamp,
}

impl Origin {
    /// The origin of material that the station made.
    #[must_use]
    pub const fn station(seeded: bool, wrapped_at: Timestamp) -> Self {
        Self { source: Source::Station, seeded, wrapped_at }
    }
}
