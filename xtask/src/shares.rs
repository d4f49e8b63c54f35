//! SLIP-39 shares both ways with the reference implementation from PyPI. Without a network or Python the step says so and is skipped.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::python::{self, Venv};
use crate::run::{self, Stop};
use crate::whole;

pub(crate) const VENV: Venv = Venv {
    name: "reference",
    needed: "import shamir_mnemonic",
    requirements: "crates/slip39/tests/reference/requirements.txt",
};

/// Cases each way, if not said otherwise.
const CASES: &str = "40";

/// `[--cases N] [--seed N]`: that many sharings each way, and as many selections that both judge.
pub(crate) fn shares(args: &[String]) -> Result<(), Stop> {
    let (cases, seed) = parse(args)?;
    let Some(venv) = python::venv(VENV) else {
        println!("{}", python::skipped("the reference implementation of SLIP-39"));
        return Ok(());
    };
    println!("seed {seed}");
    let mut test = whole::test("--test reference -- --ignored --nocapture")?;
    test.env("KEYFERRY_SHARES_PYTHON", venv.join("bin/python"));
    run::check(test.env("KEYFERRY_SHARES_CASES", cases).env("KEYFERRY_SHARES_SEED", seed))
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
