//! `ciphertext.json`, which crosses back, and the check that it was made for exactly this session.
//!
//! Each entry carries a binding: a digest over the parameters' digest, the file's origin, the key's names, the wrapping key and
//! the wrapped bytes. The binding of an entry that was swapped, altered or replayed does not match, and nothing in the file is
//! sent in that case.

use std::collections::BTreeMap;

use rand_core::TryCryptoRng;
use serde::{Deserialize, Serialize};

use crate::artefact::{ArtefactError, Form, Format, Version};
use crate::parameters::{CheckedEntry, CheckedParameters, unique};
use crate::provider::Material;
use crate::wrap::Padded;
use crate::{
    Base64Bytes, CeremonyId, Commitment, Fingerprint, ImportToken, Kcv, KcvMethod, KeyMaterial,
    MaterialError, ParameterEntry, Parameters, Purpose, Session, Timestamp, ValidTo, WrappedKeyMaterial,
};

mod binding;
mod ciphertext_error;
pub(crate) mod ciphertext_v1;
mod entry;

use binding::Bound;
pub use ciphertext_error::CiphertextError;
pub use entry::{CiphertextEntry, Origin, Source};

/// A well-formed `ciphertext.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ciphertext {
    format: Format<Self>,
    /// Production or rehearsal.
    pub purpose: Purpose,
    /// Where the material came from.
    pub source: Source,
    /// Whether the material came from a published seed, which production refuses.
    pub seeded: bool,
    /// Id of the ceremony.
    pub ceremony: CeremonyId,
    /// SHA-256 of the exact bytes of the parameters it was made for.
    pub parameters_sha256: Fingerprint,
    /// When it was made, according to the time given to the offline station or to its own clock.
    pub wrapped_at: Timestamp,
    /// One entry for each key, in the parameters' order.
    #[serde(deserialize_with = "crate::serde_helpers::entries")]
    pub keys: Vec<CiphertextEntry>,
    /// The format version of the file that was read; it decides how the entries are bound.
    #[serde(skip)]
    version: Version,
}

impl Ciphertext {
    /// The source of the material, as the file states it; version 1 does not state it.
    #[must_use]
    pub fn said_source(&self) -> Option<Source> {
        (self.version != Version::One).then_some(self.source)
    }
}

impl Form for Ciphertext {
    const FORMAT: &'static str = "keyferry/ciphertext/2";

    fn validate(&self) -> Result<(), ArtefactError> {
        check_methods(self.keys.iter().map(|k| (k.material, k.kcv)))?;
        if self.source != Source::Hsm && self.keys.iter().any(|k| k.commitment.is_none()) {
            return Err(ArtefactError::Entries("no commitment to material that a station held"));
        }
        let by_token = |k: &CiphertextEntry| k.commitment.is_some_and(|c| c.is_of_token());
        if self.source != Source::Hsm && self.keys.iter().any(by_token) {
            return Err(ArtefactError::Entries("a commitment by a token to material that no token made"));
        }
        unique(self.keys.iter().map(|k| (&k.alias, &k.key_id)))
    }
}

/// A check value uses the method of the material's kind, or is absent.
pub(crate) fn check_methods(
    mut keys: impl Iterator<Item = (Material, Option<Kcv>)>,
) -> Result<(), ArtefactError> {
    let other = |(material, kcv): (Material, Option<Kcv>)| {
        let right = KcvMethod::for_material(material.kind, material.length);
        kcv.is_some_and(|kcv| Some(kcv.method) != right)
    };
    if keys.any(other) {
        Err(ArtefactError::Entries("a check value of another kind of material"))
    } else {
        Ok(())
    }
}

impl CheckedParameters {
    /// Wraps `material` to one of the checked entries. The entry is bound when the file is [assembled](Self::ciphertext).
    ///
    /// # Errors
    /// [`MaterialError::Length`] if the material does not have the length that its kind of key takes; [`crate::WrapError`] if
    /// wrapping fails.
    pub fn wrap<R: TryCryptoRng + ?Sized>(
        &self,
        checked: &CheckedEntry,
        material: &KeyMaterial,
        rng: &mut R,
    ) -> Result<CiphertextEntry, crate::Error> {
        let padded = self.pad(checked, material, rng)?;
        self.entry(checked, padded, material)
    }

    /// The part of [`wrap`](Self::wrap) that draws from `rng`; [`Drawn::wrap`] does the rest, possibly on another
    /// thread.
    ///
    /// # Errors
    /// As [`wrap`](Self::wrap).
    pub fn draw<'c, R: TryCryptoRng + ?Sized>(
        &'c self,
        checked: &'c CheckedEntry,
        material: KeyMaterial,
        rng: &mut R,
    ) -> Result<Drawn<'c>, crate::Error> {
        let padded = self.pad(checked, &material, rng)?;
        Ok(Drawn { parameters: self, checked, material, padded })
    }

    fn pad<'c, R: TryCryptoRng + ?Sized>(
        &self,
        checked: &'c CheckedEntry,
        material: &KeyMaterial,
        rng: &mut R,
    ) -> Result<Padded<'c>, crate::Error> {
        let kind = checked.entry.kind;
        if material.length() != kind.material.length {
            return Err(wrong_length(checked, material).into());
        }
        Ok(crate::wrap::pad(&checked.wrapping_key, checked.entry.algorithm, material, rng)?)
    }

    fn entry(
        &self,
        checked: &CheckedEntry,
        padded: Padded<'_>,
        material: &KeyMaterial,
    ) -> Result<CiphertextEntry, crate::Error> {
        let kind = checked.entry.kind;
        let wrapped = padded.encrypt()?.confirm()?;
        let method =
            KcvMethod::for_material(kind.material.kind, kind.material.length).filter(|_| self.has_kcv());
        let kcv = method.map(|method| Kcv::of(material, method));
        let kcv = kcv.transpose().map_err(|_| wrong_length(checked, material))?;
        Ok(self.wrapped_elsewhere(checked, &wrapped, kcv, Some(Commitment::of(material))))
    }

    /// The entry for material that is wrapped already. A token's entry has the details that the token reported, and the
    /// file's source must then be [`Source::Hsm`]. The entry is bound when the file is [assembled](Self::ciphertext).
    #[must_use]
    pub fn wrapped_elsewhere(
        &self,
        checked: &CheckedEntry,
        wrapped: &WrappedKeyMaterial,
        kcv: Option<Kcv>,
        commitment: Option<Commitment>,
    ) -> CiphertextEntry {
        let ParameterEntry { alias, provider, region, key_id, algorithm, kind, .. } = &checked.entry;
        CiphertextEntry {
            alias: alias.clone(),
            provider: *provider,
            region: region.clone(),
            key_id: key_id.clone(),
            algorithm: *algorithm,
            wrapping_key_sha256: checked.wrapping_key.fingerprint(),
            material: kind.material,
            wrapped_material: Base64Bytes::from(wrapped.as_bytes()),
            kcv: kcv.filter(|_| self.has_kcv()),
            commitment,
            binding: Fingerprint::ZERO,
        }
    }

    /// Assembles the file from wrapped entries and binds each entry.
    ///
    /// # Errors
    /// [`ArtefactError::Entries`] if there is no entry, or if an entry appears twice.
    pub fn ciphertext(
        &self,
        keys: Vec<CiphertextEntry>,
        origin: Origin,
    ) -> Result<Ciphertext, ArtefactError> {
        let Origin { source, seeded, wrapped_at } = origin;
        let mut this = Ciphertext {
            format: Format::new(),
            purpose: self.purpose(),
            source,
            seeded,
            ceremony: self.ceremony().clone(),
            parameters_sha256: self.digest(),
            wrapped_at,
            keys,
            version: Version::Two,
        };
        this.bind();
        this.validate()?;
        Ok(this)
    }
}

fn wrong_length(checked: &CheckedEntry, material: &KeyMaterial) -> MaterialError {
    let (found, takes) = (material.length().bytes(), checked.entry.kind.material.kind.lengths());
    MaterialError::Length { found, takes, text: false, newline: false }
}

/// One key's padded material: all random bytes are drawn, but nothing is computed yet.
#[derive(Debug)]
pub struct Drawn<'c> {
    parameters: &'c CheckedParameters,
    checked: &'c CheckedEntry,
    material: KeyMaterial,
    padded: Padded<'c>,
}

impl Drawn<'_> {
    /// The part of [`CheckedParameters::wrap`] that computes. It also returns the material, which the caller can
    /// back up.
    ///
    /// # Errors
    /// [`crate::WrapError`] if wrapping fails; the material is wiped then.
    pub fn wrap(self) -> Result<(CiphertextEntry, KeyMaterial), crate::Error> {
        let Self { parameters, checked, material, padded } = self;
        Ok((parameters.entry(checked, padded, &material)?, material))
    }
}

/// One import that passed every check; nothing else can be sent.
#[derive(Debug)]
pub struct CheckedImport<'s> {
    /// The wrapped material with the names of its key.
    pub ciphertext: &'s CiphertextEntry,
    /// The key's entry in the parameters.
    pub parameters: &'s ParameterEntry,
    /// The token to send, if the provider issues one.
    pub import_token: Option<&'s ImportToken>,
    /// When the service must delete the material.
    pub valid_to: ValidTo,
}

impl Ciphertext {
    fn bound(&self) -> Bound<'_> {
        let origin = Origin { source: self.source, seeded: self.seeded, wrapped_at: self.wrapped_at };
        Bound { version: self.version, parameters: &self.parameters_sha256, purpose: self.purpose, origin }
    }

    fn bind(&mut self) {
        let bindings: Vec<_> = self.keys.iter().map(|k| k.expected_binding(&self.bound())).collect();
        self.keys.iter_mut().zip(bindings).for_each(|(key, binding)| key.binding = binding);
    }

    /// Checks that every entry was made for exactly this session; one bad entry is enough to refuse the whole
    /// file.
    ///
    /// # Errors
    /// The [`CiphertextError`] of every bad entry, or a single error about the whole document; the list is
    /// never empty.
    pub fn check<'s>(&'s self, session: &'s Session) -> Result<Vec<CheckedImport<'s>>, Vec<CiphertextError>> {
        self.check_document(session).map_err(|e| vec![e])?;
        let mut exported = session.parameters.keys.iter().zip(&session.secrets);
        let (mut imports, mut errors) = (Vec::with_capacity(self.keys.len()), Vec::new());
        for entry in &self.keys {
            let Some((parameters, secret)) = exported.by_ref().find(|(p, _)| p.key_id == entry.key_id) else {
                errors.push(CiphertextError::UnknownKey(entry.alias.clone()));
                continue;
            };
            match check_entry(entry, (parameters, &parameters.wrapping_key()), &self.bound()) {
                Ok(_wrapped) => imports.push(CheckedImport {
                    ciphertext: entry,
                    parameters,
                    import_token: secret.import_token.as_ref(),
                    valid_to: secret.valid_to,
                }),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(imports) } else { Err(errors) }
    }

    /// Checks that a file is complete and was made for these parameters.
    ///
    /// # Errors
    /// The first [`CiphertextError`].
    pub fn check_against(&self, parameters: &CheckedParameters) -> Result<(), CiphertextError> {
        self.check_version(parameters.version)?;
        if self.parameters_sha256 != parameters.digest() {
            return Err(CiphertextError::Parameters {
                found: self.parameters_sha256,
                session: parameters.digest(),
            });
        }
        let exported: BTreeMap<_, _> =
            parameters.entries().iter().map(|e| (&e.entry.key_id, &e.entry)).collect();
        self.keys.iter().try_for_each(|entry| {
            let exported = exported.get(&entry.key_id);
            let exported = exported.ok_or_else(|| CiphertextError::UnknownKey(entry.alias.clone()))?;
            check_entry(entry, (exported, &exported.wrapping_key()), &self.bound()).map(|_| ())
        })
    }

    /// Checks, for programs that read records, that every entry was made for these parameters, whose wrapping keys and file have
    /// the given digests.
    ///
    /// # Errors
    /// The first [`CiphertextError`].
    pub fn check_recorded(
        &self,
        parameters: &Parameters,
        wrapping_keys: &[Fingerprint],
        digest: &Fingerprint,
    ) -> Result<(), CiphertextError> {
        self.check_version(parameters.version)?;
        if self.parameters_sha256 != *digest {
            return Err(CiphertextError::Parameters { found: self.parameters_sha256, session: *digest });
        }
        let mut exported = parameters.keys.iter().zip(wrapping_keys);
        self.keys.iter().try_for_each(|entry| {
            let unknown = || CiphertextError::UnknownKey(entry.alias.clone());
            let exported = exported.by_ref().find(|e| e.0.key_id == entry.key_id).ok_or_else(unknown)?;
            check_entry(entry, exported, &self.bound()).map(|_| ())
        })
    }

    /// The ciphertext's format must not be older than that of its parameters, because a program that writes
    /// the older version cannot read the newer one.
    fn check_version(&self, parameters: Version) -> Result<(), CiphertextError> {
        if self.version < parameters { Err(CiphertextError::Version) } else { Ok(()) }
    }

    fn check_document(&self, session: &Session) -> Result<(), CiphertextError> {
        let parameters = &session.parameters;
        self.check_version(parameters.version)?;
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
    (parameters, wrapping_key): (&ParameterEntry, &Fingerprint),
    bound: &Bound<'_>,
) -> Result<WrappedKeyMaterial, CiphertextError> {
    let alias = || entry.alias.clone();
    if entry.wrapping_key_sha256 != *wrapping_key {
        return Err(CiphertextError::WrappingKey(alias()));
    }
    let same = entry.alias == parameters.alias
        && entry.provider == parameters.provider
        && entry.region == parameters.region
        && entry.algorithm == parameters.algorithm
        && entry.material == parameters.kind.material;
    if !same || entry.binding != entry.expected_binding(bound) {
        return Err(CiphertextError::Binding(alias()));
    }
    WrappedKeyMaterial::from_bytes_of(parameters.wrapping_key_spec.size, entry.wrapped_material.as_bytes())
        .map_err(|e| CiphertextError::Block(alias(), e))
}
