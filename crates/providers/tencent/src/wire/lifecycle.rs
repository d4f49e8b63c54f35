//! What happens to keys between creation and deletion: batches, scheduled deletion, names, rotation, archives.
//!
//! The definitions follow the vendor's API model: `ceremony/spec/tencent-kms.md` §5.8, §5.10, §6.2 and §6.6.

use serde::{Deserialize, Serialize};

use super::{KeyMetadata, MemberAccount, empty_reply, request};

/// Requests that name one key and nothing else.
macro_rules! about_one_key {
    ($($(#[$meta:meta])* $name:ident asks $action:ident gives $reply:ident;)+) => {$(
        request! {
            $(#[$meta])*
            $name asks $action gives $reply {
                required {
                    /// The key.
                    "KeyId" key_id: String,
                }
                optional {
                    /// For administrators of several accounts.
                    "MemberAccount" member_account: MemberAccount,
                }
            }
        }
    )+};
}

/// Requests about several keys.
macro_rules! about_keys {
    ($($(#[$meta:meta])* $name:ident asks $action:ident gives $reply:ident;)+) => {$(
        request! {
            $(#[$meta])*
            $name asks $action gives $reply {
                required {
                    /// At most 100 keys, each once.
                    "KeyIds" key_ids: Vec<String>,
                }
                optional {
                    /// For administrators of several accounts.
                    "MemberAccount" member_account: MemberAccount,
                }
            }
        }
    )+};
}

about_one_key! {
    /// Cancels a scheduled deletion.
    CancelKeyDeletionRequest asks CancelKeyDeletion gives CancelKeyDeletionReply;
    /// Asks whether the service rotates a key.
    GetKeyRotationStatusRequest asks GetKeyRotationStatus gives GetKeyRotationStatusReply;
    /// Stops rotating a key.
    DisableKeyRotationRequest asks DisableKeyRotation gives DisableKeyRotationReply;
    /// Lets a key decrypt, but no longer encrypt.
    ArchiveKeyRequest asks ArchiveKey gives ArchiveKeyReply;
    /// Brings an archived key back into use.
    CancelKeyArchiveRequest asks CancelKeyArchive gives CancelKeyArchiveReply;
}

about_keys! {
    /// Asks for the metadata of several keys.
    DescribeKeysRequest asks DescribeKeys gives DescribeKeysReply;
    /// Enables several keys.
    EnableKeysRequest asks EnableKeys gives EnableKeysReply;
    /// Disables several keys.
    DisableKeysRequest asks DisableKeys gives DisableKeysReply;
}

request! {
    /// Schedules a key's deletion.
    ScheduleKeyDeletionRequest asks ScheduleKeyDeletion gives ScheduleKeyDeletionReply {
        required {
            /// The key.
            "KeyId" key_id: String,
            /// 7 to 30.
            "PendingWindowInDays" pending_window_in_days: u64,
        }
        optional {
            /// For administrators of several accounts.
            "MemberAccount" member_account: MemberAccount,
        }
    }
}

request! {
    /// Changes a key's alias.
    UpdateAliasRequest asks UpdateAlias gives UpdateAliasReply {
        required {
            /// As in `CreateKey`.
            "Alias" alias: String,
            /// The key.
            "KeyId" key_id: String,
        }
        optional {
            /// For administrators of several accounts.
            "MemberAccount" member_account: MemberAccount,
        }
    }
}

request! {
    /// Changes a key's description.
    UpdateKeyDescriptionRequest asks UpdateKeyDescription gives UpdateKeyDescriptionReply {
        required {
            /// At most 1024 bytes.
            "Description" description: String,
            /// The key.
            "KeyId" key_id: String,
        }
        optional {
            /// For administrators of several accounts.
            "MemberAccount" member_account: MemberAccount,
        }
    }
}

request! {
    /// Lets the service rotate a key; never an external one.
    EnableKeyRotationRequest asks EnableKeyRotation gives EnableKeyRotationReply {
        required {
            /// The key.
            "KeyId" key_id: String,
        }
        optional {
            /// 7 to 365; 365 when absent.
            "RotateDays" rotate_days: u64,
            /// For administrators of several accounts.
            "MemberAccount" member_account: MemberAccount,
        }
    }
}

request! {
    /// Asks for a page of key ids: those in Enabled, Disabled and PendingImport.
    #[derive(Default)]
    ListKeysRequest asks ListKeys gives ListKeysReply {
        required {}
        optional {
            /// First key of the page, from 0.
            "Offset" offset: u64,
            /// Keys in a page: 10 when absent, at most 200.
            "Limit" limit: u64,
            /// 0 made by users (default), 1 made for cloud products.
            "Role" role: u64,
            /// For exclusive HSM clusters.
            "HsmClusterId" hsm_cluster_id: String,
        }
    }
}

/// A page of key ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListKeysReply {
    /// This page.
    pub keys: Vec<ListedKey>,
    /// How many there are on all pages.
    pub total_count: u64,
}

/// A key in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListedKey {
    /// The key.
    pub key_id: String,
}

/// The metadata of several keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeKeysReply {
    /// The emulator keeps the order of the request; the service's order is not known (`ceremony/spec/tencent-kms.md` §6.2).
    pub key_metadatas: Vec<KeyMetadata>,
}

/// A deletion was scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleKeyDeletionReply {
    /// Unix seconds when the key is permanently deleted.
    pub deletion_date: u64,
    /// The key.
    pub key_id: String,
}

/// A scheduled deletion was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CancelKeyDeletionReply {
    /// The key.
    pub key_id: String,
}

/// Whether the service rotates a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetKeyRotationStatusReply {
    /// Always false for external keys.
    pub key_rotation_enabled: bool,
}

empty_reply! {
    /// Nothing.
    EnableKeysReply;
    /// Nothing.
    DisableKeysReply;
    /// Nothing.
    UpdateAliasReply;
    /// Nothing.
    UpdateKeyDescriptionReply;
    /// Nothing.
    EnableKeyRotationReply;
    /// Nothing.
    DisableKeyRotationReply;
    /// Nothing.
    ArchiveKeyReply;
    /// Nothing.
    CancelKeyArchiveReply;
}
