//! The requirements for the machine, and [`Fit`], the value that proves that they hold.

use keyferry_core::posture::MAX_SEEN;
use keyferry_core::transcript::Event;
use keyferry_core::{
    Bilingual, CeremonyPlan, PostureCheck, PostureDemand, PostureFinding, Purpose, bi, refusals,
};

use super::mend::mend;
use super::{Finding, Report};

/// The requirement for each check.
#[derive(Clone, Debug)]
pub(crate) struct Demands {
    of: Vec<(PostureCheck, PostureDemand)>,
    /// The purpose; `None` for a command that is run by hand.
    purpose: Option<Purpose>,
}

impl Demands {
    /// The requirements of a plan; `lower` has the checks after `--lower` on the command line.
    ///
    /// # Errors
    /// [`PostureError`] if `--lower` is used in production, or for a check that the rehearsal does not
    /// require.
    pub(crate) fn of_plan(plan: &CeremonyPlan, lower: &[PostureCheck]) -> Result<Self, PostureError> {
        if let Some(check) = lower.first().filter(|_| plan.purpose() == Purpose::Production) {
            return Err(PostureError::LoweredInProduction(*check));
        }
        if let Some(check) = lower.iter().find(|c| !plan.requires(**c)) {
            return Err(PostureError::LoweredForNothing(*check));
        }
        let demand = |check| match () {
            () if lower.contains(&check) => PostureDemand::Lowered,
            () if plan.requires(check) => PostureDemand::Required,
            () if plan.posture().waived(check).is_some() => PostureDemand::Waived,
            () => PostureDemand::Shown,
        };
        let of = PostureCheck::ALL.into_iter().map(|c| (c, demand(c))).collect();
        Ok(Self { of, purpose: Some(plan.purpose()) })
    }

    /// The minimum that production requires, for `preflight` without a plan.
    pub(crate) fn baseline() -> Self {
        let demand = |check| match PostureCheck::BASELINE.contains(&check) {
            true => PostureDemand::Required,
            false => PostureDemand::Shown,
        };
        let of = PostureCheck::ALL.into_iter().map(|c| (c, demand(c))).collect();
        Self { of, purpose: Some(Purpose::Production) }
    }

    /// The requirement for a command that is run by hand: a secret output must not be exposed.
    pub(crate) fn by_hand() -> Self {
        Self { of: Vec::new(), purpose: None }
    }

    /// The demand for one check.
    pub(crate) fn of(&self, check: PostureCheck) -> PostureDemand {
        self.of.iter().find(|(c, _)| *c == check).map_or(PostureDemand::Shown, |(_, d)| *d)
    }

    /// Whether production would refuse this row although this run does not.
    pub(crate) fn production_alone_refuses(&self, finding: &Finding) -> bool {
        let baseline = PostureCheck::BASELINE.contains(&finding.check);
        let open = matches!(self.of(finding.check), PostureDemand::Shown | PostureDemand::Lowered);
        baseline && open && !finding.seen.holds
    }
}

/// Proof that the machine meets the requirements. Only [`demand`] creates it, and every step with a secret
/// needs it.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    event: Event,
}

impl Fit {
    /// The record's event about the machine.
    pub(crate) fn event(&self) -> Event {
        self.event.clone()
    }
}

/// Compares the findings with the requirements.
///
/// # Errors
/// [`PostureError::Unmet`] names every required check that does not hold.
pub(crate) fn demand(report: &Report, demands: &Demands) -> Result<Fit, PostureError> {
    if let Some(check) = unmade(report, demands) {
        return Err(PostureError::Unmade(check));
    }
    let required = |f: &&Finding| {
        demands.of(f.check) == PostureDemand::Required && f.check != PostureCheck::ClockConfirmed
    };
    let unmet: Vec<_> = report.findings.iter().filter(required).filter(|f| !f.seen.holds).collect();
    if let Some(first) = unmet.first() {
        let checks = unmet.iter().map(|f| f.check).collect();
        return Err(PostureError::Unmet { checks, seen: first.seen.text.clone() });
    }
    if demands.purpose.is_none() && report.exposed {
        let private = report.findings.iter().find(|f| f.check == PostureCheck::PrivateOutput);
        let seen = private.map_or_else(|| bi!("", ""), |f| f.seen.text.clone());
        return Err(PostureError::Unmet { checks: vec![PostureCheck::PrivateOutput], seen });
    }
    Ok(Fit { event: event(report, demands) })
}

/// Whether a check is enforced elsewhere and not by this table. For the clock, the question before wrapping, `--now` or the plan's
/// window decides (`wrap`). The protections that the process enables are checked when it drops privileges (`confine`); `preflight`
/// tries this out and has rows for it.
fn enforced_elsewhere(check: PostureCheck) -> bool {
    matches!(check, PostureCheck::ClockConfirmed | PostureCheck::Sandbox | PostureCheck::SecretMemory)
}

/// The first required check that has no row.
fn unmade(report: &Report, demands: &Demands) -> Option<PostureCheck> {
    let made = |check| report.findings.iter().any(|f| f.check == check);
    let required = demands.of.iter().filter(|(_, d)| *d == PostureDemand::Required);
    required.map(|(c, _)| *c).find(|c| !made(*c) && !enforced_elsewhere(*c))
}

fn event(report: &Report, demands: &Demands) -> Event {
    let finding = |f: &Finding| PostureFinding {
        check: f.check,
        verdict: f.seen.verdict,
        demand: demands.of(f.check),
        seen: f.seen.text.en.chars().filter(|c| !c.is_control()).take(MAX_SEEN).collect(),
    };
    Event::PostureChecked {
        program_sha256: report.program,
        findings: report.findings.iter().map(finding).collect(),
    }
}

refusals! {
    /// The machine does not meet the requirements, or a requirement is impossible.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum PostureError: Refused {
        /// Required checks do not hold.
        Unmet {
            /// The checks, in the order of the table.
            checks: Vec<PostureCheck>,
            /// The finding of the first of these checks.
            seen: Bilingual,
        } => POSTURE_HOLDS,
            what("this machine does not meet the requirements: {all} ({first}); no secret exists yet",
                 "本机不符合要求：{all}（{first}）；尚不存在任何机密", both first = seen.clone(), all = Bilingual::list(checks)),
            hint(checks.first().copied().map_or_else(|| bi!("", ""), mend));
        /// The plan requires a check that this version does not have.
        Unmade(check: PostureCheck) => POSTURE,
            what("the plan requires the posture check {check}, which this version does not have; nothing was generated",
                 "计划要求检查项 {check}，而本版本无法检查；尚未生成任何密钥材料"),
            hint(mend(*check));
        /// `--lower` in production.
        LoweredInProduction(check: PostureCheck) => POSTURE_WAIVER,
            what("--lower {check} was given, but the plan is for production",
                 "给出了 --lower {check}，而计划用于正式仪式"),
            hint("fix the machine. A check that it cannot pass can be waived in the plan, with a reason and a review: [[posture.waive]]",
                 "请整改机器；确实无法满足的，在计划的 [[posture.waive]] 中写明理由豁免，并重新审阅");
        /// `--lower` for a check that the plan does not require.
        LoweredForNothing(check: PostureCheck) => POSTURE_WAIVER,
            what("--lower {check} was given, but the plan does not require that check",
                 "给出了 --lower {check}，而计划并未要求该检查项"),
            hint("leave out --lower: `preflight` shows what the plan requires",
                 "请去掉它：`preflight` 会列出计划的要求");
    }
}

refusals! {
    /// `preflight` refused, after it printed the whole table as its result.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PreflightFailed(pub error: PostureError): Refused => (error.control()), class(error.class()),
        what(error.what()),
        hint(error.hint());
}
