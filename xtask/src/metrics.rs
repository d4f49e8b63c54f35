//! Tests that Prometheus's own Python library, from PyPI, reads the file that `status --prometheus` writes.

use crate::missing;
use crate::python::{self, Venv};
use crate::run::{self, Stop};
use crate::test_build;

pub(crate) const VENV: Venv = Venv {
    name: "metrics",
    needed: "import prometheus_client.parser",
    requirements: "crates/online/tests/requirements.txt",
};

/// Installs the pinned library once, and runs the tests of that file with it. Returns what could not be installed.
pub(crate) fn metrics() -> Result<Option<String>, Stop> {
    let Some(venv) = python::venv(VENV) else {
        let why = Stop::failed(python::skipped("prometheus_client"));
        return missing::skip("Prometheus's library", why, missing::in_ci()).map(Some);
    };
    let mut test = test_build::test("--test online prometheus::")?;
    run::check(test.env("KEYFERRY_PROMETHEUS_PYTHON", venv.join("bin/python")))?;
    Ok(None)
}
