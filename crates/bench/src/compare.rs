//! `--compare OLD.json`: what became faster or slower since an older report, and what else differs.
//!
//! An interval covers the noise within one run, not the drift between two runs. The peers show the drift: a peer with the same version
//! in both reports did not change, so any difference in its times comes from the machine. "Faster" and "slower" mean that the two
//! intervals do not overlap and that the medians are further apart than those of any unchanged peer.

use keyferry_core::{Bilingual, Timestamp, bi};
use serde_json::{Value, json};

use super::figures::{Case, Group, Report};
use super::statistics::Estimate;
use super::words;

/// How a case changed from one report to the other.
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

/// A fact that differs.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) what: Bilingual,
    pub(super) old: Bilingual,
    pub(super) new: Bilingual,
}

/// The changes between two reports.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) old_taken_at: Timestamp,
    /// Whether the reports come from different machines; if they do, the times say little about the builds.
    pub(super) other_machine: bool,
    pub(super) differences: Vec<Difference>,
    /// The drift of cases within one process.
    pub(super) drift: Drift,
    /// The drift of whole processes, which is larger because they start, read and write.
    process_drift: Drift,
    pub(super) changes: Vec<Change>,
    pub(super) only_in_one: usize,
}

impl Comparison {
    pub(super) fn of(old: &Report, new: &Report) -> Self {
        let (old_cases, new_cases) = (cases(old), cases(new));
        let pairs: Vec<(&Measured, &Measured)> = new_cases
            .iter()
            .filter_map(|new| Some((old_cases.iter().find(|old| old.is(new))?, new)))
            .collect();
        let (processes, calls): (Vec<_>, Vec<_>) =
            pairs.iter().copied().partition(|(_, new)| new.is_of_processes());
        let (drift, process_drift) = (Drift::of(&calls), Drift::of(&processes));
        let drift_of = |new: &Measured| if new.is_of_processes() { process_drift } else { drift };
        let changes: Vec<Change> =
            pairs.iter().filter_map(|(old, new)| Change::of(old, new, drift_of(new))).collect();
        let only_in_one = old_cases.len() + new_cases.len() - 2 * changes.len();
        Self {
            old_taken_at: old.taken_at,
            other_machine: old.machine.differs(&new.machine),
            differences: differences(old, new),
            drift,
            process_drift,
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
            "{faster} faster, {slower} slower, {same} within the drift or the intervals",
            "{faster} 项更快，{slower} 项更慢，{same} 项在漂移或区间之内"
        );
        if self.only_in_one > 0 {
            let n = self.only_in_one;
            text.en += &format!("; {n} only in one report");
            text.zh += &format!("；{n} 项仅见于其中一份报告");
        }
        text
    }

    /// How far the machine drifted, if that can be determined.
    pub(super) fn caution(&self) -> Bilingual {
        if !self.drift.is_known() {
            return bi!(
                "No peer has the same version in both reports, so the machine's drift between them is unknown: compare two runs of the \
                 same program first.",
                "两份报告中没有版本相同的对照实现，无法得知机器在两次运行之间的漂移：请先比较同一程序的两次运行。"
            );
        }
        let (peers, (low, high)) = (self.drift.peers, self.drift.percent());
        let mut text = bi!(
            "The {peers} cases of unchanged peers range from {low} to {high}: that is the machine's drift, and a difference within it does \
             not count as a change.",
            "未改变的对照实现共 {peers} 项，变化在 {low} 到 {high} 之间：这是机器的漂移，在此范围内的变化不作为变化。"
        );
        if self.process_drift.is_known() {
            let (low, high) = self.process_drift.percent();
            text.en += &format!(" For whole processes it is {low} to {high}.");
            text.zh += &format!("对完整进程，该范围为 {low} 到 {high}。");
        }
        text
    }

    /// The warning that is shown before anything else.
    pub(super) fn warning(&self) -> Option<Bilingual> {
        self.other_machine.then(|| {
            bi!(
                "The old report is from another machine: the differences come from the machines, not the builds.",
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
            "drift": self.drift.to_json(), "process_drift": self.process_drift.to_json(),
        })
    }
}

/// The apparent change of unchanged peers, as new ÷ old: the range of their medians, which always includes 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drift {
    peers: usize,
    low: f64,
    high: f64,
}

impl Drift {
    const NONE: Self = Self { peers: 0, low: 1.0, high: 1.0 };

    fn of(pairs: &[(&Measured, &Measured)]) -> Self {
        let unchanged = pairs.iter().filter(|(old, new)| new.peer.is_some() && old.peer == new.peer);
        let ratios = unchanged.filter_map(|(old, new)| Some(new.ns.over(&old.ns)?.rounded(4).median()));
        ratios.fold(Self::NONE, |Self { peers, low, high }, ratio| Self {
            peers: peers + 1,
            low: low.min(ratio),
            high: high.max(ratio),
        })
    }

    pub(super) const fn is_known(self) -> bool {
        self.peers > 0
    }

    fn percent(self) -> (String, String) {
        let one = |ratio: f64| format!("{:+.1} %", (ratio - 1.0) * 100.0);
        (one(self.low), one(self.high))
    }

    fn to_json(self) -> Value {
        json!({"peers": self.peers, "low": self.low, "high": self.high})
    }

    fn holds(self, ratio: f64) -> bool {
        (self.low..=self.high).contains(&ratio)
    }
}

impl Change {
    /// `None` if the old time is too short to divide by.
    fn of(old: &Measured, new: &Measured, drift: Drift) -> Option<Self> {
        let ratio = new.ns.over(&old.ns)?.rounded(4);
        let verdict = Verdict::of(&old.ns, &new.ns, ratio.median(), drift);
        Some(Self {
            group: new.group.clone(),
            case: new.case.clone(),
            old: old.ns,
            new: new.ns,
            ratio,
            verdict,
        })
    }
}

impl Verdict {
    fn of(old: &Estimate, new: &Estimate, ratio: f64, drift: Drift) -> Self {
        if new.overlaps(old) || drift.holds(ratio) {
            Self::NoChange
        } else if ratio < 1.0 {
            Self::Faster
        } else {
            Self::Slower
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

/// One time in a report.
struct Measured {
    group: String,
    case: String,
    /// The version of a contender other than keyferry.
    peer: Option<String>,
    ns: Estimate,
}

impl Measured {
    fn is_of_processes(&self) -> bool {
        self.group.starts_with("process/")
    }

    fn is(&self, other: &Self) -> bool {
        (&self.group, &self.case) == (&other.group, &other.case)
    }
}

fn cases(report: &Report) -> Vec<Measured> {
    let of_group = |g: &Group| -> Vec<Measured> {
        let one = |c: &Case| {
            let version = c.version.as_ref().filter(|_| !c.name.as_str().starts_with("keyferry"));
            Measured {
                group: g.id.as_str().to_owned(),
                case: c.name.as_str().to_owned(),
                peer: version.map(|v| v.as_str().to_owned()),
                ns: c.ns,
            }
        };
        g.cases.iter().map(one).collect()
    };
    let batch = report.batch.iter().map(|b| Measured {
        group: "batch".to_owned(),
        case: words::grouped(super::statistics::count(b.keys)),
        peer: None,
        ns: b.ns_per_key,
    });
    report.groups.iter().flat_map(of_group).chain(batch).collect()
}

fn differences(old: &Report, new: &Report) -> Vec<Difference> {
    let plain = |text: &str| bi!("{text}", "{text}");
    let facts = |r: &Report| {
        let (m, b) = (&r.machine, &r.build);
        let features: Vec<&str> = m.features.iter().map(super::text::Text::as_str).collect();
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
    use crate::sample;
    use crate::text::Text;

    fn verdict(old: &Estimate, new: &Estimate, drift: Drift) -> Verdict {
        Verdict::of(old, new, new.over(old).unwrap().median(), drift)
    }

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
            assert_eq!(verdict(&old, &new, Drift::NONE), expected);
        }
        // The same halved time does not count as a change if the machine itself drifted by a factor of two.
        let drift = Drift { peers: 1, low: 0.5, high: 1.1 };
        assert_eq!(verdict(&old, &estimate(40.0, 50.0, 60.0), drift), Verdict::NoChange);
        assert_eq!(verdict(&old, &estimate(40.0, 49.0, 60.0), drift), Verdict::Faster);
        assert_eq!(verdict(&old, &estimate(111.0, 112.0, 113.0), drift), Verdict::Slower);
    }

    #[test]
    fn unchanged_peers_show_the_drift_and_changed_ones_do_not() {
        let (old, mut new) = (sample::report(), sample::report());
        let peer = |report: &mut Report, at: usize, factor: f64| {
            let case = &mut report.groups[0].cases[at];
            case.ns = case.ns.scaled(factor).rounded(1);
        };
        peer(&mut new, 2, 0.9);
        peer(&mut new, 3, 1.2);
        peer(&mut new, 4, 3.0);
        new.groups[0].cases[4].version = Some(Text::of("4.0.0"));
        let process = new.groups.iter_mut().find(|g| g.id.as_str() == "process/disk").unwrap();
        process.cases[1].ns = process.cases[1].ns.scaled(0.5).rounded(1);
        let Comparison { drift, process_drift, .. } = Comparison::of(&old, &new);
        assert_eq!((drift.low, drift.high, process_drift.low, process_drift.high), (0.9, 1.2, 0.5, 1.0));
        assert!(Comparison::of(&old, &new).caution().en.contains("from -10.0 % to +20.0 %"));
        for case in new.groups.iter_mut().flat_map(|g| &mut g.cases) {
            case.version = None;
        }
        let unknown = Comparison::of(&old, &new);
        assert_eq!(unknown.drift, Drift::NONE);
        assert!(unknown.caution().en.contains("unknown") && unknown.count(Verdict::Slower) > 0);
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
            let turned = match verdict(&a, &b, Drift::NONE) {
                Verdict::Faster => Verdict::Slower,
                Verdict::Slower => Verdict::Faster,
                Verdict::NoChange => Verdict::NoChange,
            };
            prop_assert_eq!(verdict(&b, &a, Drift::NONE), turned);
            let ratio = b.over(&a).unwrap();
            prop_assert!(ratio.low() <= ratio.median() && ratio.median() <= ratio.high());
            // A ratio counts as a change only if its interval does not contain 1.
            prop_assert_eq!(ratio.low() <= 1.0 && 1.0 <= ratio.high(), verdict(&a, &b, Drift::NONE) == Verdict::NoChange);
        }
    }
}
