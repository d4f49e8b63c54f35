//! `cargo xtask rehearse`: builds the programs for a ceremony, then holds one on this machine.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::run::{self, Steps, Stop};
use crate::{fast, hsm, ship};

/// Our own option; all others go to `keyferry rehearse`.
const SHIPPED: &str = "--shipped";

pub(crate) fn rehearse(args: &[String]) -> Result<(), Stop> {
    if args.iter().any(|a| a == hsm::OPTION) {
        return hsm::rehearse(args);
    }
    let mut steps = Steps::new();
    let mut folder = PathBuf::new();
    steps.step("programs", || {
        folder = programs(args)?;
        Ok(())
    })?;
    steps.step("rehearsal", || {
        let program = folder.join(ship::DESK);
        run::check(&mut run::command(&program.display().to_string(), line(args)))
    })?;
    steps.summary();
    Ok(())
}

/// Builds the programs and returns their folder.
fn programs(args: &[String]) -> Result<PathBuf, Stop> {
    if args.iter().any(|a| a == SHIPPED) {
        println!("Building the five programs as they ship: about seven minutes on two cores the first time.");
        ship::ship(&[])?;
        return Ok(ship::folder());
    }
    println!("Building the programs: one to two minutes on two cores the first time, seconds after that.");
    fast::for_rehearsal(args.iter().any(|a| a == "--qr"))
}

/// The arguments of `keyferry rehearse`, with a folder if none is named.
fn line(args: &[String]) -> Vec<OsString> {
    let mut line = vec!["rehearse".into()];
    if !args.iter().any(|a| a == "--out" || a.starts_with("--out=")) {
        let name = if args.iter().any(|a| a == "--qr") { "rehearsal-qr" } else { "rehearsal" };
        line.extend(["--out".into(), run::target_dir().join(name).into_os_string()]);
    }
    line.extend(args.iter().filter(|a| *a != SHIPPED).map(Into::into));
    line
}
