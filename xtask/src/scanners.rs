//! Compares `keyferry-scan` with zxing-cpp, which comes from PyPI. Without a network or Python the command says so.

use crate::python::{self, Venv};
use crate::run::{self, Stop};

const ZXING: Venv =
    Venv { name: "scanners", needed: "import zxingcpp", requirements: "crates/scanner/tests/zxing.txt" };

/// Default number of pictures of each kind.
const PICTURES: &str = "15";

/// Installs the pinned zxing-cpp once, and compares it with `keyferry-scan` on the same unseen pictures. It is not part of `cargo xtask
/// test`.
pub(crate) fn scanners(args: &[String]) -> Result<(), Stop> {
    let pictures = match args {
        [] => PICTURES,
        [number] if number.parse::<u32>().is_ok_and(|n| n > 0) => number,
        _ => return Err(Stop::usage("usage: cargo xtask scanners [PICTURES]")),
    };
    let Some(venv) = python::venv(ZXING) else {
        println!("{}", python::skipped("zxing-cpp"));
        return Ok(());
    };
    let line = "test --profile scanner -p keyferry-scan --test distorted --locked -- --ignored --nocapture beside_zxing";
    let mut measure = run::cargo(line.split_whitespace());
    run::check(
        measure.env("KEYFERRY_ZXING_PYTHON", venv.join("bin/python")).env("KEYFERRY_PICTURES", pictures),
    )
}
