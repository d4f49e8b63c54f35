//! Fetched parameters of one key: what the journal and the record say about them, and whether enough time is left.

use std::path::Path;

use keyferry_core::transcript::Event;
use keyferry_core::{
    ArtefactError, CeremonyId, CeremonyPlan, ImportTokenDigest, KeyId, ParameterEntry, Parameters,
    ParametersError, Session, SessionEntry, Timestamp,
};

use crate::journal::{Happened, Journal, KeyHistory, Known, Pair};
use crate::{Error, JournalError};

/// The result of one key's export.
pub(super) struct Fetched {
    pub(super) entry: ParameterEntry,
    pub(super) secret: SessionEntry,
    pub(super) request_id: String,
}

/// The journal's entry for fetched parameters.
pub(super) fn out(plan: &CeremonyPlan, entry: &ParameterEntry) -> Result<Happened, ArtefactError> {
    Ok(Happened::Fetched {
        ceremony: plan.ceremony().clone(),
        import_token_sha256: token(entry)?,
        wrapping_key_sha256: Some(entry.wrapping_key()),
        expires_at: expiry(entry)?,
    })
}

/// The token, which this provider's parameters always have.
pub(in crate::command) fn token(entry: &ParameterEntry) -> Result<ImportTokenDigest, ArtefactError> {
    entry.import_token_sha256.ok_or(ArtefactError::Entries("parameters without a token"))
}

/// What the journal says about an entry of a session, or about one that an interrupted export kept.
pub(in crate::command) fn known(
    journal: &Journal,
    entry: &ParameterEntry,
    ceremony: &CeremonyId,
) -> Result<(Known, KeyHistory), Error> {
    let history = journal.peek(&entry.region, &entry.key_id)?;
    let said = Pair { token: token(entry)?, wrapping_key: Some(entry.wrapping_key()) };
    Ok((history.known(&said, ceremony), history))
}

/// The refusal of an entry that must not be resumed.
pub(super) fn not_own(known: Known, path: &Path, key_id: &KeyId) -> JournalError {
    let (path, key_id) = (path.to_path_buf(), key_id.clone());
    if known == Known::Used {
        JournalError::Used { path, key_id }
    } else {
        JournalError::Foreign { path, key_id }
    }
}

/// The expiry, which this provider's parameters always have.
fn expiry(entry: &ParameterEntry) -> Result<Timestamp, ArtefactError> {
    entry.expires_at.ok_or(ArtefactError::Entries("parameters without an expiry"))
}

/// Whether the parameters stay valid for the plan's minimum: with less, the offline station would refuse
/// them.
pub(super) fn check_time_left(
    entry: &ParameterEntry,
    plan: &CeremonyPlan,
    now: Timestamp,
) -> Result<(), ParametersError> {
    let Some(expires_at) = entry.expires_at else { return Ok(()) };
    let left = now.span_until(expires_at);
    let minimum = plan.minimum_time_left();
    if left < minimum { Err(ParametersError::TimeLeft { left, minimum }) } else { Ok(()) }
}

/// The record's event for fetched parameters.
pub(super) fn event(entry: &ParameterEntry, request_id: &str) -> Event {
    Event::ParametersFetched {
        alias: entry.alias.clone(),
        region: entry.region.clone(),
        key_id: entry.key_id.clone(),
        algorithm: entry.algorithm,
        wrapping_key_sha256: Box::new(entry.wrapping_key()),
        import_token_sha256: entry.import_token_sha256.map(Box::new),
        expires_at: entry.expires_at,
        request_id: request_id.to_owned(),
    }
}

/// Checks that every token of the session, with its wrapping key, is the last one that this station fetched for its key in this
/// ceremony, and that it was not used.
pub(super) fn check_own(session: &Session, path: &Path, journal: &Journal) -> Result<(), Error> {
    let ceremony = &session.parameters.ceremony;
    for entry in &session.parameters.keys {
        let (known, _) = known(journal, entry, ceremony)?;
        if known != Known::Latest {
            return Err(not_own(known, path, &entry.key_id).into());
        }
    }
    Ok(())
}

/// The session of all fetched parameters, in the plan's order.
pub(super) fn assemble(
    plan: &CeremonyPlan,
    endpoint: String,
    fetched_at: Timestamp,
    fetched: Vec<Option<Fetched>>,
) -> Result<Session, Error> {
    let found = fetched.iter().flatten().count();
    let (mut entries, mut secrets) = (Vec::with_capacity(found), Vec::with_capacity(found));
    for one in fetched.into_iter().flatten() {
        entries.push(one.entry);
        secrets.push(one.secret);
    }
    Ok(Session::new(endpoint, Parameters::new(plan, fetched_at, entries)?, secrets)?)
}
