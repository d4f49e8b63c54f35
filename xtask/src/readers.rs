//! Rendered symbols read by OpenCV, which comes from PyPI. Without a network or Python the step says so and is skipped.

use crate::run::{self, Stop};
use crate::whole;

/// Installs the pinned OpenCV once, and runs the scanner's interoperability tests with it.
pub(crate) fn readers() -> Result<(), Stop> {
    let venv = run::target_dir().join("readers");
    let python = venv.join("bin/python");
    let program = python.to_string_lossy();
    let ready = || run::succeeds(&mut run::command(&program, ["-c", "import cv2"]));
    if !ready() {
        let list = ["-m", "pip", "install", "-q", "-r", "crates/scanner/tests/requirements.txt"];
        let _ = run::check(run::command("python3", ["-m", "venv"]).arg(&venv))
            .and_then(|()| run::check(&mut run::command(&program, list)));
    }
    if !ready() {
        println!(
            "SKIPPED, NOT PASSED: OpenCV could not be installed (python3 with venv, and PyPI, are needed)"
        );
        return Ok(());
    }
    [whole::test("--test interop")?, whole::test_of_programs("--test e2e receive::readers::opencv")?]
        .iter_mut()
        .try_for_each(|test| run::check(test.env("KEYFERRY_OPENCV_PYTHON", &python)))
}
