//! The inputs of the virtual machine (`xtask/src/vm/room`) are those that this library produces and that
//! production requires.
//!
//! The online station gets production parameters only from the provider's own service, and `xtask` contains no
//! cryptography, so the files are committed. With `KEYFERRY_BLESS=1`, this test writes them.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::PathBuf;

use keyferry_core::{CeremonyPlan, Fingerprint, PostureCheck, Purpose, artefact};
use support::{at, parameters};

fn room(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../xtask/src/vm/room").join(name)
}

/// Compares a committed file, or writes it.
fn committed(name: &str, made: &[u8]) {
    if std::env::var("KEYFERRY_BLESS").is_ok() {
        fs::write(room(name), made).unwrap();
    }
    assert!(fs::read(room(name)).unwrap() == made, "{name}: write it with KEYFERRY_BLESS=1");
}

#[test]
fn parameters_are_made_by_this_library_for_the_plans() {
    for (name, keys) in [("plain", 1), ("waiver", 1), ("shares", 2)] {
        let plan = fs::read(room(&format!("{name}/plan.toml"))).unwrap();
        let plan = CeremonyPlan::parse(&plan).unwrap();
        assert_eq!(plan.purpose(), Purpose::Production);
        let made = parameters(&plan);
        let bytes = artefact::to_bytes(&made).unwrap();
        committed(&format!("{name}/parameters.json"), &bytes);
        // The guest's clock starts 200 seconds after the fetch.
        let checked = made.check(Fingerprint::of(&bytes), &plan, at(200)).unwrap();
        assert_eq!((checked.entries().len(), checked.refused().len(), checked.missing().len()), (keys, 0, 0));
    }
}

#[test]
fn every_check_of_the_baseline_is_named() {
    let names = PostureCheck::BASELINE.map(|check| format!("{check}\n"));
    committed("baseline.txt", names.concat().as_bytes());
}
