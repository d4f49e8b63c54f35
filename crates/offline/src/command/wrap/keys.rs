//! Generates, wraps, records and keeps for the backup the material of every key, in the plan's order.

use std::collections::HashSet;

use keyferry_core::ciphertext::Drawn;
use keyferry_core::transcript::MaterialSource;
use keyferry_core::{
    CheckedEntry, CiphertextEntry, Control, Event, Explain, KeyMaterial, MaterialError, Source, bi,
};
use keyferry_transport::TranscriptFile;

use super::gate::Gate;
use super::job::Job;
use super::phase::{Ready, Wrapped};
use super::record::{key_failed, wrapped};
use super::workers::wrap_in_order;
use crate::args::Asked;
use crate::entropy::{self, Generator};
use crate::error::OfflineError;
use crate::listed::Refusals;
use crate::rng::StationRng;

/// For `wrap`: wraps material from the generator in memory, and then hands its backup to people.
pub(super) fn generate(
    ready: &mut Ready<'_>,
    rng: StationRng,
    entropy: &[Asked],
) -> Result<Wrapped, OfflineError> {
    let mut rng = entropy::mix(rng, entropy, ready.job.context, Some(&mut ready.record))?;
    let mut gate = Gate::new(ready, &mut rng)?;
    let wrapped = wrap_all(ready, &mut rng, &mut gate)?;
    if !wrapped.entries.is_empty() {
        gate.pass(ready, wrapped.seeded, &mut rng)?;
    }
    Ok(wrapped)
}

/// Generates and wraps key by key. An error that would affect every key stops the run; any other error stops
/// one key.
fn wrap_all<'j>(
    ready: &mut Ready<'j>,
    rng: &mut Generator,
    gate: &mut Gate<'j>,
) -> Result<Wrapped, OfflineError> {
    let (job, confined, record) = (ready.job, &ready.confined, &mut ready.record);
    let (parameters, console) = (&job.inputs.parameters, &job.context.console);
    let (origin, entries) = (rng.source(), parameters.entries());
    let (source, seeded) = (Source::Station, origin == MaterialSource::Seeded);
    let made = Vec::with_capacity(entries.len());
    let mut all = Wrapped { entries: made, source, seeded, failed: 0, first_failure: None };
    let mut progress = console.progress(bi!("wrapping", "包装"), entries.len());
    let (mut taker, mut refusals) = (Taker { job, gate, record }, Refusals::new(console));
    let draw = |checked: &'j CheckedEntry| -> Result<Drawn<'j>, OfflineError> {
        let material = generate_one(checked, &confined.memory, rng)?;
        Ok(parameters.draw(checked, material, rng)?)
    };
    wrap_in_order(entries, confined, draw, |checked, made| {
        match made.and_then(|made| taker.keep(checked, made, |entry| generated(entry, origin))) {
            Ok(entry) => all.entries.push(entry),
            Err(error) if stops_all(&error) => return Err(error),
            Err(error) => {
                refusals.explain(checked.entry().alias.as_str(), &error);
                taker.record.add(job.context, key_failed(checked.entry().alias.clone(), &error))?;
                all.failed += 1;
                all.first_failure.get_or_insert(error);
            }
        }
        progress.step();
        Ok(())
    })?;
    refusals.end();
    check_distinct(&all.entries)?;
    Ok(all)
}

/// Checks that no material appears twice, because then the generator repeats itself.
fn check_distinct(entries: &[CiphertextEntry]) -> Result<(), MaterialError> {
    let mut seen = HashSet::with_capacity(entries.len());
    let distinct = entries.iter().all(|entry| seen.insert(&entry.commitment));
    if distinct { Ok(()) } else { Err(MaterialError::Entropy) }
}

/// Whether no further key can be made: the generator fails, or there is no memory for secrets.
fn stops_all(error: &OfflineError) -> bool {
    matches!(error.control(), Control::MAT_ENTROPY | Control::SECRET_MEMORY)
}

fn generate_one(
    checked: &CheckedEntry,
    memory: &keyferry_sandbox::SecretMemory,
    rng: &mut Generator,
) -> Result<KeyMaterial, OfflineError> {
    let material = KeyMaterial::generate_in(memory, checked.material().length, rng)?;
    #[cfg(keyferry_network_attempt)]
    call_the_network();
    Ok(material)
}

fn generated(entry: &CiphertextEntry, source: MaterialSource) -> Event {
    let (alias, material) = (entry.alias.clone(), entry.material);
    Event::MaterialGenerated { alias, material, source, kcv: entry.kcv, commitment: entry.commitment }
}

/// Takes the wrapped keys: their material goes to the gate, and two lines for each key go to the record.
pub(super) struct Taker<'t, 'j> {
    pub(super) job: &'t Job<'j>,
    pub(super) gate: &'t mut Gate<'j>,
    pub(super) record: &'t mut TranscriptFile,
}

impl Taker<'_, '_> {
    /// `came` says where the material came from.
    pub(super) fn keep(
        &mut self,
        checked: &CheckedEntry,
        (entry, material): (CiphertextEntry, KeyMaterial),
        came: impl FnOnce(&CiphertextEntry) -> Event,
    ) -> Result<CiphertextEntry, OfflineError> {
        self.gate.keep(checked, material, &entry, &self.job.inputs)?;
        self.record.add(self.job.context, came(&entry))?;
        self.record.add(self.job.context, wrapped(&entry))?;
        Ok(entry)
    }
}

/// Only in the control build of the boundary test: makes a system call that must kill a station, at a point
/// where key material exists.
#[cfg(keyferry_network_attempt)]
fn call_the_network() {
    drop(std::net::UdpSocket::bind("127.0.0.1:0"));
}

#[cfg(test)]
mod tests {
    use keyferry_core::{Base64Bytes, Ciphertext, Control, Explain, artefact};

    use super::check_distinct;

    #[test]
    fn material_that_appears_twice_is_refused() {
        let file =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/0.1/one-key/record/ciphertext.json");
        let (ciphertext, _) = artefact::parse::<Ciphertext>(&std::fs::read(file).unwrap()).unwrap();
        let mut entries = ciphertext.keys;
        check_distinct(&entries).unwrap();
        let mut other = entries[0].clone();
        other.alias = "other".parse().unwrap();
        other.wrapped_material = Base64Bytes::from(&b"another block"[..]);
        entries.push(other);
        assert_eq!(check_distinct(&entries).unwrap_err().control(), Control::MAT_ENTROPY);
    }
}
