//! The report's section about the offline machine: what the plan required, and what was seen, check by check.

use keyferry_core::posture::{PostureDemand, PostureFinding, PostureVerdict};
use keyferry_core::transcript::Line;
use keyferry_core::{Event, bi};

use super::attached::Long;
use super::cell::Cell;
use super::document::Document;
use super::{lines, seen};
use crate::record::{Record, kind};

/// The whole section.
pub(super) fn section(document: &mut Document<'_>, record: &Record) {
    document.heading(&bi!("Offline machine", "离线机器"));
    let required: Vec<&str> = record.plan.posture().require.iter().map(|check| check.name()).collect();
    let required = if required.is_empty() { "–".to_owned() } else { required.join(", ") };
    document.facts(vec![(bi!("required by the plan", "计划要求"), Cell::mono(required))]);
    let about = || record.chain.lines().iter().filter(|line| is_about(kind(line)));
    lines::list(document, Long::Machine, about());
    let mut before: Option<(u64, &[PostureFinding])> = None;
    for line in about() {
        if let Event::PostureChecked { findings, .. } = &line.event {
            if document.is_full() {
                document.text(&bi!(
                    "The results of the checks in later lines are not shown here.",
                    "此处省略其后各行中每项检查的内容。"
                ));
                break;
            }
            checks(document, line, findings, before);
            before = Some((line.seq + 1, findings));
        }
    }
}

fn is_about(kind: &str) -> bool {
    ["posture", "time", "entropy", "confined"].iter().any(|word| kind.starts_with(word))
}

/// One row for each check. A result that an earlier line already has is not repeated.
fn checks(
    document: &mut Document<'_>,
    line: &Line,
    findings: &[PostureFinding],
    before: Option<(u64, &[PostureFinding])>,
) {
    let number = line.seq + 1;
    let known = |f: &&PostureFinding| before.is_some_and(|(_, known)| known.contains(f));
    let new: Vec<&PostureFinding> = findings.iter().filter(|f| !known(f)).collect();
    let dropped = before.is_some_and(|(_, known)| known.len() != findings.len());
    match before {
        Some((first, _)) if new.is_empty() && !dropped => {
            document.text(&bi!(
                "Line {number} says the same about each check as line {first}.",
                "第 {number} 行中每项检查的内容与第 {first} 行相同。"
            ));
            return;
        }
        Some((first, _)) if new.len() < findings.len() && !dropped => document.text(&bi!(
            "Line {number} says the same as line {first}, except about these checks:",
            "第 {number} 行与第 {first} 行的内容相同，以下检查除外："
        )),
        _ => document.text(&bi!("Line {number} says about each check:", "第 {number} 行中每项检查的内容：")),
    }
    let shown = if dropped { findings.iter().collect() } else { new };
    let lang = document.lang;
    let row = |finding: &&PostureFinding| {
        let verdict = match finding.verdict {
            PostureVerdict::Pass => Cell::verdict(document.say(&bi!("holds", "通过")), true),
            PostureVerdict::Fail => Cell::verdict(document.say(&bi!("does not hold", "不符")), false),
            PostureVerdict::Note => Cell::plain(document.say(&bi!("note", "注意"))),
        };
        let demand = match finding.demand {
            PostureDemand::Required => bi!("required", "必需"),
            PostureDemand::Waived => bi!("waived by the plan", "计划豁免"),
            PostureDemand::Lowered => bi!("lowered", "已降低"),
            PostureDemand::Shown => bi!("shown", "仅显示"),
        };
        let demand = document.say(&demand);
        vec![
            Cell::mono(finding.check.name()),
            verdict,
            Cell::plain(demand),
            Cell::plain(seen::said(&finding.seen, lang)),
        ]
    };
    let rows: Vec<_> = shown.iter().map(row).collect();
    let heads = [bi!("check", "检查"), bi!("verdict", "结果"), bi!("demand", "要求"), bi!("seen", "所见")];
    document.table(&heads, rows);
}
