//! A key at a service: a reference to it, and what the service says about it.

use core::fmt;

use keyferry_core::provider::KeyKind;
use keyferry_core::{KeyId, Region};

/// A key that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyRef<'k> {
    /// Its region.
    pub region: &'k Region,
    /// Its id.
    pub id: &'k KeyId,
}

/// What the service says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyView {
    /// The key.
    pub key_id: KeyId,
    /// Its alias, as the service states it.
    pub alias: String,
    /// Its description, as the service states it.
    pub description: String,
    /// Its state.
    pub state: KeyState,
    /// Where its material comes from.
    pub origin: Origin,
    /// The kind of material that it takes.
    pub kind: Result<&'static KeyKind, UnknownKind>,
    /// When imported material expires, in Unix seconds; 0 for never.
    pub valid_to: u64,
    /// When the key will be deleted, in Unix seconds, if deletion is scheduled.
    pub deletion_date: Option<u64>,
}

/// A kind of key that the provider's documents do not list, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKind(pub i64);

/// The state of a key. Records, journals and results use the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyState {
    /// The key works.
    Enabled,
    /// The key is switched off.
    Disabled,
    /// The key will be deleted for good on its deletion date.
    PendingDelete,
    /// The key has no material.
    PendingImport,
    /// The key decrypts but does not encrypt.
    Archived,
    /// A state that the provider's documents do not list.
    Unlisted,
}

impl KeyState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Enabled,
        Self::Disabled,
        Self::PendingDelete,
        Self::PendingImport,
        Self::Archived,
        Self::Unlisted,
    ];

    /// Its word.
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

    /// Whether the service accepts an import in this state.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The key material is imported; the field is the provider's word for this origin.
    Imported(&'static str),
    /// The key material has another origin; the field is the provider's word for it.
    Other(&'static str),
    /// The service does not say.
    Unsaid,
}

impl Origin {
    /// The provider's word.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::Imported(word) | Self::Other(word) => Some(word),
            Self::Unsaid => None,
        }
    }

    /// Whether material can be imported at all.
    #[must_use]
    pub const fn is_imported(self) -> bool {
        matches!(self, Self::Imported(_))
    }
}
