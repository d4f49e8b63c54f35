//! Names that many lines say, in memory once.

use std::collections::HashMap;

use super::event::Event;
use crate::{Alias, CeremonyPlan, Ciphertext, KeyId, Parameters, PlanKey, Region};

#[derive(Clone, Copy, Debug)]
struct KnownKey<'k> {
    alias: &'k Alias,
    region: &'k Region,
    key_id: Option<&'k KeyId>,
}

/// The names of keys that are known already, by their alias.
#[derive(Clone, Debug, Default)]
pub struct KnownKeys<'k>(HashMap<&'k Alias, KnownKey<'k>>);

impl<'k> KnownKeys<'k> {
    /// Those of a plan.
    #[must_use]
    pub fn of_plan(plan: &'k CeremonyPlan) -> Self {
        let known = |key: &'k PlanKey| {
            (&key.alias, KnownKey { alias: &key.alias, region: &key.region, key_id: key.key_id.as_ref() })
        };
        Self(plan.keys().iter().map(known).collect())
    }

    /// Those of parameters.
    #[must_use]
    pub fn of_parameters(parameters: &'k Parameters) -> Self {
        let keys = parameters.keys.iter().map(|entry| {
            let known = KnownKey { alias: &entry.alias, region: &entry.region, key_id: Some(&entry.key_id) };
            (known.alias, known)
        });
        Self(keys.collect())
    }

    /// Lets the entries of parameters share these names, and gives back the memory that parsing reserved for more of them.
    pub fn share_parameters(&self, parameters: &mut Parameters) {
        parameters.keys.shrink_to_fit();
        for entry in &mut parameters.keys {
            if let Some(known) = self.0.get(&entry.alias) {
                known.share(&mut entry.alias, Some(&mut entry.region), Some(&mut entry.key_id));
            }
        }
    }

    /// The same for the entries of a ciphertext.
    pub fn share_ciphertext(&self, ciphertext: &mut Ciphertext) {
        ciphertext.keys.shrink_to_fit();
        for entry in &mut ciphertext.keys {
            if let Some(known) = self.0.get(&entry.alias) {
                known.share(&mut entry.alias, Some(&mut entry.region), Some(&mut entry.key_id));
            }
        }
    }
}

impl KnownKey<'_> {
    /// Lets equal names share their memory with these: many lines and entries about a key have its names once. Others stay.
    fn share(&self, alias: &mut Alias, region: Option<&mut Region>, key_id: Option<&mut KeyId>) {
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
    /// Takes the memory of equal names from `known`. The contents of the event do not change.
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
