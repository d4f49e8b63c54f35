//! Tools from PyPI, each in its own virtual environment under the target folder.

use std::path::PathBuf;

use crate::run;

/// One virtual environment.
#[derive(Clone, Copy)]
pub(crate) struct Venv {
    /// Its folder under the target folder.
    pub(crate) name: &'static str,
    /// A line of Python that works only if everything is installed.
    pub(crate) needed: &'static str,
    /// The file that pins its packages.
    pub(crate) requirements: &'static str,
}

/// The environment, installed once; `None` if it cannot be installed.
pub(crate) fn venv(wanted: Venv) -> Option<PathBuf> {
    let venv = run::target_dir().join(wanted.name);
    let python = venv.join("bin/python");
    let python = python.to_string_lossy();
    let ready = || {
        run::succeeds(
            run::command(&python, ["-c", wanted.needed])
                .env("HOME", &venv)
                .env("PYTHONPYCACHEPREFIX", venv.join("cache")),
        )
    };
    let made = || run::check(run::command("python3", ["-m", "venv"]).arg(&venv)).is_ok();
    // The vendor's SDK has tens of thousands of modules, of which a test imports only a few, so they are compiled on import.
    let install = [
        "-m",
        "pip",
        "install",
        "-q",
        "--no-compile",
        "--disable-pip-version-check",
        "-r",
        wanted.requirements,
    ];
    let done = ready() || (made() && run::check(&mut run::command(&python, install)).is_ok() && ready());
    done.then_some(venv)
}

/// The message for something that could not be installed.
pub(crate) fn skipped(what: &str) -> String {
    format!(
        "SKIPPED, NOT PASSED: {what} could not be installed (this needs python3 with venv and PyPI; some tools also need node and npm)"
    )
}
