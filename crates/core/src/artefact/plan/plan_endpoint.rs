//! Where the ceremony of a plan may speak to.

use super::ceremony_plan::CeremonyPlan;
use crate::{Endpoint, EndpointError, Purpose};

impl Endpoint {
    /// Whether the ceremony of that plan may speak to it: the plan's endpoint and no other; where the plan names none, production
    /// speaks to the provider's hosts.
    ///
    /// # Errors
    /// [`EndpointError`] names the rule.
    pub fn check_plan(&self, plan: &CeremonyPlan) -> Result<(), EndpointError> {
        self.check(Some(plan.purpose()))?;
        match (plan.endpoint(), plan.purpose()) {
            (Some(named), _) if *self == named.parse()? => Ok(()),
            (Some(_), _) => Err(EndpointError::Planned),
            (None, Purpose::Production) => {
                plan.keys().iter().try_for_each(|k| self.check_provider(k.provider))
            }
            (None, Purpose::Rehearsal) => Ok(()),
        }
    }
}
