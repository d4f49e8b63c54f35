//! One key's import parameters: fetched only after the key was checked against the plan, with strict checks of the answer.

use keyferry_core::{
    ArtefactError, CeremonyId, CeremonyPlan, Clock, ImportToken, KeyId, ParameterEntry, ParametersError,
    PlanKey, SessionEntry, WrappingKey,
};
use keyferry_service::KeyRef;

use super::fetched::{Fetched, check_time_left, out};
use super::kept::Kept;
use crate::journal::{Happened, Journal};
use crate::key::{check_importable, kind, look_up};
use crate::views::{At, Views};
use crate::{Error, Service};

/// What the run provides for fetching one key.
pub(super) struct Fetcher<'r> {
    pub(super) service: &'r dyn Service,
    pub(super) plan: &'r CeremonyPlan,
    pub(super) journal: &'r Journal,
    pub(super) kept: &'r Kept,
    pub(super) abandon: Option<&'r CeremonyId>,
    pub(super) clock: &'r (dyn Clock + Sync),
    /// What the service says about each key before its parameters are fetched.
    pub(super) views: Views<'r>,
}

impl Fetcher<'_> {
    /// Checks the journal and the key, then fetches its parameters. The fetch comes last because it makes earlier parameters
    /// invalid. The answer is saved before the journal counts it as pending.
    pub(super) fn fetch(&self, key: &PlanKey, at: At) -> Result<Fetched, Error> {
        let (id, now) = (key.key_id()?, self.clock.now());
        let mut journal = self.journal.open(&key.region, id)?;
        let own = self.kept.earlier.get(id);
        journal.history().check_fetch(
            now,
            self.abandon,
            own.and_then(|f| f.entry.import_token_sha256.as_ref()),
        )?;
        self.check(key, at)?;
        let ceremony = self.plan.ceremony().clone();
        let (purpose, plan_sha256) = (self.plan.purpose(), self.plan.digest());
        journal.add(self.clock, Happened::Fetching { ceremony, purpose, plan_sha256 })?;
        let fetched = self.ask(key, id)?;
        check_time_left(&fetched.entry, self.plan, self.clock.now())?;
        self.kept.add(&fetched)?;
        // If a power cut loses this line, the line before it means that the saved parameters do not count.
        journal.add_soon(self.clock, out(self.plan, &fetched.entry)?)?;
        Ok(fetched)
    }

    fn check(&self, key: &PlanKey, at: At) -> Result<(), Error> {
        key.check_valid_to(self.clock.now())?;
        let found = self.views.of(at).ok_or(ArtefactError::Entries("a key that was not looked up"))??;
        check_importable(&found, &key.alias)?;
        let kind = kind(&found)?;
        if kind != key.kind() {
            return Err(ParametersError::Length { kind, plan: key.kind().material.length }.into());
        }
        Ok(())
    }

    /// Asks until an answer arrives. Asking again invalidates the parameters in the lost answer, but nobody has those. The journal has
    /// already shown that this key has no other pending parameters.
    fn ask(&self, key: &PlanKey, id: &KeyId) -> Result<Fetched, Error> {
        let mut failed = 0;
        loop {
            let error = match self.ask_once(key, id) {
                Err(Error::Remote(error)) => error,
                other => return other,
            };
            failed += 1;
            // The client has already used the retries that it is allowed to make itself.
            if !error.passes() || !error.may_be_done() || !self.service.wait_again(failed) {
                return Err(error.into());
            }
            check_importable(&look_up(self.service, &key.region, id)?, &key.alias)?;
        }
    }

    /// Fetches once, and refuses an answer that the offline station would refuse.
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
