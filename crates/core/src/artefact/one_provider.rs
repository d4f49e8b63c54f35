//! The single provider of a plan or of parameters.

use crate::provider::alone;
use crate::{CeremonyPlan, Parameters, PlanError, Provider};

impl CeremonyPlan {
    /// The provider of all keys.
    ///
    /// # Errors
    /// [`PlanError::Providers`] if there are two.
    pub fn provider(&self) -> Result<Provider, PlanError> {
        alone(self.keys().iter().map(|key| key.provider))?.ok_or(PlanError::KeyCount(0))
    }
}

impl Parameters {
    /// The provider of all keys.
    ///
    /// # Errors
    /// [`PlanError::Providers`] if there are two.
    pub fn provider(&self) -> Result<Provider, PlanError> {
        alone(self.keys.iter().map(|key| key.provider))?.ok_or(PlanError::KeyCount(0))
    }
}
