//! A rehearsal is a rehearsal from its plan to its proofs, and nothing else passes for production.

use keyferry_core::transcript::MaterialSource;
use keyferry_core::{Event, Purpose};

use super::{Record, VerifyError};

/// Every place that names a purpose names the plan's; production was never seeded, and spoke to the provider.
pub(super) fn check(record: &Record) -> Result<(), VerifyError> {
    let plan = record.plan.purpose();
    let same = |place: &str, found: Purpose| {
        let place = place.to_owned();
        if found == plan { Ok(()) } else { Err(VerifyError::Purpose { place, found, plan }) }
    };
    if let Some((parameters, _)) = &record.parameters {
        same("parameters.json", parameters.purpose)?;
    }
    if let Some((ciphertext, _)) = &record.ciphertext {
        same("ciphertext.json", ciphertext.purpose)?;
    }
    for line in record.chain.lines() {
        if let Event::Begun { purpose, .. } = &line.event {
            same(&format!("transcript.jsonl:{}", line.seq + 1), *purpose)?;
        }
    }
    if plan == Purpose::Production { check_production(record) } else { Ok(()) }
}

fn check_production(record: &Record) -> Result<(), VerifyError> {
    if record.ciphertext.as_ref().is_some_and(|(c, _)| c.seeded) {
        return Err(VerifyError::Seeded { place: "ciphertext.json".into() });
    }
    record.chain.lines().iter().try_for_each(|line| {
        let place = || format!("transcript.jsonl:{}", line.seq + 1);
        match &line.event {
            Event::MaterialGenerated { source: MaterialSource::Seeded, .. }
            | Event::CiphertextWritten { seeded: true, .. } => Err(VerifyError::Seeded { place: place() }),
            Event::Exported { endpoint, .. } if !endpoint.starts_with("https://") => {
                Err(VerifyError::Endpoint { place: place(), endpoint: endpoint.clone() })
            }
            _ => Ok(()),
        }
    })
}

/// The record is what the auditor was told to expect.
pub(super) fn check_expected(record: &Record, expected: Option<Purpose>) -> Result<(), VerifyError> {
    let found = record.plan.purpose();
    match expected {
        Some(expected) if expected != found => Err(VerifyError::Unexpected { found, expected }),
        _ => Ok(()),
    }
}
