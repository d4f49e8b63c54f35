//! Exchanges SLIP-39 shares in both directions with the reference implementation from PyPI, and recovers our shares with other programs.
//! Without a network or Python, the step says so and is skipped on a developer's machine; in CI it fails.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::npm::{self, Packages};
use crate::python::{self, Venv};
use crate::run::{self, Stop};
use crate::{missing, test_build};

pub(crate) const VENV: Venv = Venv {
    name: "reference",
    needed: "import shamir_mnemonic",
    requirements: "crates/slip39/tests/reference/requirements.txt",
};

/// The programs of `ceremony/operate/shares.md` that are written in Python.
pub(crate) const PROGRAMS: Venv = Venv {
    name: "share-programs",
    needed: "import shamir_mnemonic, bip39_slip39.slip39, embit.slip39, buidl.shamir",
    requirements: "tests/e2e/share_programs/requirements.txt",
};

/// The program that is written in JavaScript, in the same folder.
const SCRIPTS: Packages =
    Packages { name: PROGRAMS.name, pinned: "tests/e2e/share_programs", needed: "require('slip39')" };

/// Default number of cases in each direction.
const CASES: &str = "40";

/// `[--cases N] [--seed N]`: exchanges N sets in each direction, and lets both implementations check N selections.
pub(crate) fn shares(args: &[String]) -> Result<(), Stop> {
    let (cases, seed) = parse(args)?;
    let Some(venv) = python::venv(VENV) else {
        return absent("the reference implementation of SLIP-39");
    };
    println!("seed {seed}");
    let mut test = test_build::test("--test reference -- --ignored --nocapture")?;
    test.env("KEYFERRY_SHARES_PYTHON", venv.join("bin/python"));
    run::check(test.env("KEYFERRY_SHARES_CASES", cases).env("KEYFERRY_SHARES_SEED", seed))?;
    let Some(programs) = programs() else {
        return absent("third-party programs for shares (ceremony/operate/shares.md)");
    };
    let mut test =
        test_build::test_of_programs("--test e2e share_programs:: -- --include-ignored --nocapture")?;
    run::check(test.env("KEYFERRY_SHARE_PROGRAMS", programs))
}

/// The folder in which all these programs are installed, once; `None` if that is impossible.
pub(crate) fn programs() -> Option<PathBuf> {
    let folder = python::venv(PROGRAMS)?;
    npm::packages(SCRIPTS).map(|_| folder)
}

/// A test whose package cannot be installed has not passed: it is reported to a developer, and fails in CI.
fn absent(what: &str) -> Result<(), Stop> {
    let skipped = python::skipped(what);
    if missing::in_ci() {
        return Err(Stop::failed(skipped));
    }
    println!("{skipped}");
    Ok(())
}

fn parse(args: &[String]) -> Result<(String, String), Stop> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| d.as_secs());
    let (mut cases, mut seed) = (CASES.to_owned(), now.to_string());
    for pair in args.chunks(2) {
        match pair {
            [flag, n] if flag == "--cases" && n.parse::<usize>().is_ok_and(|n| n > 0) => {
                n.clone_into(&mut cases)
            }
            [flag, n] if flag == "--seed" && n.parse::<u64>().is_ok() => n.clone_into(&mut seed),
            _ => return Err(Stop::usage("usage: cargo xtask shares [--cases N] [--seed N]")),
        }
    }
    Ok((cases, seed))
}
