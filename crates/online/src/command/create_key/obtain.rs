//! One key: requested from the service, or adopted where an interrupted run of the same draft requested it.
//!
//! A request is written down before it is sent, with a mark that the key carries ([`Creations`]). Where an alias is taken, or an answer was
//! lost, the key that has the alias is looked up: with the mark it is ours, without it somebody else's.

use keyferry_core::provider::KeyKind;
use keyferry_core::{Alias, Clock, KeyId, PlanKey, Region};
use keyferry_service::{KeyState, Meaning, NewKey};

use crate::journal::creations::{Asked, Creation, Creations, Mark};
use crate::key::{check_importable, kind, look_up};
use crate::{Error, KeyError, Refusal, Service};

/// A key that exists, and what its check found.
pub(super) struct Obtained {
    pub(super) key_id: KeyId,
    /// The service's id of the request; absent if the answer was lost.
    pub(super) request_id: Option<String>,
    /// An earlier run created it, or its answer was lost.
    pub(super) adopted: bool,
    pub(super) checked: Result<&'static KeyKind, Error>,
}

/// Requests a key without a plan: nothing is written down, so a later run cannot adopt it.
pub(super) fn create(service: &dyn Service, region: &Region, alias: &Alias) -> Result<Obtained, Refusal> {
    request(service, region, alias, None)
}

/// Requests a key of the draft, unless an earlier run did.
pub(super) fn obtain(
    service: &dyn Service,
    clock: &dyn Clock,
    creations: &mut Creations,
    key: &PlanKey,
) -> Result<Obtained, Error> {
    let (region, alias) = (&key.region, &key.alias);
    let mark = match creations.of(region, alias).cloned() {
        Some(Creation::Done { key_id, request_id }) => {
            match check(service, region, alias, &key_id) {
                // It was deleted since: it is requested once more.
                Err(Error::Remote(refusal)) if refusal.meaning() == Meaning::NoSuchKey => None,
                checked => return Ok(Obtained { key_id, request_id, adopted: true, checked }),
            }
        }
        Some(Creation::Open(mark)) => Some(mark),
        None => None,
    };
    match mark {
        Some(mark) => request_or_adopt(service, region, alias, &mark),
        None => request_or_adopt(service, region, alias, &announced(clock, creations, region, alias)?),
    }
}

/// Requests a key with its mark. A key that has the alias already, or after a lost answer, is adopted if it carries the mark.
fn request_or_adopt(
    service: &dyn Service,
    region: &Region,
    alias: &Alias,
    mark: &Mark,
) -> Result<Obtained, Error> {
    let mut failed = 0;
    loop {
        let error = match request(service, region, alias, Some(mark)) {
            Ok(obtained) => return Ok(obtained),
            Err(error) => error,
        };
        failed += 1;
        let taken = error.meaning() == Meaning::AliasTaken;
        if !taken && !error.may_be_done() {
            return Err(error.into());
        }
        if let Some(key_id) = find_marked(service, region, alias, mark)? {
            let checked = check(service, region, alias, &key_id);
            return Ok(Obtained { key_id, request_id: None, adopted: true, checked });
        }
        if taken || !error.passes() || !service.wait_again(failed) {
            return Err(error.into());
        }
    }
}

/// A new mark, on the device before the request that carries it is sent.
fn announced(
    clock: &dyn Clock,
    creations: &mut Creations,
    region: &Region,
    alias: &Alias,
) -> Result<Mark, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| KeyError::NoMark)?;
    let mark = Mark::new(random);
    let (region, alias) = (region.clone(), alias.clone());
    creations.add(clock, Asked::Creating { alias, region, mark: mark.clone() })?;
    Ok(mark)
}

fn request(
    service: &dyn Service,
    region: &Region,
    alias: &Alias,
    mark: Option<&Mark>,
) -> Result<Obtained, Refusal> {
    let description = mark.map(Mark::description);
    let created = service.create(&NewKey { region, alias, description: description.as_deref() })?;
    let checked = check(service, region, alias, &created.key_id);
    Ok(Obtained { key_id: created.key_id, request_id: Some(created.request_id), adopted: false, checked })
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

fn check(
    service: &dyn Service,
    region: &Region,
    alias: &Alias,
    id: &KeyId,
) -> Result<&'static KeyKind, Error> {
    let found = look_up(service, region, id)?;
    check_importable(&found, alias)?;
    if found.state != KeyState::PendingImport {
        return Err(KeyError::State(found.state).into());
    }
    Ok(kind(&found)?)
}
