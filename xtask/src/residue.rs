//! `cargo xtask residue`: finds out what the shipped offline station leaves in memory, compared with a build of it that does not wipe. With
//! `--hsm`, it checks the shipped HSM station and the modules that it loads.
//!
//! Only an optimised program shows what really remains, so `cargo test` alone cannot do this.

use crate::run::{self, Stop};
use crate::{hsm, ship, test_build};

/// Turns the wiping off; never in a program that ships.
const CONTROL: &str = "keyferry_wiping_disabled";

pub(crate) fn residue(args: &[String]) -> Result<(), Stop> {
    match args {
        [] => offline(),
        [only] if only == hsm::OPTION => with_modules(),
        _ => Err(Stop::usage("cargo xtask residue takes no argument other than --hsm")),
    }
}

fn with_modules() -> Result<(), Stop> {
    hsm::prepare();
    ship::one(ship::HSM)?;
    let mut test = test_build::test("--test e2e left_in_memory:: -- --ignored --nocapture --test-threads 1")?;
    test.env("KEYFERRY_PROGRAMS", ship::folder()).envs(hsm::with_module());
    test.env("KEYFERRY_RESIDUE_HSM", ship::folder().join(ship::HSM));
    run::check(&mut test)
}

fn offline() -> Result<(), Stop> {
    let control = ship::control(CONTROL)?;
    let mut test =
        test_build::test_of_programs("--test e2e residue:: -- --ignored --nocapture --test-threads 1")?;
    test.env("KEYFERRY_RESIDUE_SHIPPED", ship::folder().join(ship::OFFLINE));
    run::check(test.env("KEYFERRY_RESIDUE_CONTROL", control))
}
