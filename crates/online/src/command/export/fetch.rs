//! One key's import parameters: asked for only after the key itself is the plan's, and strict about what comes back.

use std::path::Path;

use keyferry_core::transcript::Event;
use keyferry_core::{
    ArtefactError, CeremonyId, CeremonyPlan, Clock, Fingerprint, ImportToken, ImportTokenDigest, KeyId,
    ParameterEntry, ParametersError, PlanKey, SessionEntry, Timestamp, WrappingKey,
};
use keyferry_service::KeyRef;

use super::kept::Kept;
use crate::journal::{Happened, Journal, KeyHistory, Known, Pair};
use crate::key::{check_importable, kind, look_up};
use crate::{Error, JournalError, Service};

/// What one key's export brought.
pub(super) struct Fetched {
    pub(super) entry: ParameterEntry,
    pub(super) secret: SessionEntry,
    pub(super) request_id: String,
}

/// What fetching one key needs of the run.
pub(super) struct Fetcher<'r> {
    pub(super) service: &'r dyn Service,
    pub(super) plan: &'r CeremonyPlan,
    pub(super) journal: &'r Journal,
    pub(super) kept: &'r Kept,
    pub(super) abandon: Option<&'r CeremonyId>,
    pub(super) clock: &'r (dyn Clock + Sync),
}

impl Fetcher<'_> {
    /// Checks journal and key, then fetches its parameters. The fetch kills earlier ones, so it comes last; what came is kept
    /// before the journal counts it as out.
    pub(super) fn fetch(&self, key: &PlanKey) -> Result<Fetched, Error> {
        let (id, now) = (key.key_id()?, self.clock.now());
        let mut journal = self.journal.open(&key.region, id)?;
        let own = self.kept.earlier.get(id);
        journal.history().check_fetch(
            now,
            self.abandon,
            own.and_then(|f| f.entry.import_token_sha256.as_ref()),
        )?;
        self.check(key, id)?;
        let ceremony = self.plan.ceremony().clone();
        let (purpose, plan_sha256) = (self.plan.purpose(), self.plan.digest());
        journal.add(self.clock, Happened::Fetching { ceremony, purpose, plan_sha256 })?;
        let fetched = self.ask(key, id)?;
        check_time_left(&fetched.entry, self.plan, self.clock.now())?;
        self.kept.add(&fetched)?;
        journal.add(self.clock, out(self.plan, &fetched.entry)?)?;
        Ok(fetched)
    }

    fn check(&self, key: &PlanKey, id: &KeyId) -> Result<(), Error> {
        key.check_valid_to(self.clock.now())?;
        let found = look_up(self.service, &key.region, id)?;
        check_importable(&found, &key.alias)?;
        let kind = kind(&found)?;
        if kind != key.kind() {
            return Err(ParametersError::Length { kind, plan: key.kind().material.length }.into());
        }
        Ok(())
    }

    /// Asks until an answer comes. Asking again kills what the lost answer brought, which nobody has; the journal has made sure
    /// that nothing else of this key is out.
    fn ask(&self, key: &PlanKey, id: &KeyId) -> Result<Fetched, Error> {
        let mut failed = 0;
        loop {
            let error = match self.ask_once(key, id) {
                Err(Error::Remote(error)) => error,
                other => return other,
            };
            failed += 1;
            // A repetition that the service was allowed to make itself has been made.
            if !error.passes() || !error.may_be_done() || !self.service.wait_again(failed) {
                return Err(error.into());
            }
            check_importable(&look_up(self.service, &key.region, id)?, &key.alias)?;
        }
    }

    /// Nothing leaves this station that the offline one would refuse.
    fn ask_once(&self, key: &PlanKey, id: &KeyId) -> Result<Fetched, Error> {
        let algorithm = self.plan.algorithm();
        let answer = self.service.fetch(KeyRef { region: &key.region, id }, algorithm)?;
        WrappingKey::from_der(answer.public_key.as_bytes())?;
        let entry = ParameterEntry {
            alias: key.alias.clone(),
            provider: key.provider,
            region: key.region.clone(),
            key_id: id.clone(),
            kind: key.kind(),
            algorithm,
            wrapping_key_spec: answer.wrapping_key,
            public_key: answer.public_key,
            import_token_sha256: answer.import_token.as_ref().map(ImportToken::digest),
            expires_at: answer.expires_at,
        };
        let import_token = answer.import_token;
        let secret = SessionEntry { key_id: id.clone(), valid_to: key.valid_to, import_token };
        Ok(Fetched { entry, secret, request_id: answer.request_id })
    }
}

/// How fetched parameters stand in the journal.
pub(super) fn out(plan: &CeremonyPlan, entry: &ParameterEntry) -> Result<Happened, ArtefactError> {
    Ok(Happened::Fetched {
        ceremony: plan.ceremony().clone(),
        import_token_sha256: token(entry)?,
        wrapping_key_sha256: Some(wrapping_key(entry)),
        expires_at: expiry(entry)?,
    })
}

/// This provider's parameters have a token.
pub(in crate::command) fn token(entry: &ParameterEntry) -> Result<ImportTokenDigest, ArtefactError> {
    entry.import_token_sha256.ok_or(ArtefactError::Entries("parameters without a token"))
}

fn wrapping_key(entry: &ParameterEntry) -> Fingerprint {
    Fingerprint::of(entry.public_key.as_bytes())
}

/// What the journal knows of an entry of a session, or of one that an interrupted export kept.
pub(in crate::command) fn known(
    journal: &Journal,
    entry: &ParameterEntry,
    ceremony: &CeremonyId,
) -> Result<(Known, KeyHistory), Error> {
    let history = journal.peek(&entry.region, &entry.key_id)?;
    let said = Pair { token: token(entry)?, wrapping_key: Some(wrapping_key(entry)) };
    Ok((history.known(&said, ceremony), history))
}

/// The refusal of an entry that is not to be resumed.
pub(super) fn not_own(known: Known, path: &Path, key_id: &KeyId) -> JournalError {
    let (path, key_id) = (path.to_path_buf(), key_id.clone());
    if known == Known::Used {
        JournalError::Used { path, key_id }
    } else {
        JournalError::Foreign { path, key_id }
    }
}

/// This provider's parameters expire.
fn expiry(entry: &ParameterEntry) -> Result<Timestamp, ArtefactError> {
    entry.expires_at.ok_or(ArtefactError::Entries("parameters without an expiry"))
}

/// Whether the plan's minimum is left: with less, the offline station would refuse.
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

/// How fetched parameters stand in the record.
pub(super) fn event(entry: &ParameterEntry, request_id: &str) -> Event {
    Event::ParametersFetched {
        alias: entry.alias.clone(),
        region: entry.region.clone(),
        key_id: entry.key_id.clone(),
        algorithm: entry.algorithm,
        wrapping_key_sha256: wrapping_key(entry),
        import_token_sha256: entry.import_token_sha256,
        expires_at: entry.expires_at,
        request_id: request_id.to_owned(),
    }
}
