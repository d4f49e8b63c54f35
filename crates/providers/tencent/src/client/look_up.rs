//! Looking keys up: many in one request where the service lets us, else one by one; never more requests than keys, but for one that
//! finds out.
//!
//! `DescribeKeys` takes 100 keys of a region (`ceremony/spec/tencent-kms.md` §4.5). A list of the region would cost a request for each
//! 200 keys that *anybody* has there. Credentials may lack the right to it, which a ceremony can do without: then each key is described.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;

use keyferry_core::{KeyId, Region};
use keyferry_service::{Answer, KeyRef, KeyView, Meaning, Refusal};

use super::{BadReply, KmsClient, RemoteError};
use crate::wire::{DescribeKeyRequest, DescribeKeysRequest, KeyMetadata};
use crate::{Action, Request};

/// Keys in one request: the service's most.
pub(super) const BATCH: usize = 100;

/// What the service says of these keys, in their order.
pub(super) fn look_up(client: &KmsClient<'_>, keys: &[KeyRef<'_>]) -> Vec<Answer<KeyView>> {
    let mut regions: BTreeMap<&Region, Vec<usize>> = BTreeMap::new();
    for (n, key) in keys.iter().enumerate() {
        regions.entry(key.region).or_default().push(n);
    }
    let mut found: BTreeMap<usize, Answer<KeyView>> = BTreeMap::new();
    for (region, places) in regions {
        for places in places.chunks(BATCH) {
            let ids: Vec<&KeyId> = places.iter().filter_map(|n| keys.get(*n)).map(|key| key.id).collect();
            found.extend(places.iter().copied().zip(of_region(client, region, &ids)));
        }
    }
    found.into_values().collect()
}

fn of_region(client: &KmsClient<'_>, region: &Region, ids: &[&KeyId]) -> Vec<Answer<KeyView>> {
    let each = || ids.iter().map(|id| describe(client, region, id)).collect();
    if ids.len() < 2 || client.one_by_one.load(Ordering::Relaxed) {
        return each();
    }
    match describe_all(client, region, ids) {
        Ok(mut found) => {
            let answer = |id: &&KeyId| match found.remove(id.as_str()) {
                Some(key) => view(DescribeKeysRequest::ACTION, key),
                // Named twice, or left out of the answer: asked for alone, the service says why.
                None => describe(client, region, id),
            };
            ids.iter().map(answer).collect()
        }
        // An answer that cannot be read may be so for one key alone.
        Err(refusal) if refusal.meaning() == Meaning::BadReply => each(),
        Err(refusal) if refusal.code().is_none() || refusal.meaning() == Meaning::Busy => {
            ids.iter().map(|_| Err(refusal.clone())).collect()
        }
        Err(refusal) => {
            // One key that is refused makes the service refuse all. Any other refusal is about the request itself.
            if !refusal.meaning().is_about_content() {
                client.one_by_one.store(true, Ordering::Relaxed);
            }
            each()
        }
    }
}

fn describe_all(
    client: &KmsClient<'_>,
    region: &Region,
    ids: &[&KeyId],
) -> Result<HashMap<String, KeyMetadata>, Refusal> {
    let mut key_ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    key_ids.sort_unstable();
    key_ids.dedup();
    let request = DescribeKeysRequest { key_ids, member_account: None };
    let found = client.call(region, "-", &request)?.value.key_metadatas;
    Ok(found.into_iter().map(|key| (key.key_id.clone(), key)).collect())
}

/// Asks for one key, and makes sure that the answer is about it.
pub(super) fn describe(client: &KmsClient<'_>, region: &Region, id: &KeyId) -> Answer<KeyView> {
    let request = DescribeKeyRequest { key_id: id.to_string(), member_account: None };
    let found = client.call(region, id.as_str(), &request)?.value.key_metadata;
    same_key(DescribeKeyRequest::ACTION, id, &found.key_id)?;
    view(DescribeKeyRequest::ACTION, found)
}

/// Whether an answer is about the key that was asked for.
///
/// # Errors
/// [`RemoteError`] with [`BadReply::OtherKey`].
pub(super) fn same_key(action: Action, asked: &KeyId, found: &str) -> Result<(), RemoteError> {
    if asked.as_str() == found {
        return Ok(());
    }
    Err(RemoteError { action, failure: BadReply::OtherKey.into() })
}

/// A key in the ceremony's words.
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
