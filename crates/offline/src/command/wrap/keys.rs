//! Generating and wrapping, key by key.

use std::collections::HashSet;

use keyferry_core::ciphertext::Drawn;
use keyferry_core::transcript::MaterialSource;
use keyferry_core::{
    CheckedEntry, CiphertextEntry, Control, Event, Explain, KeyMaterial, MaterialError, Source, bi,
};
use keyferry_transport::TranscriptFile;

use super::Ready;
use super::gate::Gate;
use super::record::{key_failed, wrapped};
use super::workers::wrap_in_order;
use crate::confine::Confined;
use crate::context::Context;
use crate::entropy::Generator;
use crate::error::OfflineError;
use crate::inputs::Inputs;

/// What came of the keys.
pub(super) struct Wrapped {
    pub(super) entries: Vec<CiphertextEntry>,
    pub(super) source: Source,
    pub(super) seeded: bool,
    pub(super) failed: usize,
    pub(super) first_failure: Option<OfflineError>,
}

/// Generates and wraps key by key. What would fail every key stops everything; anything else stops one key.
/// Only a machine that is as required and a process that is narrowed get here.
pub(super) fn wrap_all(
    (_machine, confined): Ready<'_>,
    inputs: &Inputs,
    rng: &mut Generator,
    gate: &mut Gate,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<Wrapped, OfflineError> {
    let (origin, source, entries) = (rng.source(), Source::Station, inputs.parameters.entries());
    let seeded = origin == MaterialSource::Seeded;
    let mut all = Wrapped { entries: Vec::new(), source, seeded, failed: 0, first_failure: None };
    let mut seen = HashSet::new();
    let mut progress = context.console.progress(bi!("wrapping", "包装"), entries.len());
    let draw = |checked| draw(checked, inputs, confined, rng);
    wrap_in_order(entries, confined, draw, |checked, made| {
        match made.and_then(|made| keep(checked, made, origin, inputs, gate, record, context)) {
            Ok(entry) => {
                // The same material twice: the generator repeats itself.
                if !seen.insert(entry.commitment) {
                    return Err(MaterialError::Entropy.into());
                }
                all.entries.push(entry);
            }
            Err(error) if stops_all(&error) => return Err(error),
            Err(error) => {
                context.console.refuse_key(checked.entry().alias.as_str(), &error);
                record.add(context, key_failed(checked.entry().alias.clone(), &error))?;
                all.failed += 1;
                all.first_failure.get_or_insert(error);
            }
        }
        progress.step();
        Ok(())
    })?;
    Ok(all)
}

/// No key can be made any more: the generator fails, or there is no memory for secrets.
fn stops_all(error: &OfflineError) -> bool {
    matches!(error.control(), Control::MAT_ENTROPY | Control::SECRET_MEMORY)
}

/// All that is random of one key.
fn draw<'i>(
    checked: &'i CheckedEntry,
    inputs: &'i Inputs,
    confined: &Confined,
    rng: &mut Generator,
) -> Result<Drawn<'i>, OfflineError> {
    let material = KeyMaterial::generate_in(&confined.memory, checked.material().length, rng)?;
    #[cfg(keyferry_network_attempt)]
    call_the_network();
    Ok(inputs.parameters.draw(checked, material, rng)?)
}

fn keep(
    checked: &CheckedEntry,
    (entry, material): (CiphertextEntry, KeyMaterial),
    source: MaterialSource,
    inputs: &Inputs,
    gate: &mut Gate,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<CiphertextEntry, OfflineError> {
    gate.keep(checked, material, &entry, inputs)?;
    let (alias, material) = (entry.alias.clone(), entry.material);
    let (kcv, commitment) = (entry.kcv, entry.commitment);
    record.add(context, Event::MaterialGenerated { alias, material, source, kcv, commitment })?;
    record.add(context, wrapped(&entry))?;
    Ok(entry)
}

/// In the boundary test's control alone: what a station must not survive, made where key material exists.
#[cfg(keyferry_network_attempt)]
fn call_the_network() {
    drop(std::net::UdpSocket::bind("127.0.0.1:0"));
}
