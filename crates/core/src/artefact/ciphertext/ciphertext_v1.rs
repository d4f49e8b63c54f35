//! `keyferry/ciphertext/1`: always read, never written. All its keys belonged to one provider.

use serde::{Deserialize, Serialize};

use super::entry::{CiphertextEntry, Source};
use crate::artefact::{Artefact, ArtefactError, Form, Format, Version};
use crate::parameters::unique;
use crate::provider::Material;
use crate::{
    Alias, Base64Bytes, CeremonyId, Commitment, Fingerprint, Kcv, KcvMethod, KeyId, MaterialKind,
    MaterialLength, Provider, Purpose, Region, Timestamp, WrappingAlgorithm,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    alias: Alias,
    region: Region,
    key_id: KeyId,
    algorithm: WrappingAlgorithm,
    wrapping_key_sha256: Fingerprint,
    bits: MaterialLength,
    wrapped_material: Base64Bytes,
    kcv: Kcv,
    commitment: Commitment,
    binding: Fingerprint,
}

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ciphertext {
    format: Format<Self>,
    purpose: Purpose,
    seeded: bool,
    ceremony: CeremonyId,
    parameters_sha256: Fingerprint,
    wrapped_at: Timestamp,
    keys: Vec<Entry>,
}

impl Form for Ciphertext {
    const FORMAT: &'static str = "keyferry/ciphertext/1";

    fn validate(&self) -> Result<(), ArtefactError> {
        check_methods(self.keys.iter().map(|k| k.kcv))?;
        check_names(self.keys.iter().map(|k| (&k.alias, &k.key_id, &k.region)))?;
        unique(self.keys.iter().map(|k| (&k.alias, &k.key_id)))
    }
}

/// This version had only check values made with a cipher.
pub(crate) fn check_methods(mut kcvs: impl Iterator<Item = Kcv>) -> Result<(), ArtefactError> {
    let newer = kcvs.any(|kcv| kcv.method == KcvMethod::Hmac);
    if newer { Err(ArtefactError::Entries("a check value that this version did not know")) } else { Ok(()) }
}

/// This version had only one provider's names.
pub(crate) fn check_names<'k>(
    mut keys: impl Iterator<Item = (&'k Alias, &'k KeyId, &'k Region)>,
) -> Result<(), ArtefactError> {
    let facts = Provider::OF_VERSION_1.facts();
    let fit = keys.all(|(alias, key_id, region)| facts.check_names(alias, Some(key_id), region).is_ok());
    if fit { Ok(()) } else { Err(ArtefactError::Entries("a name that this version did not know")) }
}

impl Artefact for super::Ciphertext {
    type Former = Ciphertext;
}

impl From<Ciphertext> for super::Ciphertext {
    fn from(former: Ciphertext) -> Self {
        Self {
            format: Format::new(),
            purpose: former.purpose,
            // This version did not state the source; the record does.
            source: Source::Station,
            seeded: former.seeded,
            ceremony: former.ceremony,
            parameters_sha256: former.parameters_sha256,
            wrapped_at: former.wrapped_at,
            keys: former.keys.into_iter().map(Into::into).collect(),
            version: Version::One,
        }
    }
}

/// Only the cipher of the check value says which cipher the material is for.
pub(crate) const fn material(kcv: KcvMethod, length: MaterialLength) -> Material {
    let kind = match kcv {
        KcvMethod::Sm4 => MaterialKind::Sm4,
        _ => MaterialKind::Aes,
    };
    Material { kind, length }
}

impl From<Entry> for CiphertextEntry {
    fn from(former: Entry) -> Self {
        Self {
            alias: former.alias,
            provider: Provider::OF_VERSION_1,
            region: former.region,
            key_id: former.key_id,
            algorithm: former.algorithm,
            wrapping_key_sha256: former.wrapping_key_sha256,
            material: material(former.kcv.method, former.bits),
            wrapped_material: former.wrapped_material,
            kcv: Some(former.kcv),
            commitment: Some(former.commitment),
            binding: former.binding,
        }
    }
}
