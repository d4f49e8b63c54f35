//! A key at a service: which one is meant, and what the service says of it.

use core::fmt;

use keyferry_core::provider::KeyKind;
use keyferry_core::{KeyId, Region};

/// A key that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyRef<'k> {
    /// Where it is.
    pub region: &'k Region,
    /// Its id.
    pub id: &'k KeyId,
}

/// What the service says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyView {
    /// The key.
    pub key_id: KeyId,
    /// Its alias: the service's text.
    pub alias: String,
    /// Its description: the service's text.
    pub description: String,
    /// Where it is in its life.
    pub state: KeyState,
    /// Where its material comes from.
    pub origin: Origin,
    /// What material it takes.
    pub kind: Result<&'static KeyKind, UnknownKind>,
    /// When imported material expires, in Unix seconds; 0 for never.
    pub valid_to: u64,
    /// When the key is deleted, in Unix seconds, if it is going to be.
    pub deletion_date: Option<u64>,
}

/// A kind of key that no document of the provider lists: its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKind(pub i64);

/// Where a key is in its life. The words are those of records, journals and results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyState {
    /// Works.
    Enabled,
    /// Switched off.
    Disabled,
    /// Will be gone for good at its deletion date.
    PendingDelete,
    /// Has no material.
    PendingImport,
    /// Decrypts, but does not encrypt.
    Archived,
    /// A state that the provider's documents do not list.
    Unlisted,
}

impl KeyState {
    /// All of them.
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

    /// Whether an import is taken in this state.
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
    /// Imported; in the provider's word.
    Imported(&'static str),
    /// From elsewhere; in the provider's word.
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
