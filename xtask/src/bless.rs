//! `cargo xtask bless`: writes the texts under `tests/snapshots` again, as the programs show them now. A person must read the differences.

use crate::run::{self, Stop};
use crate::test_build;

pub(crate) fn bless(args: &[String]) -> Result<(), Stop> {
    if !args.is_empty() {
        return Err(Stop::usage("cargo xtask bless"));
    }
    let mut test = test_build::test_of_programs("--test e2e -- snapshots::")?;
    run::check(test.env("KEYFERRY_BLESS", "snapshots"))?;
    run::check(&mut run::command("git", ["status", "--short", "tests/snapshots"]))
}
