//! The frame of a record: every command ran under the record's plan and was finished.

use std::collections::HashSet;

use keyferry_core::steps::{HSM_REWRAP, HSM_WRAP, PlanUse};
use keyferry_core::story::{Run, RunEnd};
use keyferry_core::{Fingerprint, Step, Story};

use super::VerifyError;

/// Checks that every `begun` line names the plan.
pub(super) fn check_plan(story: &Story<'_>, plan: Fingerprint) -> Result<(), VerifyError> {
    story.runs().iter().try_for_each(|run| check_one(run, plan))
}

fn check_one(run: &Run<'_>, plan: Fingerprint) -> Result<(), VerifyError> {
    let (command, found) = (run.command, run.plan_sha256);
    let own = found == Some(plan);
    let step = Step::of_command(command);
    let plan_use = step.map_or(PlanUse::Optional, |step| step.lines.plan);
    let none_needed = found.is_none() && plan_use == PlanUse::Optional;
    // The draft's digest differs from that of the plan that `create-key` makes from it.
    let drafted = plan_use == PlanUse::Draft && found.is_some();
    if own || none_needed || drafted {
        return Ok(());
    }
    Err(VerifyError::OtherPlan { line: run.seq + 1, command: command.to_owned(), found, plan })
}

/// Checks that every command that was begun was finished, or was begun again by the same station and finished then.
/// Returns those that were begun again.
pub(super) fn check_end<'t>(story: &Story<'t>) -> Result<Vec<Run<'t>>, VerifyError> {
    if let Some(end) = story.never_begun() {
        return Err(VerifyError::NeverBegun { line: end.seq + 1, command: end.command.to_owned() });
    }
    if let Some(run) = story.unfinished() {
        return Err(VerifyError::Unfinished { line: run.seq + 1, command: run.command.to_owned() });
    }
    let (mut finished, mut interrupted) = (HashSet::new(), Vec::new());
    for run in story.runs().iter().rev() {
        match run.end {
            RunEnd::Finished(_) => drop(finished.insert(aim(run.command))),
            RunEnd::Interrupted if finished.contains(aim(run.command)) => interrupted.push(*run),
            RunEnd::Interrupted | RunEnd::Open => {
                return Err(VerifyError::Unfinished { line: run.seq + 1, command: run.command.to_owned() });
            }
        }
    }
    interrupted.reverse();
    Ok(interrupted)
}

/// The purpose of a command: a `wrap` that was cut off after its shares were read back can be followed by a
/// `rewrap`.
fn aim(command: &str) -> &str {
    if matches!(command, "rewrap" | HSM_WRAP | HSM_REWRAP) { "wrap" } else { command }
}
