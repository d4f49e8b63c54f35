//! Stores names that many lines repeat only once in memory.

use std::collections::HashMap;

use super::event::Event;
use crate::{Alias, KeyId, Region};

#[derive(Clone, Copy, Debug)]
pub(in crate::record) struct KnownKey<'k> {
    pub(in crate::record) alias: &'k Alias,
    pub(in crate::record) region: &'k Region,
    pub(in crate::record) key_id: Option<&'k KeyId>,
}

/// The names of keys that are already known, by alias.
#[derive(Clone, Debug, Default)]
pub struct KnownKeys<'k>(pub(in crate::record) HashMap<&'k Alias, KnownKey<'k>>);

impl KnownKey<'_> {
    /// Makes equal names share their memory with these, so that the many lines and entries about a key store its names only
    /// once. Other names stay as they are.
    pub(in crate::record) fn share(
        &self,
        alias: &mut Alias,
        region: Option<&mut Region>,
        key_id: Option<&mut KeyId>,
    ) {
        alias.share(self.alias);
        if let Some(region) = region {
            region.share(self.region);
        }
        if let (Some(key_id), Some(known)) = (key_id, self.key_id) {
            key_id.share(known);
        }
    }
}

impl Event {
    /// Makes the event's names share the memory of equal names in `known`. The contents of the event do not
    /// change.
    pub(super) fn share_names(&mut self, known: &KnownKeys<'_>) {
        let (alias, region, key_id) = match self {
            Self::KeyCreated { alias, region, key_id, .. }
            | Self::ParametersFetched { alias, region, key_id, .. } => (alias, Some(region), Some(key_id)),
            Self::Wrapped { alias, key_id, .. }
            | Self::MaterialRecovered { alias, key_id, .. }
            | Self::MaterialHeld { alias, key_id, .. }
            | Self::Imported { alias, key_id, .. }
            | Self::Proved { alias, key_id, .. }
            | Self::BackupProved { alias, key_id, .. }
            | Self::Agreed { alias, key_id, .. }
            | Self::KeyChanged { alias, key_id, .. } => (alias, None, Some(key_id)),
            Self::KeyFailed { alias, .. } | Self::MaterialGenerated { alias, .. } => (alias, None, None),
            _ => return,
        };
        if let Some(known) = known.0.get(alias) {
            known.share(alias, region, key_id);
        }
    }
}
