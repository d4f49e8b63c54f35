//! A plan and its parameters for any number of keys, made directly as bytes.
//!
//! The text of one entry is taken from the real artefact and repeated, so that making the input does not raise the process's peak
//! of memory, which the batch curve measures.

use keyferry_core::provider::tencent::{FIPS, RSA_2048};
use keyferry_core::{
    Base64Bytes, CeremonyPlan, Fingerprint, ImportToken, ParameterEntry, Parameters, Provider, Timestamp,
    WrappingAlgorithm, artefact,
};

use super::error::BenchError;

/// A published RSA-2048 public key. Every entry uses it, because no step is faster for a key that it has seen before.
pub const SPKI: &[u8] = include_bytes!("../../../tests/data/rsa2048.der");

/// The inputs of an offline station.
pub struct Fixture {
    /// `plan.toml`.
    pub plan: Vec<u8>,
    /// `parameters.json`.
    pub parameters: Vec<u8>,
    /// The time at which the parameters were fetched.
    pub now: Timestamp,
}

impl Fixture {
    /// Makes the inputs for `keys` keys of 256 bits in a region of the FIPS edition.
    ///
    /// # Errors
    /// [`BenchError`], if a parser refuses the result.
    pub fn new(keys: usize, algorithm: WrappingAlgorithm, now: Timestamp) -> Result<Self, BenchError> {
        let plan = plan_text(keys, algorithm);
        let one = CeremonyPlan::parse(plan_text(1, algorithm).as_bytes())?;
        let text = artefact::to_bytes(&parameters(&one, now)?)?;
        let text = String::from_utf8_lossy(&text);
        let text = text.replace(&one.digest().to_string(), &Fingerprint::of(plan.as_bytes()).to_string());
        let parameters = repeat_entry(&text, keys).ok_or(BenchError::Fixture)?;
        Ok(Self { plan: plan.into(), parameters: parameters.into(), now })
    }

    /// SHA-256 of the parameters.
    #[must_use]
    pub fn digest(&self) -> Fingerprint {
        Fingerprint::of(&self.parameters)
    }
}

fn plan_text(keys: usize, algorithm: WrappingAlgorithm) -> String {
    let mut text = format!(
        "format = \"keyferry/plan/2\"\nceremony = \"bench\"\npurpose = \"rehearsal\"\nalgorithm = \"{algorithm}\"\n\
         [backup]\nscheme = \"none\"\nreason = \"a measurement\"\n"
    );
    text.reserve_exact(keys * 160);
    for n in 0..keys {
        text +=
            "\n[[key]]\nprovider = \"tencent\"\nregion = \"ap-singapore\"\nvalid_to = \"never\"\nalias = \"";
        text += &alias(n);
        text += "\"\nkey_id = \"";
        text += &key_id(n);
        text += "\"\n";
    }
    text
}

fn alias(n: usize) -> String {
    format!("bench-{n}")
}

fn key_id(n: usize) -> String {
    format!("23e80852-1e38-11e9-b129-{n:012x}")
}

fn parameters(plan: &CeremonyPlan, now: Timestamp) -> Result<Parameters, BenchError> {
    let tomorrow = Timestamp::from_unix(now.unix().saturating_add(86_400)).unwrap_or(now);
    let token = token()?;
    let entry = |key: &keyferry_core::PlanKey| {
        Ok::<_, BenchError>(ParameterEntry {
            alias: key.alias.clone(),
            provider: Provider::TENCENT,
            region: key.region.clone(),
            key_id: key.key_id()?.clone(),
            kind: &FIPS,
            algorithm: plan.algorithm(),
            wrapping_key_spec: &RSA_2048,
            public_key: Base64Bytes::from(SPKI),
            import_token_sha256: Some(token.digest()),
            expires_at: Some(tomorrow),
        })
    };
    let entries = plan.keys().iter().map(entry).collect::<Result<_, _>>()?;
    Ok(Parameters::new(plan, now, entries)?)
}

/// The import token of every key, which is as long as a real one. The offline station sees only its digest.
///
/// # Errors
/// [`BenchError`], if the token type no longer accepts this value.
pub fn token() -> Result<ImportToken, BenchError> {
    ImportToken::new("0".repeat(512).into()).map_err(|_| BenchError::Fixture)
}

/// Repeats the only entry of a canonical document `keys` times, each time with different names.
fn repeat_entry(text: &str, keys: usize) -> Option<String> {
    let (head, rest) = text.split_once("\"keys\": [\n")?;
    let (entry, tail) = rest.rsplit_once("\n  ]\n}")?;
    let (before_alias, after) = entry.split_once(&alias(0))?;
    let (between, after_id) = after.split_once(&key_id(0))?;
    let mut out = String::with_capacity(text.len() + keys * (entry.len() + 16));
    out += head;
    out += "\"keys\": [\n";
    for n in 0..keys {
        for part in [if n > 0 { ",\n" } else { "" }, before_alias, &alias(n), between, &key_id(n), after_id] {
            out += part;
        }
    }
    out += "\n  ]\n}";
    out += tail;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_passes_every_check() {
        let now = Timestamp::from_unix(1_795_000_000).unwrap();
        for algorithm in WrappingAlgorithm::ALL {
            let fixture = Fixture::new(12, algorithm, now).unwrap();
            let plan = CeremonyPlan::parse(&fixture.plan).unwrap();
            let (parameters, digest) = artefact::parse::<Parameters>(&fixture.parameters).unwrap();
            assert_eq!(digest, fixture.digest());
            let checked = parameters.check(digest, &plan, now).unwrap();
            assert_eq!((checked.entries().len(), checked.refused().len()), (12, 0));
        }
    }
}
