//! Reads rendered symbols with OpenCV, which comes from PyPI. Without a network or Python, the step says so and is
//! skipped.

use crate::python::{self, Venv};
use crate::run::{self, Stop};
use crate::test_build;

pub(crate) const VENV: Venv =
    Venv { name: "readers", needed: "import cv2", requirements: "crates/scanner/tests/requirements.txt" };

/// Installs the pinned OpenCV once, and runs the scanner's interoperability tests with it.
pub(crate) fn readers() -> Result<(), Stop> {
    let Some(venv) = python::venv(VENV) else {
        println!("{}", python::skipped("OpenCV"));
        return Ok(());
    };
    [
        test_build::test("--test interop")?,
        test_build::test_of_programs("--test e2e receive::readers::opencv")?,
    ]
    .iter_mut()
    .try_for_each(|test| run::check(test.env("KEYFERRY_OPENCV_PYTHON", venv.join("bin/python"))))
}
