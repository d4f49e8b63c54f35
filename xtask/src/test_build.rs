//! The single build of all tests: every package, including the peers in C.
//!
//! Cargo recompiles a dependency if the packages or features change. So each step that runs a test uses the same ones.

use std::path::PathBuf;
use std::process::Command;

use crate::run::{self, Stop};
use crate::{fast, tools};

/// Packages and features.
pub(crate) const SELECTION: &str = "--workspace --locked --features keyferry/peers";

/// `cargo test` with the arguments after the selection.
pub(crate) fn test(rest: &str) -> Result<Command, Stop> {
    tools::openssl_headers()?;
    let line = format!("test {SELECTION} {rest}");
    Ok(run::cargo(line.split_whitespace()))
}

/// The same, for tests that run the programs; this build makes them, except the offline station, which is built as it ships.
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
