//! Key names that artefacts contain and that a record repeats.

use super::transcript::{KnownKey, KnownKeys};
use crate::{CeremonyPlan, Ciphertext, Parameters, PlanKey};

impl<'k> KnownKeys<'k> {
    /// The names from a plan.
    #[must_use]
    pub fn of_plan(plan: &'k CeremonyPlan) -> Self {
        let known = |key: &'k PlanKey| {
            (&key.alias, KnownKey { alias: &key.alias, region: &key.region, key_id: key.key_id.as_ref() })
        };
        Self(plan.keys().iter().map(known).collect())
    }

    /// The names from parameters.
    #[must_use]
    pub fn of_parameters(parameters: &'k Parameters) -> Self {
        let keys = parameters.keys.iter().map(|entry| {
            let known = KnownKey { alias: &entry.alias, region: &entry.region, key_id: Some(&entry.key_id) };
            (known.alias, known)
        });
        Self(keys.collect())
    }

    /// Makes the entries of parameters share the memory of these names.
    pub fn share_parameters(&self, parameters: &mut Parameters) {
        for entry in &mut parameters.keys {
            if let Some(known) = self.0.get(&entry.alias) {
                known.share(&mut entry.alias, Some(&mut entry.region), Some(&mut entry.key_id));
            }
        }
    }

    /// The same for the entries of a ciphertext.
    pub fn share_ciphertext(&self, ciphertext: &mut Ciphertext) {
        for entry in &mut ciphertext.keys {
            if let Some(known) = self.0.get(&entry.alias) {
                known.share(&mut entry.alias, Some(&mut entry.region), Some(&mut entry.key_id));
            }
        }
    }
}
