//! Checks both crossings: the file that left one station is the file that the other station checked, that people
//! confirmed, and that is in the folder. The table of steps says which station does what, and which lines must record
//! it.

use keyferry_core::artefact::names;
use keyferry_core::steps::LIFE_FILE;
use keyferry_core::{EventKind, Fingerprint, StepName, Story};

use super::{Record, VerifyError};

const PARAMETERS: &str = names::PARAMETERS;
const CIPHERTEXT: &str = names::CIPHERTEXT;

/// Checks that all files belong to the same ceremony.
pub(super) fn check_ceremony(record: &Record) -> Result<(), VerifyError> {
    let plan = record.plan.ceremony();
    let parameters = record.parameters.as_ref().map(|(p, _)| (PARAMETERS, &p.ceremony));
    let ciphertext = record.ciphertext.as_ref().map(|(c, _)| (CIPHERTEXT, &c.ceremony));
    let chain = Some((names::TRANSCRIPT, record.chain.ceremony()));
    let drills = record.drills.as_ref().map(|d| (names::DRILLS, d.ceremony()));
    let life = record.life.as_ref().map(|life| (LIFE_FILE, life.ceremony()));
    for (file, found) in [chain, parameters, ciphertext, drills, life].into_iter().flatten() {
        if found != plan {
            return Err(VerifyError::Ceremony { file, found: found.clone(), plan: plan.clone() });
        }
    }
    Ok(())
}

/// Checks that every export used the plan's endpoint, if the plan names one.
pub(super) fn check_endpoint(record: &Record, story: &Story<'_>) -> Result<(), VerifyError> {
    let Some(plan) = record.plan.endpoint() else { return Ok(()) };
    let elsewhere = story.exports().iter().find(|export| export.endpoint != plan);
    elsewhere.map_or(Ok(()), |export| {
        let (found, plan) = (export.endpoint.to_owned(), plan.to_owned());
        Err(VerifyError::PlannedEndpoint { line: export.seq + 1, found, plan })
    })
}

/// The crossing from the online to the offline station.
pub(super) fn check_parameters(record: &Record, story: &Story<'_>) -> Result<(), VerifyError> {
    let station = StepName::OnlineExport.step().place.station();
    let exported = story.exports().iter().rev().find(|export| Some(export.station) == station);
    let Some((parameters, digest)) = &record.parameters else {
        return if exported.is_some() { Err(VerifyError::Missing { file: PARAMETERS }) } else { Ok(()) };
    };
    let export = exported.filter(|export| export.parameters_sha256 == *digest);
    let export = export.ok_or(not_recorded(PARAMETERS, EventKind::Exported, *digest))?;
    if parameters.plan_sha256 != record.plan.digest() || parameters.keys.len() as u64 != export.keys {
        return Err(VerifyError::ParametersPlan);
    }
    parameters.check_version(&record.plan)?;
    if record.ciphertext.is_none() {
        return Ok(());
    }
    let seen = story.check_seen(StepName::CompareParameters.step(), *digest, export.seq);
    seen.map_err(|kind| not_recorded(PARAMETERS, kind, *digest))
}

/// The crossing from the offline to the online station.
pub(super) fn check_ciphertext(record: &Record, story: &Story<'_>) -> Result<(), VerifyError> {
    let station = StepName::OfflineWrap.step().place.station();
    let written = story.ciphertexts().iter().rev().find(|written| Some(written.station) == station);
    let Some((ciphertext, digest)) = &record.ciphertext else {
        return if written.is_some() { Err(VerifyError::Missing { file: CIPHERTEXT }) } else { Ok(()) };
    };
    let not_written = || not_recorded(CIPHERTEXT, EventKind::CiphertextWritten, *digest);
    // Each run names its ciphertext before the file appears, so a record may name several; the last one counts.
    let last = written.ok_or_else(not_written)?;
    if last.ciphertext_sha256 != *digest {
        let mut named = story.ciphertexts().iter().rev().filter(|written| Some(written.station) == station);
        let earlier = named.find(|written| written.ciphertext_sha256 == *digest).ok_or_else(not_written)?;
        return Err(VerifyError::Superseded { line: earlier.seq + 1, by: last.seq + 1 });
    }
    let written = last;
    let (_, parameters_digest) =
        record.parameters.as_ref().ok_or(VerifyError::Missing { file: PARAMETERS })?;
    let as_written = written.parameters_sha256 == *parameters_digest
        && written.keys == ciphertext.keys.len() as u64
        && written.seeded == ciphertext.seeded;
    if !as_written {
        return Err(not_written());
    }
    if let Some(Err(error)) = &record.condensed.recorded {
        return Err(error.clone().into());
    }
    let seen = story.check_seen(StepName::CompareCiphertext.step(), *digest, written.seq);
    seen.map_err(|kind| not_recorded(CIPHERTEXT, kind, *digest))
}

const fn not_recorded(file: &'static str, event: EventKind, digest: Fingerprint) -> VerifyError {
    VerifyError::NotRecorded { file, event: event.as_str(), digest }
}
