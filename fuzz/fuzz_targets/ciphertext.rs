//! `ciphertext.json`: what is taken is canonical, and checking it against a session never stops the program.
#![no_main]

use std::sync::LazyLock;

use keyferry_core::{Ciphertext, Session, artefact};
use libfuzzer_sys::fuzz_target;

/// Of the same rehearsal as the seed ciphertext.
static SESSION: LazyLock<Session> =
    LazyLock::new(|| artefact::parse(include_bytes!("../seeds/session/rehearsal.json")).expect("seed").0);

fuzz_target!(|data: &[u8]| {
    let Some(ciphertext) = keyferry_fuzz::artefact::<Ciphertext>(data) else { return };
    match ciphertext.check(&SESSION) {
        Ok(imports) => assert_eq!(imports.len(), ciphertext.keys.len()),
        Err(refusals) => {
            assert!(!refusals.is_empty());
            refusals.iter().for_each(|e| keyferry_fuzz::explained(e));
        }
    }
});
