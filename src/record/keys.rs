//! Key by key: plan, parameters, material, ciphertext, import and proof are about the same key and the same material.

use std::collections::{HashMap, HashSet};

use keyferry_core::provider::Material;
use keyferry_core::transcript::Line;
use keyferry_core::{
    Alias, CiphertextEntry, Commitment, Event, Fingerprint, Kcv, ParameterEntry, PlanKey, Station,
};

use super::events::key_of;
use super::{KeyFault, Record, VerifyError};

/// How a key came out of the ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOutcome {
    /// The service proved it.
    Proved {
        /// In the service's word.
        state: String,
    },
    /// It was refused; the others went on.
    Failed {
        /// By which control.
        control: String,
        /// In the station's words.
        reason: String,
    },
}

/// What a record says of one key of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// As planned.
    pub key: PlanKey,
    /// Check value of the material, if it was wrapped.
    pub kcv: Option<Kcv>,
    /// Commitment to the material, if it was wrapped.
    pub commitment: Option<Commitment>,
    /// The end of it.
    pub outcome: KeyOutcome,
}

/// The lines about one key, in order.
type Lines<'r> = HashMap<&'r Alias, Vec<&'r Line>>;

/// Every key of the plan, with the faults of those whose record does not hold together.
pub(super) fn check(record: &Record) -> (Vec<KeyRecord>, Vec<VerifyError>) {
    let mut lines: Lines<'_> = HashMap::new();
    for line in record.chain.lines() {
        if let Some(alias) = key_of(&line.event) {
            lines.entry(alias).or_default().push(line);
        }
    }
    let parameters = record.parameters.iter().flat_map(|(p, _)| &p.keys);
    let parameters: HashMap<&Alias, &ParameterEntry> = parameters.map(|e| (&e.alias, e)).collect();
    let ciphertext = record.ciphertext.iter().flat_map(|(c, _)| &c.keys);
    let ciphertext: HashMap<&Alias, &CiphertextEntry> = ciphertext.map(|e| (&e.alias, e)).collect();
    let (mut keys, mut faults) = (Vec::new(), Vec::new());
    for key in record.plan.keys() {
        let alias = &key.alias;
        let view = View {
            key,
            algorithm: record.plan.algorithm(),
            parameters: parameters.get(alias).copied(),
            ciphertext: ciphertext.get(alias).copied(),
            lines: lines.get(alias).map(Vec::as_slice).unwrap_or_default(),
        };
        match view.check() {
            Ok(key) => keys.push(key),
            Err(fault) => faults.push(VerifyError::Key { alias: alias.clone(), fault }),
        }
    }
    let strangers = parameters.keys().chain(ciphertext.keys()).chain(lines.keys());
    let planned: HashSet<&Alias> = record.plan.keys().iter().map(|k| &k.alias).collect();
    let mut strangers: Vec<&&Alias> = strangers.filter(|alias| !planned.contains(*alias)).collect();
    strangers.sort();
    strangers.dedup();
    faults.extend(
        strangers.into_iter().map(|a| VerifyError::Key { alias: (*a).clone(), fault: KeyFault::Stranger }),
    );
    (keys, faults)
}

/// All that a record holds about one key.
struct View<'r> {
    key: &'r PlanKey,
    algorithm: keyferry_core::WrappingAlgorithm,
    parameters: Option<&'r ParameterEntry>,
    ciphertext: Option<&'r CiphertextEntry>,
    lines: &'r [&'r Line],
}

impl View<'_> {
    fn check(&self) -> Result<KeyRecord, KeyFault> {
        self.check_parameters()?;
        self.check_material()?;
        let outcome = self.outcome()?;
        Ok(KeyRecord {
            key: self.key.clone(),
            kcv: self.ciphertext.and_then(|c| c.kcv),
            commitment: self.ciphertext.and_then(|c| c.commitment),
            outcome,
        })
    }

    /// The last line that `pick` takes.
    fn last<'s, T: 's>(&'s self, pick: impl Fn(&'s Event) -> Option<T>) -> Option<T> {
        self.lines.iter().rev().find_map(|line| pick(&line.event))
    }

    fn check_parameters(&self) -> Result<(), KeyFault> {
        let Some(entry) = self.parameters else { return Ok(()) };
        let as_planned = Some(&entry.key_id) == self.key.key_id.as_ref()
            && entry.region == self.key.region
            && entry.provider == self.key.provider
            && entry.algorithm == self.algorithm
            && entry.kind == self.key.kind();
        let fetched = self.lines.iter().any(|line| match &line.event {
            Event::ParametersFetched {
                region,
                key_id,
                algorithm,
                wrapping_key_sha256,
                import_token_sha256,
                expires_at,
                ..
            } => {
                line.station == Station::Online
                    && (region, key_id, *algorithm, *expires_at)
                        == (&entry.region, &entry.key_id, entry.algorithm, entry.expires_at)
                    && *import_token_sha256 == entry.import_token_sha256
                    && *wrapping_key_sha256 == Fingerprint::of(entry.public_key.as_bytes())
            }
            _ => false,
        });
        if as_planned && fetched { Ok(()) } else { Err(KeyFault::Parameters) }
    }

    fn check_material(&self) -> Result<(), KeyFault> {
        let Some(entry) = self.ciphertext else { return Ok(()) };
        let material = |event: &Event| match event {
            Event::MaterialGenerated { material, kcv, commitment, .. }
            | Event::MaterialRecovered { material, kcv, commitment, .. } => {
                Some((*material, *kcv, *commitment))
            }
            _ => None,
        };
        let had: Option<(Material, Option<Kcv>, Option<Commitment>)> = self.last(material);
        if had != Some((entry.material, entry.kcv, entry.commitment)) {
            return Err(KeyFault::Material);
        }
        let wrapped = |event: &Event| match event {
            Event::Wrapped { key_id, wrapping_key_sha256, wrapped_sha256, .. } => {
                Some((key_id.clone(), *wrapping_key_sha256, *wrapped_sha256))
            }
            _ => None,
        };
        let expected = (
            entry.key_id.clone(),
            entry.wrapping_key_sha256,
            Fingerprint::of(entry.wrapped_material.as_bytes()),
        );
        if self.last(wrapped) == Some(expected) { Ok(()) } else { Err(KeyFault::Wrapped) }
    }

    /// The last word about the key.
    fn outcome(&self) -> Result<KeyOutcome, KeyFault> {
        let planned = |found: &keyferry_core::KeyId| Some(found) == self.key.key_id.as_ref();
        let imported_otherwise = |event: &Event| match event {
            Event::Imported { key_id, .. } if !planned(key_id) => Some(()),
            _ => None,
        };
        if self.last(imported_otherwise).is_some() {
            return Err(KeyFault::Proof);
        }
        let last = self.last(|event| match event {
            Event::Proved { .. } | Event::KeyFailed { .. } => Some(event.clone()),
            _ => None,
        });
        match last {
            Some(Event::Proved { key_id, state, valid_to, round_trip, .. }) => {
                let good =
                    planned(&key_id) && round_trip && valid_to == self.key.valid_to && state == "Enabled";
                if good && self.ciphertext.is_some() {
                    Ok(KeyOutcome::Proved { state })
                } else {
                    Err(KeyFault::Proof)
                }
            }
            Some(Event::KeyFailed { control, reason, .. }) => Ok(KeyOutcome::Failed { control, reason }),
            _ => Err(KeyFault::NoEnd),
        }
    }
}
