//! Makes each key in the token, reads it back, wraps it there, and then destroys it, locks it, or keeps it for trusted keys only.

use std::collections::BTreeSet;

use keyferry_core::transcript::{HsmKeyEnd, MaterialSource};
use keyferry_core::{
    Alias, Base64Bytes, CheckedEntry, CiphertextEntry, Commitment, Event, Fingerprint, Kcv, KcvMethod, bi,
};
use keyferry_transport::TranscriptFile;

use super::inputs::Inputs;
use super::trusted::{Trusted, refuses_others};
use crate::context::Context;
use crate::error::HsmError;
use crate::key::{Attributes, CheckValue, KeyRefused, hex};
use crate::module::{KeyNumber, Module, Wrapper};
use crate::protocol::{Attribute, Kept};
use crate::public::PublicNumbers;
use crate::refused::NotPlanned;

/// How keys stay in the token.
#[derive(Clone, Copy, Debug)]
pub(in crate::command) struct Keep<'r> {
    /// The label before each key's alias.
    pub(in crate::command) label: &'r str,
    /// Whether the key can be wrapped to trusted keys only, instead of being locked.
    pub(in crate::command) trusted: bool,
}

/// Makes and wraps every key in the token. An error stops the run, and none of its results are used.
pub(super) fn wrap_all(
    module: &mut Module<'_>,
    inputs: &Inputs,
    (keep, trusted): (Option<Keep<'_>>, &Trusted),
    (record, context): (&mut TranscriptFile, &Context),
) -> Result<Vec<CiphertextEntry>, HsmError> {
    let (mut entries, mut seen) = (Vec::new(), BTreeSet::new());
    let mut progress = context.console.progress(bi!("wrapping", "包装"), inputs.parameters.entries().len());
    for (at, checked) in inputs.parameters.entries().iter().enumerate() {
        let by = trusted.wrapper(at, checked, module)?;
        let (entry, events) = wrap_one(module, (checked, &by), inputs, keep, context)?;
        trusted.forget_other(&by, module)?;
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
    (checked, by): (&CheckedEntry, &Wrapper),
    inputs: &Inputs,
    keep: Option<Keep<'_>>,
    context: &Context,
) -> Result<(CiphertextEntry, [Event; 3]), HsmError> {
    let entry = checked.entry();
    let bytes = bytes_of(checked);
    let kept = keep.map(|keep| Kept {
        label: label_of(keep.label, &entry.alias),
        id: Base64Bytes::from(entry.alias.as_str().as_bytes()),
        trusted: keep.trusted,
    });
    let (key, attributes) = module.generate(bytes, kept.clone())?;
    let made = of_key(module, (key, by), checked, (kept, attributes), inputs);
    if made.is_err() {
        // Otherwise a key that nobody uses would stay in the token, extractable.
        let _ = module.destroy(key);
    }
    let (wrapped, attributes, events) = made?;
    for remark in attributes.remarks() {
        context.console.say(&bi!("  {}: {}", "  {}：{}", entry.alias, remark.get(context.console.lang())));
    }
    Ok((wrapped, events))
}

/// One new key: checked, wrapped, and destroyed or locked.
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
    if kept.as_ref().is_some_and(|kept| kept.trusted) {
        attributes.must_be_for_trusted()?;
    }
    let kcv = check_value(module, key, &attributes, inputs.plan.has_kcv())?;
    let block = module.wrap(key, by, entry.algorithm)?;
    // This comes last, because a digest that the token aborts stays active in the session.
    let digest = module.digest(key, Commitment::TOKEN_DOMAIN)?;
    let digest = digest.map_err(NotPlanned::NoCommitment)?;
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
    let line = wrapped_line(&wrapped);
    Ok((wrapped, attributes, [generated, made, line]))
}

/// The record's event: what was wrapped, and to which key.
pub(super) fn wrapped_line(entry: &CiphertextEntry) -> Event {
    Event::Wrapped {
        alias: entry.alias.clone(),
        key_id: entry.key_id.clone(),
        wrapping_key_sha256: entry.wrapping_key_sha256,
        wrapped_sha256: Fingerprint::of(entry.wrapped_material.as_bytes()),
    }
}

pub(super) fn bytes_of(checked: &CheckedEntry) -> u8 {
    u8::try_from(checked.material().length.bytes()).unwrap_or_default()
}

/// The check value that the token computes, if the plan requires one.
pub(super) fn check_value(
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

/// Destroys the key; or locks it or keeps it for trusted keys, and checks that the token refuses to wrap it to any other.
fn settle(
    module: &mut Module<'_>,
    (key, by): (KeyNumber, &Wrapper),
    checked: &CheckedEntry,
    kept: Option<Kept>,
    attributes: Attributes,
) -> Result<(HsmKeyEnd, Attributes), HsmError> {
    let Some(Kept { label, trusted, .. }) = kept else {
        module.destroy(key)?;
        return Ok((HsmKeyEnd::Destroyed, attributes));
    };
    if trusted {
        let numbers = PublicNumbers::of(checked.wrapping_key())?;
        let end = refuses_others(module, key, (&numbers, checked.entry().algorithm), label)?;
        return Ok((end, attributes));
    }
    let attributes = Attributes::locked(module.lock(key)?)?;
    match module.wraps(key, by, checked.entry().algorithm)? {
        Ok(()) => Err(NotPlanned::NotLocked.into()),
        Err(refusal) => Ok((HsmKeyEnd::Kept { label, refused: refusal.code.to_string() }, attributes)),
    }
}

/// The label of a key that stays in a token.
pub(super) fn label_of(label: &str, alias: &Alias) -> String {
    format!("{label} {alias}")
}
