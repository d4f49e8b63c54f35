//! The machine of every wrap: the findings satisfy what the plan requires, except what it waives, and the process dropped
//! privileges as required. A property that the record does not mention counts as missing.

use keyferry_core::plan::{Backup, Posture};
use keyferry_core::posture::PostureFinding;
use keyferry_core::transcript::{Line, MAX_REASON, MemoryKind, Said};
use keyferry_core::{Event, EventKind, PostureCheck, PostureDemand, PostureVerdict, Purpose};

use super::course::Stretch;
use super::{Record, VerifyError};

mod machine_fault;

pub use machine_fault::MachineFault;

/// Checks that every run that held key material was on a machine that met the plan's requirements.
pub(super) fn check(record: &Record, runs: &[Stretch<'_>]) -> Vec<VerifyError> {
    let secret = runs.iter().filter(|run| matches!(run.course.command, "wrap" | "rewrap"));
    let hsm = runs.iter().filter(|run| run.course.is_of_hsm());
    let of_hsm = hsm.filter_map(|run| check_hsm(record, run).err());
    let other = secret.clone().filter(|_| record.plan.hsm().is_some());
    let other = other.map(|run| MachineFault::Hsm { line: run.line() });
    let secret = secret.filter_map(|run| check_run(record, run).err());
    secret.chain(of_hsm).chain(other).map(VerifyError::Machine).collect()
}

/// Checks that drills of a production record were held on a machine that met production's requirements, as far as version 2
/// records it. A drill has no plan, so only the baseline applies.
pub(super) fn check_drills(record: &Record, drills: &[Stretch<'_>]) -> Vec<VerifyError> {
    if record.plan.purpose() == Purpose::Rehearsal || record.plan.check_version().is_err() {
        return Vec::new();
    }
    drills.iter().filter_map(|run| check_drill(run).err()).map(VerifyError::DrillMachine).collect()
}

fn check_drill(run: &Stretch<'_>) -> Result<(), MachineFault> {
    for line in run.lines {
        let at = line.seq + 1;
        match &line.event {
            Event::PostureChecked { findings, .. } => {
                let required = PostureCheck::BASELINE.into_iter().filter(|check| !is_shown_elsewhere(*check));
                for check in required {
                    let mut found = findings.iter().filter(|finding| finding.check == check);
                    let holds = found.next().is_some_and(|f| f.demand == PostureDemand::Required && holds(f));
                    if !holds || found.next().is_some() {
                        return Err(MachineFault::Unmet { line: at, check });
                    }
                }
            }
            Event::Confined { .. } => {
                if let Some(check) = lacks(line).first() {
                    return Err(MachineFault::Confined { line: at, check: *check });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn holds(finding: &PostureFinding) -> bool {
    match finding.verdict {
        PostureVerdict::Pass => true,
        PostureVerdict::Note => holds_with_a_note(finding.check),
        PostureVerdict::Fail => false,
    }
}

/// The protections of the process that are missing according to a line.
fn lacks(line: &Line) -> Vec<PostureCheck> {
    let Event::Confined { no_new_privs, limits, seccomp, landlock_abi, memory, .. } = line.event else {
        return Vec::new();
    };
    let sandbox = no_new_privs && limits && seccomp && landlock_abi > 0;
    let parts =
        [(PostureCheck::Sandbox, sandbox), (PostureCheck::SecretMemory, memory != MemoryKind::Unlocked)];
    parts.into_iter().filter(|(_, there)| !there).map(|(check, _)| check).collect()
}

/// The HSM station holds no secret except a PIN, so nothing is required of its machine. Its HSM must be the plan's, and must have
/// been tried out as planned.
fn check_hsm(record: &Record, run: &Stretch<'_>) -> Result<(), MachineFault> {
    let plan = &record.plan;
    let mut tried = Vec::new();
    for line in run.lines {
        let at = line.seq + 1;
        let holds = match &line.event {
            Event::Begun { .. } => plan.hsm().is_some(),
            Event::HsmLoaded { module_sha256, token, network, .. } => plan.hsm().is_some_and(|hsm| {
                (hsm.module_sha256, hsm.token.as_str(), hsm.network) == (**module_sha256, token, *network)
            }),
            Event::HsmProbed { algorithm, bits, .. } => {
                tried.push(*bits);
                *algorithm == plan.algorithm()
            }
            Event::MaterialGenerated { material, .. } | Event::MaterialHeld { material, .. } => {
                tried.contains(&material.length.bits())
            }
            Event::Confined { .. } => {
                let missing = lacks(line).contains(&PostureCheck::Sandbox);
                !missing || !plan.requires(PostureCheck::Sandbox) || plan.purpose() != Purpose::Production
            }
            _ => true,
        };
        if !holds {
            return Err(MachineFault::Hsm { line: at });
        }
    }
    check_backup_waived(record, run)
}

fn check_run(record: &Record, run: &Stretch<'_>) -> Result<(), MachineFault> {
    for line in run.lines {
        let at = line.seq + 1;
        match &line.event {
            Event::PostureChecked { program_sha256, findings } => {
                let plan = record.plan.posture();
                let named = plan.requires(PostureCheck::KnownProgram, record.plan.purpose());
                if named && *program_sha256 != plan.program_sha256 {
                    return Err(MachineFault::Program { line: at });
                }
                check_findings(record, findings, at)?;
            }
            Event::Confined { .. } => check_confined(record, line)?,
            _ => {}
        }
    }
    check_backup_waived(record, run)?;
    check_waivers(record.plan.posture(), run)
}

/// Checks that the reason for having no backup is the plan's.
fn check_backup_waived(record: &Record, run: &Stretch<'_>) -> Result<(), MachineFault> {
    let said = run.first(|line| match &line.event {
        Event::BackupWaived { reason } => Some((line.seq + 1, reason)),
        _ => None,
    });
    match (said, record.plan.backup()) {
        (Some((_, said)), Backup::None { reason }) if is_same(said, reason) => Ok(()),
        (Some((line, _)), _) => Err(MachineFault::Waivers { line }),
        // This line is written together with the consent.
        (None, Backup::None { .. }) if run.second && run.count(EventKind::Confirmed) > 0 && !run.torn => {
            Err(MachineFault::Waivers { line: run.line() })
        }
        (None, _) => Ok(()),
    }
}

fn check_findings(record: &Record, findings: &[PostureFinding], line: u64) -> Result<(), MachineFault> {
    for check in PostureCheck::ALL {
        let mut found = findings.iter().filter(|finding| finding.check == check);
        let (first, second) = (found.next(), found.next());
        if second.is_some() {
            return Err(MachineFault::Demand { line, check });
        }
        match first {
            Some(finding) => check_finding(record, finding, line)?,
            // The station makes every check, required or not.
            None if !is_shown_elsewhere(check) => return Err(MachineFault::Unmet { line, check }),
            None => {}
        }
    }
    Ok(())
}

fn check_finding(record: &Record, finding: &PostureFinding, line: u64) -> Result<(), MachineFault> {
    let (check, plan) = (finding.check, &record.plan);
    let rehearsal = plan.purpose() == Purpose::Rehearsal;
    let planned = match finding.demand {
        PostureDemand::Required => plan.requires(check),
        PostureDemand::Lowered => plan.requires(check) && rehearsal,
        PostureDemand::Waived => !plan.requires(check) && plan.posture().waived(check).is_some(),
        PostureDemand::Shown => !plan.requires(check) && plan.posture().waived(check).is_none(),
    };
    if !planned {
        return Err(MachineFault::Demand { line, check });
    }
    if holds(finding) || finding.demand != PostureDemand::Required || check == PostureCheck::ClockConfirmed {
        Ok(())
    } else {
        Err(MachineFault::Unmet { line, check })
    }
}

/// These are not rows of the table: they are about the privileges that the process drops, which `confined`
/// records.
const fn is_shown_elsewhere(check: PostureCheck) -> bool {
    matches!(check, PostureCheck::Sandbox | PostureCheck::SecretMemory)
}

/// The properties that can hold with a note: others may read an output that is not secret, and one person may be logged in several
/// times. A note about any other property means that it could not be determined.
const fn holds_with_a_note(check: PostureCheck) -> bool {
    matches!(check, PostureCheck::PrivateOutput | PostureCheck::NobodyElse)
}

fn check_confined(record: &Record, line: &Line) -> Result<(), MachineFault> {
    let lacks = lacks(line).into_iter().find(|check| record.plan.requires(*check));
    // A rehearsal may lower what its plan requires; `deviation` shows what was missing.
    match lacks.filter(|_| record.plan.purpose() == Purpose::Production) {
        Some(check) => Err(MachineFault::Confined { line: line.seq + 1, check }),
        None => Ok(()),
    }
}

/// Checks that the lines about waivers match the plan, in its order, each with its reason.
fn check_waivers(plan: &Posture, run: &Stretch<'_>) -> Result<(), MachineFault> {
    let mut waived = run.lines.iter().filter_map(|line| match &line.event {
        Event::PostureWaived { check, reason } => Some((line.seq + 1, *check, reason)),
        _ => None,
    });
    for waiver in &plan.waive {
        match waived.next() {
            Some((_, check, reason)) if check == waiver.check && is_same(reason, &waiver.reason) => {}
            Some((line, ..)) => return Err(MachineFault::Waivers { line }),
            // The run was cut off before it wrote these lines.
            None if run.finish().is_none() && run.count(EventKind::Checked) == 0 => return Ok(()),
            None => return Err(MachineFault::Waivers { line: run.line() }),
        }
    }
    waived.next().map_or(Ok(()), |(line, ..)| Err(MachineFault::Waivers { line }))
}

/// Compares a reason in the form in which a transcript has it: one line of at most [`MAX_REASON`] characters. A
/// withheld reason cannot be compared.
pub(super) fn is_same(said: &Said<String>, planned: &str) -> bool {
    let planned = planned.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON);
    said.open().is_none_or(|said| said.chars().eq(planned))
}
