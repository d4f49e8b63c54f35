//! Tools from PyPI, each set in a virtual environment of its own under the target folder.

use std::path::PathBuf;

use crate::run;

/// The environment `name` with what the file `requirements` pins, installed once; `None` where that is impossible. `needed` is the Python line
/// that works when all is there.
pub(crate) fn venv(name: &str, needed: &str, requirements: &str) -> Option<PathBuf> {
    let venv = run::target_dir().join(name);
    let python = venv.join("bin/python");
    let python = python.to_string_lossy();
    let ready = || run::succeeds(run::command(&python, ["-c", needed]).env("HOME", &venv));
    let made = || run::check(run::command("python3", ["-m", "venv"]).arg(&venv)).is_ok();
    let install = ["-m", "pip", "install", "-q", "-r", requirements];
    let done = ready() || (made() && run::check(&mut run::command(&python, install)).is_ok() && ready());
    done.then_some(venv)
}

/// What a step says that could not be made.
pub(crate) fn skipped(what: &str) -> String {
    format!("SKIPPED, NOT PASSED: {what} could not be installed (python3 with venv, and PyPI, are needed)")
}
