//! `cargo xtask vm`: runs production on a machine without a network.
//!
//! A networked machine must never pass as an isolated one, so no ordinary test can run production. Debian 12's kernel is
//! booted in QEMU with the shipped offline program, a shell, and no network card. A job is a shell script; it returns the
//! output of its steps, and its USB sticks in the state in which the machine ended.

mod boot;
mod cpio;
mod jobs;
mod kit;
mod modules;
mod output;
mod pull;
mod room;
mod sticks;
mod verdict;
mod write_log;

use std::path::PathBuf;
use std::time::Instant;

use self::jobs::{Bench, Entry, JOBS, LONG};
use self::kit::Kit;
use self::verdict::Check;
use crate::run::Stop;
use crate::{missing, ship};

/// Runs all jobs or those named, with the shipped program or with the one that `--program` names.
pub(crate) fn vm(args: &[String]) -> Result<(), Stop> {
    let mut names = args.iter();
    let (mut program, mut chosen) = (None, Vec::new());
    while let Some(name) = names.next() {
        if name == "--program" {
            let path = names.next().ok_or_else(|| Stop::usage("--program needs a file"))?;
            program = Some(PathBuf::from(path));
        } else {
            chosen.push(job(name)?);
        }
    }
    if chosen.is_empty() {
        chosen.extend(&JOBS);
    }
    run(&Kit::ensure()?, program, &chosen)
}

fn job(name: &str) -> Result<&'static Entry, Stop> {
    let all = || JOBS.iter().chain(&LONG);
    let known: String = all().map(|(name, what, _)| format!("  {name:<12}{what}\n")).collect();
    let found = all().find(|(known, _, _)| *known == name);
    found.ok_or_else(|| Stop::usage(format!("there is no job {name}; the jobs are\n{known}")))
}

/// Installs what a machine needs, so that nobody waits for it later; [`step`] reports what could not be installed.
pub(crate) fn prepare() {
    let _ = Kit::ensure();
}

/// Runs all jobs as a step of `cargo xtask test`; if a developer's machine cannot run them, reports what was skipped. CI
/// must run them.
pub(crate) fn step() -> Result<Option<String>, Stop> {
    match Kit::ensure() {
        Ok(kit) => run(&kit, None, &JOBS.iter().collect::<Vec<_>>()).map(|()| None),
        Err(stop) => missing::skip("production in a virtual machine", stop, missing::in_ci()).map(Some),
    }
}

fn run(kit: &Kit, program: Option<PathBuf>, jobs: &[&Entry]) -> Result<(), Stop> {
    let program = program.map_or_else(shipped, Ok)?;
    let bench = Bench { kit, program: &program };
    let mut failed = 0;
    for checks in side_by_side(bench, jobs) {
        failed += checks?.iter().filter(|check| check.verdict.is_err()).count();
    }
    let files = Kit::folder();
    let message = || format!("{failed} checks failed; the machines' files are in {}", files.display());
    if failed == 0 { Ok(()) } else { Err(Stop::failed(message())) }
}

/// Each machine has one processor.
fn side_by_side(bench: Bench<'_>, jobs: &[&Entry]) -> Vec<Result<Vec<Check>, Stop>> {
    let lost = || Stop::failed("a job ended without an answer");
    std::thread::scope(|scope| {
        let threads: Vec<_> = jobs.iter().map(|job| scope.spawn(|| timed(job, bench))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(lost()))).collect()
    })
}

/// The offline program as it ships.
fn shipped() -> Result<PathBuf, Stop> {
    ship::one(ship::OFFLINE)?;
    Ok(ship::folder().join(ship::OFFLINE))
}

fn timed(&(name, what, run): &Entry, bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let started = Instant::now();
    let checks = run(bench)?;
    let mut table = format!("{name}: {what} ({:.1} s)\n", started.elapsed().as_secs_f64());
    for Check { what, verdict } in &checks {
        let (word, why) = verdict.as_ref().map_or_else(
            |why| ("FAIL", format!("\n        {}", why.trim_end())),
            |()| ("pass", String::new()),
        );
        table += &format!("  {word}  {what}{why}\n");
    }
    print!("{table}");
    Ok(checks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_job_is_named_with_those_that_exist() {
        let stop = vm(&["other".to_owned()]).unwrap_err();
        for word in [
            "no job other",
            "root",
            "operator",
            "landlock",
            "adversary",
            "settle",
            "fat",
            "media",
            "media-long",
        ] {
            assert!(stop.message().contains(word), "{}", stop.message());
        }
    }
}
