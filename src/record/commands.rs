//! The frame of a record: every command ran under the record's plan and came to its end.

use keyferry_core::story::{Run, RunEnd};
use keyferry_core::{Fingerprint, Station, Story};

use super::VerifyError;

/// `create-key` reads the draft, whose digest is another: the plan is what it makes of it.
const UNDER_A_DRAFT: &str = "create-key";
/// Commands that never run without a plan.
const PLANNED: [&str; 3] = ["export", "wrap", "import"];

/// Every `begun` names the plan.
pub(super) fn check_plan(story: &Story<'_>, plan: Fingerprint) -> Result<(), VerifyError> {
    story.runs().iter().try_for_each(|run| check_one(run, plan))
}

fn check_one(run: &Run<'_>, plan: Fingerprint) -> Result<(), VerifyError> {
    let (command, found) = (run.command, run.plan_sha256);
    let own = found == Some(plan);
    let none_needed = found.is_none() && !PLANNED.contains(&command);
    let drafted = command == UNDER_A_DRAFT && run.station == Station::Online;
    if own || none_needed || drafted {
        return Ok(());
    }
    Err(VerifyError::OtherPlan { line: run.seq + 1, command: command.to_owned(), found, plan })
}

/// Every command that was begun was finished, or begun again by the same station: those are returned.
pub(super) fn check_end<'t>(story: &Story<'t>) -> Result<Vec<Run<'t>>, VerifyError> {
    if let Some(end) = story.never_begun() {
        return Err(VerifyError::NeverBegun { line: end.seq + 1, command: end.command.to_owned() });
    }
    if let Some(run) = story.unfinished() {
        return Err(VerifyError::Unfinished { line: run.seq + 1, command: run.command.to_owned() });
    }
    let interrupted = |run: &&Run<'_>| matches!(run.end, RunEnd::Interrupted);
    Ok(story.runs().iter().filter(interrupted).copied().collect())
}
