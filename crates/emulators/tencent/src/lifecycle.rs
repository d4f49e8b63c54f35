//! Deleting, naming, archiving, rotating, and whole batches of keys: `ceremony/spec/tencent-kms.md` §5.8 to §5.10, §6.2, §6.6.

use std::collections::BTreeSet;

use keyferry_core::{Timestamp, bi};
use keyferry_tencent::ErrorCode;
use keyferry_tencent::wire::{
    ArchiveKeyReply, ArchiveKeyRequest, CancelKeyArchiveReply, CancelKeyArchiveRequest,
    CancelKeyDeletionReply, CancelKeyDeletionRequest, DescribeKeysReply, DescribeKeysRequest,
    DisableKeyRotationReply, DisableKeyRotationRequest, DisableKeysReply, DisableKeysRequest,
    EnableKeyRotationReply, EnableKeyRotationRequest, EnableKeysReply, EnableKeysRequest,
    GetKeyRotationStatusReply, GetKeyRotationStatusRequest, KeyState, Origin, ScheduleKeyDeletionReply,
    ScheduleKeyDeletionRequest, UpdateAliasReply, UpdateAliasRequest, UpdateKeyDescriptionReply,
    UpdateKeyDescriptionRequest,
};

use crate::key::{Key, seconds};
use crate::keys::switch;
use crate::refusal::Refusal;
use crate::rules;
use crate::state::{Call, Kms};

const DAY: u64 = 86_400;

/// The most keys in a batch: `ceremony/spec/tencent-kms.md` §4.5.
const MAX_BATCH: usize = 100;

/// Schedules a key's deletion: an enabled key must be disabled first, a key without material need not be. The date is exactly
/// the requested number of days ahead. `ceremony/spec/tencent-kms.md` §5.8 says how much of this is known.
pub(crate) fn schedule(
    kms: &Kms,
    call: &Call<'_>,
    request: ScheduleKeyDeletionRequest,
) -> Result<ScheduleKeyDeletionReply, Refusal> {
    if !(7..=30).contains(&request.pending_window_in_days) {
        return Err(Refusal::new(
            ErrorCode::InvalidPendingWindowInDays,
            bi!("PendingWindowInDays must be 7 to 30.", "PendingWindowInDays 取值必须为 7 至 30。"),
        ));
    }
    let ahead = i64::try_from(request.pending_window_in_days * DAY).map_err(|_| Refusal::internal())?;
    let date =
        Timestamp::from_unix(call.now.unix().saturating_add(ahead)).map_err(|_| Refusal::internal())?;
    kms.change_key(call, &request.key_id, |key| {
        match key.state {
            KeyState::Disabled | KeyState::PendingImport => {}
            KeyState::Enabled => {
                return Err(Refusal::new(
                    ErrorCode::CmkShouldBeDisabled,
                    bi!("The CMK must be disabled first.", "请先禁用该 CMK。"),
                ));
            }
            other => return Err(Refusal::state(other)),
        }
        key.state = KeyState::PendingDelete;
        key.deletion = Some(date);
        Ok(ScheduleKeyDeletionReply { deletion_date: seconds(key.deletion), key_id: key.id.clone() })
    })
}

/// Returns a key to Disabled, or to PendingImport if it has no material: `ceremony/spec/tencent-kms.md` §5.8.
pub(crate) fn cancel(
    kms: &Kms,
    call: &Call<'_>,
    request: CancelKeyDeletionRequest,
) -> Result<CancelKeyDeletionReply, Refusal> {
    kms.change_key(call, &request.key_id, |key| {
        if key.state != KeyState::PendingDelete {
            return Err(Refusal::new(
                ErrorCode::CmkNotPendingDelete,
                bi!("The CMK is not pending deletion.", "该 CMK 未处于计划删除状态。"),
            ));
        }
        key.deletion = None;
        key.state = if key.waits() { KeyState::PendingImport } else { KeyState::Disabled };
        Ok(CancelKeyDeletionReply { key_id: key.id.clone() })
    })
}

/// A key that is scheduled for deletion cannot be renamed: `ceremony/spec/tencent-kms.md` §5.8. The vendor names no code for this case.
fn not_pending_delete(key: &Key) -> Result<(), Refusal> {
    if key.state == KeyState::PendingDelete { Err(Refusal::state(key.state)) } else { Ok(()) }
}

pub(crate) fn rename(
    kms: &Kms,
    call: &Call<'_>,
    request: UpdateAliasRequest,
) -> Result<UpdateAliasReply, Refusal> {
    rules::key_id(&request.key_id)?;
    rules::alias(&request.alias)?;
    kms.with_key(call, &request.key_id, not_pending_delete)?;
    kms.change(call, |region| {
        let mut key = region.find(&request.key_id, call.now)?.clone();
        not_pending_delete(&key)?;
        region.alias_is_free(&request.alias, &request.key_id, call.now)?;
        key.alias = request.alias;
        Ok((vec![key], UpdateAliasReply {}))
    })
}

pub(crate) fn describe_anew(
    kms: &Kms,
    call: &Call<'_>,
    request: UpdateKeyDescriptionRequest,
) -> Result<UpdateKeyDescriptionReply, Refusal> {
    rules::description(&request.description)?;
    kms.change_key(call, &request.key_id, |key| {
        not_pending_delete(key)?;
        key.description = request.description;
        Ok(UpdateKeyDescriptionReply {})
    })
}

pub(crate) fn archive(
    kms: &Kms,
    call: &Call<'_>,
    request: ArchiveKeyRequest,
) -> Result<ArchiveKeyReply, Refusal> {
    kms.change_key(call, &request.key_id, |key| move_on(key, KeyState::Enabled, KeyState::Archived))?;
    Ok(ArchiveKeyReply {})
}

pub(crate) fn unarchive(
    kms: &Kms,
    call: &Call<'_>,
    request: CancelKeyArchiveRequest,
) -> Result<CancelKeyArchiveReply, Refusal> {
    kms.change_key(call, &request.key_id, |key| move_on(key, KeyState::Archived, KeyState::Enabled))?;
    Ok(CancelKeyArchiveReply {})
}

fn move_on(key: &mut Key, from: KeyState, to: KeyState) -> Result<(), Refusal> {
    if key.state != from {
        return Err(Refusal::state(key.state));
    }
    key.state = to;
    Ok(())
}

pub(crate) fn rotation(
    kms: &Kms,
    call: &Call<'_>,
    request: GetKeyRotationStatusRequest,
) -> Result<GetKeyRotationStatusReply, Refusal> {
    kms.with_key(call, &request.key_id, |key| {
        Ok(GetKeyRotationStatusReply { key_rotation_enabled: key.rotation })
    })
}

pub(crate) fn rotate(
    kms: &Kms,
    call: &Call<'_>,
    request: EnableKeyRotationRequest,
) -> Result<EnableKeyRotationReply, Refusal> {
    if !(7..=365).contains(&request.rotate_days.unwrap_or(365)) {
        return Err(Refusal::invalid("RotateDays"));
    }
    kms.change_key(call, &request.key_id, |key| set_rotation(key, true))?;
    Ok(EnableKeyRotationReply {})
}

pub(crate) fn stop_rotating(
    kms: &Kms,
    call: &Call<'_>,
    request: DisableKeyRotationRequest,
) -> Result<DisableKeyRotationReply, Refusal> {
    kms.change_key(call, &request.key_id, |key| set_rotation(key, false))?;
    Ok(DisableKeyRotationReply {})
}

fn set_rotation(key: &mut Key, on: bool) -> Result<(), Refusal> {
    if key.origin == Origin::External {
        return Err(Refusal::new(
            ErrorCode::ExternalCmkCanNotRotate,
            bi!("An external CMK cannot be rotated.", "外部密钥不支持轮换。"),
        ));
    }
    key.must_be_symmetric()?;
    match key.state {
        KeyState::Enabled => key.rotation = on,
        KeyState::Disabled => {
            return Err(Refusal::new(ErrorCode::CmkDisabled, bi!("The CMK is disabled.", "CMK 已被禁用。")));
        }
        other => return Err(Refusal::state(other)),
    }
    Ok(())
}

/// Checks that every id is well-formed, none appears twice, and there are not too many.
fn batch(ids: &[String]) -> Result<(), Refusal> {
    if ids.is_empty() || ids.len() > MAX_BATCH {
        return Err(Refusal::invalid("KeyIds"));
    }
    ids.iter().try_for_each(|id| rules::key_id(id))?;
    if ids.iter().collect::<BTreeSet<_>>().len() == ids.len() {
        return Ok(());
    }
    Err(Refusal::new(ErrorCode::DuplicatedKeyId, bi!("A KeyId appears twice.", "KeyId 重复。")))
}

pub(crate) fn describe_all(
    kms: &Kms,
    call: &Call<'_>,
    request: DescribeKeysRequest,
) -> Result<DescribeKeysReply, Refusal> {
    batch(&request.key_ids)?;
    kms.with_region(call, |region| {
        let found = request.key_ids.iter().map(|id| region.find(id, call.now).map(|key| key.metadata()));
        found.collect::<Result<_, _>>().map(|key_metadatas| DescribeKeysReply { key_metadatas })
    })
}

/// Changes all keys or none.
fn switch_all(kms: &Kms, call: &Call<'_>, ids: &[String], to: KeyState) -> Result<(), Refusal> {
    batch(ids)?;
    kms.change(call, |region| {
        let switched = ids.iter().map(|id| {
            let mut key = region.find(id, call.now)?.clone();
            switch(&mut key, to).map(|()| key)
        });
        Ok((switched.collect::<Result<_, _>>()?, ()))
    })
}

pub(crate) fn enable_all(
    kms: &Kms,
    call: &Call<'_>,
    request: EnableKeysRequest,
) -> Result<EnableKeysReply, Refusal> {
    switch_all(kms, call, &request.key_ids, KeyState::Enabled).map(|()| EnableKeysReply {})
}

pub(crate) fn disable_all(
    kms: &Kms,
    call: &Call<'_>,
    request: DisableKeysRequest,
) -> Result<DisableKeysReply, Refusal> {
    switch_all(kms, call, &request.key_ids, KeyState::Disabled).map(|()| DisableKeysReply {})
}
