//! `keyferry plan check`: runs only the judge that every command runs first, so that faults are found before a key
//! exists.

use keyferry_core::plan::{Finding, Judgement, MAX_FINDINGS, MAX_PLAN, Severity};
use keyferry_core::{CeremonyPlan, Explain, Timestamp, bi};
use keyferry_transport::{Console, read_capped};
use serde_json::{Value, json};

use super::args::Check;
use super::error::{Error, PlanTaskError};

pub(super) fn run(args: &Check, now: Timestamp, console: &Console) -> Result<(), Error> {
    let bytes = read_capped(&args.plan, MAX_PLAN)?;
    let now = args.now.unwrap_or(now);
    let judgement = Judgement::of(&bytes, now);
    let findings = judgement.findings().to_vec();
    let plan = judgement.accepted();
    if let Ok((plan, _)) = &plan {
        show(plan, console);
    }
    say(&findings, console);
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if findings.len() >= MAX_FINDINGS {
        console.say(&bi!(
            "  There may be more: only the first {MAX_FINDINGS} are listed.",
            "  可能还有更多：只列出前 {MAX_FINDINGS} 项。"
        ));
    }
    if console.json() {
        let plan = plan.as_ref().ok().map(|(plan, _)| plan);
        console.result(&as_json(plan, &findings, now));
    }
    let Ok((plan, _)) = plan else { return Err(PlanTaskError::Judged { errors, warnings }.into()) };
    let verdict =
        bi!("no command refuses it; warnings: {warnings}", "没有命令会拒绝该计划；警告 {warnings} 项");
    console.row(&bi!("verdict", "结论"), verdict.get(console.lang()));
    if !console.json() {
        console.result_line(&plan.digest().to_string());
    }
    Ok(())
}

/// Returns the plan in these bytes if the judge accepts it at the time `now`, and prints every finding.
///
/// # Errors
/// [`PlanTaskError::Judged`], after every finding was printed.
pub fn judged(bytes: &[u8], now: Timestamp, console: &Console) -> Result<CeremonyPlan, PlanTaskError> {
    let judgement = Judgement::of(bytes, now);
    say(judgement.findings(), console);
    let count = |severity| judgement.findings().iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    judgement.accepted().map(|(plan, _)| plan).map_err(|_| PlanTaskError::Judged { errors, warnings })
}

/// Prints each finding as a command would.
pub(super) fn say(findings: &[Finding], console: &Console) {
    for finding in findings {
        match finding.severity {
            Severity::Error => console.refuse_text(finding),
            Severity::Warning => console.warn(finding),
        }
    }
}

/// Prints what the plan is about.
pub(super) fn show(plan: &CeremonyPlan, console: &Console) {
    let lang = console.lang();
    console.row(&bi!("ceremony", "仪式"), plan.ceremony().as_str());
    console.row(&bi!("purpose", "用途"), plan.purpose().title().get(lang));
    console.hex(&bi!("plan", "计划"), &plan.digest());
    let (keys, people, drafts) = (plan.keys().len(), plan.participants().len(), drafts(plan));
    let counts = bi!("{keys}, people: {people}", "{keys} 个，参与者 {people} 人");
    console.row(&bi!("keys", "密钥"), counts.get(lang));
    if drafts > 0 {
        let text = bi!(
            "a draft: {drafts} without a key_id, which `create-key` fills in",
            "草稿：{drafts} 个密钥尚无 key_id，由 `create-key` 填写"
        );
        console.row(&bi!("", ""), text.get(lang));
    }
}

fn drafts(plan: &CeremonyPlan) -> usize {
    plan.keys().iter().filter(|key| key.key_id.is_none()).count()
}

fn as_json(plan: Option<&CeremonyPlan>, findings: &[Finding], now: Timestamp) -> Value {
    let found: Vec<_> = findings.iter().map(finding).collect();
    json!({
        "command": "plan check", "accepted": plan.is_some(), "now": now,
        "ceremony": plan.map(CeremonyPlan::ceremony), "purpose": plan.map(CeremonyPlan::purpose),
        "plan_sha256": plan.map(CeremonyPlan::digest), "keys": plan.map(|plan| plan.keys().len()),
        "keys_without_id": plan.map(drafts), "findings": found,
    })
}

fn finding(finding: &Finding) -> Value {
    let (what, hint) = (finding.what(), finding.hint());
    json!({
        "severity": match finding.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "line": finding.line, "field": finding.place.to_string(), "control": finding.control().id(),
        "what": {"en": what.en, "zh": what.zh}, "hint": {"en": hint.en, "zh": hint.zh},
    })
}
