//! `cargo xtask boundary`: five independent checks that the offline program does not use the network. Each check is also shown
//! to detect a program that does use it.
//!
//! The checks cover its crates, its C library functions, its system calls and the names in its source; and a build that makes a network
//! call must be killed.

use std::path::PathBuf;

use crate::run::{self, Stop};
use crate::ship::{OFFLINE, ONLINE};
use crate::{closure, metadata, test_build};

mod attempt;
mod calls;
mod lints;
mod symbols;

pub(crate) fn boundary(args: &[String]) -> Result<(), Stop> {
    if !args.is_empty() {
        return Err(Stop::usage("cargo xtask boundary takes no arguments"));
    }
    let scratch = run::target_dir().join("boundary");
    let _ = std::fs::remove_dir_all(&scratch);
    run::create_folder(&scratch)?;
    crates()?;
    let online = test_build::programs()?.join(ONLINE);
    let offline = dynamic(OFFLINE)?;
    symbols::check(&offline, &online)?;
    calls::check(&offline, &online, &scratch)?;
    lints::check(&scratch)?;
    attempt::check()
}

/// Checks the list, and that the same rules refuse the online program.
fn crates() -> Result<(), Stop> {
    closure::closure(&[])?;
    match closure::allowed(&metadata::crates(ONLINE)?) {
        Err(_) => Ok(()),
        Ok(()) => Err(Stop::failed("the check is blind: it accepts the online program as an offline one")),
    }
}

/// A program built alone and linked dynamically.
fn dynamic(name: &str) -> Result<PathBuf, Stop> {
    run::check(&mut run::cargo(["build", "--locked", "-p", name]))?;
    Ok(run::target_dir().join("debug").join(name))
}
