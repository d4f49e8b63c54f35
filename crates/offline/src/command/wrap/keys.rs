//! Generating and wrapping, key by key.

use std::collections::BTreeSet;

use keyferry_core::transcript::MaterialSource;
use keyferry_core::{
    CheckedEntry, CiphertextEntry, Control, Event, Explain, Fingerprint, KeyMaterial, MaterialError, bi,
};
use keyferry_transport::TranscriptFile;

use super::record::key_failed;
use crate::context::Context;
use crate::entropy::Generator;
use crate::error::OfflineError;
use crate::inputs::Inputs;
use crate::posture::Fit;

/// What came of the keys.
pub(super) struct Wrapped {
    pub(super) entries: Vec<CiphertextEntry>,
    pub(super) seeded: bool,
    pub(super) failed: usize,
    pub(super) first_failure: Option<OfflineError>,
}

/// Generates and wraps key by key. A failing generator stops everything; anything else stops one key.
/// Only a machine that is as required gets here.
pub(super) fn wrap_all(
    _machine: &Fit,
    inputs: &Inputs,
    rng: &mut Generator,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<Wrapped, OfflineError> {
    let seeded = rng.source() == MaterialSource::Seeded;
    let mut all = Wrapped { entries: Vec::new(), seeded, failed: 0, first_failure: None };
    let mut seen = BTreeSet::new();
    let mut progress = context.console.progress(bi!("wrapping", "包装"), inputs.parameters.entries().len());
    for checked in inputs.parameters.entries() {
        match wrap_one(checked, inputs, rng, record, context) {
            Ok(entry) => {
                // The same material twice: the generator repeats itself.
                if !seen.insert(entry.commitment.to_string()) {
                    return Err(MaterialError::Entropy.into());
                }
                all.entries.push(entry);
            }
            Err(error) if error.control() == Control::MAT_ENTROPY => return Err(error),
            Err(error) => {
                context.console.refuse_key(checked.entry().alias.as_str(), &error);
                record.add(context, key_failed(checked.entry().alias.clone(), &error))?;
                all.failed += 1;
                all.first_failure.get_or_insert(error);
            }
        }
        progress.step();
    }
    Ok(all)
}

fn wrap_one(
    checked: &CheckedEntry,
    inputs: &Inputs,
    rng: &mut Generator,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<CiphertextEntry, OfflineError> {
    let material = KeyMaterial::generate(checked.bits(), rng)?;
    let entry = inputs.parameters.wrap(checked, &material, rng)?;
    let (alias, bits) = (entry.alias.clone(), entry.bits);
    let (kcv, commitment) = (entry.kcv, entry.commitment);
    record.add(context, Event::MaterialGenerated { alias, bits, source: rng.source(), kcv, commitment })?;
    record.add(
        context,
        Event::Wrapped {
            alias: entry.alias.clone(),
            key_id: entry.key_id.clone(),
            wrapping_key_sha256: entry.wrapping_key_sha256,
            wrapped_sha256: Fingerprint::of(entry.wrapped_material.as_bytes()),
        },
    )?;
    Ok(entry)
}
