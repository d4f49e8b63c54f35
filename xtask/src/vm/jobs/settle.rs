//! Changes to a production machine while a question waits for its answer: a network interface, swap, the time.

use super::super::boot::{self, Done, Job, User};
use super::super::sticks::{Format, Stick};
use super::super::verdict::{self, Check, check};
use super::{Bench, adversary};
use crate::run::Stop;

const SCRIPT: &str = include_str!("settle.sh");

/// Each change, and the check of the machine that refuses it.
const CHANGES: [(&str, &str); 2] = [("interface", "no-network"), ("swap", "no-swap")];

pub(super) fn run(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let folder = boot::prepare("settle")?;
    let sticks = vec![
        Stick::make(bench.kit, &folder, "EXT4", Format::Ext4)?,
        Stick::make(bench.kit, &folder, "SWAP", Format::Swap)?,
    ];
    let script = format!("{}{SCRIPT}", adversary::put(&adversary::EARLIER));
    let job = Job::new("settle", script, User::Root, sticks);
    let done = boot::run(bench.kit, bench.program, job)?;
    let mut checks = vec![check("wrap continues if only a minute has passed", whole(&done))];
    for command in ["wrap", "rewrap"] {
        for (change, control) in CHANGES {
            let verdict = machine(&done, &format!("{command}-{change}"), control);
            checks.push(check(format!("{command} is refused by {control} after its question"), verdict));
        }
        let verdict = expired(&done, &format!("{command}-day"));
        checks.push(check(format!("{command} is refused after its question because of the time"), verdict));
    }
    Ok(checks)
}

/// If nothing changes, the same answers lead to a ciphertext.
fn whole(done: &Done) -> Result<(), String> {
    verdict::ended(done, "wrap-minute", 0)?;
    verdict::contains(&verdict::ended(done, "left-wrap-minute", 0)?.out, "ciphertext.json")
}

/// The command is refused after its question, before it requests any share.
fn machine(done: &Done, name: &str, control: &str) -> Result<(), String> {
    asked(done, name)?;
    verdict::refused(done, name, control)
}

fn expired(done: &Done, name: &str) -> Result<(), String> {
    asked(done, name)?;
    super::lacking(done, name, "KF-PARAM-07")
}

fn asked(done: &Done, name: &str) -> Result<(), String> {
    let said = &verdict::ended(done, name, 1)?.err;
    verdict::contains(said, "type Yes:")?;
    if said.contains("Share 1 of") { Err(format!("{name} asked for a share: {said}")) } else { Ok(()) }
}
