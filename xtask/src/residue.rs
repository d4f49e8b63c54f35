//! `cargo xtask residue`: what the shipped offline station leaves in memory, compared with a build of it that does not wipe.
//!
//! Only an optimised program shows what is really left, so `cargo test` alone cannot do this.

use crate::run::{self, Stop};
use crate::{ship, whole};

/// Turns the wiping off; never in a program that ships.
const CONTROL: &str = "keyferry_wiping_disabled";

pub(crate) fn residue(args: &[String]) -> Result<(), Stop> {
    if !args.is_empty() {
        return Err(Stop::usage("cargo xtask residue takes no arguments"));
    }
    let control = ship::control(CONTROL)?;
    let mut test = whole::test_of_programs("--test e2e residue:: -- --ignored --nocapture --test-threads 1")?;
    test.env("KEYFERRY_RESIDUE_SHIPPED", ship::folder().join(ship::OFFLINE));
    run::check(test.env("KEYFERRY_RESIDUE_CONTROL", control))
}
