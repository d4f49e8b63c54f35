//! Plan and parameters: read with size limits, and checked against each other, the given HSM, and the time.

use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::plan::{Hsm, MAX_PLAN};
use keyferry_core::transcript::TimeSource;
use keyferry_core::{
    Bilingual, CeremonyPlan, CheckedParameters, Clock as _, Parameters, Timestamp, WrappingAlgorithm, bi,
};
use keyferry_transport::{judged_plan, read_capped};

use crate::args::RunArgs;
use crate::command::ModuleFile;
use crate::context::{Context, PROGRAM};
use crate::error::HsmError;
use crate::refused::{NotNow, NotPlanned};

/// If the clock goes back by more than this, in seconds, somebody set it, and it is not known how much time passed.
const SET_BACK: i64 = 60;

/// The inputs of one run.
pub(in crate::command) struct Inputs {
    pub(in crate::command) plan: CeremonyPlan,
    pub(in crate::command) hsm: Hsm,
    pub(in crate::command) parameters: CheckedParameters,
    pub(in crate::command) time: Time,
}

/// The time of one run.
#[derive(Clone, Copy, Debug)]
pub(in crate::command) struct Time {
    /// The time that every check uses.
    pub(in crate::command) now: Timestamp,
    /// The time that a person entered, if one did.
    pub(in crate::command) told: Option<Timestamp>,
    /// The time on the machine's clock when `now` was set.
    since: Timestamp,
    planned: bool,
}

impl Inputs {
    /// Reads and checks everything that can be checked before the module is loaded.
    ///
    /// # Errors
    /// [`HsmError`]; nothing was loaded or made.
    pub(in crate::command) fn load(
        args: &RunArgs,
        file: &ModuleFile,
        context: &Context,
    ) -> Result<Self, HsmError> {
        let plan_bytes = read_capped(&args.plan, MAX_PLAN)?;
        let time = Time::decide(args.now, &CeremonyPlan::parse(&plan_bytes)?, context)?;
        let plan = judged_plan(&plan_bytes, time.now, &context.console)?;
        let console = &context.console;
        let (Bilingual { en, zh }, ceremony) = (plan.purpose().title(), plan.ceremony());
        console.say(&bi!("{PROGRAM}  {en}  ceremony {ceremony}", "{PROGRAM}  {zh}  仪式 {ceremony}"));
        let hsm = plan.hsm().cloned().ok_or(NotPlanned::NoHsm)?;
        check_hsm(&hsm, file, &args.token.token_label)?;
        let bytes = read_capped(&args.parameters, MAX_ARTEFACT)?;
        let (parameters, digest) = artefact::parse::<Parameters>(&bytes)?;
        let parameters = parameters.check(digest, &plan, time.now)?;
        Ok(Self { plan, hsm, parameters, time })
    }

    /// Checks the time again later: a question that stays open must not outlast the parameters or the plan's window.
    pub(in crate::command) fn check_later(&self, clock: Timestamp) -> Result<(), HsmError> {
        let now = self.time.later(&self.plan, clock)?;
        self.plan.keys().iter().try_for_each(|key| key.check_valid_to(now))?;
        Ok(self.parameters.check_later(&self.plan, now)?)
    }

    /// The paddings and key lengths that this run needs, each once.
    pub(in crate::command) fn wanted(&self) -> Vec<(WrappingAlgorithm, u8)> {
        let mut wanted = Vec::new();
        for checked in self.parameters.entries() {
            let bytes = u8::try_from(checked.material().length.bytes()).unwrap_or_default();
            let one = (checked.entry().algorithm, bytes);
            if !wanted.contains(&one) {
                wanted.push(one);
            }
        }
        wanted
    }

    /// Shows what would be wrapped.
    pub(in crate::command) fn show(&self, context: &Context) {
        let console = &context.console;
        for checked in self.parameters.entries() {
            let entry = checked.entry();
            let (alias, region, algorithm) = (&entry.alias, &entry.region, entry.algorithm);
            let length = checked.material().length;
            let text =
                bi!("{alias}  {region}  {length}  {algorithm}", "{alias}  {region}  {length:#}  {algorithm}");
            console.row(&bi!("key", "密钥"), text.get(console.lang()));
            console.row(&bi!("key id", "密钥 ID"), entry.key_id.as_str());
            console.hex(&bi!("wrapping key", "包装密钥"), &checked.wrapping_key().fingerprint());
        }
        for (alias, error) in self.parameters.refused() {
            console.refuse_key(alias.as_str(), error);
        }
    }
}

fn check_hsm(hsm: &Hsm, file: &ModuleFile, token: &str) -> Result<(), NotPlanned> {
    if hsm.module_sha256 != file.sha256 {
        return Err(NotPlanned::Module { found: file.sha256, planned: hsm.module_sha256 });
    }
    if hsm.token.as_str() != token {
        return Err(NotPlanned::Token { found: token.to_owned(), planned: hsm.token.to_string() });
    }
    Ok(())
}

impl Time {
    fn decide(given: Option<Timestamp>, plan: &CeremonyPlan, context: &Context) -> Result<Self, NotNow> {
        let since = context.now();
        let now = given.unwrap_or(since);
        check_window(plan, now)?;
        Ok(Self { now, told: given, since, planned: plan.clock().is_some() })
    }

    fn later(&self, plan: &CeremonyPlan, clock: Timestamp) -> Result<Timestamp, NotNow> {
        let passed = self.since.seconds_until(clock);
        let jumped = NotNow::Jumped { before: self.since, after: clock };
        if passed < -SET_BACK {
            return Err(jumped);
        }
        let now = Timestamp::from_unix(self.now.unix() + passed.max(0)).map_err(|_| jumped)?;
        check_window(plan, now)?;
        Ok(now)
    }

    /// Who confirmed the time, if anybody did: `asked` means that a person answered the question that shows the
    /// time.
    pub(in crate::command) fn source(&self, asked: bool) -> Option<TimeSource> {
        match (self.told, asked, self.planned) {
            (Some(_), ..) => Some(TimeSource::Given),
            (None, true, _) => Some(TimeSource::Person),
            (None, false, true) => Some(TimeSource::Plan),
            (None, false, false) => None,
        }
    }
}

fn check_window(plan: &CeremonyPlan, now: Timestamp) -> Result<(), NotNow> {
    match plan.clock() {
        Some(window) if !window.holds(now) => Err(NotNow::Window { now, window: *window }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use keyferry_core::Fingerprint;

    use super::*;

    #[test]
    fn another_module_or_token_than_the_plans_is_refused() {
        let hsm = |sha256: Fingerprint, token: &str| {
            let hsm = format!("module_sha256 = \"{sha256}\"\ntoken = \"{token}\"\n");
            let hsm: Hsm = toml_of(&hsm);
            let file =
                ModuleFile { path: PathBuf::from("/m.so"), size: 1, sha256: Fingerprint::of(b"module") };
            check_hsm(&hsm, &file, "ceremony")
        };
        let right = Fingerprint::of(b"module");
        assert_eq!(hsm(right, "ceremony"), Ok(()));
        let other = hsm(Fingerprint::of(b"other"), "ceremony").unwrap_err();
        assert_eq!(other, NotPlanned::Module { found: right, planned: Fingerprint::of(b"other") });
        let other = hsm(right, "second").unwrap_err();
        assert_eq!(other, NotPlanned::Token { found: "ceremony".into(), planned: "second".into() });
    }

    fn toml_of(text: &str) -> Hsm {
        let members = text.lines().map(|line| {
            let (name, value) = line.split_once(" = ").unwrap();
            (name.to_owned(), serde_json::Value::String(value.trim_matches('"').to_owned()))
        });
        serde_json::from_value(serde_json::Value::Object(members.collect())).unwrap()
    }

    #[test]
    fn a_clock_that_goes_back_is_refused_and_a_given_time_goes_on() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let time = Time { now: at(1000), told: Some(at(1000)), since: at(5000), planned: false };
        let text = include_str!("../../../../../ceremony/operate/plan.sample.toml");
        let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
        assert_eq!(time.later(&plan, at(5060)), Ok(at(1060)));
        assert_eq!(time.later(&plan, at(4990)), Ok(at(1000)));
        let jumped = NotNow::Jumped { before: at(5000), after: at(4939) };
        assert_eq!(time.later(&plan, at(4939)), Err(jumped));
    }
}
