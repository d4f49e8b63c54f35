//! Checks, key by key, that plan, parameters, material, ciphertext, import and proof are about the same key and the
//! same material.

use std::collections::{HashMap, HashSet};

use keyferry_core::story::{KeyEnd, KeyStory, Origin, Wrapped};
use keyferry_core::transcript::MaterialSource;
use keyferry_core::{
    Alias, CiphertextEntry, Commitment, Fingerprint, Kcv, KeyId, ParameterEntry, PlanKey, Region, Source,
    StepName, Story,
};

use super::{KeyFault, Record, VerifyError};

/// The outcome of the ceremony for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOutcome {
    /// The service proved it.
    Proved {
        /// The key's state, as the service names it.
        state: String,
    },
    /// It was refused; the ceremony continued with the other keys.
    Failed {
        /// The control that refused it.
        control: String,
        /// The reason, in the station's words.
        reason: String,
    },
}

/// The facts that a record states about one key in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Alias in the service.
    pub alias: Alias,
    /// Region of the key.
    pub region: Region,
    /// Key id; `None` where the plan is a draft.
    pub key_id: Option<KeyId>,
    /// Check value of the material, if it was wrapped.
    pub kcv: Option<Kcv>,
    /// Commitment to the material, if it was wrapped.
    pub commitment: Option<Commitment>,
    /// The outcome.
    pub outcome: KeyOutcome,
}

/// Every key in the plan, and the faults of those whose record is not consistent.
pub(super) fn check(record: &Record, story: &Story<'_>) -> (Vec<KeyRecord>, Vec<VerifyError>) {
    let parameters = record.parameters.iter().flat_map(|(p, _)| &p.keys);
    let parameters = parameters.zip(&record.condensed.wrapping_keys);
    let parameters: HashMap<&Alias, (&ParameterEntry, &Fingerprint)> =
        parameters.map(|(entry, digest)| (&entry.alias, (entry, digest))).collect();
    let ciphertext = record.ciphertext.iter().flat_map(|(c, _)| &c.keys);
    let ciphertext = ciphertext.zip(&record.condensed.wrapped);
    let ciphertext: HashMap<&Alias, (&CiphertextEntry, &Fingerprint)> =
        ciphertext.map(|(entry, digest)| (&entry.alias, (entry, digest))).collect();
    let (mut keys, mut faults) = (Vec::with_capacity(record.plan.keys().len()), Vec::new());
    for key in record.plan.keys() {
        let alias = &key.alias;
        let view = View {
            key,
            algorithm: record.plan.algorithm(),
            parameters: parameters.get(alias).copied(),
            ciphertext: ciphertext.get(alias).copied(),
            story: story.key(alias),
            all: story,
            counts: record.ciphertext.as_ref().map(|(_, digest)| *digest),
            origin: record.ciphertext.as_ref().map(|(c, _)| (c.said_source(), c.seeded)),
        };
        match view.check() {
            Ok(key) => keys.push(key),
            Err(fault) => faults.push(VerifyError::Key { alias: alias.clone(), fault }),
        }
    }
    faults.extend(created(record, story));
    faults.extend(repeated(record));
    let told = story.keys().iter().map(KeyStory::alias);
    let told = told.chain(story.created().iter().map(|key| key.alias));
    let strangers = parameters.keys().chain(ciphertext.keys()).copied().chain(told);
    let planned: HashSet<&Alias> = record.plan.keys().iter().map(|k| &k.alias).collect();
    let mut strangers: Vec<&Alias> = strangers.filter(|alias| !planned.contains(alias)).collect();
    strangers.sort();
    strangers.dedup();
    faults.extend(
        strangers.into_iter().map(|a| VerifyError::Key { alias: a.clone(), fault: KeyFault::Stranger }),
    );
    (keys, faults)
}

/// Checks that created keys are the plan's, in their regions; the plan names the last one with each alias.
fn created(record: &Record, story: &Story<'_>) -> Vec<VerifyError> {
    let last: HashMap<&Alias, _> = story.created().iter().map(|key| (key.alias, key)).collect();
    let planned = record.plan.keys().iter();
    // A key that could not be checked may have been replaced by hand.
    let failed = |alias| story.key(alias).is_some_and(KeyStory::has_failed);
    let other = planned.filter(|key| {
        let made = last.get(&key.alias);
        let same = |id: &KeyId| Some(id) == key.key_id.as_ref() || failed(&key.alias);
        made.is_some_and(|made| *made.region != key.region || !same(made.key_id))
    });
    let fault = KeyFault::Created;
    other.map(|key| VerifyError::Key { alias: key.alias.clone(), fault }).collect()
}

/// Checks that no two keys in a ciphertext hold the same material.
fn repeated(record: &Record) -> Vec<VerifyError> {
    let (mut seen, mut faults) = (HashSet::new(), Vec::new());
    for key in record.ciphertext.iter().flat_map(|(ciphertext, _)| &ciphertext.keys) {
        if key.commitment.is_some_and(|commitment| !seen.insert(commitment)) {
            faults.push(VerifyError::Key { alias: key.alias.clone(), fault: KeyFault::Repeated });
        }
    }
    faults
}

/// Everything that a record holds about one key.
struct View<'r> {
    key: &'r PlanKey,
    algorithm: keyferry_core::WrappingAlgorithm,
    /// Its parameters, with the digest of its wrapping key.
    parameters: Option<(&'r ParameterEntry, &'r Fingerprint)>,
    /// Its ciphertext entry, with the digest of its wrapped material.
    ciphertext: Option<(&'r CiphertextEntry, &'r Fingerprint)>,
    /// `None` if no line is about it.
    story: Option<&'r KeyStory<'r>>,
    /// The lines about all keys.
    all: &'r Story<'r>,
    /// Digest of the ciphertext in the folder.
    counts: Option<Fingerprint>,
    /// The origin of the material according to the ciphertext, if it states one, and whether the material
    /// came from a seed.
    origin: Option<(Option<Source>, bool)>,
}

impl View<'_> {
    fn check(&self) -> Result<KeyRecord, KeyFault> {
        self.check_parameters()?;
        self.check_material()?;
        let outcome = self.outcome()?;
        Ok(KeyRecord {
            alias: self.key.alias.clone(),
            region: self.key.region.clone(),
            key_id: self.key.key_id.clone(),
            kcv: self.ciphertext.and_then(|(c, _)| c.kcv),
            commitment: self.ciphertext.and_then(|(c, _)| c.commitment),
            outcome,
        })
    }

    fn check_parameters(&self) -> Result<(), KeyFault> {
        let Some((entry, wrapping_key)) = self.parameters else { return Ok(()) };
        let as_planned = Some(&entry.key_id) == self.key.key_id.as_ref()
            && entry.region == self.key.region
            && entry.provider == self.key.provider
            && entry.algorithm == self.algorithm
            && entry.kind == self.key.kind();
        let station = StepName::OnlineExport.step().place.station();
        let fetched = self.story.iter().flat_map(|story| story.fetches()).any(|found| {
            Some(found.station) == station
                && (found.region, found.key_id, found.algorithm, found.expires_at)
                    == (&entry.region, &entry.key_id, entry.algorithm, entry.expires_at)
                && found.import_token_sha256 == entry.import_token_sha256
                && found.wrapping_key_sha256 == *wrapping_key
        });
        if as_planned && fetched { Ok(()) } else { Err(KeyFault::Parameters) }
    }

    fn check_material(&self) -> Result<(), KeyFault> {
        let Some((entry, wrapped_sha256)) = self.ciphertext else { return Ok(()) };
        let had = self.story.and_then(KeyStory::material).ok_or(KeyFault::Material)?;
        if (had.material, had.kcv, had.commitment) != (entry.material, entry.kcv, entry.commitment) {
            return Err(KeyFault::Material);
        }
        self.check_origin(had.origin)?;
        let expected = Wrapped {
            key_id: &entry.key_id,
            wrapping_key_sha256: entry.wrapping_key_sha256,
            wrapped_sha256: *wrapped_sha256,
        };
        let wrapped = self.story.and_then(KeyStory::wrapped);
        if wrapped == Some(expected) { Ok(()) } else { Err(KeyFault::Wrapped) }
    }

    /// Checks that the ciphertext states the same origin of its material as the lines.
    fn check_origin(&self, had: Origin) -> Result<(), KeyFault> {
        let (source, seeded) = self.origin.ok_or(KeyFault::Material)?;
        let (expected, from_seed) = match had {
            Origin::Generated(MaterialSource::Hsm) => (Source::Hsm, Some(false)),
            Origin::Generated(source) => (Source::Station, Some(source == MaterialSource::Seeded)),
            // The record that the shares belong to says where it came from.
            Origin::Recovered => (Source::Shares, None),
            Origin::Held(_) => (Source::Hsm, Some(false)),
        };
        let as_told =
            source.is_none_or(|said| said == expected) && from_seed.is_none_or(|from| from == seeded);
        if as_told { Ok(()) } else { Err(KeyFault::Material) }
    }

    /// Checks that each ciphertext sent before line number `at` is the one that counts, or an earlier one with the
    /// same material.
    fn check_sent(&self, at: u64) -> Result<(), KeyFault> {
        let (entry, _) = self.ciphertext.ok_or(KeyFault::Proof)?;
        let agreed = self.all.agreed_before(StepName::CompareCiphertext.step(), at);
        let agreed = agreed.ok_or(KeyFault::OtherCiphertext)?;
        if Some(agreed) == self.counts {
            return Ok(());
        }
        let written = self.all.written_before(agreed, at);
        let had = written.and_then(|written| self.story?.material_before(written)?.commitment);
        if had.is_some() && had == entry.commitment { Ok(()) } else { Err(KeyFault::OtherCiphertext) }
    }

    /// The final outcome for the key.
    fn outcome(&self) -> Result<KeyOutcome, KeyFault> {
        let planned = |found: &KeyId| Some(found) == self.key.key_id.as_ref();
        for import in self.story.iter().flat_map(|story| story.imports()) {
            if !planned(import.key_id) {
                return Err(KeyFault::Proof);
            }
            // A key accepts only one material in its lifetime, even if a later run failed.
            self.check_sent(import.seq)?;
        }
        match self.story.and_then(KeyStory::end) {
            Some(KeyEnd::Proved(proof)) => {
                let good = planned(proof.key_id)
                    && proof.round_trip
                    && proof.valid_to == self.key.valid_to
                    && proof.state == "Enabled";
                if !good {
                    return Err(KeyFault::Proof);
                }
                self.check_sent(proof.seq)?;
                Ok(KeyOutcome::Proved { state: proof.state.to_owned() })
            }
            Some(KeyEnd::Failed { control, reason }) => {
                Ok(KeyOutcome::Failed { control: control.to_owned(), reason: reason.to_owned() })
            }
            None => Err(KeyFault::NoEnd),
        }
    }
}
