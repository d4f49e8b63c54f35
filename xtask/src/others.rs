//! `cargo xtask fetch` and `cargo xtask others`: what the tests need from PyPI, npm and Debian, and the steps that run it, one after
//! another.

use crate::run::{Steps, Stop};
use crate::{hsm, metrics, npm, oaep, python, readers, shares, vendor, vm};

/// Installs what the steps of [`others`] need, so that nobody waits for it there. Each step reports what could not be installed.
pub(crate) fn fetch(args: &[String]) -> Result<(), Stop> {
    if !args.is_empty() {
        return Err(Stop::usage("cargo xtask fetch takes no arguments"));
    }
    for venv in [vendor::VENV, readers::VENV, shares::VENV, metrics::VENV] {
        let _ = python::venv(venv);
    }
    let _ = shares::programs();
    let _ = npm::packages(vendor::NODE);
    oaep::prepare();
    hsm::prepare();
    vm::prepare();
    Ok(())
}

/// The steps that run third-party programs.
pub(crate) fn others(args: &[String]) -> Result<(), Stop> {
    if !args.is_empty() {
        return Err(Stop::usage("cargo xtask others takes no arguments"));
    }
    let mut steps = Steps::new();
    let done = all(&mut steps);
    steps.summary();
    done
}

fn all(steps: &mut Steps) -> Result<(), Stop> {
    steps.step_or_skip("the vendor's tools", vendor::vendor)?;
    steps.step_or_skip("OAEP by third-party programs", oaep::oaep)?;
    steps.step("other readers of symbols", readers::readers)?;
    steps.step_or_skip("metrics read by Prometheus's library", metrics::metrics)?;
    steps.step("shares, with the reference implementation and other programs", || shares::shares(&[]))?;
    steps.step_or_skip("production in a virtual machine", vm::step)
}
