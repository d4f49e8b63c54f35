//! A plan and what follows from it, for so many keys.

use keyferry_core::provider::tencent::{RSA_2048, SM};
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// A real RSA-2048 public key.
pub(crate) const SPKI: &[u8] = include_bytes!("../../tests/data/rsa2048.der");

/// Sizes that the benches over artefacts take.
pub(crate) const SIZES: [usize; 2] = [1, 1000];

/// When everything happens.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

pub(crate) fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([1; 32])
}

pub(crate) fn plan_text(keys: usize) -> String {
    let key = |n| {
        format!(
            "[[key]]\nalias = \"k{n}\"\nprovider = \"tencent\"\nregion = \"ap-guangzhou\"\nvalid_to = \"never\"\n\
             key_id = \"{n:08x}-1e38-11e9-b129-5cb9019b4b01\"\n"
        )
    };
    let head = "format = \"keyferry/plan/2\"\nceremony = \"bench-1\"\npurpose = \"rehearsal\"\n";
    let tail = "[backup]\nscheme = \"none\"\nreason = \"a benchmark\"\n";
    head.to_owned() + &(0..keys).map(key).collect::<String>() + tail
}

pub(crate) fn plan(keys: usize) -> CeremonyPlan {
    CeremonyPlan::parse(plan_text(keys).as_bytes()).unwrap()
}

fn token(n: usize) -> ImportToken {
    // As long as the provider's.
    ImportToken::new(format!("{n:0>512}").into()).unwrap()
}

pub(crate) fn parameters(plan: &CeremonyPlan) -> Parameters {
    let entry = |(n, key): (usize, &PlanKey)| ParameterEntry {
        alias: key.alias.clone(),
        provider: Provider::TENCENT,
        region: key.region.clone(),
        key_id: key.key_id().unwrap().clone(),
        kind: &SM,
        algorithm: plan.algorithm(),
        wrapping_key_spec: &RSA_2048,
        public_key: Base64Bytes::from(SPKI),
        import_token_sha256: Some(token(n).digest()),
        expires_at: Some(Timestamp::from_unix(1_795_080_000).unwrap()),
    };
    Parameters::new(plan, now(), plan.keys().iter().enumerate().map(entry).collect()).unwrap()
}

pub(crate) fn checked(plan: &CeremonyPlan) -> CheckedParameters {
    let parameters = parameters(plan);
    let digest = Fingerprint::of(&artefact::to_bytes(&parameters).unwrap());
    parameters.check(digest, plan, now()).unwrap()
}

pub(crate) fn session(plan: &CeremonyPlan) -> Session {
    let parameters = parameters(plan);
    let entry = |(n, key): (usize, &ParameterEntry)| SessionEntry {
        key_id: key.key_id.clone(),
        valid_to: ValidTo::Never,
        import_token: Some(token(n)),
    };
    let secrets = parameters.keys.iter().enumerate().map(entry).collect();
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
