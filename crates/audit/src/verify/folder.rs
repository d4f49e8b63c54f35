//! A whole record: checked, shown as rows, and as JSON.

use crate::record::{Audit, Expect, Folder, KeyOutcome, Previous, Record, Signed};
use keyferry_core::{Bilingual, Lang, Story, bi};
use keyferry_transport::Console;
use keyferry_transport::console::Mark;
use serde_json::{Value, json};

use super::args::Verify;
use super::chain::{station, subject};
use super::shares;
use crate::error::{Error, Reported};

pub(super) fn run(args: &Verify, console: &Console) -> Result<(), Error> {
    let mut expect = Expect { purpose: args.expect, head: args.expect_head, previous: Vec::new() };
    for dir in &args.previous {
        let earlier = Audit::of(&Folder::read(dir)?, &Expect::default());
        expect.previous.push(Previous::of(&earlier)?);
    }
    let folder = Folder::read(&args.record)?;
    let audit = Audit::of(&folder, &expect);
    if let Some(record) = &audit.record {
        show(record, &audit, &console.to_read());
    }
    let outcome = audit.verdict();
    // The first refusal is what the program ends with; the others stand before it.
    for error in audit.refusals.iter().skip(1) {
        console.refuse_text(error);
    }
    match &audit.record {
        Some(record) if console.json() => {
            console.result(&as_json(record, &audit));
            outcome.map_err(|error| Reported(error).into())
        }
        Some(record) if outcome.is_ok() => {
            console.result_line(&record.chain.head().to_string());
            Ok(())
        }
        _ => Ok(outcome?),
    }
}

fn show(record: &Record, audit: &Audit, console: &Console) {
    let lang = console.lang();
    console.row(&bi!("ceremony", "仪式"), record.plan.ceremony().as_str());
    console.row(&bi!("purpose", "用途"), record.plan.purpose().title().get(lang));
    console.hex(&bi!("plan", "计划"), &record.plan.digest());
    for run in Story::of(&record.chain).runs() {
        let (time, station) = (run.time, station(run.station));
        let text = format!("{time}  {station:<7}  {}  ({})", run.command, run.program);
        console.row(&bi!("command", "命令"), &text);
    }
    for key in &audit.keys {
        let end = outcome(&key.outcome);
        let kcv = key.kcv.map_or_else(String::new, |kcv| format!("  KCV {kcv}"));
        let text = format!("{}  {}  {}{kcv}", key.key.alias, key.key.region, end.get(lang));
        console.row(&bi!("key", "密钥"), &text);
    }
    shares::show(record, console);
    for person in &audit.people {
        let text = format!("{} ({})  {}", person.name, person.id, signature(person).get(lang));
        console.row(&bi!("signature", "签名"), &text);
    }
    for deviation in &audit.deviations {
        let at = deviation.line.map_or_else(String::new, |line| format!("{line}: "));
        console.row(&bi!("deviation", "偏差"), &format!("{at}{}", deviation.text.get(lang)));
    }
    console.digest(&bi!("head", "链尾摘要"), &record.chain.head(), &record.plan.word_languages());
    let (n, refusals) = (record.chain.lines().len(), audit.refusals.len());
    let verdict = if refusals == 0 {
        bi!(
            "the record holds together; lines: {n}, deviations: {}",
            "记录完整一致；共 {n} 行，偏差 {} 项",
            audit.deviations.len()
        )
    } else {
        bi!("REFUSED; reasons: {refusals}", "拒绝；理由 {refusals} 条")
    };
    match refusals {
        0 => console.row(&bi!("verdict", "结论"), verdict.get(lang)),
        _ => console.row_marked(Mark::Wrong, &bi!("verdict", "结论"), verdict.get(lang)),
    }
}

/// How a key came out, in a few words.
pub(crate) fn outcome(outcome: &KeyOutcome) -> Bilingual {
    match outcome {
        KeyOutcome::Proved { state } => bi!("proved, {state}", "已验证，{state}"),
        KeyOutcome::Failed { control, .. } => bi!("refused by {control}", "被 {control} 拒绝"),
    }
}

/// Whether somebody signed, in a few words.
pub(crate) fn signature(person: &Signed) -> Bilingual {
    match (&person.key, person.signed) {
        (None, _) => bi!("no key in the plan", "计划中没有公钥"),
        (Some((kind, _)), true) => bi!("signed, {kind}", "已签名，{kind}"),
        (Some(_), false) => bi!("NOT SIGNED", "没有有效签名"),
    }
}

fn as_json(record: &Record, audit: &Audit) -> Value {
    let head = record.chain.head();
    let keys: Vec<Value> = audit
        .keys
        .iter()
        .map(|k| {
            let (state, control) = match &k.outcome {
                KeyOutcome::Proved { state } => (Some(state), None),
                KeyOutcome::Failed { control, .. } => (None, Some(control)),
            };
            json!({
                "alias": k.key.alias, "region": k.key.region, "key_id": k.key.key_id, "kcv": k.kcv,
                "commitment": k.commitment, "proved": state.is_some(), "state": state, "refused_by": control,
            })
        })
        .collect();
    let people: Vec<Value> = audit
        .people
        .iter()
        .map(|p| {
            let (kind, fingerprint) = p.key.clone().unzip();
            json!({"id": p.id, "name": p.name, "role": p.role, "key": kind, "fingerprint": fingerprint, "signed": p.signed})
        })
        .collect();
    let deviations: Vec<Value> = audit
        .deviations
        .iter()
        .map(|d| json!({"line": d.line, "kind": d.kind, "en": d.text.en, "zh": d.text.zh}))
        .collect();
    let refusals: Vec<Value> = audit.refusals.iter().map(|e| Console::error_json(e)).collect();
    let events: Vec<Value> = record
        .chain
        .lines()
        .iter()
        .map(|l| json!({"seq": l.seq, "time": l.time, "station": l.station, "kind": crate::record::kind(l), "subject": subject(l)}))
        .collect();
    let mut result = json!({
        "accepted": audit.refusals.is_empty(), "ceremony": record.plan.ceremony(), "purpose": record.plan.purpose(),
        "plan_sha256": record.plan.digest(), "parameters_sha256": record.parameters.as_ref().map(|p| p.1),
        "ciphertext_sha256": record.ciphertext.as_ref().map(|c| c.1), "head": head,
        "words": {"en": head.words(Lang::En), "zh": head.words(Lang::Zh)}, "lines": record.chain.lines().len(),
        "escrow_sha256": record.escrow.as_ref().map(|e| e.1), "shares": shares::sets(record), "drills": shares::drills(record), "life": shares::life(record),
        "keys": keys, "people": people, "deviations": deviations, "refusals": refusals, "events": events,
    });
    if let (Some(object), Err(error)) = (result.as_object_mut(), audit.verdict()) {
        object.insert("error".into(), Console::error_json(&error));
    }
    result
}
