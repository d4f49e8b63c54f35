//! What must hold before a secret may exist: the plan's demands, and people's consent.

use keyferry_core::plan::Backup;
use keyferry_core::transcript::Consent;
use keyferry_core::{ParametersError, PostureCheck, bi};

use crate::args::Wrap;
use crate::context::Context;
use crate::error::{OfflineError, PlanDemand};
use crate::inputs::Inputs;

/// What the plan demands and this run cannot do stops it before anything is shown as done.
pub(super) fn check_demands(args: &Wrap, inputs: &Inputs) -> Result<(), PlanDemand> {
    if matches!(inputs.plan.backup(), Backup::Slip39 { .. }) {
        return Err(PlanDemand::Slip39);
    }
    // The question before wrapping names the time; without the question a person or the plan gives it.
    let asked = args.expect_digest.is_none() || inputs.time.source(false).is_some();
    let required = inputs.plan.requires(PostureCheck::ClockConfirmed);
    if required && !asked && !args.lower.contains(&PostureCheck::ClockConfirmed) {
        return Err(PlanDemand::Clock);
    }
    Ok(())
}

/// People compare the words, or a script gives the digest.
pub(super) fn agree(args: &Wrap, inputs: &Inputs, context: &Context) -> Result<Consent, OfflineError> {
    let found = inputs.parameters.digest();
    if let Some(expected) = args.expect_digest {
        if expected != found {
            return Err(ParametersError::Digest { found, expected }.into());
        }
        return Ok(Consent::ExpectedDigest);
    }
    let now = inputs.time.now;
    let until = inputs.parameters.first_expiry().map_or_else(String::new, |t| t.to_string());
    context.console.confirm(&bi!(
        "Do the words match the online station's, and is it now about {now} (the parameters expire at {until})?  type Yes:",
        "词语与联机站一致吗？现在的时间大约是 {now} 吗（参数于 {until} 过期）？请输入 Yes："
    ))?;
    Ok(Consent::TypedYes)
}
