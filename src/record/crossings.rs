//! Both crossings: what left one station is what the other checked and people confirmed, and is what lies in the folder.

use keyferry_core::transcript::Line;
use keyferry_core::{Event, Fingerprint, Station};

use super::events::Events;
use super::{Record, VerifyError};

const PARAMETERS: &str = "parameters.json";
const CIPHERTEXT: &str = "ciphertext.json";

/// All files are of one ceremony.
pub(super) fn check_ceremony(record: &Record) -> Result<(), VerifyError> {
    let plan = record.plan.ceremony();
    let parameters = record.parameters.as_ref().map(|(p, _)| (PARAMETERS, &p.ceremony));
    let ciphertext = record.ciphertext.as_ref().map(|(c, _)| (CIPHERTEXT, &c.ceremony));
    let chain = Some(("transcript.jsonl", record.chain.ceremony()));
    let drills = record.drills.as_ref().map(|d| ("drills.jsonl", d.ceremony()));
    for (file, found) in [chain, parameters, ciphertext, drills].into_iter().flatten() {
        if found != plan {
            return Err(VerifyError::Ceremony { file, found: found.clone(), plan: plan.clone() });
        }
    }
    Ok(())
}

/// Online to offline.
pub(super) fn check_parameters(record: &Record) -> Result<(), VerifyError> {
    let events = Events::of(&record.chain);
    let exported = events.last(|line| match &line.event {
        Event::Exported { parameters_sha256, keys, .. } if line.station == Station::Online => {
            Some((*parameters_sha256, *keys))
        }
        _ => None,
    });
    let Some((parameters, digest)) = &record.parameters else {
        return if exported.is_some() { Err(VerifyError::Missing { file: PARAMETERS }) } else { Ok(()) };
    };
    let not = |event| VerifyError::NotRecorded { file: PARAMETERS, event, digest: *digest };
    let Some((seq, (_, keys))) = exported.filter(|(_, (found, _))| found == digest) else {
        return Err(not("exported"));
    };
    if parameters.plan_sha256 != record.plan.digest() || parameters.keys.len() as u64 != keys {
        return Err(VerifyError::ParametersPlan);
    }
    let rest = events.after(seq);
    let anywhere = |found: Option<u64>, event| found.map(|_| ()).ok_or_else(|| not(event));
    if record.ciphertext.is_some() {
        anywhere(rest.checked(Station::Offline, PARAMETERS, *digest), "checked")?;
        anywhere(rest.confirmed(Station::Offline, PARAMETERS, *digest), "confirmed")?;
    }
    Ok(())
}

/// Offline to online.
pub(super) fn check_ciphertext(record: &Record) -> Result<(), VerifyError> {
    let events = Events::of(&record.chain);
    let written = events.last(|line| match &line.event {
        Event::CiphertextWritten { ciphertext_sha256, parameters_sha256, keys, seeded }
            if line.station == Station::Offline =>
        {
            Some((*ciphertext_sha256, *parameters_sha256, *keys, *seeded))
        }
        _ => None,
    });
    let Some((ciphertext, digest)) = &record.ciphertext else {
        return if written.is_some() { Err(VerifyError::Missing { file: CIPHERTEXT }) } else { Ok(()) };
    };
    let not = |event| VerifyError::NotRecorded { file: CIPHERTEXT, event, digest: *digest };
    // Each run names its ciphertext before the file appears, so that a record may name several: the last one counts.
    let Some((seq, (_, made_for, keys, seeded))) = written.filter(|(_, w)| w.0 == *digest) else {
        let earlier = events.last(|line| names(line, *digest).then_some(()));
        return Err(match (earlier, written) {
            (Some((seq, ())), Some((by, _))) => VerifyError::Superseded { line: seq + 1, by: by + 1 },
            _ => not("ciphertext-written"),
        });
    };
    let (parameters, parameters_digest) =
        record.parameters.as_ref().ok_or(VerifyError::Missing { file: PARAMETERS })?;
    let as_written =
        made_for == *parameters_digest && keys == ciphertext.keys.len() as u64 && seeded == ciphertext.seeded;
    if !as_written {
        return Err(not("ciphertext-written"));
    }
    ciphertext.check_recorded(parameters, parameters_digest)?;
    let rest = events.after(seq);
    rest.checked(Station::Online, CIPHERTEXT, *digest).ok_or_else(|| not("checked"))?;
    rest.confirmed(Station::Online, CIPHERTEXT, *digest).ok_or_else(|| not("confirmed"))?;
    Ok(())
}

/// The offline station named this ciphertext.
fn names(line: &Line, digest: Fingerprint) -> bool {
    let named = matches!(&line.event, Event::CiphertextWritten { ciphertext_sha256, .. } if *ciphertext_sha256 == digest);
    named && line.station == Station::Offline
}
