//! `session.json`: what is taken is canonical, and no refusal quotes a piece of an import token.
#![no_main]

use std::sync::LazyLock;

use keyferry_core::{Explain, Session, artefact};
use libfuzzer_sys::fuzz_target;

const SEED: &[u8] = include_bytes!("../seeds/session/rehearsal.json");

/// The tokens that the inputs are made of.
static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let (session, _) = artefact::parse::<Session>(SEED).expect("seed");
    session.secrets.iter().map(|s| s.import_token.expose().to_owned()).collect()
});

fuzz_target!(|data: &[u8]| {
    keyferry_fuzz::artefact::<Session>(data);
    if let Err(refusal) = artefact::parse::<Session>(data) {
        let text = refusal.what().en;
        let quoted = |token: &String| {
            token.as_bytes().windows(16).any(|w| text.as_bytes().windows(16).any(|t| t == w))
        };
        assert!(!TOKENS.iter().any(quoted), "a refusal quotes a token: {text}");
    }
});
