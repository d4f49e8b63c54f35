//! Checks again what may have changed while the question was open, before the process drops privileges.
//!
//! People may take any time to answer. Meanwhile, the parameters can expire, and somebody can plug in a network cable.

use keyferry_core::{Clock, Timestamp};

use crate::error::OfflineError;
use crate::inputs::Inputs;
use crate::posture::{Fit, PostureError};

/// The age, in seconds, after which the machine is checked again.
const FRESH: i64 = 60;

/// Checks the time again, and also the machine if more than a minute has passed. This must come before Landlock, which would
/// hide the machine's files from `look`.
///
/// # Errors
/// [`OfflineError`], for the same reasons as in the checks before the question. Nothing has been made.
pub(super) fn settle(
    inputs: &Inputs,
    fit: Fit,
    clock: &impl Clock,
    look: impl FnOnce() -> Result<Fit, PostureError>,
) -> Result<Fit, OfflineError> {
    let now: Timestamp = clock.now();
    inputs.check_later(now)?;
    if inputs.time.passed(now) > FRESH { Ok(look()?) } else { Ok(fit) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use keyferry_core::transcript::Event;
    use keyferry_core::{CeremonyPlan, Control, Explain, Parameters, artefact};

    use super::*;
    use crate::inputs::Time;
    use crate::posture::{Demands, PostureError, Report, demand};

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/0.1/one-key/record/");

    /// Real parameters, `left` seconds before they expire, on a machine whose clock is `clock_ahead` seconds fast.
    fn inputs(clock_ahead: i64, left: i64, window: Option<i64>) -> (Inputs, Timestamp) {
        let read = |name| std::fs::read(format!("{FOLDER}{name}")).unwrap();
        let (parameters, digest) = artefact::parse::<Parameters>(&read("parameters.json")).unwrap();
        let expiry = parameters.keys.iter().filter_map(|k| k.expires_at).min().unwrap();
        let at = |seconds: i64| Timestamp::from_unix(expiry.unix() + seconds).unwrap();
        let (now, since) = (at(-left), at(clock_ahead - left));
        let plan = CeremonyPlan::parse(&read("plan.toml")).unwrap();
        let parameters = parameters.check(digest, &plan, now).unwrap();
        let mut text = String::from_utf8(read("plan.toml")).unwrap();
        if let Some(seconds) = window {
            text += &format!(
                "\n[clock]\nnot_before = \"{}\"\nnot_after = \"{}\"\n",
                at(-left - 60),
                at(seconds - left)
            );
        }
        let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
        let told = (clock_ahead != 0).then_some(now);
        let time = Time { now, told, planned: window.is_some(), since };
        (Inputs { plan, parameters, time, window: None }, since)
    }

    fn fit() -> Fit {
        demand(&Report { findings: Vec::new(), program: None, exposed: false }, &Demands::by_hand()).unwrap()
    }

    /// What `settle` returns after `passed` seconds by the clock, and whether it checked the machine again.
    fn after(passed: i64, (inputs, since): &(Inputs, Timestamp)) -> (Result<(), Control>, bool) {
        let looked = Cell::new(false);
        let clock = || Timestamp::from_unix(since.unix() + passed).unwrap();
        let look = || {
            looked.set(true);
            Ok(fit())
        };
        let settled = settle(inputs, fit(), &clock, look);
        (settled.map(drop).map_err(|e| e.control()), looked.get())
    }

    #[test]
    fn a_question_that_outlives_the_parameters_is_refused() {
        // This also holds if the clock is wrong by a day and a person entered the time.
        for ahead in [0, 86_400, -86_400] {
            let inputs = inputs(ahead, 10_000, None);
            let minimum = i64::try_from(inputs.0.plan.minimum_time_left().seconds()).unwrap();
            assert_eq!(after(10_000 - minimum, &inputs).0, Ok(()));
            let short = if minimum == 0 { Control::PARAM_EXPIRED } else { Control::PARAM_TIME_LEFT };
            assert_eq!(after(10_001 - minimum, &inputs), (Err(short), false));
            assert_eq!(after(10_000, &inputs), (Err(Control::PARAM_EXPIRED), false));
        }
    }

    #[test]
    fn a_question_that_outlives_the_plans_window_is_refused() {
        let inputs = inputs(0, 20_000, Some(600));
        assert_eq!(after(600, &inputs).0, Ok(()));
        assert_eq!(after(601, &inputs), (Err(Control::PARAM_CLOCK), false));
    }

    #[test]
    fn a_clock_that_went_back_is_refused() {
        let inputs = inputs(0, 20_000, None);
        assert_eq!(after(-60, &inputs), (Ok(()), false));
        assert_eq!(after(-61, &inputs), (Err(Control::PARAM_CLOCK), false));
    }

    #[test]
    fn the_machine_is_looked_at_again_after_a_minute_and_the_later_findings_count() {
        let inputs = inputs(0, 20_000, None);
        assert_eq!(after(60, &inputs), (Ok(()), false));
        assert_eq!(after(61, &inputs), (Ok(()), true));
        let clock = || Timestamp::from_unix(inputs.1.unix() + 61).unwrap();
        let unmet = || PostureError::Unmade(keyferry_core::PostureCheck::NoNetwork);
        let refused = settle(&inputs.0, fit(), &clock, || Err(unmet())).unwrap_err();
        assert_eq!(refused, unmet().into());
        let program = Some(keyferry_core::Fingerprint::of(b"later"));
        let later = || demand(&Report { findings: Vec::new(), program, exposed: false }, &Demands::by_hand());
        let event = settle(&inputs.0, fit(), &clock, later).unwrap().event();
        assert!(matches!(event, Event::PostureChecked { program_sha256, .. } if program_sha256 == program));
    }
}
