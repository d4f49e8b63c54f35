//! Checks a plan's keys against the facts of their provider.

use super::finding::Raised;
use super::near::near;
use super::place::Place;
use super::plan_error::{PlanError, quoted};
use super::plan_text::{PlanKey, PlanText};
use crate::provider::Facts;
use crate::{Bilingual, Control, WrappingAlgorithm, bi};

/// The other fields that a key's field depends on.
const PROVIDER: &[&str] = &["key.provider"];

/// Checks that each key's provider accepts its names, kind, expiry and algorithm.
pub(super) fn check(plan: &PlanText, raised: &mut Raised) {
    for (number, key) in plan.key.iter().enumerate() {
        let facts = key.provider.facts();
        let mut say = |field, why| raised.error(Place::of("key", number, field), PROVIDER, why);
        check_names(key, facts, &mut say);
        check_kind(key, facts, &mut say);
        if let Err(expected) = facts.check_expiry(key.valid_to) {
            let found = key.valid_to.to_string();
            say("valid_to", bad(Control::PLAN_VALID_TO, expected, &found, None));
        }
    }
    check_algorithm(plan, raised);
}

fn check_names(key: &PlanKey, facts: &Facts, say: &mut impl FnMut(&'static str, PlanError)) {
    let names = [
        ("alias", &facts.alias, Some(key.alias.as_str())),
        ("region", &facts.region, Some(key.region.as_str())),
        ("key_id", &facts.key_id, key.key_id.as_ref().map(|id| id.as_str())),
    ];
    for (field, rule, name) in names {
        if let Some((name, Err(expected))) = name.map(|name| (name, rule.check(name))) {
            let regions: &[&str] = if field == "region" { facts.regions.known } else { &[] };
            let near = near(name, regions.iter().copied());
            say(field, bad(Control::PLAN_FIELD, expected, name, near));
        }
    }
}

fn check_kind(key: &PlanKey, facts: &Facts, say: &mut impl FnMut(&'static str, PlanError)) {
    if let Some(kind) = key.kind.as_ref().filter(|kind| facts.kind(kind).is_none()) {
        let known: Vec<_> = facts.kinds.iter().map(|k| k.name).collect();
        let (id, Bilingual { en, zh }) = (facts.id, Bilingual::list(&known));
        let expected = bi!("{id} has these kinds of keys: {en}", "{id} 的密钥种类有 {zh}");
        say("kind", bad(Control::PLAN_FIELD, expected, kind, near(kind, known)));
    }
    if let Some(bits) = key.bits.filter(|_| key.named_kind().is_none()) {
        let id = facts.id;
        let expected = bi!("no key of {id} is that long", "{id} 没有这种长度的密钥");
        say("bits", bad(Control::PLAN_FIELD, expected, &bits.bits().to_string(), None));
    }
}

/// All keys use one algorithm.
fn check_algorithm(plan: &PlanText, raised: &mut Raised) {
    let algorithm: WrappingAlgorithm = plan.algorithm;
    let refuses = |key: &&PlanKey| key.provider.facts().spelling(algorithm).is_none();
    if let Some(key) = plan.key.iter().find(refuses) {
        let id = key.provider.facts().id;
        let expected = bi!("{id} does not support this algorithm", "{id} 不接受该算法");
        let why = bad(Control::PLAN_FIELD, expected, algorithm.as_str(), None);
        raised.error(Place::root("algorithm"), PROVIDER, why);
    }
}

fn bad(control: Control, expected: Bilingual, found: &str, near: Option<&str>) -> PlanError {
    let found = quoted(found);
    let near = near.map(|near| format!("\"{near}\""));
    PlanError::value(control, expected, bi!("\"{found}\"", "\"{found}\""), near)
}
