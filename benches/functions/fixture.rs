//! The inputs of the benches, derived from the harness's plan for a given number of keys.

use keyferry_bench::fixture::{Fixture, token};
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// The numbers of keys that the benches of artefacts use.
pub(crate) const SIZES: [usize; 2] = [1, 1000];

/// The current time in all benches.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

pub(crate) fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([1; 32])
}

pub(crate) fn given(keys: usize) -> Fixture {
    Fixture::new(keys, WrappingAlgorithm::default(), now()).unwrap()
}

pub(crate) fn plan(keys: usize) -> CeremonyPlan {
    CeremonyPlan::parse(&given(keys).plan).unwrap()
}

pub(crate) fn parameters(plan: &CeremonyPlan) -> Parameters {
    artefact::parse(&given(plan.keys().len()).parameters).unwrap().0
}

fn checked(plan: &CeremonyPlan) -> CheckedParameters {
    let parameters = parameters(plan);
    let digest = Fingerprint::of(&artefact::to_bytes(&parameters).unwrap());
    parameters.check(digest, plan, now()).unwrap()
}

pub(crate) fn session(plan: &CeremonyPlan) -> Session {
    let parameters = parameters(plan);
    let entry = |key: &ParameterEntry| SessionEntry {
        key_id: key.key_id.clone(),
        valid_to: ValidTo::Never,
        import_token: Some(token().unwrap()),
    };
    let secrets = parameters.keys.iter().map(entry).collect();
    Session::new("http://127.0.0.1:1".to_owned(), parameters, secrets).unwrap()
}

pub(crate) fn ciphertext(plan: &CeremonyPlan) -> Ciphertext {
    let (checked, rng) = (checked(plan), &mut rng());
    let wrap = |entry: &CheckedEntry| {
        let material = KeyMaterial::generate(entry.material().length, rng).unwrap();
        checked.wrap(entry, &material, rng).unwrap()
    };
    let entries = checked.entries().iter().map(wrap).collect();
    checked.ciphertext(entries, Origin::station(false, now())).unwrap()
}
