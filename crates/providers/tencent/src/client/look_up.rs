//! Looking keys up: many in one request if the service allows it, else one by one. There are never more requests than keys, except
//! one that finds out which way works.
//!
//! `DescribeKeys` takes up to 100 keys in one region (`ceremony/spec/tencent-kms.md` §4.5). A list of the region would cost a request
//! for each 200 keys that *anybody* has there. The credentials may lack the right to `DescribeKeys`. A ceremony can do without it: then
//! each key is described on its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;

use keyferry_core::{KeyId, Region};
use keyferry_service::{Answer, KeyRef, KeyView, Meaning, Refusal};

use super::{BadReply, KmsClient, RemoteError};
use crate::wire::{DescribeKeyRequest, DescribeKeysRequest, KeyMetadata};
use crate::{Action, Request};

/// The most keys that the service allows in one request.
pub(super) const BATCH: usize = 100;

/// What the service says about these keys, region by region.
pub(super) fn look_up<'k>(client: &KmsClient<'_>, keys: &[KeyRef<'k>]) -> Vec<(KeyRef<'k>, Answer<KeyView>)> {
    let mut regions: BTreeMap<&'k Region, Vec<&'k KeyId>> = BTreeMap::new();
    for key in keys {
        regions.entry(key.region).or_default().push(key.id);
    }
    let batches = regions.iter().flat_map(|(region, ids)| ids.chunks(BATCH).map(|ids| (*region, ids)));
    let of_batch = |(region, ids)| {
        let keyed = move |(id, answer)| (KeyRef { region, id }, answer);
        of_region(client, region, ids).into_iter().map(keyed)
    };
    batches.flat_map(of_batch).collect()
}

fn of_region<'k>(
    client: &KmsClient<'_>,
    region: &Region,
    ids: &[&'k KeyId],
) -> Vec<(&'k KeyId, Answer<KeyView>)> {
    let each = || ids.iter().map(|id| (*id, describe(client, region, id))).collect();
    if ids.len() < 2 || client.one_by_one.load(Ordering::Relaxed) {
        return each();
    }
    match describe_all(client, region, ids) {
        Ok(mut found) => {
            let mut answer = |id: &KeyId| match found.remove(id.as_str()).flatten() {
                Some(key) => view(DescribeKeysRequest::ACTION, key),
                // A key that is missing from the answer, or appears in it twice with different contents, is looked up alone, because
                // the service then says why.
                None => describe(client, region, id),
            };
            ids.iter().map(|id| (*id, answer(id))).collect()
        }
        // An answer may be unreadable because of one key.
        Err(refusal) if refusal.meaning() == Meaning::BadReply => each(),
        Err(refusal) if refusal.code().is_none() || refusal.meaning() == Meaning::Busy => {
            ids.iter().map(|id| (*id, Err(refusal.clone()))).collect()
        }
        Err(refusal) => {
            // If one key is refused, the service refuses all of them. Any other refusal is about the request itself.
            if !refusal.meaning().is_about_content() {
                client.one_by_one.store(true, Ordering::Relaxed);
            }
            each()
        }
    }
}

/// Each key in the answer, by its id; without keys that appear twice with different contents.
fn describe_all(
    client: &KmsClient<'_>,
    region: &Region,
    ids: &[&KeyId],
) -> Result<HashMap<String, Option<KeyMetadata>>, Refusal> {
    let mut key_ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    key_ids.sort_unstable();
    key_ids.dedup();
    let request = DescribeKeysRequest { key_ids, member_account: None };
    let mut found = HashMap::with_capacity(ids.len());
    for key in client.call(region, "-", &request)?.value.key_metadatas {
        let seen = found.entry(key.key_id.clone()).or_insert_with(|| Some(key.clone()));
        if seen.as_ref() != Some(&key) {
            *seen = None;
        }
    }
    Ok(found)
}

/// Asks for one key, and makes sure that the answer is about it.
pub(super) fn describe(client: &KmsClient<'_>, region: &Region, id: &KeyId) -> Answer<KeyView> {
    let request = DescribeKeyRequest { key_id: id.to_string(), member_account: None };
    let found = client.call(region, id.as_str(), &request)?.value.key_metadata;
    same_key(DescribeKeyRequest::ACTION, id, &found.key_id)?;
    view(DescribeKeyRequest::ACTION, found)
}

/// Whether an answer is about the requested key.
///
/// # Errors
/// [`RemoteError`] with [`BadReply::OtherKey`].
pub(super) fn same_key(action: Action, asked: &KeyId, found: &str) -> Result<(), RemoteError> {
    if asked.as_str() == found {
        return Ok(());
    }
    Err(RemoteError { action, failure: BadReply::OtherKey.into() })
}

/// A key in the ceremony's terms.
pub(super) fn view(action: Action, key: KeyMetadata) -> Answer<KeyView> {
    let unusable = |_| RemoteError { action, failure: BadReply::Member("KeyId").into() };
    Ok(KeyView {
        key_id: key.key_id.parse().map_err(unusable)?,
        state: key.key_state.into(),
        origin: key.material_from(),
        kind: key.kind(),
        valid_to: key.valid_to.unwrap_or(0),
        deletion_date: key.deletion_date.filter(|seconds| *seconds > 0),
        alias: key.alias,
        description: key.description,
    })
}
