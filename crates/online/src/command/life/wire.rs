//! The two requests about a key's deletion (sheet §6). Their replies are not looked at: the key is asked for afterwards.

use keyferry_kms_api::{Action, FieldSpec, Request};
use serde::{Deserialize, Serialize};

/// Plans a key's deletion.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ScheduleKeyDeletionRequest {
    pub(super) key_id: String,
    /// 7 to 30.
    pub(super) pending_window_in_days: u64,
}

/// Calls a planned deletion off.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CancelKeyDeletionRequest {
    pub(super) key_id: String,
}

/// What nobody looks at.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ignored {}

const KEY_ID: FieldSpec = FieldSpec { name: "KeyId", required: true };

impl Request for ScheduleKeyDeletionRequest {
    const ACTION: Action = Action::ScheduleKeyDeletion;
    const FIELDS: &'static [FieldSpec] = &[KEY_ID, FieldSpec { name: "PendingWindowInDays", required: true }];
    type Reply = Ignored;
}

impl Request for CancelKeyDeletionRequest {
    const ACTION: Action = Action::CancelKeyDeletion;
    const FIELDS: &'static [FieldSpec] = &[KEY_ID];
    type Reply = Ignored;
}
