//! `parameters.json`: what is taken is canonical, and checking it against a plan never stops the program.
#![no_main]

use keyferry_core::{CeremonyPlan, Fingerprint, Parameters};
use libfuzzer_sys::fuzz_target;

/// Beside the seeds, so that some of them pass the check.
const PLAN: &[u8] = include_bytes!("../seeds/plan/rehearsal.toml");

fuzz_target!(|data: &[u8]| {
    let Some(parameters) = keyferry_fuzz::artefact::<Parameters>(data) else { return };
    let plan = CeremonyPlan::parse(PLAN).expect("the seed plan");
    let now = parameters.fetched_at;
    match parameters.check(Fingerprint::of(data), &plan, now) {
        Ok(checked) => checked.refused().iter().for_each(|(_, e)| keyferry_fuzz::explained(e)),
        Err(refusal) => keyferry_fuzz::explained(&refusal),
    }
});
