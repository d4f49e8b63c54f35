//! A plan's version: it stands first, and says which fields there are.

use super::finding::{Place, Raised};
use super::{FORMER_PLAN_FORMAT, PLAN_FORMAT, PlanError, PlanText};

/// Which fields a plan may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

impl Version {
    pub(super) const fn format(self) -> &'static str {
        match self {
            Self::One => FORMER_PLAN_FORMAT,
            Self::Two => PLAN_FORMAT,
        }
    }
}

/// The first assignment of a plan is its format; nothing else is looked at before.
pub(super) fn of(text: &str) -> Result<Version, PlanError> {
    let first =
        text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or_default();
    let value = first
        .strip_prefix("format")
        .and_then(|rest| rest.trim_start().strip_prefix('='))
        .map(|v| v.split('#').next().unwrap_or_default().trim())
        .and_then(|v| v.strip_prefix('"').and_then(|v| v.strip_suffix('"')))
        .ok_or(PlanError::NoFormat)?;
    match value {
        PLAN_FORMAT => Ok(Version::Two),
        FORMER_PLAN_FORMAT => Ok(Version::One),
        other => Err(PlanError::Format(other.chars().take(64).collect())),
    }
}

/// A field of the other version is as unknown as any.
pub(super) fn check_fields(version: Version, plan: &PlanText, raised: &mut Raised) {
    let foreign = match version {
        Version::Two => of_key(plan, "bits", |key| key.bits.is_some()),
        Version::One => newer(plan),
    };
    if let Some((place, field)) = foreign {
        raised.error(place, &[], PlanError::Foreign { field, format: version.format() });
    }
}

fn of_key(
    plan: &PlanText,
    field: &'static str,
    has: impl Fn(&super::PlanKey) -> bool,
) -> Option<(Place, &'static str)> {
    plan.key.iter().position(has).map(|number| (Place::of("key", number, field), field))
}

/// A field that version 1 did not have, empty or not.
fn newer(plan: &PlanText) -> Option<(Place, &'static str)> {
    let fields = [
        (plan.endpoint.is_some(), "endpoint"),
        (plan.languages.is_some(), "languages"),
        (plan.place.is_some(), "place"),
        (plan.approved_by.is_some(), "approved_by"),
        (plan.rehearsed_record.is_some(), "rehearsed_record"),
        (plan.kcv.is_some(), "kcv"),
        (plan.names.is_some(), "names"),
        (plan.image_sha256.is_some(), "image_sha256"),
        (plan.thing.is_some(), "thing"),
        (plan.hsm.is_some(), "hsm"),
    ];
    let whole = fields.into_iter().find(|(there, _)| *there).map(|(_, name)| (Place::root(name), name));
    let deputy = || plan.participant.iter().position(|person| person.deputy_of.is_some());
    let of_person = |number| (Place::of("participant", number, "deputy_of"), "deputy_of");
    whole.or_else(|| of_key(plan, "kind", |key| key.kind.is_some())).or_else(|| deputy().map(of_person))
}
