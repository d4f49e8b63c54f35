//! A plan, its parameters and a session, built in memory for the tests of the checks.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code, clippy::mod_module_files)]

use keyferry_core::artefact;
use keyferry_core::provider::tencent::RSA_2048;
use keyferry_core::*;
use zeroize::Zeroizing;

pub const SPKI: &[u8] = include_bytes!("../data/rsa2048.der");
pub const PRIVATE: &str = include_str!("../data/rsa2048.private.pem");
pub const T0: i64 = 1_795_000_000;
pub const IDS: [&str; 3] = [
    "23e80852-1e38-11e9-b129-5cb9019b4b01",
    "23e80852-1e38-11e9-b129-5cb9019b4b02",
    "23e80852-1e38-11e9-b129-5cb9019b4b03",
];
pub const REGIONS: [&str; 3] = ["ap-singapore", "ap-guangzhou", "eu-frankfurt"];

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(T0 + seconds).unwrap()
}

pub fn plan_text(purpose: &str, algorithm: WrappingAlgorithm) -> String {
    let mut text = format!(
        "format = \"keyferry/plan/2\"\nceremony = \"t-1\"\npurpose = \"{purpose}\"\nalgorithm = \"{algorithm}\"\n\
         minimum_time_left = \"1h\"\n\
         [[participant]]\nname = \"A\"\nrole = \"operator\"\n[[participant]]\nname = \"B\"\nrole = \"witness\"\n"
    );
    for (n, (id, region)) in IDS.iter().zip(REGIONS).enumerate() {
        text += &format!(
            "[[key]]\nalias = \"key-{n}\"\nprovider = \"tencent\"\nregion = \"{region}\"\nkey_id = \"{id}\"\n\
             valid_to = \"never\"\n"
        );
    }
    text + "[backup]\nscheme = \"none\"\nreason = \"test\"\n"
}

pub fn plan(purpose: &str, algorithm: WrappingAlgorithm) -> CeremonyPlan {
    CeremonyPlan::parse(plan_text(purpose, algorithm).as_bytes()).unwrap()
}

pub fn token(n: usize) -> ImportToken {
    ImportToken::new(Zeroizing::new(format!("SECRET-TOKEN-{n}"))).unwrap()
}

pub fn parameters(plan: &CeremonyPlan) -> Parameters {
    let keys = plan.keys().iter().enumerate().map(|(n, key)| ParameterEntry {
        alias: key.alias.clone(),
        provider: Provider::TENCENT,
        region: key.region.clone(),
        key_id: key.key_id().unwrap().clone(),
        kind: key.kind(),
        algorithm: plan.algorithm(),
        wrapping_key_spec: &RSA_2048,
        public_key: Base64Bytes::from(SPKI),
        import_token_sha256: Some(token(n).digest()),
        expires_at: Some(at(86_400)),
    });
    Parameters::new(plan, at(0), keys.collect()).unwrap()
}

pub fn session(parameters: Parameters) -> Session {
    let secrets = parameters.keys.iter().enumerate().map(|(n, k)| SessionEntry {
        key_id: k.key_id.clone(),
        valid_to: ValidTo::Never,
        import_token: Some(token(n)),
    });
    let secrets = secrets.collect();
    Session::new("http://127.0.0.1:1".into(), parameters, secrets).unwrap()
}

pub fn checked(parameters: Parameters, plan: &CeremonyPlan) -> CheckedParameters {
    let digest = Fingerprint::of(&artefact::to_bytes(&parameters).unwrap());
    parameters.check(digest, plan, at(60)).unwrap()
}
