//! One key: requested from the service, or adopted where an interrupted run of the same draft requested it.
//!
//! A request is written down before it is sent, with a mark that the key carries ([`Creations`]). Where an alias is taken, or an answer was
//! lost, the key that has the alias is looked up: with the mark it is ours, without it somebody else's.

use keyferry_core::{Alias, Clock, KeyId, PlanKey, Region};
use keyferry_tencent::wire::{CreateKeyRequest, KEY_TYPE_EXTERNAL, KeyState};
use keyferry_tencent::{Edition, ErrorCode, Request};

use crate::journal::creations::{Asked, Creation, Creations, Mark};
use crate::key::{check_importable, describe, edition, external_keys};
use crate::{BadReply, Error, KeyError, KmsClient, RemoteError, RemoteFailure};

/// A key that exists, and what its check found.
pub(super) struct Obtained {
    pub(super) key_id: KeyId,
    /// The service's id of the request; absent if the answer was lost.
    pub(super) request_id: Option<String>,
    /// An earlier run created it, or its answer was lost.
    pub(super) adopted: bool,
    pub(super) checked: Result<Edition, Error>,
}

/// Requests a key without a plan: nothing is written down, so a later run cannot adopt it.
pub(super) fn create(
    client: &KmsClient<'_>,
    region: &Region,
    alias: &Alias,
) -> Result<Obtained, RemoteError> {
    request(client, region, alias, None)
}

/// Requests a key of the draft, unless an earlier run did.
pub(super) fn obtain(
    client: &KmsClient<'_>,
    clock: &dyn Clock,
    creations: &mut Creations,
    key: &PlanKey,
) -> Result<Obtained, Error> {
    let (region, alias) = (&key.region, &key.alias);
    let mark = match creations.of(region, alias).cloned() {
        Some(Creation::Done { key_id, request_id }) => {
            match check(client, region, alias, &key_id) {
                // It was deleted since: it is requested once more.
                Err(Error::Remote(error)) if is(&error, &ErrorCode::CmkNotFound) => None,
                checked => return Ok(Obtained { key_id, request_id, adopted: true, checked }),
            }
        }
        Some(Creation::Open(mark)) => Some(mark),
        None => None,
    };
    match mark {
        Some(mark) => request_or_adopt(client, region, alias, &mark),
        None => request_or_adopt(client, region, alias, &announced(clock, creations, region, alias)?),
    }
}

/// Requests a key with its mark. A key that has the alias already, or after a lost answer, is adopted if it carries the mark.
fn request_or_adopt(
    client: &KmsClient<'_>,
    region: &Region,
    alias: &Alias,
    mark: &Mark,
) -> Result<Obtained, Error> {
    let mut failed = 0;
    loop {
        let error = match request(client, region, alias, Some(mark)) {
            Ok(obtained) => return Ok(obtained),
            Err(error) => error,
        };
        failed += 1;
        let taken = is(&error, &ErrorCode::AliasAlreadyExists);
        if !taken && !error.may_be_done() {
            return Err(error.into());
        }
        if let Some(key_id) = find_marked(client, region, alias, mark)? {
            let checked = check(client, region, alias, &key_id);
            return Ok(Obtained { key_id, request_id: None, adopted: true, checked });
        }
        if taken || !error.passes() || !client.wait_again(failed) {
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
    client: &KmsClient<'_>,
    region: &Region,
    alias: &Alias,
    mark: Option<&Mark>,
) -> Result<Obtained, RemoteError> {
    let request = CreateKeyRequest {
        alias: alias.to_string(),
        description: mark.map(Mark::description),
        key_usage: None,
        key_type: Some(KEY_TYPE_EXTERNAL),
        tags: None,
        hsm_cluster_id: None,
    };
    let answer = client.call(region, alias.as_str(), &request)?;
    let unusable =
        |_| RemoteError { action: CreateKeyRequest::ACTION, failure: BadReply::Member("KeyId").into() };
    let key_id: KeyId = answer.value.key_id.parse().map_err(unusable)?;
    let checked = check(client, region, alias, &key_id);
    Ok(Obtained { key_id, request_id: Some(answer.request_id), adopted: false, checked })
}

/// The external key that has the alias, if it carries the mark.
///
/// # Errors
/// [`KeyError::Stranger`] if it does not, [`Error::Remote`] if the service did not answer.
fn find_marked(
    client: &KmsClient<'_>,
    region: &Region,
    alias: &Alias,
    mark: &Mark,
) -> Result<Option<KeyId>, Error> {
    let found = external_keys(client, region, Some(alias))?;
    let Some(found) = found.into_iter().find(|key| key.alias == alias.as_str()) else { return Ok(None) };
    let unusable =
        |_| RemoteError { action: CreateKeyRequest::ACTION, failure: BadReply::Member("KeyId").into() };
    let key_id: KeyId = found.key_id.parse().map_err(unusable)?;
    if found.description != mark.description() {
        return Err(KeyError::Stranger { alias: alias.clone(), key_id }.into());
    }
    Ok(Some(key_id))
}

fn check(client: &KmsClient<'_>, region: &Region, alias: &Alias, id: &KeyId) -> Result<Edition, Error> {
    let found = describe(client, region, id)?;
    check_importable(&found, alias)?;
    if found.key_state != KeyState::PendingImport {
        return Err(KeyError::State(found.key_state).into());
    }
    Ok(edition(&found)?)
}

fn is(error: &RemoteError, code: &ErrorCode) -> bool {
    matches!(&error.failure, RemoteFailure::Refused(refused) if refused.code == *code)
}
