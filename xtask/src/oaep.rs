//! Imports key material that third-party libraries wrapped, as their users call them: the emulator accepts it, or `/imports`
//! names the cause.

use crate::emulator;
use crate::npm::{self, Packages};
use crate::python::{self, Venv};
use crate::run::{self, Stop};
use crate::{missing, tools, vendor};

const VENV: Venv =
    Venv { name: "oaep", needed: "import cryptography, Crypto", requirements: "tests/oaep/requirements.txt" };

const NODE: Packages = Packages { name: "oaep-node", pinned: "tests/oaep", needed: "require('node-forge')" };

/// Installs the programs; `tests/oaep/run.py` reports those that are missing.
pub(crate) fn prepare() {
    tools::wrappers()
        .iter()
        .filter_map(|done| done.as_ref().err())
        .for_each(|why| println!("{}", why.message()));
    let _ = python::venv(VENV);
    let _ = npm::packages(NODE);
}

/// Runs each program for each algorithm. In CI a missing program is a failure.
pub(crate) fn oaep() -> Result<Option<String>, Stop> {
    prepare();
    let Some(sdk) = python::venv(vendor::VENV) else {
        let why = Stop::failed("the vendor's SDK could not be installed from PyPI");
        return missing::skip("OAEP by third-party programs", why, missing::in_ci()).map(Some);
    };
    let target = run::target_dir();
    emulator::with(&target.join("oaep-emulator"), |[port, admin]| {
        let target = target.to_string_lossy();
        vendor::run_python(&sdk.join("bin/python"), &sdk, vec!["tests/oaep/run.py", port, admin, &target])
    })?;
    Ok(None)
}
