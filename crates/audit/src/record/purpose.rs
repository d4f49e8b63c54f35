//! Checks that a record has one purpose from its plan to its proofs, so that a rehearsal never passes for
//! production.

use keyferry_core::artefact::names;
use keyferry_core::steps::LIFE_FILE;
use keyferry_core::{Endpoint, EndpointError, Purpose, Story};

use super::{Record, VerifyError};

/// Checks that every stated purpose is the plan's, and that a production ceremony used no published seed and
/// used the provider's service.
pub(super) fn check(record: &Record, story: &Story<'_>) -> Result<(), VerifyError> {
    let plan = record.plan.purpose();
    let same = |place: &str, found: Purpose| {
        let place = place.to_owned();
        if found == plan { Ok(()) } else { Err(VerifyError::Purpose { place, found, plan }) }
    };
    if let Some((parameters, _)) = &record.parameters {
        same(names::PARAMETERS, parameters.purpose)?;
    }
    if let Some((ciphertext, _)) = &record.ciphertext {
        same(names::CIPHERTEXT, ciphertext.purpose)?;
    }
    for run in story.runs() {
        same(&place(run.seq), run.purpose)?;
    }
    let drills = record.drills.as_ref().map(Story::of);
    for run in drills.iter().flat_map(|drills| drills.runs()) {
        same(&format!("drills.jsonl:{}", run.seq + 1), run.purpose)?;
    }
    let life = record.life.as_ref().map(Story::of);
    for run in life.iter().flat_map(|life| life.runs()) {
        same(&format!("{LIFE_FILE}:{}", run.seq + 1), run.purpose)?;
    }
    if plan == Purpose::Production { check_production(record, story) } else { Ok(()) }
}

fn place(seq: u64) -> String {
    format!("transcript.jsonl:{}", seq + 1)
}

fn check_production(record: &Record, story: &Story<'_>) -> Result<(), VerifyError> {
    if record.ciphertext.as_ref().is_some_and(|(c, _)| c.seeded) {
        return Err(VerifyError::Seeded { place: names::CIPHERTEXT.into() });
    }
    if record.escrow.as_ref().is_some_and(|(e, _)| e.seeded) {
        return Err(VerifyError::Seeded { place: names::ESCROW.into() });
    }
    let ciphertext = story.ciphertexts().iter().find(|written| written.seeded);
    let seeded = [story.seeded_material(), ciphertext.map(|written| written.seq)].into_iter().flatten().min();
    let elsewhere = story.exports().iter().find(|export| check_endpoint(record, export.endpoint).is_err());
    // Reports the violation that comes first in the transcript.
    match (seeded, elsewhere) {
        (seeded, Some(export)) if seeded.is_none_or(|seq| export.seq < seq) => {
            Err(VerifyError::Endpoint { place: place(export.seq), endpoint: export.endpoint.to_owned() })
        }
        (Some(seq), _) => Err(VerifyError::Seeded { place: place(seq) }),
        _ => Ok(()),
    }
}

/// The same rule as in the online station: one of the provider's hosts, or the host that the reviewed plan
/// names.
fn check_endpoint(record: &Record, endpoint: &str) -> Result<(), EndpointError> {
    endpoint.parse::<Endpoint>()?.check_plan(&record.plan)
}

/// Checks that the record is what the auditor expects.
pub(super) fn check_expected(record: &Record, expected: Option<Purpose>) -> Result<(), VerifyError> {
    let found = record.plan.purpose();
    match expected {
        Some(expected) if expected != found => Err(VerifyError::Unexpected { found, expected }),
        _ => Ok(()),
    }
}
