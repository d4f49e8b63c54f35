//! Finds each key in the token by its label, compares it with the record, and then wraps it again. The key in
//! the token is not changed.

use keyferry_core::transcript::HsmKeyEnd;
use keyferry_core::{CheckedEntry, CiphertextEntry, Commitment, Event, Fingerprint, bi};
use keyferry_transport::TranscriptFile;

use super::inputs::Inputs;
use super::keys::{bytes_of, check_value, label_of, wrapped_line};
use super::trusted::{Trusted, refuses_others};
use crate::command::earlier::Earlier;
use crate::context::Context;
use crate::error::HsmError;
use crate::held::NotHeld;
use crate::key::{Attributes, WrapsTo};
use crate::module::{KeyNumber, Module};
use crate::public::PublicNumbers;

/// A key that matches the record.
#[derive(Debug)]
pub(super) struct Held {
    key: KeyNumber,
    label: String,
    attributes: Attributes,
    to: WrapsTo,
    kcv: Option<keyferry_core::Kcv>,
    commitment: Commitment,
}

/// Finds every key of the parameters and compares it, before anything is written.
///
/// # Errors
/// [`HsmError`] for the first key that is missing, differs from the record, or cannot be wrapped.
pub(super) fn find_all(
    module: &mut Module<'_>,
    inputs: &Inputs,
    (label, earlier, trusted): (&str, &Earlier, bool),
    context: &Context,
) -> Result<Vec<Held>, HsmError> {
    let found = inputs
        .parameters
        .entries()
        .iter()
        .map(|checked| find(module, checked, inputs, (label, earlier, trusted)));
    let found: Vec<Held> = found.collect::<Result<_, _>>()?;
    context.console.say(&bi!(
        "  The commitments of {} keys in the token match the record.",
        "  按承诺值，硬件令牌所持材料与记录一致：{} 个密钥。",
        found.len()
    ));
    Ok(found)
}

fn find(
    module: &mut Module<'_>,
    checked: &CheckedEntry,
    inputs: &Inputs,
    (label, earlier, trusted): (&str, &Earlier, bool),
) -> Result<Held, HsmError> {
    let entry = checked.entry();
    let recorded = earlier.recorded(&entry.alias, &entry.key_id)?;
    let label = label_of(label, &entry.alias);
    let (key, attributes) =
        module.find(&label)?.map_err(|keys| NotHeld::Keys { label: label.clone(), keys })?;
    let attributes = Attributes::held(attributes, bytes_of(checked))?;
    let kcv = check_value(module, key, &attributes, inputs.plan.has_kcv())?;
    let digest = module.digest(key, Commitment::TOKEN_DOMAIN)?.map_err(NotHeld::NoCommitment)?;
    let commitment = Commitment::of_token(digest);
    recorded.check(&entry.alias, (commitment, kcv))?;
    // This comes after the comparison, because a locked key can still be compared.
    let to = attributes.wraps_to(&label)?;
    if to == WrapsTo::Trusted && !trusted {
        return Err(NotHeld::Trusted(label).into());
    }
    Ok(Held { key, label, attributes, to, kcv, commitment })
}

/// Wraps every key in the token. An error stops the run, and none of its results are used.
pub(super) fn wrap_all(
    module: &mut Module<'_>,
    inputs: &Inputs,
    (held, record_head): (&[Held], Fingerprint),
    trusted: &Trusted,
    (record, context): (&mut TranscriptFile, &Context),
) -> Result<Vec<CiphertextEntry>, HsmError> {
    let mut entries = Vec::new();
    for (at, (checked, held)) in inputs.parameters.entries().iter().zip(held).enumerate() {
        let by = trusted.wrapper(at, checked, module)?;
        let block = module.wrap(held.key, &by, checked.entry().algorithm)?;
        trusted.forget_other(&by, module)?;
        let end = held.end(module, checked, context)?;
        let commitment = Some(held.commitment);
        let entry = inputs.parameters.wrapped_elsewhere(checked, block.wrapped(), held.kcv, commitment);
        for event in held.lines(&entry, end, record_head) {
            record.add(context, event)?;
        }
        entries.push(entry);
    }
    Ok(entries)
}

impl Held {
    /// How the key stays in the token.
    fn end(
        &self,
        module: &mut Module<'_>,
        checked: &CheckedEntry,
        context: &Context,
    ) -> Result<HsmKeyEnd, HsmError> {
        let label = self.label.clone();
        match self.to {
            WrapsTo::Trusted => {
                let numbers = PublicNumbers::of(checked.wrapping_key())?;
                refuses_others(module, self.key, (&numbers, checked.entry().algorithm), label)
            }
            WrapsTo::Anyone => {
                context.console.say(&bi!(
                    "  {label}: anybody with the PIN can have this key wrapped to a key of their own. Lock or remove it with the maker's tool after this run.",
                    "  {label}：持有 PIN 者可将该密钥包装给自己的公钥。本次运行后请用厂商工具锁定或移除它。"
                ));
                Ok(HsmKeyEnd::Stays { label })
            }
        }
    }

    fn lines(&self, entry: &CiphertextEntry, end: HsmKeyEnd, record_head: Fingerprint) -> [Event; 3] {
        let alias = entry.alias.clone();
        let held = Event::MaterialHeld {
            alias: alias.clone(),
            key_id: entry.key_id.clone(),
            material: entry.material,
            kcv: entry.kcv,
            commitment: entry.commitment,
            record_head,
        };
        let attributes = self.attributes.rows().map(|(name, value)| (name.to_owned(), value)).collect();
        [held, Event::HsmKey { alias, attributes, end }, wrapped_line(entry)]
    }
}
