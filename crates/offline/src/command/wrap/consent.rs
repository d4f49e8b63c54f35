//! What must hold before a secret may exist: the plan's demands, and people's consent.

use keyferry_core::plan::{Backup, PostureCheck};
use keyferry_core::transcript::Consent;
use keyferry_core::{ParametersError, bi};

use crate::args::Wrap;
use crate::context::Context;
use crate::error::{OfflineError, PlanDemand};
use crate::inputs::Inputs;

/// What the plan demands and this run cannot do stops it before anything is shown as done.
pub(super) fn check_demands(args: &Wrap, inputs: &Inputs) -> Result<(), PlanDemand> {
    if matches!(inputs.plan.backup(), Backup::Slip39 { .. }) {
        return Err(PlanDemand::Slip39);
    }
    for check in &inputs.plan.posture().require {
        // The question before wrapping names the time; without the question a person gives it.
        let asked = args.expect_digest.is_none() || args.inputs.now.is_some();
        match check {
            PostureCheck::ClockConfirmed if asked => {}
            PostureCheck::ClockConfirmed => return Err(PlanDemand::Clock),
            other => {
                let name = serde_json::to_value(other).ok().and_then(|v| v.as_str().map(str::to_owned));
                return Err(PlanDemand::Posture(name.unwrap_or_default()));
            }
        }
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
    let now = inputs.now;
    context.console.confirm(&bi!(
        "Do the words match the online station's, and is it now about {now}?  type Yes:",
        "词语与联机站一致吗？现在的时间大约是 {now} 吗？请输入 Yes："
    ))?;
    Ok(Consent::TypedYes)
}
