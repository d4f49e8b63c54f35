//! What must hold before a secret may exist: the plan's demands, and people's consent.

use keyferry_core::transcript::Means;
use keyferry_core::{Fingerprint, ParametersError, PostureCheck, bi};

use crate::context::Context;
use crate::error::{OfflineError, PlanDemand};
use crate::inputs::Inputs;

/// What the plan demands and this run cannot do stops it before anything is shown as done.
pub(super) fn check_clock(
    expect_digest: Option<Fingerprint>,
    lower: &[PostureCheck],
    inputs: &Inputs,
) -> Result<(), PlanDemand> {
    // The question before wrapping names the time; without the question a person or the plan gives it.
    let asked = expect_digest.is_none() || inputs.time.source(false).is_some();
    let required = inputs.plan.requires(PostureCheck::ClockConfirmed);
    if required && !asked && !lower.contains(&PostureCheck::ClockConfirmed) {
        return Err(PlanDemand::Clock);
    }
    Ok(())
}

/// People compare the words, or a script gives the digest.
pub(super) fn agree(
    expect_digest: Option<Fingerprint>,
    inputs: &Inputs,
    context: &Context,
) -> Result<Means, OfflineError> {
    let found = inputs.parameters.digest();
    if let Some(expected) = expect_digest {
        if expected != found {
            return Err(ParametersError::Digest { found, expected }.into());
        }
        return Ok(Means::Option);
    }
    let now = inputs.time.now;
    let until = inputs.parameters.first_expiry().map_or_else(String::new, |t| t.to_string());
    context.console.confirm(&bi!(
        "Do the words match the online station's, and is it now about {now} (the parameters expire at {until})?  type Yes:",
        "词语与联机站一致吗？现在的时间大约是 {now} 吗（参数于 {until} 过期）？请输入 Yes："
    ))?;
    Ok(Means::TypedYes)
}
