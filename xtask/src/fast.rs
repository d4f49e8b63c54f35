//! Builds the programs fast: one build in cargo's own profile, for a rehearsal and for the tests.

use std::path::PathBuf;

use crate::run::{self, Stop};
use crate::ship::{self, DESK, HSM, OFFLINE, ONLINE, SCANNER};

/// Builds the programs of a rehearsal; the scanner only if files cross as pictures. Returns their folder.
pub(crate) fn for_rehearsal(scanner: bool) -> Result<PathBuf, Stop> {
    let mut build = run::cargo(["build", "--locked", "--bins"]);
    for name in [DESK, OFFLINE, ONLINE].into_iter().chain(scanner.then_some(SCANNER)) {
        build.args(["-p", name]);
    }
    run::check(&mut build)?;
    Ok(run::target_dir().join("debug"))
}

/// Builds the programs of a ceremony with an HSM. Returns their folder.
pub(crate) fn for_hsm() -> Result<PathBuf, Stop> {
    let mut build = run::cargo(["build", "--locked", "--bins"]);
    for name in [DESK, OFFLINE, ONLINE, HSM] {
        build.args(["-p", name]);
    }
    run::check(&mut build)?;
    Ok(run::target_dir().join("debug"))
}

/// Provides the programs of the end-to-end tests, once the tests are built: the offline station as it ships, the others from
/// that build. Returns their folder.
pub(crate) fn for_tests() -> Result<PathBuf, Stop> {
    ship::one(OFFLINE)?;
    let folder = run::target_dir().join("programs");
    run::create_folder(&folder)?;
    ship::copy(&ship::folder().join(OFFLINE), &folder.join(OFFLINE))?;
    for name in [DESK, ONLINE, SCANNER, HSM] {
        ship::copy(&run::target_dir().join("debug").join(name), &folder.join(name))?;
    }
    Ok(folder)
}
