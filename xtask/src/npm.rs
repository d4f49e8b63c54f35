//! Packages from npm, pinned with their integrity hashes, each set in its own folder under the target folder.

use std::fs;
use std::path::PathBuf;

use crate::run;

/// One set.
#[derive(Clone, Copy)]
pub(crate) struct Packages {
    /// Its folder under the target folder.
    pub(crate) name: &'static str,
    /// The folder of `package.json` and `package-lock.json`.
    pub(crate) pinned: &'static str,
    /// JavaScript that works only if everything is installed.
    pub(crate) needed: &'static str,
}

/// The folder `node_modules`, installed once for each state of the lock file; `None` if it cannot be installed.
pub(crate) fn packages(wanted: Packages) -> Option<PathBuf> {
    let folder = run::target_dir().join(wanted.name);
    let modules = folder.join("node_modules");
    let pinned = run::root().join(wanted.pinned);
    let lock = "package-lock.json";
    let same = || fs::read(folder.join(lock)).ok() == fs::read(pinned.join(lock)).ok();
    let works = || run::succeeds(run::command("node", ["-e", wanted.needed]).env("NODE_PATH", &modules));
    if same() && works() {
        return Some(modules);
    }
    run::create_folder(&folder).ok()?;
    for file in ["package.json", lock] {
        fs::copy(pinned.join(file), folder.join(file)).ok()?;
    }
    // Packages' install scripts do not run.
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"];
    let installed = run::check(run::command("npm", install).arg(&folder)).is_ok();
    (installed && works()).then_some(modules)
}
