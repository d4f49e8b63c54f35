//! Key by key: made in the token, read back, wrapped there, and destroyed or locked.

use std::collections::BTreeSet;

use keyferry_core::transcript::{HsmKeyEnd, MaterialSource};
use keyferry_core::{
    Base64Bytes, CheckedEntry, CiphertextEntry, Commitment, Event, Fingerprint, Kcv, KcvMethod, bi,
};
use keyferry_transport::TranscriptFile;

use super::inputs::Inputs;
use crate::context::Context;
use crate::error::HsmError;
use crate::key::{Attributes, CheckValue, KeyRefused, hex};
use crate::module::{KeyNumber, Module, Wrapper};
use crate::protocol::{Attribute, Kept};
use crate::public::PublicNumbers;
use crate::refused::NotPlanned;

/// Has every key made and wrapped. An error stops the run: nothing of it is used.
pub(super) fn wrap_all(
    module: &mut Module<'_>,
    inputs: &Inputs,
    keep: Option<&str>,
    record: &mut TranscriptFile,
    context: &Context,
) -> Result<Vec<CiphertextEntry>, HsmError> {
    let (mut entries, mut seen) = (Vec::new(), BTreeSet::new());
    let mut progress = context.console.progress(bi!("wrapping", "包装"), inputs.parameters.entries().len());
    for checked in inputs.parameters.entries() {
        let (entry, events) = wrap_one(module, checked, inputs, keep, context)?;
        // The generator repeats itself.
        if !seen.insert(entry.commitment.map(|c| c.to_string())) {
            return Err(NotPlanned::Repeated.into());
        }
        for event in events {
            record.add(context, event)?;
        }
        entries.push(entry);
        progress.step();
    }
    Ok(entries)
}

fn wrap_one(
    module: &mut Module<'_>,
    checked: &CheckedEntry,
    inputs: &Inputs,
    keep: Option<&str>,
    context: &Context,
) -> Result<(CiphertextEntry, [Event; 3]), HsmError> {
    let entry = checked.entry();
    let bytes = bytes_of(checked);
    let kept = keep.map(|label| Kept {
        label: format!("{label} {}", entry.alias),
        id: Base64Bytes::from(entry.alias.as_str().as_bytes()),
    });
    let by = module.import(&PublicNumbers::of(checked.wrapping_key())?)?;
    let (key, attributes) = module.generate(bytes, kept.clone())?;
    let made = of_key(module, (key, &by), checked, (kept, attributes), inputs);
    if made.is_err() {
        // Not that one stays in the token which nobody has, and which can be extracted.
        let _ = module.destroy(key);
    }
    let (wrapped, attributes, events) = made?;
    module.forget(&by)?;
    for remark in attributes.remarks() {
        context.console.say(&bi!("  {}: {}", "  {}：{}", entry.alias, remark.get(context.console.lang())));
    }
    Ok((wrapped, events))
}

/// One key that was made: judged, wrapped, and destroyed or locked.
fn of_key(
    module: &mut Module<'_>,
    (key, by): (KeyNumber, &Wrapper),
    checked: &CheckedEntry,
    (kept, attributes): (Option<Kept>, Vec<Attribute>),
    inputs: &Inputs,
) -> Result<(CiphertextEntry, Attributes, [Event; 3]), HsmError> {
    let entry = checked.entry();
    let bytes = bytes_of(checked);
    let attributes = Attributes::judge(attributes, bytes, kept.is_some())?;
    let kcv = check_value(module, key, &attributes, inputs.plan.has_kcv())?;
    let block = module.wrap(key, by, entry.algorithm)?;
    // Last of all: a digest that the token breaks off stays active in the session.
    let digest = module.digest(key, Commitment::TOKEN_DOMAIN)?;
    let digest = digest.map_err(|refusal| NotPlanned::NoCommitment(refusal.to_string()))?;
    let commitment = Some(Commitment::of_token(digest));
    let (end, attributes) = settle(module, (key, by), checked, kept, attributes)?;
    let wrapped = inputs.parameters.wrapped_elsewhere(checked, block.wrapped(), kcv, commitment);
    let (alias, material) = (entry.alias.clone(), wrapped.material);
    let generated = Event::MaterialGenerated {
        alias,
        material,
        source: MaterialSource::Hsm,
        kcv: wrapped.kcv,
        commitment,
    };
    let rows = attributes.rows().map(|(name, value)| (name.to_owned(), value)).collect();
    let made = Event::HsmKey { alias: entry.alias.clone(), attributes: rows, end };
    let line = Event::Wrapped {
        alias: wrapped.alias.clone(),
        key_id: wrapped.key_id.clone(),
        wrapping_key_sha256: wrapped.wrapping_key_sha256,
        wrapped_sha256: Fingerprint::of(wrapped.wrapped_material.as_bytes()),
    };
    Ok((wrapped, attributes, [generated, made, line]))
}

fn bytes_of(checked: &CheckedEntry) -> u8 {
    u8::try_from(checked.material().length.bytes()).unwrap_or_default()
}

/// The check value that the token computes, where the plan wants one.
fn check_value(
    module: &mut Module<'_>,
    key: KeyNumber,
    attributes: &Attributes,
    wanted: bool,
) -> Result<Option<Kcv>, HsmError> {
    if !wanted {
        return Ok(None);
    }
    match attributes.check_value(module.zeros(key)?)? {
        CheckValue::Computed { value, .. } => {
            let value = hex(&value).parse().ok();
            Ok(value.map(|value| Kcv { method: KcvMethod::Aes, value }))
        }
        CheckValue::None(refusal) => Err(KeyRefused::NoCheckValue(refusal).into()),
    }
}

/// Destroys the key; or locks it, and sees that the token refuses to wrap it once more.
fn settle(
    module: &mut Module<'_>,
    (key, by): (KeyNumber, &Wrapper),
    checked: &CheckedEntry,
    kept: Option<Kept>,
    attributes: Attributes,
) -> Result<(HsmKeyEnd, Attributes), HsmError> {
    let Some(Kept { label, .. }) = kept else {
        module.destroy(key)?;
        return Ok((HsmKeyEnd::Destroyed, attributes));
    };
    let attributes = Attributes::locked(module.lock(key)?)?;
    match module.wraps(key, by, checked.entry().algorithm)? {
        Ok(()) => Err(NotPlanned::NotLocked.into()),
        Err(refusal) => Ok((HsmKeyEnd::Kept { label, refused: refusal.code.to_string() }, attributes)),
    }
}
