//! A nearly full FAT stick: at every number of free clusters, `wrap` either does everything or refuses before anything is made.

use super::super::boot::{self, Done, Job, User};
use super::super::output::Step;
use super::super::sticks::{Format, Stick};
use super::super::verdict::{self, Check, check};
use super::Bench;
use crate::run::Stop;

const SCRIPT: &str = include_str!("full.sh");

/// A wrap without a backup and one with a backup, each with the files that it leaves in addition to the record and the
/// file that fills the stick.
const WAYS: [(&str, &[&str]); 2] =
    [("without", &["ciphertext.json"]), ("with", &["ciphertext.json", "escrow.json"])];

pub(super) fn run(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let folder = boot::prepare("full")?;
    let sticks = vec![Stick::make(bench.kit, &folder, "VFAT", Format::Vfat)?];
    let done = boot::run(bench.kit, bench.program, Job::new("full", SCRIPT.to_owned(), User::Root, sticks))?;
    Ok(WAYS.into_iter().map(|(way, made)| checked(&done, way, made)).collect())
}

fn checked(done: &Done, way: &str, made: &[&str]) -> Check {
    let prefix = format!("{way}-");
    let tried: Vec<_> = done.steps.iter().filter(|step| step.name.starts_with(&prefix)).collect();
    let enough = tried.iter().position(|step| step.code == Some(0)).unwrap_or(tried.len());
    let first_fault = tried.iter().enumerate().find_map(|(free, step)| {
        let fault = if free < enough { refused(done, step) } else { whole(done, step, made) };
        fault.err().map(|why| format!("{free} clusters free: {why}"))
    });
    let verdict = match first_fault {
        Some(why) => Err(why),
        None if enough == 0 || tried.len() != enough + 3 => {
            Err(format!("{enough} of {} counts were refused", tried.len()))
        }
        None => Ok(()),
    };
    check(
        format!("wrap {way} a backup: a full stick is refused at {enough} counts of free clusters"),
        verdict,
    )
}

/// The wrap is refused before it makes a file or shows a share.
fn refused(done: &Done, step: &Step) -> Result<(), String> {
    verdict::ended(done, &step.name, 3)?;
    verdict::contains(&step.err, "error [KF-FILE-03]")?;
    verdict::contains(&step.err, "nothing was made")?;
    let shares = left(done, "shares", step)?;
    let files = left(done, "left", step)?;
    if !shares.is_empty() || !files.iter().all(|name| *name == "other") {
        return Err(format!("left behind: {files:?} and shares {shares:?}"));
    }
    Ok(())
}

/// The stick has every file that the wrap makes, and no hidden files.
fn whole(done: &Done, step: &Step, made: &[&str]) -> Result<(), String> {
    verdict::ended(done, &step.name, 0)?;
    let mut expected: Vec<_> = made.iter().copied().chain(["other", "transcript.jsonl"]).collect();
    let mut files = left(done, "left", step)?;
    files.sort_unstable();
    expected.sort_unstable();
    if files == expected { Ok(()) } else { Err(format!("{files:?} in place of {expected:?}")) }
}

fn left<'d>(done: &'d Done, what: &str, step: &Step) -> Result<Vec<&'d str>, String> {
    Ok(verdict::ended(done, &format!("{what}-{}", step.name), 0)?.out.lines().collect())
}
