//! The endpoint that the ceremony of a plan may send requests to.

use super::ceremony_plan::CeremonyPlan;
use crate::{Endpoint, EndpointError, Purpose};

impl Endpoint {
    /// Checks that the ceremony of that plan may send requests to this endpoint. Only the plan's endpoint is allowed; if
    /// the plan names none, production may use only the provider's hosts.
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
