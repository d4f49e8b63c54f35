//! One key: requested from the service, or adopted if an interrupted run on the same draft requested it.
//!
//! A request is written down before it is sent, with a mark that the key carries ([`Creations`]). If an alias is taken or an answer was
//! lost, the key with that alias is looked up: if it has the mark, it is ours; if not, it belongs to somebody else.

use keyferry_core::provider::KeyKind;
use keyferry_core::{Alias, Clock, KeyId, PlanKey, Region};
use keyferry_service::{Answer, KeyRef, KeyState, KeyView, Meaning, NewKey, answers_for};

use crate::journal::creations::{Asked, Creation, Creations, Mark};
use crate::key::{check_importable, kind, look_up};
use crate::{Error, KeyError, Refusal, Service};

/// A key that exists.
pub(super) struct Obtained {
    pub(super) key_id: KeyId,
    /// The service's id of the request; absent if the answer was lost.
    pub(super) request_id: Option<String>,
    pub(super) how: How,
}

/// How a key was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// This run created it.
    Created,
    /// It carries the mark of a request whose answer was lost.
    Found,
    /// According to the journal, an earlier run created it. It may have been deleted since.
    Known,
}

/// A key, and what its check found.
pub(super) struct Checked {
    pub(super) obtained: Obtained,
    pub(super) kind: Result<&'static KeyKind, Error>,
}

/// Obtains the keys of a draft; threads share it.
pub(super) struct Obtainer<'r> {
    pub(super) service: &'r dyn Service,
    pub(super) clock: &'r (dyn Clock + Sync),
    pub(super) creations: &'r Creations,
}

impl Obtainer<'_> {
    /// Requests a key of the draft, unless an earlier run did.
    pub(super) fn obtain(&self, key: &PlanKey) -> Result<Obtained, Error> {
        let (region, alias) = (&key.region, &key.alias);
        let mark = match self.creations.of(region, alias) {
            Some(Creation::Done { key_id, request_id }) => {
                return Ok(Obtained { key_id, request_id, how: How::Known });
            }
            Some(Creation::Open(mark)) => Some(mark),
            None => None,
        };
        let mark = mark.map_or_else(|| self.announced(region, alias), Ok)?;
        self.request_or_adopt(region, alias, &mark)
    }

    /// Checks a key of the draft against its current state at the service. A key that was deleted since an earlier run is requested
    /// once more.
    pub(super) fn check(
        &self,
        key: &PlanKey,
        obtained: Obtained,
        found: Option<Answer<KeyView>>,
    ) -> Result<Checked, Error> {
        let (region, alias) = (&key.region, &key.alias);
        let found = found.unwrap_or_else(|| look_up(self.service, region, &obtained.key_id));
        let is_gone = |refusal: &Refusal| refusal.meaning() == Meaning::NoSuchKey;
        if obtained.how != How::Known || !found.as_ref().is_err_and(is_gone) {
            return Ok(Checked { obtained, kind: check(found, alias) });
        }
        let again = self.request_or_adopt(region, alias, &self.announced(region, alias)?)?;
        let found = look_up(self.service, region, &again.key_id);
        Ok(Checked { obtained: again, kind: check(found, alias) })
    }

    /// What the service says about those keys of a batch that were obtained.
    pub(super) fn look<'p>(
        &self,
        batch: impl Iterator<Item = &'p PlanKey>,
        obtained: &[Result<Obtained, Error>],
    ) -> Vec<Option<Answer<KeyView>>> {
        let pairs = batch.zip(obtained).filter_map(|(key, obtained)| Some((key, obtained.as_ref().ok()?)));
        let keys: Vec<KeyRef<'_>> =
            pairs.map(|(key, obtained)| KeyRef { region: &key.region, id: &obtained.key_id }).collect();
        let mut found = answers_for(self.service, &keys).into_iter();
        obtained.iter().map(|obtained| if obtained.is_ok() { found.next() } else { None }).collect()
    }

    /// Requests a key with its mark. If the alias is taken or the answer is lost, the key with that alias is adopted if it carries the
    /// mark.
    fn request_or_adopt(&self, region: &Region, alias: &Alias, mark: &Mark) -> Result<Obtained, Error> {
        let mut failed = 0;
        loop {
            let error = match request(self.service, region, alias, Some(mark)) {
                Ok(obtained) => return self.written(region, alias, obtained),
                Err(error) => error,
            };
            failed += 1;
            let taken = error.meaning() == Meaning::AliasTaken;
            if !taken && !error.may_be_done() {
                return Err(error.into());
            }
            if let Some(key_id) = find_marked(self.service, region, alias, mark)? {
                return self.written(region, alias, Obtained { key_id, request_id: None, how: How::Found });
            }
            if taken || !error.passes() || !self.service.wait_again(failed) {
                return Err(error.into());
            }
        }
    }

    /// Writes the key to the journal as soon as it exists, so that a kill loses neither its id nor the request's id at the service.
    fn written(&self, region: &Region, alias: &Alias, obtained: Obtained) -> Result<Obtained, Error> {
        let made = (region, alias, &obtained.key_id, obtained.request_id.as_deref());
        self.creations.created(self.clock, made)?;
        Ok(obtained)
    }

    /// A new mark; it is on the device before the request that carries it is sent.
    fn announced(&self, region: &Region, alias: &Alias) -> Result<Mark, Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|_| KeyError::NoMark)?;
        let mark = Mark::new(random);
        let (region, alias) = (region.clone(), alias.clone());
        self.creations.add(self.clock, Asked::Creating { alias, region, mark: mark.clone() })?;
        Ok(mark)
    }
}

/// Requests a key; without a mark a later run cannot adopt it.
pub(super) fn request(
    service: &dyn Service,
    region: &Region,
    alias: &Alias,
    mark: Option<&Mark>,
) -> Result<Obtained, Refusal> {
    let description = mark.map(Mark::description);
    let created = service.create(&NewKey { region, alias, description: description.as_deref() })?;
    Ok(Obtained { key_id: created.key_id, request_id: Some(created.request_id), how: How::Created })
}

/// The external key that has the alias, if it carries the mark.
///
/// # Errors
/// [`KeyError::Stranger`] if it does not, [`Error::Remote`] if the service did not answer.
fn find_marked(
    service: &dyn Service,
    region: &Region,
    alias: &Alias,
    mark: &Mark,
) -> Result<Option<KeyId>, Error> {
    let found = service.list(region, Some(alias))?;
    let Some(found) = found.into_iter().find(|key| key.alias == alias.as_str()) else { return Ok(None) };
    let key_id = found.key_id;
    if found.description != mark.description() {
        return Err(KeyError::Stranger { alias: alias.clone(), key_id }.into());
    }
    Ok(Some(key_id))
}

/// Checks that a created key takes material, and returns which material.
pub(super) fn check(found: Answer<KeyView>, alias: &Alias) -> Result<&'static KeyKind, Error> {
    let found = found?;
    check_importable(&found, alias)?;
    if found.state != KeyState::PendingImport {
        return Err(KeyError::State(found.state).into());
    }
    Ok(kind(&found)?)
}
