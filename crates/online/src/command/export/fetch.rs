//! One key's import parameters: asked for only after the key itself is the plan's, and strict about what comes back.

use keyferry_core::transcript::Event;
use keyferry_core::{
    Base64Bytes, CeremonyPlan, Clock, Fingerprint, ImportToken, KeyId, ParameterEntry, ParametersError,
    PlanError, PlanKey, SessionEntry, Timestamp, ValidTo, WrappingKey, WrappingKeySpec,
};
use keyferry_kms_api::wire::{GetParametersForImportReply, GetParametersForImportRequest, WRAPPING_KEY_SPEC};
use keyferry_kms_api::{Action, Request};
use zeroize::Zeroizing;

use crate::key::{check_importable, describe, edition, same_key};
use crate::{BadReply, Error, KmsClient, RemoteError};

const ACTION: Action = GetParametersForImportRequest::ACTION;

/// What one key's export brought.
pub(super) struct Fetched {
    pub(super) entry: ParameterEntry,
    pub(super) secret: SessionEntry,
    pub(super) request_id: String,
}

/// Checks the key, then fetches its parameters. The fetch kills earlier ones, so it comes last.
pub(super) fn fetch(
    client: &KmsClient<'_>,
    plan: &CeremonyPlan,
    key: &PlanKey,
    clock: &dyn Clock,
) -> Result<Fetched, Error> {
    let id = key.key_id()?;
    if matches!(key.valid_to, ValidTo::At(t) if t <= clock.now()) {
        return Err(PlanError::ValidToPassed(key.alias.clone()).into());
    }
    let found = describe(client, &key.region, id)?;
    check_importable(&found, &key.alias)?;
    let edition = edition(&found)?;
    if edition.material() != key.bits() {
        return Err(ParametersError::Length { edition, plan: key.bits() }.into());
    }
    let request = GetParametersForImportRequest {
        key_id: id.to_string(),
        wrapping_algorithm: plan.algorithm().to_string(),
        wrapping_key_spec: WRAPPING_KEY_SPEC.to_owned(),
    };
    let answer = client.call(&key.region, id.as_str(), &request)?;
    let (import_token, public_key, expires_at) = read(&answer.value, id, clock.now())?;
    let entry = ParameterEntry {
        alias: key.alias.clone(),
        provider: key.provider,
        region: key.region.clone(),
        key_id: id.clone(),
        edition,
        algorithm: plan.algorithm(),
        wrapping_key_spec: WrappingKeySpec::Rsa2048,
        public_key,
        import_token_sha256: import_token.digest(),
        expires_at,
    };
    let secret = SessionEntry { key_id: id.clone(), valid_to: key.valid_to, import_token };
    Ok(Fetched { entry, secret, request_id: answer.request_id })
}

/// Nothing leaves this station that the offline one would refuse.
fn read(
    reply: &GetParametersForImportReply,
    id: &KeyId,
    now: Timestamp,
) -> Result<(ImportToken, Base64Bytes, Timestamp), Error> {
    let member = |name| RemoteError { action: ACTION, failure: BadReply::Member(name).into() };
    same_key(ACTION, id, &reply.key_id)?;
    let token = Zeroizing::new(reply.import_token.expose().to_owned());
    let token = ImportToken::new(token).map_err(|_| member("ImportToken"))?;
    let public_key = Base64Bytes::decode(&reply.public_key).ok_or_else(|| member("PublicKey"))?;
    WrappingKey::from_der(public_key.as_bytes())?;
    let expires_at = i64::try_from(reply.parameters_valid_to).ok().and_then(|s| Timestamp::from_unix(s).ok());
    let expires_at = expires_at.filter(|t| *t > now).ok_or_else(|| member("ParametersValidTo"))?;
    Ok((token, public_key, expires_at))
}

/// How fetched parameters stand in the record.
pub(super) fn event(entry: &ParameterEntry, request_id: &str) -> Event {
    Event::ParametersFetched {
        alias: entry.alias.clone(),
        region: entry.region.clone(),
        key_id: entry.key_id.clone(),
        algorithm: entry.algorithm,
        wrapping_key_sha256: Fingerprint::of(entry.public_key.as_bytes()),
        import_token_sha256: token_digest(entry),
        expires_at: entry.expires_at,
        request_id: request_id.to_owned(),
    }
}

/// The record keeps plain digests; the token's has a type of its own.
fn token_digest(entry: &ParameterEntry) -> Fingerprint {
    entry.import_token_sha256.to_string().parse().unwrap_or(Fingerprint::ZERO)
}
