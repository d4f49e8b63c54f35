//! The frame of a record: every command ran under the record's plan and came to its end.

use keyferry_core::transcript::Line;
use keyferry_core::{Event, Fingerprint, Station, Transcript};

use super::VerifyError;

/// `create-key` reads the draft, whose digest is another: the plan is what it makes of it.
const UNDER_A_DRAFT: &str = "create-key";
/// Commands that never run without a plan.
const PLANNED: [&str; 3] = ["export", "wrap", "import"];

/// A command that was begun and cut short, then begun again or given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interrupted {
    pub(super) command: String,
    pub(super) line: u64,
}

/// Every `begun` names the plan.
pub(super) fn check_plan(chain: &Transcript, plan: Fingerprint) -> Result<(), VerifyError> {
    chain.lines().iter().try_for_each(|line| match &line.event {
        Event::Begun { command, plan_sha256, .. } => check_one(line, command, *plan_sha256, plan),
        _ => Ok(()),
    })
}

fn check_one(
    line: &Line,
    command: &str,
    found: Option<Fingerprint>,
    plan: Fingerprint,
) -> Result<(), VerifyError> {
    let own = found == Some(plan);
    let none_needed = found.is_none() && !PLANNED.contains(&command);
    let drafted = command == UNDER_A_DRAFT && line.station == Station::Online;
    if own || none_needed || drafted {
        return Ok(());
    }
    Err(VerifyError::OtherPlan { line: line.seq + 1, command: command.to_owned(), found, plan })
}

/// Every command that was begun was finished, or begun again by the same station: those are returned.
pub(super) fn check_end(chain: &Transcript) -> Result<Vec<Interrupted>, VerifyError> {
    let mut open: [Option<(&str, u64)>; 2] = [None, None];
    let mut interrupted = Vec::new();
    for line in chain.lines() {
        let [online, offline] = &mut open;
        let slot = match line.station {
            Station::Online => online,
            Station::Offline => offline,
        };
        match &line.event {
            Event::Begun { command, .. } => {
                if let Some((command, line)) = slot.replace((command, line.seq + 1)) {
                    interrupted.push(Interrupted { command: command.to_owned(), line });
                }
            }
            Event::Finished { command, .. } => match slot.take() {
                Some((begun, _)) if begun == command => {}
                _ => return Err(VerifyError::NeverBegun { line: line.seq + 1, command: command.clone() }),
            },
            _ => {}
        }
    }
    match open.into_iter().flatten().next() {
        Some((command, line)) => Err(VerifyError::Unfinished { line, command: command.to_owned() }),
        None => Ok(interrupted),
    }
}
