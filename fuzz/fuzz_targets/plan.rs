//! A plan: what is taken is digested exactly and has what a ceremony needs.
#![no_main]

use keyferry_core::{CeremonyPlan, Fingerprint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match CeremonyPlan::parse(data) {
        Ok(plan) => {
            assert_eq!(plan.digest(), Fingerprint::of(data));
            assert!(!plan.keys().is_empty());
            assert!(plan.keys().iter().all(|k| [128, 256].contains(&k.bits().bits())));
        }
        Err(refusal) => keyferry_fuzz::explained(&refusal),
    }
});
