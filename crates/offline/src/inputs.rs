//! Reads the plan and the parameters with caps, checks them, and shows them to the people in the room.

use std::path::Path;

use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::plan::{HsmPlanError, MAX_PLAN};
use keyferry_core::{
    Bilingual, CeremonyPlan, CheckedEntry, CheckedParameters, Clock as _, Explain, Parameters,
    ParametersError, PlanError, Timestamp, bi,
};
use keyferry_transport::{Console, judged_plan, read_capped};

use crate::args::Inspect;
use crate::context::{Context, PROGRAM};
use crate::error::{KeysFailed, OfflineError};
use crate::listed::{self, Refusals};

mod time;

pub(crate) use time::Time;

/// The two inputs of a ceremony, checked against each other.
pub(crate) struct Inputs {
    pub(crate) plan: CeremonyPlan,
    pub(crate) parameters: CheckedParameters,
    /// The time against which expiry is checked.
    pub(crate) time: Time,
    /// The time when the parameters were fetched, and their last expiry.
    pub(crate) window: Option<(Timestamp, Timestamp)>,
}

/// The plan and the parameters before they are checked against each other, for judging the machine.
pub(crate) struct Peeked {
    pub(crate) plan: CeremonyPlan,
    /// The time when the parameters were fetched, and their last expiry.
    pub(crate) window: Option<(Timestamp, Timestamp)>,
}

impl Peeked {
    /// Reads the plan and, if given, the parameters; `now` is the time that a person entered.
    pub(crate) fn load(
        plan: &Path,
        parameters: Option<&Path>,
        now: Option<Timestamp>,
        context: &Context,
    ) -> Result<Self, OfflineError> {
        let plan = judged_plan(
            &read_capped(plan, MAX_PLAN)?,
            now.unwrap_or_else(|| context.now()),
            &context.console,
        )?;
        greet(&plan, context);
        let Some(parameters) = parameters else { return Ok(Self { plan, window: None }) };
        let (parameters, _) = artefact::parse::<Parameters>(&read_capped(parameters, MAX_ARTEFACT)?)?;
        Ok(Self { plan, window: time::life(&parameters) })
    }
}

impl Inputs {
    /// Reads and checks both files; `ask` says whether people may be asked for the time if the clock
    /// contradicts the files.
    pub(crate) fn load(args: &Inspect, ask: bool, context: &Context) -> Result<Self, OfflineError> {
        let plan_bytes = read_capped(&args.plan, MAX_PLAN)?;
        let plan = CeremonyPlan::parse(&plan_bytes)?;
        greet(&plan, context);
        // Free the text before anything else is made from it.
        let (parameters, digest) =
            artefact::parse::<Parameters>(&read_capped(&args.parameters, MAX_ARTEFACT)?)?;
        let window = time::life(&parameters);
        let time = Time::decide(args.now, ask, &plan, &parameters, context)?;
        drop(plan);
        let plan = judged_plan(&plan_bytes, time.now, &context.console)?;
        drop(plan_bytes);
        if plan.hsm().is_some() {
            return Err(PlanError::from(HsmPlanError::Elsewhere).into());
        }
        let parameters = parameters.check(digest, &plan, time.now)?;
        Ok(Self { plan, parameters, time, window })
    }

    /// Checks the time again later, by the machine's clock, because a prompt that was left open must not outlast the parameters or the
    /// plan's window.
    pub(crate) fn check_later(&self, clock: Timestamp) -> Result<(), OfflineError> {
        let now = self.time.later(&self.plan, clock)?;
        self.plan.keys().iter().try_for_each(|key| key.check_valid_to(now))?;
        Ok(self.parameters.check_later(&self.plan, now)?)
    }

    /// Prints the keys, the digest in hex, and any problems with individual keys. The words are shown where people compare
    /// them.
    pub(crate) fn show(&self, console: &Console) {
        let keys = self.parameters.entries().len();
        if let Some(expiry) = self.parameters.first_expiry() {
            let left = self.time.now.span_until(expiry);
            let now = self.time.now;
            let s = if keys == 1 { "" } else { "s" };
            let text = bi!("{keys} key{s}, {left} left at {now}", "{keys} 个密钥，以 {now} 计还剩 {left:#}");
            console.row(&bi!("parameters", "参数"), text.get(console.lang()));
        }
        let in_full = listed::in_full(keys, console);
        listed::keys(self.parameters.entries(), console, |checked| show_key(checked, in_full, console));
        listed::notes(self.parameters.missing(), console, |alias| {
            console.say(&bi!(
                "  note: key {alias} of the plan has no parameters here",
                "  注意：计划中的密钥 {alias} 在此没有参数"
            ));
        });
        if self.only_refusal().is_none() {
            let mut refusals = Refusals::new(console);
            for (alias, error) in self.parameters.refused() {
                refusals.explain(alias.as_str(), error);
            }
            refusals.end();
        }
        console.hex(&bi!("digest", "摘要"), &self.parameters.digest());
    }

    /// The refusal if there is only one key. The command returns it as its own error, so it is not also
    /// printed here.
    fn only_refusal(&self) -> Option<&ParametersError> {
        match (self.parameters.entries(), self.parameters.refused()) {
            ([], [(_, only)]) => Some(only),
            _ => None,
        }
    }

    /// Fails if a key was refused. If there is only one key, its refusal is the error.
    pub(crate) fn outcome(&self) -> Result<(), OfflineError> {
        if let Some(only) = self.only_refusal() {
            return Err(only.clone().into());
        }
        let (succeeded, failed) = (self.parameters.entries().len(), self.parameters.refused().len());
        match self.parameters.refused() {
            [] => Ok(()),
            [(_, first), ..] => {
                Err(KeysFailed { succeeded, failed, first: first.control(), printed: false }.into())
            }
        }
    }
}

/// Shows a key to wrap to, and with `in_full` also its wrapping key.
fn show_key(checked: &CheckedEntry, in_full: bool, console: &Console) {
    let entry = checked.entry();
    let (alias, region, length) = (&entry.alias, &entry.region, checked.material().length);
    let algorithm = entry.algorithm;
    let text = bi!("{alias}  {region}  {length}  {algorithm}", "{alias}  {region}  {length:#}  {algorithm}");
    console.row(&bi!("key", "密钥"), text.get(console.lang()));
    if in_full {
        console.row(&bi!("key id", "密钥 ID"), entry.key_id.as_str());
        console.hex(&bi!("wrapping key", "包装密钥"), &checked.wrapping_key().fingerprint());
    }
}

fn greet(plan: &CeremonyPlan, context: &Context) {
    let console = &context.console;
    let (Bilingual { en, zh }, ceremony) = (plan.purpose().title(), plan.ceremony());
    console.say(&bi!("{PROGRAM}  {en}  ceremony {ceremony}", "{PROGRAM}  {zh}  仪式 {ceremony}"));
    console.hex(&bi!("plan", "计划"), &plan.digest());
}
