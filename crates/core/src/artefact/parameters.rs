//! `parameters.json`, which crosses to the offline station, and the check that makes it usable.
//!
//! [`Parameters`] is merely well formed. Only [`CheckedParameters`], made by [`Parameters::check`] against the reviewed plan
//! and a time, holds entries that can be wrapped to.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::artefact::{ArtefactError, Form, Format, Version};
use crate::plan::MAX_KEYS;
use crate::provider::{KeyKind, KeySpec, Material};
use crate::{
    Alias, Base64Bytes, CeremonyId, CeremonyPlan, Fingerprint, ImportTokenDigest, KeyId, PlanKey, Provider,
    Purpose, Region, RsaBits, Span, Timestamp, WrappingAlgorithm, WrappingKey,
};

mod parameters_entry;
mod parameters_error;
pub(crate) mod parameters_v1;

pub use parameters_error::ParametersError;

/// One key's import parameters, as fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "parameters_entry::Entry", into = "parameters_entry::Entry")]
pub struct ParameterEntry {
    /// Alias in the service.
    pub alias: Alias,
    /// Who runs the KMS.
    pub provider: Provider,
    /// Region of the key.
    pub region: Region,
    /// Id of the key.
    pub key_id: KeyId,
    /// Kind of the key, as the service reported it.
    pub kind: &'static KeyKind,
    /// The algorithm that the parameters were fetched for.
    pub algorithm: WrappingAlgorithm,
    /// Type of the wrapping key.
    pub wrapping_key_spec: &'static KeySpec,
    /// The wrapping key: SubjectPublicKeyInfo in DER.
    pub public_key: Base64Bytes,
    /// SHA-256 of the import token, which stays on the online side; `None` if the provider issues none.
    pub import_token_sha256: Option<ImportTokenDigest>,
    /// When the wrapping key and the token expire; `None` if the wrapping key is valid until it is changed.
    pub expires_at: Option<Timestamp>,
}

/// A well-formed `parameters.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    format: Format<Self>,
    /// Production or rehearsal.
    pub purpose: Purpose,
    /// Id of the ceremony.
    pub ceremony: CeremonyId,
    /// SHA-256 of the plan that they were fetched under.
    pub plan_sha256: Fingerprint,
    /// When the last of them was fetched, by the online station's clock.
    pub fetched_at: Timestamp,
    /// One entry for each key, in the plan's order.
    #[serde(deserialize_with = "crate::serde_helpers::entries")]
    pub keys: Vec<ParameterEntry>,
    /// The format version that was read.
    #[serde(skip)]
    pub(crate) version: Version,
}

impl Form for Parameters {
    const FORMAT: &'static str = "keyferry/parameters/2";

    fn validate(&self) -> Result<(), ArtefactError> {
        unique(self.keys.iter().map(|k| (&k.alias, &k.key_id)))
    }
}

/// Each alias and each key id appears once, and there are 1 to [`MAX_KEYS`] of them.
pub(crate) fn unique<'a>(keys: impl Iterator<Item = (&'a Alias, &'a KeyId)>) -> Result<(), ArtefactError> {
    let (mut aliases, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (alias, id) in keys {
        if !aliases.insert(alias) || !ids.insert(id) {
            return Err(ArtefactError::Entries("a key appears twice"));
        }
    }
    match aliases.len() {
        0 => Err(ArtefactError::Entries("there is none")),
        n if n > MAX_KEYS => Err(ArtefactError::Entries("more than 100000")),
        _ => Ok(()),
    }
}

/// The parameters of one key, which passed every check; material can be wrapped to nothing else.
#[derive(Clone, Debug)]
pub struct CheckedEntry {
    pub(crate) entry: ParameterEntry,
    pub(crate) wrapping_key: WrappingKey,
}

impl ParameterEntry {
    /// SHA-256 of the wrapping key's DER, as records and ciphertexts name it.
    #[must_use]
    pub fn wrapping_key(&self) -> Fingerprint {
        Fingerprint::of(self.public_key.as_bytes())
    }
}

impl CheckedEntry {
    /// The entry as fetched.
    #[must_use]
    pub const fn entry(&self) -> &ParameterEntry {
        &self.entry
    }

    /// The checked wrapping key.
    #[must_use]
    pub const fn wrapping_key(&self) -> &WrappingKey {
        &self.wrapping_key
    }

    /// The material to wrap.
    #[must_use]
    pub const fn material(&self) -> Material {
        self.entry.kind.material
    }
}

/// Parameters that belong to the plan, key by key.
#[derive(Debug)]
pub struct CheckedParameters {
    /// SHA-256 of the exact file.
    digest: Fingerprint,
    pub(crate) version: Version,
    purpose: Purpose,
    ceremony: CeremonyId,
    has_kcv: bool,
    entries: Vec<CheckedEntry>,
    refused: Vec<(Alias, ParametersError)>,
    missing: Vec<Alias>,
}

impl CheckedParameters {
    /// SHA-256 of the exact bytes of `parameters.json`.
    #[must_use]
    pub const fn digest(&self) -> Fingerprint {
        self.digest
    }

    /// Production or rehearsal.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Id of the ceremony.
    #[must_use]
    pub const fn ceremony(&self) -> &CeremonyId {
        &self.ceremony
    }

    /// Whether the plan asks for check values of the material.
    #[must_use]
    pub const fn has_kcv(&self) -> bool {
        self.has_kcv
    }

    /// The keys that material may be wrapped to, in the plan's order.
    #[must_use]
    pub fn entries(&self) -> &[CheckedEntry] {
        &self.entries
    }

    /// The keys that were refused, each with its reason.
    #[must_use]
    pub fn refused(&self) -> &[(Alias, ParametersError)] {
        &self.refused
    }

    /// The keys of the plan that have no parameters.
    #[must_use]
    pub fn missing(&self) -> &[Alias] {
        &self.missing
    }

    /// When the first of the entries expires, if any does.
    #[must_use]
    pub fn first_expiry(&self) -> Option<Timestamp> {
        self.entries.iter().filter_map(|e| e.entry.expires_at).min()
    }

    /// Checks again, at a later time, that no key has expired since and that each still has the plan's
    /// minimum time left.
    ///
    /// # Errors
    /// [`ParametersError::Expired`] or [`ParametersError::TimeLeft`], for the key that expires first.
    pub fn check_later(&self, plan: &CeremonyPlan, now: Timestamp) -> Result<(), ParametersError> {
        self.first_expiry().map_or(Ok(()), |expires_at| check_time_left(expires_at, plan, now))
    }
}

impl Parameters {
    /// SHA-256 of each wrapping key's DER, in the order of the entries.
    #[must_use]
    pub fn wrapping_keys(&self) -> Vec<Fingerprint> {
        self.keys.iter().map(ParameterEntry::wrapping_key).collect()
    }

    /// Assembles the parameters from the entries that an export fetched.
    ///
    /// # Errors
    /// [`ArtefactError::Entries`] if there is no entry, or if one appears twice.
    pub fn new(
        plan: &CeremonyPlan,
        fetched_at: Timestamp,
        keys: Vec<ParameterEntry>,
    ) -> Result<Self, ArtefactError> {
        let this = Self {
            format: Format::new(),
            purpose: plan.purpose(),
            ceremony: plan.ceremony().clone(),
            plan_sha256: plan.digest(),
            fetched_at,
            keys,
            version: Version::Two,
        };
        this.validate()?;
        Ok(this)
    }

    /// Checks the whole document against the plan, then each entry separately.
    ///
    /// `digest` is the digest of the exact file; `now` is the time that the people in the room confirmed.
    ///
    /// # Errors
    /// [`ParametersError`] if the document as a whole does not belong to this ceremony. A problem with a single key
    /// is in [`CheckedParameters::refused`].
    pub fn check(
        self,
        digest: Fingerprint,
        plan: &CeremonyPlan,
        now: Timestamp,
    ) -> Result<CheckedParameters, ParametersError> {
        self.check_document(plan, now)?;
        let mut plan_keys = plan.keys().iter();
        let mut entries = Vec::with_capacity(self.keys.len());
        let (mut refused, mut missing) = (Vec::new(), Vec::new());
        let mut wrapping_keys = WrappingKeys::default();
        for mut entry in self.keys {
            // Both lists are in the plan's order, so one pass is enough; it skips the keys that were not
            // exported.
            let planned = loop {
                match plan_keys.next() {
                    Some(key) if key.alias == entry.alias => break key,
                    Some(key) => missing.push(key.alias.clone()),
                    None => return Err(ParametersError::UnknownKey(entry.alias)),
                }
            };
            let alias = entry.alias.clone();
            let checked = check_names(&entry, planned, plan)
                .and_then(|()| check_expiry(&entry, self.fetched_at, plan, now))
                .and_then(|()| wrapping_keys.check(&mut entry));
            match checked {
                Ok(wrapping_key) => entries.push(CheckedEntry { entry, wrapping_key }),
                Err(error) => refused.push((alias, error)),
            }
        }
        missing.extend(plan_keys.map(|k| k.alias.clone()));
        Ok(CheckedParameters {
            digest,
            version: self.version,
            purpose: self.purpose,
            ceremony: self.ceremony,
            has_kcv: plan.has_kcv(),
            entries,
            refused,
            missing,
        })
    }

    /// Parameters of version 1 can only come from a plan of version 1, because a program that writes them cannot
    /// read a newer plan.
    ///
    /// # Errors
    /// [`ParametersError::Version`].
    pub fn check_version(&self, plan: &CeremonyPlan) -> Result<(), ParametersError> {
        match self.version {
            Version::One if plan.check_version().is_ok() => Err(ParametersError::Version),
            Version::One | Version::Two => Ok(()),
        }
    }

    fn check_document(&self, plan: &CeremonyPlan, now: Timestamp) -> Result<(), ParametersError> {
        if self.purpose != plan.purpose() {
            return Err(ParametersError::Purpose { found: self.purpose, plan: plan.purpose() });
        }
        if self.ceremony != *plan.ceremony() {
            return Err(ParametersError::Ceremony {
                found: self.ceremony.clone(),
                plan: plan.ceremony().clone(),
            });
        }
        if self.plan_sha256 != plan.digest() {
            return Err(ParametersError::Plan { found: self.plan_sha256, plan: plan.digest() });
        }
        self.check_version(plan)?;
        // The service itself tolerates a clock that is five minutes off.
        if now.seconds_until(self.fetched_at) > 300 {
            return Err(ParametersError::Clock { now, fetched_at: self.fetched_at });
        }
        Ok(())
    }
}

/// The wrapping keys that were checked, each stored once, however many entries share it.
#[derive(Default)]
struct WrappingKeys(HashMap<(RsaBits, Fingerprint), (Base64Bytes, WrappingKey)>);

impl WrappingKeys {
    /// The checked key of this entry. The entry's bytes are replaced by a shared reference to those of the
    /// first entry with the same key.
    fn check(&mut self, entry: &mut ParameterEntry) -> Result<WrappingKey, ParametersError> {
        let (size, der) = (entry.wrapping_key_spec.size, entry.public_key.as_bytes());
        let name = (size, Fingerprint::of(der));
        if let Some((bytes, known)) = self.0.get(&name) {
            entry.public_key = bytes.clone();
            return Ok(known.clone());
        }
        let key = WrappingKey::of_entry(size.alone(), &entry.public_key)?;
        self.0.insert(name, (entry.public_key.clone(), key.clone()));
        Ok(key)
    }
}

/// Checks that provider, key, region, algorithm and kind are those of the plan.
fn check_names(
    entry: &ParameterEntry,
    planned: &PlanKey,
    plan: &CeremonyPlan,
) -> Result<(), ParametersError> {
    if entry.provider != planned.provider {
        return Err(ParametersError::Provider { found: entry.provider, plan: planned.provider });
    }
    let key_id = planned.key_id()?;
    if entry.key_id != *key_id {
        return Err(ParametersError::KeyId { found: entry.key_id.clone(), plan: key_id.clone() });
    }
    if entry.region != planned.region {
        return Err(ParametersError::Region { found: entry.region.clone(), plan: planned.region.clone() });
    }
    if entry.algorithm != plan.algorithm() {
        return Err(ParametersError::Algorithm { found: entry.algorithm, plan: plan.algorithm() });
    }
    if entry.kind != planned.kind() {
        return Err(ParametersError::Length { kind: entry.kind, plan: planned.kind().material.length });
    }
    Ok(())
}

fn check_expiry(
    entry: &ParameterEntry,
    fetched_at: Timestamp,
    plan: &CeremonyPlan,
    now: Timestamp,
) -> Result<(), ParametersError> {
    let Some(expires_at) = entry.expires_at else { return Ok(()) };
    check_expired(expires_at, now)?;
    let too_long = |longest| ParametersError::Life { fetched_at, expires_at, longest };
    entry.provider.facts().check_life(fetched_at, expires_at).map_err(too_long)?;
    check_time_left(expires_at, plan, now)
}

fn check_expired(expires_at: Timestamp, now: Timestamp) -> Result<Span, ParametersError> {
    let left = now.span_until(expires_at);
    if left.seconds() == 0 {
        return Err(ParametersError::Expired { ago: expires_at.span_until(now), now });
    }
    Ok(left)
}

fn check_time_left(
    expires_at: Timestamp,
    plan: &CeremonyPlan,
    now: Timestamp,
) -> Result<(), ParametersError> {
    let left = check_expired(expires_at, now)?;
    if left < plan.minimum_time_left() {
        return Err(ParametersError::TimeLeft { left, minimum: plan.minimum_time_left() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_artefact_has_one_to_a_hundred_thousand_keys() {
        let names = |n: usize| -> Vec<(Alias, KeyId)> {
            let one = |n| {
                (
                    format!("k-{n}").parse().unwrap(),
                    format!("{n:08x}-1e38-11e9-b129-5cb9019b4b01").parse().unwrap(),
                )
            };
            (0..n).map(one).collect()
        };
        let checked = |n: usize| unique(names(n).iter().map(|(alias, id)| (alias, id)));
        assert_eq!(checked(0), Err(ArtefactError::Entries("there is none")));
        assert_eq!((checked(1), checked(MAX_KEYS)), (Ok(()), Ok(())));
        assert_eq!(checked(MAX_KEYS + 1), Err(ArtefactError::Entries("more than 100000")));
    }
}
