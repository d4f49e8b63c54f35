//! Decides which time counts: the machine's clock, the value of `--now`, or the time that a person enters if the clock cannot be right.
//!
//! The clocks of isolated machines drift, so the clock alone is no reason to refuse if somebody can be asked. Parameters that have
//! expired at the time that people entered are always refused. The reviewed plan can name a window for the ceremony; a clock within
//! that window counts as confirmed.

use keyferry_core::transcript::TimeSource;
use keyferry_core::{CeremonyPlan, Clock as _, Parameters, Timestamp, bi};

use crate::context::Context;
use crate::error::PlanDemand;

/// By how many seconds a clock may be wrong; the service tolerates as much.
const FORGIVEN: i64 = 300;

/// If the clock goes back by more than this many seconds while a question is open, somebody has set it, and nobody knows
/// how much time passed.
const SET_BACK: i64 = 60;

/// The time of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    /// The time that counts for every check.
    pub(crate) now: Timestamp,
    /// The time that a person entered, if it comes from a person.
    pub(crate) told: Option<Timestamp>,
    /// Whether the time is in the plan's window.
    pub(crate) planned: bool,
    /// The time on the machine's clock when `now` was decided.
    pub(crate) since: Timestamp,
}

impl Time {
    /// Takes the time from `--now`, or else from the clock. If that time contradicts the plan or the parameters and
    /// `ask` allows it, a person enters the time.
    ///
    /// # Errors
    /// [`PlanDemand::Window`] if the time is outside the plan's window.
    pub(super) fn decide(
        given: Option<Timestamp>,
        ask: bool,
        plan: &CeremonyPlan,
        parameters: &Parameters,
        context: &Context,
    ) -> Result<Self, PlanDemand> {
        let clock = context.now();
        let ours = parameters.plan_sha256 == plan.digest();
        let doubtful = ours && is_doubtful(clock, plan, parameters);
        let told = match given {
            None if ask && doubtful => ask_time(clock, plan, parameters, context),
            given => given,
        };
        let now = told.unwrap_or(clock);
        // The answer may have taken a while, and it refers to the moment when it was entered.
        let since = told.map_or(clock, |_| context.now());
        check_window(plan, now)?;
        Ok(Self { now, told, planned: plan.clock().is_some(), since })
    }

    /// The time that counts when the machine's clock says `clock`: the decided time plus the time that has passed by this
    /// clock.
    ///
    /// # Errors
    /// [`PlanDemand::Jumped`] if the clock went back; [`PlanDemand::Window`] if the plan's window is over.
    pub(super) fn later(&self, plan: &CeremonyPlan, clock: Timestamp) -> Result<Timestamp, PlanDemand> {
        let jumped = PlanDemand::Jumped { before: self.since, after: clock };
        let passed = self.passed(clock);
        if passed < -SET_BACK {
            return Err(jumped);
        }
        let now = Timestamp::from_unix(self.now.unix() + passed.max(0)).map_err(|_| jumped)?;
        check_window(plan, now)?;
        Ok(now)
    }

    /// Seconds from the decision until now, by the machine's clock.
    pub(crate) const fn passed(&self, clock: Timestamp) -> i64 {
        self.since.seconds_until(clock)
    }

    /// Who confirmed the time, if anybody did. `asked` says whether people answered the question that shows
    /// the time.
    pub(crate) fn source(&self, asked: bool) -> Option<TimeSource> {
        match (self.told, asked, self.planned) {
            (Some(_), ..) => Some(TimeSource::Given),
            (None, true, _) => Some(TimeSource::Person),
            (None, false, true) => Some(TimeSource::Plan),
            (None, false, false) => None,
        }
    }
}

fn check_window(plan: &CeremonyPlan, now: Timestamp) -> Result<(), PlanDemand> {
    match plan.clock() {
        Some(window) if !window.holds(now) => Err(PlanDemand::Window { now, window: *window }),
        _ => Ok(()),
    }
}

/// The fetch time and the last expiry; `None` if nothing expires.
pub(super) fn life(parameters: &Parameters) -> Option<(Timestamp, Timestamp)> {
    let last = parameters.keys.iter().filter_map(|k| k.expires_at).max()?;
    Some((parameters.fetched_at, last))
}

/// Whether every key would be refused by this clock, because it shows a time before the fetch, after all expiries, or
/// outside the plan's window.
fn is_doubtful(clock: Timestamp, plan: &CeremonyPlan, parameters: &Parameters) -> bool {
    let minimum = i64::try_from(plan.minimum_time_left().seconds()).unwrap_or(i64::MAX);
    let early = clock.seconds_until(parameters.fetched_at) > FORGIVEN;
    let outlived = life(parameters).is_some_and(|(_, last)| clock.seconds_until(last) < minimum.max(1));
    early || outlived || plan.clock().is_some_and(|w| !w.holds(clock))
}

/// Asks for the time. Returns `None` if the answer is not a time; then the clock counts, and the run is
/// refused.
fn ask_time(
    clock: Timestamp,
    plan: &CeremonyPlan,
    parameters: &Parameters,
    context: &Context,
) -> Option<Timestamp> {
    let (fetched, expiry) = life(parameters)?;
    let console = &context.console;
    console.row(&bi!("clock", "时钟"), &clock.to_string());
    let text = bi!("valid from {fetched} to {expiry}", "有效期从 {fetched} 到 {expiry}");
    console.row(&bi!("parameters", "参数"), text.get(console.lang()));
    if let Some(window) = plan.clock() {
        console.row(&bi!("plan", "计划"), &format!("{} – {}", window.not_before, window.not_after));
    }
    let answer = console.ask(&bi!(
        "These contradict each other. What time is it, by a clock that both trust?  type it as 2026-11-23T10:02:00Z, or press Enter:",
        "两者矛盾。按双方信任的时钟，现在是什么时间？请按 2026-11-23T10:02:00Z 的形式输入，或直接回车："
    ))?;
    answer.parse().ok()
}
