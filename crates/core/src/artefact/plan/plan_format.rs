//! The version of a plan's format: it is the first field, and it decides which other fields are allowed.

use super::plan_error::PlanError;
use super::plan_text::PlanText;
use super::version::{FORMER_PLAN_FORMAT, PLAN_FORMAT, Version};

/// The first assignment in a plan is its format; nothing else is examined before it.
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

/// Whether all fields belong to this version; [`walk`](super::walk) names each one that does not, with its
/// line.
pub(super) fn has_own_fields(version: Version, plan: &PlanText) -> bool {
    match version {
        Version::Two => plan.key.iter().all(|key| key.bits.is_none()),
        Version::One => newer(plan).is_none(),
    }
}

/// A field that version 1 did not have, whether it is empty or not.
fn newer(plan: &PlanText) -> Option<&'static str> {
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
        (plan.key.iter().any(|k| k.kind.is_some()), "kind"),
        (plan.participant.iter().any(|p| p.deputy_of.is_some()), "deputy_of"),
    ];
    fields.into_iter().find(|(there, _)| *there).map(|(_, name)| name)
}
