//! Whether a valid plan can be carried out now: finds what a later command would refuse and what reviewers should know.

use std::collections::BTreeSet;

use super::ceremony_plan::CeremonyPlan;
use super::finding::Raised;
use super::near::near;
use super::place::Place;
use super::plan_error::{HsmPlanError, PlanError};
use super::plan_text::{Backup, PlanKey, Role};
use crate::provider::{Lifetime, SeveralProviders};
use crate::{Endpoint, MaterialKind, Purpose, Span, Timestamp, ValidTo};

/// The minimum time, in seconds, for the export, the transfer to the other station and the comparison there.
const WORK: u64 = 3600;

/// Everything that a later command would refuse at that time, and the warnings.
pub(super) fn check(plan: &CeremonyPlan, now: Timestamp, raised: &mut Raised) {
    check_backup(plan, raised);
    check_endpoint(plan, raised);
    check_provider(plan, raised);
    check_time_left(plan, raised);
    check_window(plan, now, raised);
    for (number, key) in plan.keys().iter().enumerate() {
        check_valid_to(plan, (number, key), now, raised);
        check_key((number, key), raised);
    }
    // `create-key` does not write plans of version 1, and every other command needs the key id.
    if plan.check_version().is_err() && plan.keys().iter().any(|key| key.key_id.is_none()) {
        raised.error(Place::root("format"), &["key.key_id"], PlanError::Former);
    }
    check_people(plan, raised);
    check_lists(plan, raised);
    if plan.hsm().is_some() {
        check_hsm(plan, raised);
    }
}

fn check_backup(plan: &CeremonyPlan, raised: &mut Raised) {
    // A number of shares that no set can have is reported by a separate error.
    let possible = |why: &PlanError| matches!(why, PlanError::Custodians { shares: 1..=16, .. });
    if let Some(custodians) = plan.check_custodians().err().filter(possible) {
        let reads = &["participant", "participant.role", "participant.deputy_of", "backup.scheme"];
        raised.error(Place::of("backup", 0, "shares"), reads, custodians);
    }
}

/// An HSM can make keys of 16 and 32 bytes for a ceremony, and nothing outside the HSM ever has their bytes. It makes them as AES
/// keys and computes their check value with AES.
fn check_hsm(plan: &CeremonyPlan, raised: &mut Raised) {
    if matches!(plan.backup(), Backup::Slip39 { .. }) {
        raised.error(Place::of("hsm", 0, ""), &["backup.scheme"], HsmPlanError::Shares.into());
    }
    for (number, key) in plan.keys().iter().enumerate() {
        let why = match key.kind().material.kind {
            MaterialKind::Aes => continue,
            MaterialKind::Sm4 if !plan.has_kcv() => continue,
            MaterialKind::Sm4 => HsmPlanError::CheckValue(key.alias.clone()),
            MaterialKind::Hmac => HsmPlanError::Kind(key.alias.clone()),
        };
        raised.error(Place::of("key", number, "region"), &["hsm", "kcv", "key.kind"], why.into());
    }
}

/// The plan's purpose decides which endpoints a ceremony may use, so no command can use an endpoint of the
/// other purpose.
fn check_endpoint(plan: &CeremonyPlan, raised: &mut Raised) {
    let Some(endpoint) = plan.endpoint().and_then(|endpoint| endpoint.parse::<Endpoint>().ok()) else {
        return;
    };
    if let Err(error) = endpoint.check(Some(plan.purpose())) {
        raised.error(Place::root("endpoint"), &["purpose"], PlanError::Purpose(error));
    }
}

/// A ceremony uses one provider's service. The error names the first key with a different provider.
fn check_provider(plan: &CeremonyPlan, raised: &mut Raised) {
    let providers = plan.keys().iter().map(|key| key.provider);
    if let Some((number, several)) = SeveralProviders::find(providers) {
        raised.error(Place::of("key", number, "provider"), &["key.provider"], several.into());
    }
}

/// The shortest lifetime of parameters among the plan's providers.
fn lifetime(plan: &CeremonyPlan) -> Option<Span> {
    let of = |key: &PlanKey| match key.provider.facts().lifetime {
        Lifetime::After(span) => Some(span),
        Lifetime::InReply | Lifetime::Standing => None,
    };
    plan.keys().iter().filter_map(of).min_by_key(|span| span.seconds())
}

fn check_time_left(plan: &CeremonyPlan, raised: &mut Raised) {
    let (Some(lifetime), minimum) = (lifetime(plan), plan.minimum_time_left()) else { return };
    let why = PlanError::TimeLeft { minimum, lifetime };
    let (place, reads) = (Place::root("minimum_time_left"), &["key.provider"]);
    if minimum.seconds() >= lifetime.seconds() {
        raised.error(place, reads, why);
    } else if minimum.seconds().saturating_add(WORK) > lifetime.seconds() {
        raised.warn(place, reads, PlanError::TimeTight { minimum, lifetime });
    }
}

fn check_window(plan: &CeremonyPlan, now: Timestamp, raised: &mut Raised) {
    if let Some(window) = plan.clock().filter(|w| w.not_before < w.not_after && w.not_after < now) {
        let why = PlanError::WindowPast { end: window.not_after, now };
        raised.error(Place::of("clock", 0, "not_after"), &["clock.not_before"], why);
    }
}

fn check_valid_to(
    plan: &CeremonyPlan,
    (number, key): (usize, &PlanKey),
    now: Timestamp,
    raised: &mut Raised,
) {
    let ValidTo::At(time) = key.valid_to else { return };
    let place = Place::of("key", number, "valid_to");
    let alias = || key.alias.clone();
    if let Err(passed) = key.check_valid_to(now) {
        raised.error(place, &[], passed);
        return;
    }
    let (begin, end) = plan.clock().map(|window| (window.not_before, window.not_after)).unzip();
    if let Some(begin) = begin.filter(|begin| time <= *begin) {
        let reads = &["clock", "clock.not_before"];
        raised.error(place, reads, PlanError::ExpiresBefore { alias: alias(), begin });
        return;
    }
    let life = lifetime(plan).and_then(|span| i64::try_from(span.seconds()).ok()).unwrap_or(0);
    let fetched = Timestamp::from_unix(now.unix().saturating_add(life)).unwrap_or(now);
    let until = end.map_or(fetched, |end| end.max(fetched));
    if time <= until {
        raised.warn(place, &["clock", "clock.not_after"], PlanError::ExpiresSoon { alias: alias(), until });
    }
}

fn check_key((number, key): (usize, &PlanKey), raised: &mut Raised) {
    let facts = key.provider.facts();
    let region = key.region.as_str();
    let of = |field| Place::of("key", number, field);
    if (facts.region.holds)(region) && !facts.regions.known.contains(&region) {
        let near = near(region, facts.regions.known.iter().copied()).map(str::to_owned);
        let (name, as_of) = (region.to_owned(), facts.regions.as_of);
        raised.warn(of("region"), &["key.provider"], PlanError::Region { name, near, as_of });
    }
    let expected = facts.expected_kind(region);
    let other = |kind: &&str| expected.is_some_and(|expected| expected.name != *kind);
    if let Some((kind, expected)) = key.named_kind().map(|kind| kind.name).filter(other).zip(expected) {
        let field = if key.bits.is_some() { "bits" } else { "kind" };
        let why = PlanError::Kind { kind, expected: expected.name };
        raised.warn(of(field), &["key.region", "key.provider"], why);
    }
}

fn check_people(plan: &CeremonyPlan, raised: &mut Raised) {
    let people = plan.participants();
    if plan.purpose() == Purpose::Production && people.iter().all(|person| person.ssh_key.is_none()) {
        let reads = &["participant", "participant.ssh_key"];
        raised.warn(Place::root("purpose"), reads, PlanError::Unsigned);
    }
    let keepers: BTreeSet<_> = plan.custodians().collect();
    let witnesses = people.iter().enumerate().filter(|(_, person)| person.role == Role::Witness);
    for (number, person) in witnesses.filter(|(_, person)| keepers.contains(&person.name)) {
        let place = Place::of("participant", number, "role");
        let reads = &["participant.name", "participant.role"];
        raised.warn(place, reads, PlanError::WitnessKeeps(person.name.clone()));
    }
}

/// An item that appears twice in a list may be a typo for a different one.
fn check_lists(plan: &CeremonyPlan, raised: &mut Raised) {
    let names = plan.approved_by().iter().map(ToString::to_string).collect();
    let checks = plan.posture().require.iter().map(ToString::to_string).collect();
    let languages = plan.languages().iter().map(|language| format!("{language:?}").to_lowercase()).collect();
    let lists: [(Place, Vec<String>); 3] = [
        (Place::root("approved_by"), names),
        (Place::of("posture", 0, "require"), checks),
        (Place::root("languages"), languages),
    ];
    for (place, list) in lists {
        let mut seen = BTreeSet::new();
        for again in list.iter().filter(|entry| !seen.insert(entry.as_str())) {
            raised.warn(place, &[], PlanError::Twice(again.clone()));
        }
    }
}
