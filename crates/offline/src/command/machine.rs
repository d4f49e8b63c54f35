//! Checks, shows and judges the machine before a command touches a secret.

use keyferry_core::{Clock as _, Fingerprint, Timestamp, bi};
use keyferry_transport::console::Mark;

use crate::context::Context;
use crate::error::OfflineError;
use crate::inputs::Inputs;
use crate::posture::{self, Demands, Fit, Output, PostureError, Report, Roots, Subject};
use crate::program::digest_of_own_file;

/// Checks the machine as it is now.
pub(super) fn look(
    context: &Context,
    output: Option<Output<'_>>,
    told: Option<Timestamp>,
    window: Option<(Timestamp, Timestamp)>,
    program: Option<Fingerprint>,
) -> Report {
    let (clock, dumpable) = (Some(context.now()), posture::dumpable());
    let descriptors = Some(&context.descriptors);
    let subject = Subject { output, clock, told, window, program, dumpable, descriptors };
    posture::look(&Roots::real(), &subject, &digest_of_own_file())
}

/// Checks for a ceremony: everything that the plan requires must hold.
pub(super) fn check_for_plan(
    inputs: &Inputs,
    output: Output<'_>,
    demands: &Demands,
    context: &Context,
) -> Result<Fit, PostureError> {
    let program = inputs.plan.posture().program_sha256;
    let report = look(context, Some(output), inputs.time.told, inputs.window, program);
    posture::show_brief(&report, demands, &context.console);
    posture::demand(&report, demands)
}

/// Checks for a command that belongs to a production ceremony but has no plan: the baseline must hold.
pub(super) fn check_for_production(
    output: Output<'_>,
    demands: &Demands,
    context: &Context,
) -> Result<Fit, PostureError> {
    let report = look(context, Some(output), None, None, None);
    posture::show_brief(&report, demands, &context.console);
    posture::demand(&report, demands)
}

/// Checks for a command that is run by hand: the table is only shown, and the command stops only if a raw key
/// would be exposed.
pub(super) fn check_by_hand(output: Output<'_>, context: &Context) -> Result<Fit, OfflineError> {
    let demands = Demands::by_hand();
    let report = look(context, Some(output), None, None, None);
    let failed = report.findings.iter().any(|f| f.seen.verdict == keyferry_core::PostureVerdict::Fail);
    posture::show_brief(&report, &demands, &context.console);
    if failed {
        let (lead, text) = (
            bi!("  WARNING: ", "  警告："),
            bi!(
                "without a plan, nothing above is required. Never use such a machine for a real key.",
                "没有计划时，上述各项均不作要求。切勿在这样的机器上处理真实密钥。"
            ),
        );
        let (console, lang) = (&context.console, context.console.lang());
        console.item(Mark::Wrong, lead.get(lang), text.get(lang));
    }
    Ok(posture::demand(&report, &demands)?)
}
