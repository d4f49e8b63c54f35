//! `keyferry/escrow/1`: always read, never written. All its keys belonged to one provider, and its entries are sealed with
//! RFC 3394.

use serde::{Deserialize, Serialize};

use super::{BackupSet, EscrowEntry, KeyWrap};
use crate::artefact::{Artefact, ArtefactError, Form, Format};
use crate::ciphertext::ciphertext_v1::{check_methods, check_names, material};
use crate::parameters::unique;
use crate::{
    Alias, Base64Bytes, CeremonyId, Commitment, Fingerprint, Kcv, KeyId, MaterialLength, Provider, Purpose,
    Region,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    alias: Alias,
    key_id: KeyId,
    region: Region,
    bits: MaterialLength,
    sealed_material: Base64Bytes,
    kcv: Kcv,
    commitment: Commitment,
}

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escrow {
    format: Format<Self>,
    purpose: Purpose,
    seeded: bool,
    ceremony: CeremonyId,
    plan_sha256: Fingerprint,
    backup_set: BackupSet,
    escrow_key_commitment: Commitment,
    keys: Vec<Entry>,
}

impl Form for Escrow {
    const FORMAT: &'static str = "keyferry/escrow/1";

    fn validate(&self) -> Result<(), ArtefactError> {
        let whole =
            |k: &Entry| KeyWrap::Rfc3394.sealed_length(k.bits) == Some(k.sealed_material.as_bytes().len());
        if !self.keys.iter().all(whole) {
            return Err(ArtefactError::Entries("sealed material of the wrong length"));
        }
        check_methods(self.keys.iter().map(|k| k.kcv))?;
        check_names(self.keys.iter().map(|k| (&k.alias, &k.key_id, &k.region)))?;
        unique(self.keys.iter().map(|k| (&k.alias, &k.key_id)))
    }
}

impl Artefact for super::Escrow {
    type Former = Escrow;
}

impl From<Escrow> for super::Escrow {
    fn from(former: Escrow) -> Self {
        Self {
            format: Format::new(),
            purpose: former.purpose,
            seeded: former.seeded,
            ceremony: former.ceremony,
            plan_sha256: former.plan_sha256,
            backup_set: former.backup_set,
            escrow_key_commitment: former.escrow_key_commitment,
            keys: former.keys.into_iter().map(Into::into).collect(),
            sealed: KeyWrap::Rfc3394,
        }
    }
}

impl From<Entry> for EscrowEntry {
    fn from(former: Entry) -> Self {
        Self {
            alias: former.alias,
            provider: Provider::OF_VERSION_1,
            key_id: former.key_id,
            region: former.region,
            material: material(former.kcv.method, former.bits),
            sealed_material: former.sealed_material,
            kcv: Some(former.kcv),
            commitment: Some(former.commitment),
        }
    }
}
