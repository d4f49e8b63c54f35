//! Keys and their metadata: create, describe, list, enable, disable. `ceremony/spec/tencent-kms.md` §4.1, §4.2, §6.2 and §6.3.

use core::fmt;

use keyferry_core::KeyId;
use keyferry_core::provider::KeyKind;
use keyferry_service::UnknownKind;
use serde::{Deserialize, Deserializer, Serialize};

use super::{empty_reply, request};
use crate::Edition;

/// `CreateKey.Type` of a key whose material is imported. (`KeyMetadata.Type` means something else: the edition.)
pub const KEY_TYPE_EXTERNAL: u64 = 2;

/// The state of a key in its life cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum KeyState {
    /// Works.
    Enabled,
    /// Disabled.
    Disabled,
    /// Will be deleted for good at its deletion date.
    PendingDelete,
    /// Has no material.
    PendingImport,
    /// Decrypts, but does not encrypt.
    Archived,
    /// A state that the documents do not list.
    #[serde(other)]
    Unlisted,
}

impl KeyState {
    /// The vendor's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDelete => "PendingDelete",
            Self::PendingImport => "PendingImport",
            Self::Archived => "Archived",
            Self::Unlisted => "Unlisted",
        }
    }

    /// Whether `ImportKeyMaterial` is accepted in this state.
    #[must_use]
    pub const fn takes_material(self) -> bool {
        matches!(self, Self::Enabled | Self::PendingImport)
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where a key's material comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Origin {
    /// Made by the service.
    #[serde(rename = "TENCENT_KMS")]
    TencentKms,
    /// Imported.
    #[serde(rename = "EXTERNAL")]
    External,
    /// An origin that the documents do not list.
    #[serde(other, rename = "UNLISTED")]
    Unlisted,
}

impl Origin {
    /// The vendor's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TencentKms => "TENCENT_KMS",
            Self::External => "EXTERNAL",
            Self::Unlisted => "UNLISTED",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A tag of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// The tag's name.
    pub tag_key: String,
    /// The tag's value.
    pub tag_value: String,
}

/// A filter for keys that have a tag with one of these values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TagFilter {
    /// The tag's name.
    pub tag_key: String,
    /// Any of these values; absent for any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_value: Option<Vec<String>>,
}

/// A member account on whose behalf an administrator acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MemberAccount {
    /// Application id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_app_id: Option<u64>,
    /// Account id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_uin: Option<u64>,
}

request! {
    /// Makes a key.
    CreateKeyRequest asks CreateKey gives CreateKeyReply {
        required {
            /// 1 to 60 letters, digits, `-` and `_`, first a letter or digit; unique.
            "Alias" alias: String,
        }
        optional {
            /// At most 1024 bytes.
            "Description" description: String,
            /// `ENCRYPT_DECRYPT` when absent.
            "KeyUsage" key_usage: String,
            /// 1 (made by the service) when absent, or [`KEY_TYPE_EXTERNAL`].
            "Type" key_type: u64,
            /// Tags.
            "Tags" tags: Vec<Tag>,
            /// For exclusive HSM clusters.
            "HsmClusterId" hsm_cluster_id: String,
        }
    }
}

/// The key that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateKeyReply {
    /// The key.
    pub key_id: String,
    /// Its alias.
    pub alias: String,
    /// Unix seconds.
    pub create_time: u64,
    /// Its description.
    #[serde(default)]
    pub description: String,
    /// `PendingImport` for an external key.
    pub key_state: KeyState,
    /// The usage of the key.
    #[serde(default)]
    pub key_usage: String,
    /// 0: success; 1: internal error; 2: the tags were refused.
    #[serde(default)]
    pub tag_code: u64,
    /// The message about the tags.
    #[serde(default)]
    pub tag_msg: String,
    /// For exclusive HSM clusters.
    #[serde(default)]
    pub hsm_cluster_id: String,
}

request! {
    /// Asks for a key's metadata.
    DescribeKeyRequest asks DescribeKey gives DescribeKeyReply {
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

/// A key's metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeKeyReply {
    /// The metadata.
    pub key_metadata: KeyMetadata,
}

/// What the service says about a key. Only the members on which a decision depends must be present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyMetadata {
    /// The key. A reply with anything but a key id here is malformed, because the id reaches terminals, tables and file names.
    #[serde(deserialize_with = "key_id")]
    pub key_id: String,
    /// Its alias.
    #[serde(default)]
    pub alias: String,
    /// Unix seconds.
    #[serde(default)]
    pub create_time: u64,
    /// Its description.
    #[serde(default)]
    pub description: String,
    /// Its state in its life cycle.
    pub key_state: KeyState,
    /// The usage of the key.
    #[serde(default)]
    pub key_usage: String,
    /// The edition: 2 FIPS, 4 国密; see [`KeyMetadata::edition`].
    #[serde(rename = "Type", default)]
    pub key_type: i64,
    /// The account that made it.
    #[serde(default)]
    pub creator_uin: u64,
    /// Whether the service rotates it; never for external keys.
    #[serde(default)]
    pub key_rotation_enabled: bool,
    /// `user`, or the name of a cloud product.
    #[serde(default)]
    pub owner: String,
    /// Unix seconds, even if rotation is off.
    #[serde(default)]
    pub next_rotate_time: u64,
    /// Unix seconds; 0 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_date: Option<u64>,
    /// Where its material comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Unix seconds when imported material expires; 0 for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<u64>,
    /// `creatorUin/<uin>/<key id>`.
    #[serde(default)]
    pub resource_id: String,
    /// For exclusive HSM clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hsm_cluster_id: Option<String>,
}

/// A string that is a [`KeyId`].
fn key_id<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    KeyId::deserialize(d).map(|id| id.to_string())
}

impl From<KeyState> for keyferry_service::KeyState {
    fn from(state: KeyState) -> Self {
        match state {
            KeyState::Enabled => Self::Enabled,
            KeyState::Disabled => Self::Disabled,
            KeyState::PendingDelete => Self::PendingDelete,
            KeyState::PendingImport => Self::PendingImport,
            KeyState::Archived => Self::Archived,
            KeyState::Unlisted => Self::Unlisted,
        }
    }
}

impl KeyMetadata {
    /// The kind of its material.
    ///
    /// # Errors
    /// [`UnknownKind`] with the number of a kind that no document lists.
    pub fn kind(&self) -> Result<&'static KeyKind, UnknownKind> {
        self.edition().map(Edition::kind).ok_or(UnknownKind(self.key_type))
    }

    /// Where its material comes from.
    #[must_use]
    pub fn material_from(&self) -> keyferry_service::Origin {
        use keyferry_service::Origin as From;
        self.origin.map_or(From::Unsaid, |origin| match origin {
            Origin::External => From::Imported(origin.as_str()),
            Origin::TencentKms | Origin::Unlisted => From::Other(origin.as_str()),
        })
    }

    /// The edition of the key; `None` for a type that no document lists.
    #[must_use]
    pub const fn edition(&self) -> Option<Edition> {
        Edition::from_key_type(self.key_type)
    }
}

request! {
    /// Asks for a page of keys. An absent `KeyUsage` leaves asymmetric keys out.
    #[derive(Default)]
    ListKeyDetailRequest asks ListKeyDetail gives ListKeyDetailReply {
        required {}
        optional {
            /// First key of the page, from 0.
            "Offset" offset: u64,
            /// Keys in a page: 10 when absent, at most 200.
            "Limit" limit: u64,
            /// 0 made by users (default), 1 made for cloud products.
            "Role" role: u64,
            /// By creation: 0 newest first (default), 1 oldest first.
            "OrderType" order_type: u64,
            /// 0 all, 1 Enabled, 2 Disabled, 3 PendingDelete, 4 PendingImport, 5 Archived.
            "KeyState" key_state: u64,
            /// Part of a key id or alias.
            "SearchKeyAlias" search_key_alias: String,
            /// `TENCENT_KMS`, `EXTERNAL` or `ALL`.
            "Origin" origin: String,
            /// A usage, or `ALL`.
            "KeyUsage" key_usage: String,
            /// Filters, all of which a key must match.
            "TagFilters" tag_filters: Vec<TagFilter>,
            /// For exclusive HSM clusters.
            "HsmClusterId" hsm_cluster_id: String,
            /// For administrators of several accounts.
            "MemberAccounts" member_accounts: Vec<MemberAccount>,
        }
    }
}

/// A page of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListKeyDetailReply {
    /// How many keys match on all pages.
    pub total_count: u64,
    /// This page.
    pub key_metadatas: Vec<KeyMetadata>,
}

request! {
    /// Enables a disabled key.
    EnableKeyRequest asks EnableKey gives EnableKeyReply {
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

request! {
    /// Disables a key.
    DisableKeyRequest asks DisableKey gives DisableKeyReply {
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

empty_reply! {
    /// Nothing.
    EnableKeyReply;
    /// Nothing.
    DisableKeyReply;
}
