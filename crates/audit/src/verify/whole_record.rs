//! A whole record: checked, shown as rows, and as JSON.

use crate::record::{Audit, Deviation, Expect, Files, KeyOutcome, KeyRecord, Record, Signed};
use keyferry_core::{Bilingual, Lang, Story, bi};
use keyferry_transport::Console;
use keyferry_transport::console::Mark;
use serde_json::{Value, json};

use super::args::Verify;
use super::chain::{event, station};
use super::shares;
use crate::error::{Error, Reported};
use crate::shown::{first, refusals, say_left_out};

pub(super) fn run(args: &Verify, console: &Console) -> Result<(), Error> {
    let mut expect = Expect { purpose: args.expect, head: args.expect_head, previous: Vec::new() };
    for dir in &args.previous {
        let earlier = Audit::of_files(Files::read(dir)?, &Expect::default());
        expect.previous.push(earlier.as_previous()?);
    }
    let audit = Audit::of_files(Files::read(&args.record)?, &expect);
    if let Some(record) = &audit.record {
        show(record, &audit, &console.to_read());
    }
    let outcome = audit.verdict();
    // The program ends with the first refusal; the others are shown before it.
    refusals(&audit, console);
    match &audit.record {
        Some(record) if console.json() => {
            print_json(record, &audit, console);
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
    let story = Story::of(&record.chain);
    first(console, 40, story.runs(), |run| {
        let (time, station) = (run.time, station(run.station));
        let text = format!("{time}  {station:<7}  {}  ({})", run.command, run.program);
        console.row(&bi!("command", "命令"), &text);
    });
    show_keys(audit, console);
    shares::show(record, &story, console);
    first(console, 40, &audit.people, |person| {
        let text = format!("{} ({})  {}", person.name, person.id, signature(person).get(lang));
        console.row(&bi!("signature", "签名"), &text);
    });
    first(console, 60, &audit.deviations, |deviation| {
        let at = deviation.line.map_or_else(String::new, |line| format!("{line}: "));
        console.row(&bi!("deviation", "偏差"), &format!("{at}{}", deviation.text.get(lang)));
    });
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

/// Shows the first keys, and below them those that were refused; with `-v`, all keys.
fn show_keys(audit: &Audit, console: &Console) {
    const FIRST: usize = 60;
    const REFUSED: usize = 40;
    let (mut refused, mut left_out) = (0, 0_u64);
    for (n, key) in audit.keys.iter().enumerate() {
        let is_refused = matches!(key.outcome, KeyOutcome::Failed { .. });
        if n >= FIRST && !console.is_verbose() {
            refused += usize::from(is_refused);
            if !is_refused || refused > REFUSED {
                left_out += 1;
                continue;
            }
        }
        let end = outcome(&key.outcome);
        let kcv = key.kcv.map_or_else(String::new, |kcv| format!("  KCV {kcv}"));
        let text = format!("{}  {}  {}{kcv}", key.alias, key.region, end.get(console.lang()));
        console.row(&bi!("key", "密钥"), &text);
    }
    say_left_out(console, left_out);
}

/// The outcome for a key, in a few words.
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

/// The result for programs, member by member: each key, event and deviation on a separate line.
fn print_json(record: &Record, audit: &Audit, console: &Console) {
    let head = record.chain.head();
    let mut members = console.members();
    members.put("accepted", &json!(audit.refusals.is_empty()));
    members.put("ceremony", &json!(record.plan.ceremony()));
    members.put("purpose", &json!(record.plan.purpose()));
    members.put("plan_sha256", &json!(record.plan.digest()));
    members.put("parameters_sha256", &json!(record.parameters.as_ref().map(|p| p.1)));
    members.put("ciphertext_sha256", &json!(record.ciphertext.as_ref().map(|c| c.1)));
    members.put("escrow_sha256", &json!(record.escrow.as_ref().map(|e| e.1)));
    members.put("head", &json!(head));
    members.put("words", &json!({"en": head.words(Lang::En), "zh": head.words(Lang::Zh)}));
    members.put("lines", &json!(record.chain.lines().len()));
    if let Err(error) = audit.verdict() {
        members.put("error", &Console::error_json(&error));
    }
    members.list("refusals", audit.refusals.iter().map(|e| Console::error_json(e)));
    members.list("people", audit.people.iter().map(person));
    members.list("keys", audit.keys.iter().map(key));
    members.list("shares", shares::sets(&Story::of(&record.chain)));
    members.list("drills", shares::drills(record));
    members.list("life", shares::life(record));
    let deviation = |d: &Deviation| json!({"line": d.line, "kind": d.kind, "en": d.text.en, "zh": d.text.zh});
    members.list("deviations", audit.deviations.iter().map(deviation));
    members.list("events", record.chain.lines().iter().map(event));
    members.end();
}

fn key(key: &KeyRecord) -> Value {
    let (state, control) = match &key.outcome {
        KeyOutcome::Proved { state } => (Some(state), None),
        KeyOutcome::Failed { control, .. } => (None, Some(control)),
    };
    json!({
        "alias": key.alias, "region": key.region, "key_id": key.key_id, "kcv": key.kcv,
        "commitment": key.commitment, "proved": state.is_some(), "state": state, "refused_by": control,
    })
}

fn person(person: &Signed) -> Value {
    let (kind, fingerprint) = person.key.clone().unzip();
    json!({
        "id": person.id, "name": person.name, "role": person.role, "key": kind, "fingerprint": fingerprint,
        "signed": person.signed,
    })
}
