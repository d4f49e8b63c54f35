//! Known names of the keys of artefacts, which a record says again.

use super::transcript::{KnownKey, KnownKeys};
use crate::{CeremonyPlan, Ciphertext, Parameters, PlanKey};

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

    /// Lets the entries of parameters share these names, and frees the memory that parsing reserved for more of them.
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
