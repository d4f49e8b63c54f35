//! A plan's keys against what their provider is like.

use super::version::line_of;
use super::{PlanError, PlanKey, PlanText};
use crate::WrappingAlgorithm;

/// Names, kind, expiry and algorithm of every key are such as its provider takes.
pub(super) fn check(plan: &PlanText, text: &str) -> Result<(), PlanError> {
    plan.key.iter().try_for_each(|key| {
        check_key(key, plan.algorithm).map_err(|bad| {
            let quoted = format!("\"{}\"", bad.value);
            let line = line_of(text, |line| !line.starts_with('#') && line.contains(&quoted));
            PlanError::Field { line, message: bad.message }
        })
    })
}

/// The value that is at fault, and why.
struct Bad {
    value: String,
    message: String,
}

fn check_key(key: &PlanKey, algorithm: WrappingAlgorithm) -> Result<(), Bad> {
    let facts = key.provider.facts();
    facts
        .check_names(&key.alias, key.key_id.as_ref(), &key.region)
        .map_err(|bad| Bad { value: bad.name.to_owned(), message: bad.expected.to_owned() })?;
    facts
        .check_expiry(key.valid_to)
        .map_err(|expected| Bad { value: key.valid_to.to_string(), message: expected.to_owned() })?;
    if let Some(kind) = key.kind.as_ref().filter(|kind| facts.kind(kind).is_none()) {
        let known: Vec<_> = facts.kinds.iter().map(|k| k.name).collect();
        let message = format!("{} has keys of the kinds {}", facts.id, known.join(", "));
        return Err(Bad { value: kind.clone(), message });
    }
    if key.bits.is_some() && key.named_kind().is_none() {
        return Err(Bad { value: String::new(), message: format!("no key of {} is that long", facts.id) });
    }
    if facts.spelling(algorithm).is_none() {
        let message = format!("{} does not take this algorithm", facts.id);
        return Err(Bad { value: algorithm.to_string(), message });
    }
    Ok(())
}
