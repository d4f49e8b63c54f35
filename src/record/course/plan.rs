//! The plan that people compared at the online station: in each run that sends requests under it.
//!
//! The first programs of version 2 asked nobody, so a record of theirs has no such line. In a record that has one, no run lacks it.

use keyferry_core::{EventKind, StepName};

use super::{CourseFault, Stretch};

/// A command that has people compare the plan.
pub(super) fn compares_plan(command: &str) -> bool {
    StepName::ComparePlan.step().lines.commands.contains(&command)
}

/// Where one run was compared, each was: programs that ask always ask.
pub(super) fn check(runs: &[Stretch<'_>]) -> Vec<CourseFault> {
    let lacking = uncompared(runs);
    let asked = runs.iter().any(|run| compares_plan(run.course.command) && is_compared(run));
    let fault = |run: &Stretch<'_>| CourseFault::Lacks { line: run.line(), kind: EventKind::Confirmed };
    if asked { lacking.map(fault).collect() } else { Vec::new() }
}

/// Runs of version 2 under a plan that nobody compared before, as far as the record says.
pub(super) fn uncompared<'r, 't>(runs: &'r [Stretch<'t>]) -> impl Iterator<Item = &'r Stretch<'t>> {
    // A run that was cut right after its first line sent nothing.
    let sent = |run: &&Stretch<'_>| run.lines.len() > 1 && run.second;
    runs.iter().filter(|run| compares_plan(run.course.command) && !is_compared(run)).filter(sent)
}

fn is_compared(run: &Stretch<'_>) -> bool {
    run.count(EventKind::Confirmed) > 0
}
