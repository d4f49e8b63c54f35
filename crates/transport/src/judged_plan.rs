//! Judges a plan for every command that begins a step of a ceremony: an error refuses the plan, and a warning is shown.

use keyferry_core::plan::Judgement;
use keyferry_core::{CeremonyPlan, PlanError, Timestamp};

use crate::Console;

/// The plan in these bytes, if no command would refuse it at the time `now`. Shows its warnings.
///
/// # Errors
/// [`PlanError`]: the first error with its place, and how many more there are.
pub fn judged_plan(bytes: &[u8], now: Timestamp, console: &Console) -> Result<CeremonyPlan, PlanError> {
    let (plan, warnings) = Judgement::of(bytes, now).accepted()?;
    warnings.iter().for_each(|warning| console.warn(warning));
    Ok(plan)
}
