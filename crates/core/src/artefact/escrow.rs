//! `escrow.json`: the material of many keys, each sealed under one escrow key, so that one set of shares backs up all of them.
//!
//! The shares recover the escrow key; no file contains it. Each key's material is wrapped with AES-256 key wrap (RFC 5649) under
//! a separate key: HMAC-SHA-256 of the escrow key over the ceremony and the key's names. An entry does not open if it was
//! altered, or moved to another key, region, provider or ceremony. Opened material is compared with its check value and
//! commitment.

use serde::{Deserialize, Serialize};

use crate::artefact::{ArtefactError, Form, Format};
use crate::ciphertext::check_methods;
use crate::commitment::with_method;
use crate::parameters::unique;
use crate::provider::Material;
use crate::serde_helpers::stated;
use crate::{
    Alias, Base64Bytes, CeremonyId, CeremonyPlan, Commitment, Fingerprint, Kcv, KeyId, KeyMaterial, Provider,
    Purpose, Region, SecretStore,
};

mod escrow_error;
mod escrow_v1;
mod key;
mod key_wrap;
mod set_name;

pub use escrow_error::EscrowError;
pub use key::{EscrowKey, Sealing};
pub use key_wrap::{KeyWrap, SEALED_MORE};
pub use set_name::{BackupSet, BadBackupSet};

/// One key's material, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscrowEntry {
    /// Alias in the service.
    pub alias: Alias,
    /// Who runs the KMS.
    pub provider: Provider,
    /// Id of the key.
    pub key_id: KeyId,
    /// Region of the key.
    pub region: Region,
    /// The kind and the length of the material.
    pub material: Material,
    /// The material, sealed with RFC 5649: padded to a multiple of 8 bytes, plus 8.
    pub sealed_material: Base64Bytes,
    /// Check value of the material; `None` where the plan leaves it out.
    #[serde(deserialize_with = "stated")]
    pub kcv: Option<Kcv>,
    /// Commitment to the material.
    #[serde(with = "with_method")]
    pub commitment: Option<Commitment>,
}

/// A well-formed `escrow.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escrow {
    format: Format<Self>,
    /// Production or rehearsal.
    pub purpose: Purpose,
    /// Whether the material came from a published seed, which production refuses.
    pub seeded: bool,
    /// Id of the ceremony that made the material.
    pub ceremony: CeremonyId,
    /// SHA-256 of the plan.
    pub plan_sha256: Fingerprint,
    /// The two words that every share of the escrow key begins with.
    pub backup_set: BackupSet,
    /// Commitment to the escrow key.
    pub escrow_key_commitment: Commitment,
    /// One entry for each key, in the plan's order.
    #[serde(deserialize_with = "crate::serde_helpers::entries")]
    pub keys: Vec<EscrowEntry>,
    /// How the entries are sealed.
    #[serde(skip, default = "written")]
    sealed: KeyWrap,
}

/// How the current version seals entries.
const fn written() -> KeyWrap {
    KeyWrap::Rfc5649
}

impl Form for Escrow {
    const FORMAT: &'static str = "keyferry/escrow/2";

    fn validate(&self) -> Result<(), ArtefactError> {
        let whole = |k: &EscrowEntry| {
            KeyWrap::Rfc5649.sealed_length(k.material.length) == Some(k.sealed_material.as_bytes().len())
        };
        if !self.keys.iter().all(whole) {
            return Err(ArtefactError::Entries("sealed material of the wrong length"));
        }
        check_methods(self.keys.iter().map(|k| (k.material, k.kcv)))?;
        if self.keys.iter().any(|k| k.commitment.is_none()) {
            return Err(ArtefactError::Entries("no commitment to material that a station held"));
        }
        unique(self.keys.iter().map(|k| (&k.alias, &k.key_id)))
    }
}

impl Escrow {
    /// Assembles the file from sealed entries.
    ///
    /// # Errors
    /// [`ArtefactError::Entries`] if there is no entry, if an entry appears twice, or if one has the wrong
    /// length.
    pub fn new(
        plan: &CeremonyPlan,
        seeded: bool,
        backup_set: BackupSet,
        key: &EscrowKey,
        keys: Vec<EscrowEntry>,
    ) -> Result<Self, ArtefactError> {
        let this = Self {
            format: Format::new(),
            purpose: plan.purpose(),
            seeded,
            ceremony: plan.ceremony().clone(),
            plan_sha256: plan.digest(),
            backup_set,
            escrow_key_commitment: key.commitment(),
            keys,
            sealed: written(),
        };
        this.validate()?;
        Ok(this)
    }

    /// Pairs the escrow with the key that it names.
    ///
    /// # Errors
    /// [`EscrowError::Key`] if it is a different key.
    pub fn open<'e>(&'e self, key: &'e EscrowKey) -> Result<OpenEscrow<'e>, EscrowError> {
        if key.commitment() == self.escrow_key_commitment {
            return Ok(OpenEscrow { escrow: self, key });
        }
        Err(EscrowError::Key)
    }
}

/// An escrow together with its key.
#[derive(Debug)]
pub struct OpenEscrow<'e> {
    escrow: &'e Escrow,
    key: &'e EscrowKey,
}

impl OpenEscrow<'_> {
    /// The material of one entry, in memory of `store`'s kind.
    ///
    /// # Errors
    /// [`EscrowError::Entry`] if it was moved or altered; [`EscrowError::Material`] if its check value or commitment does not
    /// match.
    pub fn material(&self, entry: &EscrowEntry, store: &dyn SecretStore) -> Result<KeyMaterial, EscrowError> {
        let sealing = Sealing {
            wrap: self.escrow.sealed,
            ceremony: &self.escrow.ceremony,
            provider: entry.provider,
            region: &entry.region,
            key_id: &entry.key_id,
        };
        let opened = self.key.open(&sealing, entry.sealed_material.as_bytes(), store);
        let material = opened.map_err(|e| e.of(&entry.alias))?;
        let kcv = entry.kcv.is_none_or(|kcv| Kcv::of(&material, kcv.method).is_ok_and(|found| found == kcv));
        let same = material.length() == entry.material.length
            && entry.commitment == Some(Commitment::of(&material))
            && kcv;
        if same { Ok(material) } else { Err(EscrowError::Material(entry.alias.clone())) }
    }
}

#[cfg(test)]
mod tests;
