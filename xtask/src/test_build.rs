//! The one build of all tests: every package, the peers in C included.
//!
//! Cargo compiles a dependency again for other packages or other features. So each step that runs a test asks for the same ones.

use std::path::PathBuf;
use std::process::Command;

use crate::run::{self, Stop};
use crate::{fast, tools};

/// Packages and features.
pub(crate) const SELECTION: &str = "--workspace --locked --features keyferry/peers";

/// `cargo test` with what follows the selection.
pub(crate) fn test(rest: &str) -> Result<Command, Stop> {
    tools::openssl_headers()?;
    let line = format!("test {SELECTION} {rest}");
    Ok(run::cargo(line.split_whitespace()))
}

/// The same, where the tests run the programs, which this build made on its way; the offline one is as it ships.
pub(crate) fn test_of_programs(rest: &str) -> Result<Command, Stop> {
    let programs = programs()?;
    let mut test = test(rest)?;
    test.env("KEYFERRY_PROGRAMS", programs);
    Ok(test)
}

/// The folder of those programs.
pub(crate) fn programs() -> Result<PathBuf, Stop> {
    run::check(&mut test("--no-run --quiet")?)?;
    fast::for_tests()
}
