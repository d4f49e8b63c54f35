//! The judge of a plan, asked by every command that begins a step of a ceremony: an error refuses the plan, a warning is said.

use keyferry_core::plan::Judgement;
use keyferry_core::{CeremonyPlan, PlanError, Timestamp};

use crate::Console;

/// The plan of these bytes, if no command would refuse it at that time; its warnings are shown.
///
/// # Errors
/// [`PlanError`]: the first error, in its place, and how many more there are.
pub fn judged_plan(bytes: &[u8], now: Timestamp, console: &Console) -> Result<CeremonyPlan, PlanError> {
    let (plan, warnings) = Judgement::of(bytes, now).accepted()?;
    warnings.iter().for_each(|warning| console.warn(warning));
    Ok(plan)
}
