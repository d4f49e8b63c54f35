//! Names that many lines say, in memory once.

use super::event::Event;
use crate::{Alias, KeyId, Region};

/// The names of a key that is known already.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // The members are the names.
pub struct KnownKey<'k> {
    pub alias: &'k Alias,
    pub region: &'k Region,
    pub key_id: Option<&'k KeyId>,
}

impl KnownKey<'_> {
    /// Lets equal names share their memory with these: many lines and entries about a key have its names once. Others stay.
    pub fn share(&self, alias: &mut Alias, region: Option<&mut Region>, key_id: Option<&mut KeyId>) {
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
    /// Takes the memory of equal names from `known`, which has the names of a key by its alias. What the event says stays as it is.
    pub(super) fn share_names<'k>(&mut self, known: impl Fn(&Alias) -> Option<KnownKey<'k>>) {
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
        if let Some(known) = known(alias) {
            known.share(alias, region, key_id);
        }
    }
}
