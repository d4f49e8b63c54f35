//! Shows the table to people, in full or in its short form, and as JSON for scripts.

use keyferry_core::{Bilingual, Lang, PostureDemand, PostureVerdict, bi};
use keyferry_transport::Console;
use keyferry_transport::console::Mark;
use serde_json::{Value, json};

use super::mend::mend;
use super::{Demands, Finding, Report};

/// Shows every row, and how to fix each row that is not PASS. The number of failed rows and the rows themselves are repeated at the
/// end, because a screen shows the end.
pub(crate) fn show_table(report: &Report, demands: &Demands, console: &Console) {
    for finding in &report.findings {
        row(finding, demands, console);
    }
    let (failed, noted) = (count(report, PostureVerdict::Fail), count(report, PostureVerdict::Note));
    let total = bi!("  {failed} FAIL, {noted} NOTE", "  {failed} 项不符，{noted} 项注意");
    match failed {
        0 => console.say(&total),
        _ => console.item(Mark::Wrong, total.get(console.lang()), ""),
    }
    let failed = report.findings.iter().filter(|f| f.seen.verdict == PostureVerdict::Fail);
    failed.for_each(|finding| row(finding, demands, console));
    summary(report, demands, console);
}

/// Shows the rows that are not PASS or are required, and the number of the others.
pub(crate) fn show_brief(report: &Report, demands: &Demands, console: &Console) {
    let total = report.findings.len();
    let passed = count(report, PostureVerdict::Pass);
    let (failed, noted) = (count(report, PostureVerdict::Fail), count(report, PostureVerdict::Note));
    let text = bi!(
        "{total} checks: {passed} PASS, {failed} FAIL, {noted} NOTE",
        "{total} 项检查：{passed} 通过，{failed} 不符，{noted} 注意"
    );
    console.row(&bi!("posture", "机器状态"), text.get(console.lang()));
    for finding in &report.findings {
        let loud = finding.seen.verdict == PostureVerdict::Fail
            || !matches!(demands.of(finding.check), PostureDemand::Shown | PostureDemand::Required);
        match loud {
            true => row(finding, demands, console),
            false => {
                let (lead, text) = line(finding, demands, console.lang());
                console.trace(1, &(lead + &text));
            }
        }
    }
    summary(report, demands, console);
}

fn count(report: &Report, verdict: PostureVerdict) -> usize {
    report.findings.iter().filter(|f| f.seen.verdict == verdict).count()
}

fn row(finding: &Finding, demands: &Demands, console: &Console) {
    let mark = match finding.seen.verdict {
        PostureVerdict::Fail => Mark::Wrong,
        PostureVerdict::Note => Mark::Care,
        PostureVerdict::Pass => Mark::Plain,
    };
    let (lead, text) = line(finding, demands, console.lang());
    console.item(mark, &lead, &text);
    if finding.seen.verdict == PostureVerdict::Fail || !finding.seen.holds {
        console.item(Mark::Plain, &format!("{:24}→ ", ""), mend(finding.check).get(console.lang()));
    }
}

/// The two parts of a row: the verdict and the check; the requirement and the finding.
fn line(finding: &Finding, demands: &Demands, lang: Lang) -> (String, String) {
    let verdict = match finding.seen.verdict {
        PostureVerdict::Pass => bi!("PASS", "通过"),
        PostureVerdict::Fail => bi!("FAIL", "不符"),
        PostureVerdict::Note => bi!("NOTE", "注意"),
    };
    let demand = match demands.of(finding.check) {
        PostureDemand::Required => bi!("[required] ", "[必需] "),
        PostureDemand::Waived => bi!("[WAIVED by the plan] ", "[计划豁免] "),
        PostureDemand::Lowered => bi!("[LOWERED] ", "[已降低] "),
        PostureDemand::Shown => bi!("", ""),
    };
    let (check, seen) = (finding.check, finding.seen.text.get(lang));
    (format!("  {}  {check:16}", verdict.get(lang)), format!("{}{seen}", demand.get(lang)))
}

/// Says what production would refuse, if this is not production.
fn summary(report: &Report, demands: &Demands, console: &Console) {
    let refused = report.findings.iter().filter(|f| demands.production_alone_refuses(f));
    let names: Vec<_> = refused.map(|f| f.check.to_string()).collect();
    if !names.is_empty() {
        let Bilingual { en, zh } = Bilingual::list(names);
        console.say(&bi!(
            "  A PRODUCTION ceremony would be refused on this machine: {en}",
            "  正式仪式在本机上会被拒绝：{zh}"
        ));
    }
}

/// The table as JSON, with texts in both languages.
pub(crate) fn to_json(report: &Report, demands: &Demands) -> Value {
    let both = |text: &Bilingual| json!({"en": text.en, "zh": text.zh});
    let row = |f: &Finding| {
        json!({
            "check": f.check, "verdict": f.seen.verdict, "demand": demands.of(f.check), "holds": f.seen.holds,
            "seen": both(&f.seen.text), "mend": both(&mend(f.check)),
            "production_refuses": demands.production_alone_refuses(f),
        })
    };
    json!({
        "program_sha256": report.program,
        "checks": report.findings.iter().map(row).collect::<Vec<_>>(),
    })
}
