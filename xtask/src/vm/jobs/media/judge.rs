//! The result for each state of a stick, and which states are bad.

use std::collections::BTreeMap;

use super::super::super::boot::Done;
use super::super::super::verdict::{self, member};
use super::Subject;
use super::states::{Cut, State};

/// The results for one file system.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The number of states with each result, for prefixes and for losses, each before and after exit 0.
    classes: BTreeMap<(Cut, &'static str), usize>,
    /// States in which the messages to a person are not enough, or an output promised with exit 0
    /// is lost.
    pub(super) bad: Vec<String>,
    /// States that failed because the medium lost individual writes, each with the reason.
    pub(super) lost: Vec<String>,
}

impl Tally {
    /// Checks every state; `printed` is the digest that the recorded run printed.
    pub(super) fn of(done: &Done, states: &[State], subject: &Subject, printed: &str) -> Self {
        let mut tally = Self::default();
        for (n, state) in states.iter().enumerate() {
            let class = match judge(done, n, state, subject, printed) {
                Ok(class) => class,
                Err(why) if state.cut.is_certain() => {
                    tally.bad.push(format!("{}: {why}", state.name));
                    "BAD"
                }
                Err(why) => {
                    tally.lost.push(format!("{}: {why}", state.name));
                    "lost by the medium"
                }
            };
            *tally.classes.entry((state.cut, class)).or_default() += 1;
        }
        tally
    }

    /// A row for each kind of cut.
    pub(super) fn rows(&self) -> Vec<String> {
        Cut::ALL.into_iter().filter_map(|cut| self.row(cut)).collect()
    }

    fn row(&self, cut: Cut) -> Option<String> {
        let of: Vec<_> = self.classes.iter().filter(|((c, _), _)| *c == cut).collect();
        let all: usize = of.iter().map(|(_, n)| **n).sum();
        let classes: Vec<_> = of.iter().map(|((_, class), n)| format!("{n} {class}")).collect();
        (all > 0).then(|| format!("{}: {all} states: {}", cut.name(), classes.join(", ")))
    }
}

/// The reason why a state is good or bad.
fn judge(
    done: &Done,
    n: usize,
    state: &State,
    subject: &Subject,
    printed: &str,
) -> Result<&'static str, String> {
    let step = |name: &str| done.steps.iter().find(|step| step.name == format!("{name}-{n}"));
    let first = step("first").ok_or("the command was not run")?;
    let last = step("second").unwrap_or(first);
    let repaired = step("repair").is_some();
    let finished = last.err.contains("error [KF-FILE-01]");
    if last.code != Some(0) && !finished {
        let told = |step: &super::super::super::output::Step| step.err.lines().take(1).collect::<String>();
        return Err(format!("{} then {}", told(first), told(last)));
    }
    let digest = step("digest").map(|step| step.out.clone()).unwrap_or_default();
    let digest = digest.split(' ').next().unwrap_or_default().trim();
    let named = step("record").and_then(|step| step.out.lines().last()).unwrap_or_default();
    let named = verdict::event(named, subject.line).unwrap_or_default();
    let named = member(&named, subject.digest).as_str().unwrap_or_default().to_owned();
    if digest.len() != 64 || digest != named {
        return Err(format!("the record names {named:?}, and the output is {digest:?}"));
    }
    if state.cut.is_after_exit() && digest != printed {
        return Err("the output promised with exit 0 is lost: a different output was made".into());
    }
    Ok(match (finished, repaired) {
        (true, false) => "complete",
        (true, true) => "complete after fsck",
        (false, false) => "made again",
        (false, true) => "made again after fsck",
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::super::output::Step;
    use super::*;

    const DIGEST: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn steps(first: (i32, &str), named: &str, found: &str) -> Done {
        let step = |name: &str, code, err: &str, out: String| Step {
            name: format!("{name}-0"),
            code: Some(code),
            err: err.into(),
            out,
        };
        let line = format!("{{\"event\":{{\"kind\":\"exported\",\"parameters_sha256\":\"{named}\"}}}}\n");
        let steps = vec![
            step("first", first.0, first.1, String::new()),
            step("record", 0, "", line),
            step("digest", 0, "", format!("{found}  /media/stick/parameters.json\n")),
        ];
        Done { steps, sticks: Vec::new() }
    }

    fn judged(done: &Done, cut: Cut) -> Result<&'static str, String> {
        let (script, files) = (String::new(), Vec::new());
        let subject = Subject { which: 1, line: "exported", digest: "parameters_sha256", script, files };
        judge(done, 0, &State::named("a", cut), &subject, DIGEST)
    }

    #[test]
    fn a_state_is_good_only_if_the_record_names_what_is_there() {
        let (done, taken) = ((0, ""), (1, "error [KF-FILE-01]: it exists\n"));
        let other = DIGEST.replace('a', "b");
        assert_eq!(judged(&steps(done, DIGEST, DIGEST), Cut::Prefix), Ok("made again"));
        assert_eq!(judged(&steps(taken, DIGEST, DIGEST), Cut::PrefixAfterExit), Ok("complete"));
        assert_eq!(judged(&steps(done, &other, &other), Cut::Losses), Ok("made again"));
        for (first, named, found, cut) in [
            (done, DIGEST, other.as_str(), Cut::Prefix),
            (taken, DIGEST, "", Cut::Prefix),
            (done, &other, &other, Cut::LossesAfterExit),
            ((3, "error [KF-FILE-04]: read-only\n"), DIGEST, DIGEST, Cut::Prefix),
        ] {
            assert!(judged(&steps(first, named, found), cut).is_err(), "{named} {found}");
        }
        assert!(judged(&Done { steps: Vec::new(), sticks: Vec::new() }, Cut::Prefix).is_err());
    }
}
