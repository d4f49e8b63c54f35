//! Checks that people compared the plan at the online station, in each run that sends requests under it.

use keyferry_core::{EventKind, StepName};

use super::{CourseFault, Stretch};

/// Whether the command asks people to compare the plan.
pub(super) fn compares_plan(command: &str) -> bool {
    StepName::ComparePlan.step().lines.commands.contains(&command)
}

/// Each run of version 2 says that its plan was compared, because a program writes the answer together with the run's
/// first line.
pub(super) fn check(runs: &[Stretch<'_>]) -> impl Iterator<Item = CourseFault> {
    let asks = |run: &&Stretch<'_>| run.second && !run.torn && compares_plan(run.course.command);
    let lacking = runs.iter().filter(asks).filter(|run| run.count(EventKind::Confirmed) == 0);
    lacking.map(|run| CourseFault::Lacks { line: run.line(), kind: EventKind::Confirmed })
}
