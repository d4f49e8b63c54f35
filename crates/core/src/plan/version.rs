//! A plan's version: it stands first, and says which fields there are.

use super::{FORMER_PLAN_FORMAT, PLAN_FORMAT, PlanError, PlanText};

/// Which fields a plan may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
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
pub(super) fn check_fields(version: Version, plan: &PlanText, text: &str) -> Result<(), PlanError> {
    let (format, foreign) = match version {
        Version::Two => (PLAN_FORMAT, plan.key.iter().any(|k| k.bits.is_some()).then_some("bits")),
        Version::One => (FORMER_PLAN_FORMAT, newer(plan)),
    };
    foreign.map_or(Ok(()), |field| {
        let message = format!("{field} is no field of {format}");
        Err(PlanError::Field { line: line_of(text, |line| assigns(line, field)), message })
    })
}

/// A field that version 1 did not have, empty or not.
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

/// The first line of which that holds, from 1; 0 if none.
pub(super) fn line_of(text: &str, holds: impl Fn(&str) -> bool) -> usize {
    text.lines().position(|line| holds(line.trim())).map_or(0, |at| at + 1)
}

fn assigns(line: &str, field: &str) -> bool {
    let header = line.trim_start_matches('[').strip_prefix(field).is_some_and(|rest| rest.starts_with(']'));
    let assigned = line.strip_prefix(field).is_some_and(|rest| rest.trim_start().starts_with('='));
    header || assigned
}
