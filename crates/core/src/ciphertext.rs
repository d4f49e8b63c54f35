//! `ciphertext.json`: what crosses back, and the check that it was made for exactly this session.
//!
//! Each entry carries a binding: a digest over the parameters' digest, the key's names, the wrapping key and the wrapped
//! bytes. An entry that was swapped, altered or replayed does not bind, and nothing of the file is sent.

use rand_core::TryCryptoRng;
use serde::{Deserialize, Serialize};

use crate::artefact::{Artefact, ArtefactError, Format};
use crate::parameters::{CheckedEntry, CheckedParameters, unique};
use crate::{
    Alias, Base64Bytes, CeremonyId, Commitment, Fingerprint, ImportToken, Kcv, KcvMethod, KeyId, KeyMaterial,
    MaterialError, MaterialLength, ParameterEntry, Parameters, Purpose, Region, Session, Timestamp, ValidTo,
    WrappedKeyMaterial, WrappingAlgorithm,
};

mod error;

pub use error::CiphertextError;

/// One key's wrapped material.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CiphertextEntry {
    /// Alias in the service.
    pub alias: Alias,
    /// Region of the key.
    pub region: Region,
    /// Id of the key.
    pub key_id: KeyId,
    /// Algorithm of the wrapping.
    pub algorithm: WrappingAlgorithm,
    /// SHA-256 of the wrapping key's SubjectPublicKeyInfo.
    pub wrapping_key_sha256: Fingerprint,
    /// Length of the material in bits.
    pub bits: MaterialLength,
    /// The material, wrapped: 256 bytes.
    pub wrapped_material: Base64Bytes,
    /// Check value of the material.
    pub kcv: Kcv,
    /// Commitment to the material.
    pub commitment: Commitment,
    /// SHA-256 that ties all of the above to the parameters.
    pub binding: Fingerprint,
}

impl CiphertextEntry {
    fn expected_binding(&self, parameters: &Fingerprint) -> Fingerprint {
        Fingerprint::of_fields(&[
            b"keyferry/ciphertext-binding/1",
            parameters.as_bytes(),
            self.alias.as_str().as_bytes(),
            self.region.as_str().as_bytes(),
            self.key_id.as_str().as_bytes(),
            self.algorithm.as_str().as_bytes(),
            self.wrapping_key_sha256.as_bytes(),
            &self.bits.bits().to_be_bytes(),
            self.wrapped_material.as_bytes(),
            self.kcv.method.as_str().as_bytes(),
            self.kcv.value.to_string().as_bytes(),
            self.commitment.to_string().as_bytes(),
        ])
    }
}

/// A well-formed `ciphertext.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ciphertext {
    format: Format<Self>,
    /// Production or rehearsal.
    pub purpose: Purpose,
    /// The material came from a published seed: never for production.
    pub seeded: bool,
    /// Id of the ceremony.
    pub ceremony: CeremonyId,
    /// SHA-256 of the exact bytes of the parameters it was made for.
    pub parameters_sha256: Fingerprint,
    /// When it was made, by the time that the offline station was told or had.
    pub wrapped_at: Timestamp,
    /// One entry a key, in the parameters' order.
    pub keys: Vec<CiphertextEntry>,
}

impl Artefact for Ciphertext {
    const FORMAT: &'static str = "keyferry/ciphertext/1";

    fn validate(&self) -> Result<(), ArtefactError> {
        unique(self.keys.iter().map(|k| (&k.alias, &k.key_id)))
    }
}

impl CheckedParameters {
    /// Wraps `material` to one of the checked entries.
    ///
    /// # Errors
    /// [`MaterialError::Length`] if the material is not as long as the edition takes; [`crate::WrapError`] if wrapping fails.
    pub fn wrap<R: TryCryptoRng + ?Sized>(
        &self,
        checked: &CheckedEntry,
        material: &KeyMaterial,
        rng: &mut R,
    ) -> Result<CiphertextEntry, crate::Error> {
        let ParameterEntry { alias, region, key_id, algorithm, edition, .. } = &checked.entry;
        let (found, takes) = (material.length().bytes(), &MaterialLength::OF_CIPHERS);
        let wrong_length = || MaterialError::Length { found, takes, text: false, newline: false };
        if material.length() != checked.bits {
            return Err(wrong_length().into());
        }
        let wrapped = crate::wrap(&checked.wrapping_key, *algorithm, material, rng)?.confirm()?;
        let mut entry = CiphertextEntry {
            alias: alias.clone(),
            region: region.clone(),
            key_id: key_id.clone(),
            algorithm: *algorithm,
            wrapping_key_sha256: checked.wrapping_key.fingerprint(),
            bits: checked.bits,
            wrapped_material: Base64Bytes::from(wrapped.as_bytes()),
            kcv: Kcv::of(material, KcvMethod::for_edition(*edition)).map_err(|_| wrong_length())?,
            commitment: Commitment::of(material),
            binding: Fingerprint::ZERO,
        };
        entry.binding = entry.expected_binding(&self.digest());
        Ok(entry)
    }

    /// Assembles the file from wrapped entries.
    ///
    /// # Errors
    /// [`ArtefactError::Entries`] for no entry or one that stands twice.
    pub fn ciphertext(
        &self,
        keys: Vec<CiphertextEntry>,
        seeded: bool,
        wrapped_at: Timestamp,
    ) -> Result<Ciphertext, ArtefactError> {
        let this = Ciphertext {
            format: Format::new(),
            purpose: self.purpose(),
            seeded,
            ceremony: self.ceremony().clone(),
            parameters_sha256: self.digest(),
            wrapped_at,
            keys,
        };
        this.validate()?;
        Ok(this)
    }
}

/// One import that passed every check: only these are sent.
#[derive(Debug)]
pub struct CheckedImport<'s> {
    /// The wrapped material with its names.
    pub ciphertext: CiphertextEntry,
    /// The 256 bytes to send.
    pub wrapped: WrappedKeyMaterial,
    /// What the key was exported as.
    pub parameters: &'s ParameterEntry,
    /// The token to send.
    pub import_token: &'s ImportToken,
    /// When the service shall delete the material.
    pub valid_to: ValidTo,
}

impl Ciphertext {
    /// Checks that every entry was made for exactly this session; one bad entry refuses the whole file.
    ///
    /// # Errors
    /// Every entry's [`CiphertextError`], or the one of the document; never empty.
    pub fn check<'s>(&self, session: &'s Session) -> Result<Vec<CheckedImport<'s>>, Vec<CiphertextError>> {
        self.check_document(session).map_err(|e| vec![e])?;
        let mut exported = session.parameters.keys.iter().zip(&session.secrets);
        let (mut imports, mut errors) = (Vec::with_capacity(self.keys.len()), Vec::new());
        for entry in &self.keys {
            let Some((parameters, secret)) = exported.by_ref().find(|(p, _)| p.key_id == entry.key_id) else {
                errors.push(CiphertextError::UnknownKey(entry.alias.clone()));
                continue;
            };
            match check_entry(entry, parameters, &session.parameters_sha256) {
                Ok(wrapped) => imports.push(CheckedImport {
                    ciphertext: entry.clone(),
                    wrapped,
                    parameters,
                    import_token: &secret.import_token,
                    valid_to: secret.valid_to,
                }),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(imports) } else { Err(errors) }
    }

    /// Checks a file found in place of an output: that it is whole and was made for these parameters.
    ///
    /// # Errors
    /// The first [`CiphertextError`].
    pub fn check_against(&self, parameters: &CheckedParameters) -> Result<(), CiphertextError> {
        if self.parameters_sha256 != parameters.digest() {
            return Err(CiphertextError::Parameters {
                found: self.parameters_sha256,
                session: parameters.digest(),
            });
        }
        self.keys.iter().try_for_each(|entry| {
            let exported = parameters.entries().iter().find(|e| e.entry.key_id == entry.key_id);
            let exported = exported.ok_or_else(|| CiphertextError::UnknownKey(entry.alias.clone()))?;
            check_entry(entry, &exported.entry, &parameters.digest()).map(|_| ())
        })
    }

    /// Checks, in a record, that every entry was made for these parameters, whose file has that digest.
    ///
    /// # Errors
    /// The first [`CiphertextError`].
    pub fn check_recorded(
        &self,
        parameters: &Parameters,
        digest: &Fingerprint,
    ) -> Result<(), CiphertextError> {
        if self.parameters_sha256 != *digest {
            return Err(CiphertextError::Parameters { found: self.parameters_sha256, session: *digest });
        }
        let mut exported = parameters.keys.iter();
        self.keys.iter().try_for_each(|entry| {
            let unknown = || CiphertextError::UnknownKey(entry.alias.clone());
            let exported = exported.by_ref().find(|e| e.key_id == entry.key_id).ok_or_else(unknown)?;
            check_entry(entry, exported, digest).map(|_| ())
        })
    }

    fn check_document(&self, session: &Session) -> Result<(), CiphertextError> {
        let parameters = &session.parameters;
        if self.purpose != parameters.purpose {
            return Err(CiphertextError::Purpose { found: self.purpose, session: parameters.purpose });
        }
        if self.seeded && parameters.purpose == Purpose::Production {
            return Err(CiphertextError::Seeded);
        }
        if self.ceremony != parameters.ceremony {
            return Err(CiphertextError::Ceremony {
                found: self.ceremony.clone(),
                session: parameters.ceremony.clone(),
            });
        }
        if self.parameters_sha256 != session.parameters_sha256 {
            return Err(CiphertextError::Parameters {
                found: self.parameters_sha256,
                session: session.parameters_sha256,
            });
        }
        Ok(())
    }
}

fn check_entry(
    entry: &CiphertextEntry,
    parameters: &ParameterEntry,
    digest: &Fingerprint,
) -> Result<WrappedKeyMaterial, CiphertextError> {
    let alias = || entry.alias.clone();
    if entry.wrapping_key_sha256 != Fingerprint::of(parameters.public_key.as_bytes()) {
        return Err(CiphertextError::WrappingKey(alias()));
    }
    let same = entry.alias == parameters.alias
        && entry.region == parameters.region
        && entry.algorithm == parameters.algorithm
        && entry.bits == parameters.edition.material();
    if !same || entry.binding != entry.expected_binding(digest) {
        return Err(CiphertextError::Binding(alias()));
    }
    WrappedKeyMaterial::from_bytes(entry.wrapped_material.as_bytes())
        .map_err(|e| CiphertextError::Block(alias(), e))
}
