//! `--compare OLD.json`: what became faster or slower since an older report, and what else is not the same.
//!
//! A change is one only where the two intervals do not overlap. The ratio's interval is as wide as both allow, since the two runs
//! share no rounds.

use keyferry_core::{Bilingual, Timestamp, bi};
use serde_json::{Value, json};

use super::report::{Group, Report};
use super::statistics::Estimate;
use super::words;

/// How a case went from one report to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Faster,
    Slower,
    NoChange,
}

/// One case that both reports have.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) group: String,
    pub(super) case: String,
    /// Nanoseconds, as in the reports.
    pub(super) old: Estimate,
    pub(super) new: Estimate,
    /// New ÷ old: below one is faster.
    pub(super) ratio: Estimate,
    pub(super) verdict: Verdict,
}

/// A fact that is not the same.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) what: Bilingual,
    pub(super) old: Bilingual,
    pub(super) new: Bilingual,
}

/// What changed.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) old_taken_at: Timestamp,
    /// Times of two machines say little about two builds.
    pub(super) other_machine: bool,
    pub(super) differences: Vec<Difference>,
    pub(super) changes: Vec<Change>,
    pub(super) only_in_one: usize,
}

impl Comparison {
    pub(super) fn of(old: &Report, new: &Report) -> Self {
        let (old_cases, new_cases) = (cases(old), cases(new));
        let changes: Vec<Change> = new_cases
            .iter()
            .filter_map(|(group, case, now)| {
                let (_, _, then) = old_cases.iter().find(|(g, c, _)| (g, c) == (group, case))?;
                Change::of(group, case, *then, *now)
            })
            .collect();
        let only_in_one = old_cases.len() + new_cases.len() - 2 * changes.len();
        Self {
            old_taken_at: old.taken_at,
            other_machine: old.machine.differs(&new.machine),
            differences: differences(old, new),
            changes,
            only_in_one,
        }
    }

    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.changes.iter().filter(|c| c.verdict == verdict).count()
    }

    /// The sentence below the table.
    pub(super) fn summary(&self) -> Bilingual {
        let [faster, slower, same] =
            [Verdict::Faster, Verdict::Slower, Verdict::NoChange].map(|v| self.count(v));
        let mut text = bi!(
            "{faster} faster, {slower} slower, {same} without a change that can be told from noise",
            "{faster} 项更快，{slower} 项更慢，{same} 项的变化无法与噪声区分"
        );
        if self.only_in_one > 0 {
            let n = self.only_in_one;
            text.en += &format!("; {n} in one report only");
            text.zh += &format!("；{n} 项仅见于其中一份报告");
        }
        text
    }

    /// Said before anything else.
    pub(super) fn warning(&self) -> Option<Bilingual> {
        self.other_machine.then(|| {
            bi!(
                "The old report is from another machine: the differences are the machines', not the builds'.",
                "旧报告来自另一台机器：差异源于机器，而非构建。"
            )
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|c| {
                json!({
                    "group": c.group, "case": c.case, "old_ns": c.old, "new_ns": c.new,
                    "ratio": c.ratio, "verdict": c.verdict.as_str(),
                })
            })
            .collect();
        let differences: Vec<Value> = self
            .differences
            .iter()
            .map(|d| json!({"what": {"en": d.what.en, "zh": d.what.zh}, "old": d.old.en, "new": d.new.en}))
            .collect();
        json!({
            "old_taken_at": self.old_taken_at, "other_machine": self.other_machine,
            "differences": differences, "changes": changes, "only_in_one": self.only_in_one,
        })
    }
}

impl Change {
    /// `None` where the old time is too short to divide by.
    fn of(group: &str, case: &str, old: Estimate, new: Estimate) -> Option<Self> {
        let ratio = new.over(&old)?.rounded(4);
        let verdict = Verdict::of(&old, &new);
        Some(Self { group: group.to_owned(), case: case.to_owned(), old, new, ratio, verdict })
    }
}

impl Verdict {
    fn of(old: &Estimate, new: &Estimate) -> Self {
        match new.overlaps(old) {
            true => Self::NoChange,
            false if new.median() < old.median() => Self::Faster,
            false => Self::Slower,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::NoChange => "no-change",
        }
    }
}

/// Group, case and time of everything that a report holds.
fn cases(report: &Report) -> Vec<(String, String, Estimate)> {
    let of_group = |g: &Group| -> Vec<_> {
        g.cases.iter().map(|c| (g.id.as_str().to_owned(), c.name.as_str().to_owned(), c.ns)).collect()
    };
    let batch = report
        .batch
        .iter()
        .map(|b| ("batch".to_owned(), words::grouped(super::statistics::count(b.keys)), b.ns_per_key));
    report.groups.iter().flat_map(of_group).chain(batch).collect()
}

fn differences(old: &Report, new: &Report) -> Vec<Difference> {
    let plain = |text: &str| bi!("{text}", "{text}");
    let facts = |r: &Report| {
        let (m, b) = (&r.machine, &r.build);
        let features: Vec<&str> = m.features.iter().map(super::report::Text::as_str).collect();
        [
            (bi!("machine", "机器"), words::machine(m)),
            (bi!("features", "指令集"), plain(&features.join(" "))),
            (bi!("kernel", "内核"), plain(m.kernel.as_str())),
            (bi!("version", "版本"), plain(b.version.as_str())),
            (bi!("compiler", "编译器"), plain(b.rustc.as_str())),
            (bi!("target", "目标平台"), plain(b.target.as_str())),
            (bi!("profile", "构建配置"), plain(b.profile.as_str())),
            (bi!("flags", "编译参数"), plain(b.rustflags.as_str())),
        ]
    };
    let pairs = facts(old).into_iter().zip(facts(new));
    pairs
        .filter(|((_, then), (_, now))| then != now)
        .map(|((what, old), (_, new))| Difference { what, old, new })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bench::sample;

    fn estimate(low: f64, median: f64, high: f64) -> Estimate {
        Estimate::new(low, median, high).unwrap()
    }

    #[test]
    fn only_intervals_that_do_not_meet_are_a_change() {
        let old = estimate(90.0, 100.0, 110.0);
        for (new, expected) in [
            (estimate(40.0, 50.0, 60.0), Verdict::Faster),
            (estimate(150.0, 160.0, 170.0), Verdict::Slower),
            (estimate(80.0, 85.0, 90.0), Verdict::NoChange),
            (estimate(100.0, 100.0, 100.0), Verdict::NoChange),
        ] {
            assert_eq!(Verdict::of(&old, &new), expected);
        }
    }

    #[test]
    fn a_report_beside_itself_has_not_changed() {
        let report = sample::report();
        let same = Comparison::of(&report, &report);
        assert_eq!(same.count(Verdict::NoChange), same.changes.len());
        assert!(same.differences.is_empty() && !same.other_machine && same.only_in_one == 0);
        assert!(same.warning().is_none());
    }

    #[test]
    fn another_machine_is_pointed_out() {
        let comparison = sample::comparison();
        assert!(comparison.other_machine);
        assert!(comparison.differences.iter().any(|d| d.what.en == "machine"));
        assert!(comparison.count(Verdict::Faster) > 0 && comparison.count(Verdict::Slower) > 0);
    }

    proptest! {
        #[test]
        fn turned_round_the_verdict_turns(a in prop::array::uniform3(1.0..1e6f64), b in prop::array::uniform3(1.0..1e6f64)) {
            let sorted = |mut x: [f64; 3]| { x.sort_by(f64::total_cmp); estimate(x[0], x[1], x[2]) };
            let (a, b) = (sorted(a), sorted(b));
            let turned = match Verdict::of(&a, &b) {
                Verdict::Faster => Verdict::Slower,
                Verdict::Slower => Verdict::Faster,
                Verdict::NoChange => Verdict::NoChange,
            };
            prop_assert_eq!(Verdict::of(&b, &a), turned);
            let ratio = b.over(&a).unwrap();
            prop_assert!(ratio.low() <= ratio.median() && ratio.median() <= ratio.high());
            // A ratio whose interval holds 1 is no change, and the other way round.
            prop_assert_eq!(ratio.low() <= 1.0 && 1.0 <= ratio.high(), Verdict::of(&a, &b) == Verdict::NoChange);
        }
    }
}
