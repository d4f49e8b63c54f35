//! The report's sections, from an audit.

use crate::record::{Audit, Record, fields, kind};
use keyferry_core::plan::{Role, ValidTo};
use keyferry_core::story::{Finish, RunEnd};
use keyferry_core::transcript::Line;
use keyferry_core::{Bilingual, Explain, Fingerprint, Lang, Station, Story, bi};
use serde_json::Value;

use super::document::{Cell, Document, Outcome};
use super::{backup, check, life, machine, requests, sentences, words};
use crate::verify::{outcome, signature};

/// Events are listed one by one up to so many; of a larger record, the first and the last of them.
pub(super) const MAX_EVENTS: usize = 2000;

/// The whole report.
pub(super) fn document(audit: &Audit, lang: Lang) -> Document {
    let mut document = Document {
        lang,
        title: String::new(),
        kicker: String::new(),
        verdict: (String::new(), outcome_of(audit)),
        head: audit.record.as_ref().map(|record| record.chain.head()),
        reasons: audit.refusals.iter().map(|e| format!("[{}] {}", e.control(), e.what().get(lang))).collect(),
        blocks: Vec::new(),
    };
    let Some(record) = &audit.record else {
        document.title = document.say(&bi!("A record that cannot be read", "无法读取的记录"));
        document.kicker = "keyferry".into();
        document.verdict.0 = document.say(&bi!("REFUSED: this is no record", "拒绝：这不是一份记录"));
        return document;
    };
    head(&mut document, record, audit);
    deviations(&mut document, audit);
    keys(&mut document, record, audit);
    people(&mut document, audit);
    digests(&mut document, record);
    course(&mut document, record);
    machine::section(&mut document, record);
    backup::section(&mut document, record);
    life::section(&mut document, record);
    requests::section(&mut document, record);
    check::section(&mut document, record, audit);
    events(&mut document, record);
    document
}

fn outcome_of(audit: &Audit) -> Outcome {
    match (audit.refusals.is_empty(), audit.deviations.is_empty()) {
        (false, _) => Outcome::Refused,
        (true, false) => Outcome::Deviating,
        (true, true) => Outcome::Good,
    }
}

fn head(document: &mut Document, record: &Record, audit: &Audit) {
    let (ceremony, version) = (record.plan.ceremony(), env!("CARGO_PKG_VERSION"));
    document.title = document.say(&bi!("Key ceremony {ceremony}", "密钥仪式 {ceremony}"));
    let purpose = document.say(&record.plan.purpose().title());
    let word = document.say(&bi!("record of a key ceremony", "密钥仪式记录"));
    document.kicker = format!("{purpose} · {word} · keyferry {version}");
    let signed = audit.people.iter().filter(|p| p.signed).count();
    let proved =
        audit.keys.iter().filter(|k| matches!(k.outcome, crate::record::KeyOutcome::Proved { .. })).count();
    let (all, deviations, refusals) =
        (record.plan.keys().len(), audit.deviations.len(), audit.refusals.len());
    document.verdict.0 = document.say(&if refusals > 0 {
        bi!(
            "REFUSED: this record does not verify, and is no evidence. Reasons: {refusals}",
            "拒绝：该记录未通过验证，不能作为证据。理由：{refusals} 条"
        )
    } else {
        bi!(
            "The record holds together. Keys proved: {proved} of {all}. Signatures: {signed}. Deviations: {deviations}.",
            "记录完整一致：{all} 个密钥中 {proved} 个已验证，{signed} 个签名，{deviations} 项偏差。"
        )
    });
}

fn keys(document: &mut Document, record: &Record, audit: &Audit) {
    document.heading(&bi!("Keys", "密钥"));
    let mut rows = Vec::new();
    for key in record.plan.keys() {
        let found = audit.keys.iter().find(|k| k.key.alias == key.alias);
        let end = found.map_or_else(|| bi!("does not hold together", "记录不一致"), |k| outcome(&k.outcome));
        let good = found.is_some_and(|k| matches!(k.outcome, crate::record::KeyOutcome::Proved { .. }));
        let text = |value: Option<String>| value.unwrap_or_else(|| "–".into());
        rows.push(vec![
            Cell::plain(&key.alias),
            Cell::plain(&key.region),
            Cell::mono(text(key.key_id.as_ref().map(ToString::to_string))),
            Cell::plain(key.kind().material.length.bits()),
            Cell::mono(text(found.and_then(|k| k.kcv).map(|k| k.to_string()))),
            Cell::plain(valid_to(document, key.valid_to)),
            Cell::verdict(document.say(&end), good),
        ]);
    }
    let heads = [
        bi!("alias", "别名"),
        bi!("region", "地域"),
        bi!("key id", "密钥 ID"),
        bi!("bits", "位数"),
        bi!("KCV", "KCV"),
        bi!("valid to", "有效期至"),
        bi!("result", "结果"),
    ];
    document.table(&heads, rows);
    let commitments: Vec<Vec<Cell>> = audit
        .keys
        .iter()
        .filter_map(|k| Some(vec![Cell::plain(&k.key.alias), Cell::mono(k.commitment?)]))
        .collect();
    if !commitments.is_empty() {
        document.text(&bi!(
            "Equal commitments years apart mean the same material; without the material they reveal nothing of it.",
            "多年后承诺值相同即表示材料相同；没有材料时，承诺值不泄露材料的任何信息。"
        ));
        document
            .table(&[bi!("alias", "别名"), bi!("commitment to the material", "材料的承诺值")], commitments);
    }
}

fn valid_to(document: &Document, valid_to: ValidTo) -> String {
    match valid_to {
        ValidTo::Never => document.say(&bi!("never", "永不到期")),
        other => other.to_string(),
    }
}

fn people(document: &mut Document, audit: &Audit) {
    document.heading(&bi!("People and signatures", "人员与签名"));
    let mut rows = Vec::new();
    for person in &audit.people {
        let state = document.say(&signature(person));
        let state = match &person.key {
            Some(_) => Cell::verdict(state, person.signed),
            None => Cell::plain(state),
        };
        rows.push(vec![
            Cell::plain(&person.name),
            Cell::plain(document.say(&person.role.name())),
            Cell::mono(&person.id),
            state,
            Cell::mono(person.key.as_ref().map_or("–", |(_, fingerprint)| fingerprint)),
        ]);
    }
    let heads = [
        bi!("name", "姓名"),
        bi!("role", "角色"),
        bi!("identity", "身份"),
        bi!("signature", "签名"),
        bi!("key", "公钥"),
    ];
    document.table(&heads, rows);
    let sign = |role| matches!(role, Role::Operator | Role::Witness);
    let ink = audit.people.iter().filter(|person| sign(person.role));
    let ink: Vec<_> = ink.map(|p| (p.name.to_string(), document.say(&p.role.name()))).collect();
    if !ink.is_empty() {
        document.text(&bi!(
            "On paper: each compares the head of the record (below, and at the foot of each printed page) with the one that they wrote down, then signs and writes the date.",
            "纸面签署：各人将仪式记录的链尾摘要（见下文及每页页脚）与自己记下的核对，然后签名并写明日期。"
        ));
        document.ink(ink);
    }
}

fn digests(document: &mut Document, record: &Record) {
    document.heading(&bi!("Digests and words", "摘要与词语"));
    document.text(&bi!(
        "SHA-256 of each file's exact bytes, and the 24 words that people compared. The head is the digest of the transcript's last line.",
        "各文件确切字节的 SHA-256，以及人们核对的 24 个词语。链尾摘要是记录最后一行的摘要。"
    ));
    let mut facts = Vec::new();
    let mut add = |label: Bilingual, digest: Fingerprint| {
        facts.push((label, Cell::mono(digest.grouped())));
        for lang in record.plan.word_languages() {
            let name = lang.name();
            facts.push((bi!("{name}", "{name}"), Cell::words(&digest.words(lang))));
        }
    };
    add(bi!("plan.toml", "plan.toml"), record.plan.digest());
    if let Some((_, digest)) = &record.parameters {
        add(bi!("parameters.json", "parameters.json"), *digest);
    }
    if let Some((_, digest)) = &record.ciphertext {
        add(bi!("ciphertext.json", "ciphertext.json"), *digest);
    }
    if let Some((_, digest)) = &record.escrow {
        add(bi!("escrow.json", "escrow.json"), *digest);
    }
    add(bi!("head of the transcript", "记录的链尾摘要"), record.chain.head());
    document.facts(facts);
}

fn station(station: Station) -> Bilingual {
    match station {
        Station::Online => bi!("online", "联机站"),
        Station::Offline => bi!("offline", "离线站"),
    }
}

/// The commands in order, with their times in UTC.
fn course(document: &mut Document, record: &Record) {
    document.heading(&bi!("Course", "过程"));
    document.text(&bi!("Times are UTC, by each station's own clock.", "时间为 UTC，取自各站点自己的时钟。"));
    let mut rows = Vec::new();
    for run in Story::of(&record.chain).runs() {
        let (until, result) = match run.end {
            RunEnd::Finished(Finish { time, succeeded, failed, .. }) => (
                time.to_string(),
                bi!("{succeeded} done, {failed} failed", "成功 {succeeded}，失败 {failed}"),
            ),
            RunEnd::Open | RunEnd::Interrupted => ("–".into(), bi!("interrupted", "中断")),
        };
        rows.push(vec![
            Cell::plain(run.time),
            Cell::plain(until),
            Cell::plain(document.say(&station(run.station))),
            Cell::mono(run.command),
            Cell::plain(document.say(&result)),
            Cell::plain(run.program),
        ]);
    }
    let heads = [
        bi!("begun", "开始"),
        bi!("finished", "结束"),
        bi!("station", "站点"),
        bi!("command", "命令"),
        bi!("result", "结果"),
        bi!("program", "程序"),
    ];
    document.table(&heads, rows);
}

fn deviations(document: &mut Document, audit: &Audit) {
    document.heading(&bi!("Deviations", "偏差"));
    if audit.deviations.is_empty() {
        document.text(&bi!("None is recorded.", "没有记录任何偏差。"));
        return;
    }
    let lang = document.lang;
    let line = |number: Option<u64>| number.map_or_else(|| "–".into(), |n| n.to_string());
    let rows = audit.deviations.iter();
    let rows = rows.map(|d| vec![Cell::plain(line(d.line)), Cell::plain(d.text.get(lang))]).collect();
    document.table(&[bi!("line", "行"), bi!("what", "内容")], rows);
}

fn events(document: &mut Document, record: &Record) {
    document.heading(&bi!("Every line of the transcript", "记录的每一行"));
    let lines = record.chain.lines();
    let shown: Vec<&Line> = if lines.len() <= MAX_EVENTS {
        lines.iter().collect()
    } else {
        let (n, half) = (lines.len() - MAX_EVENTS, MAX_EVENTS / 2);
        document.text(&bi!(
            "{n} lines in the middle are left out here; all of them were checked.",
            "此处省略中间的 {n} 行；所有行均已检查。"
        ));
        lines.iter().take(half).chain(lines.iter().skip(lines.len() - half)).collect()
    };
    table(document, &shown);
}

/// Lines, one row each, with all that they say.
pub(super) fn table(document: &mut Document, lines: &[&Line]) {
    let mut rows = Vec::new();
    for line in lines {
        let event: Value = fields(line);
        let kind = words::kind(&kind(line));
        let said =
            sentences::of(&line.event).map_or_else(|| words::members(&event), |said| document.say(&said));
        rows.push(vec![
            Cell::plain(line.seq + 1),
            Cell::plain(line.time),
            Cell::plain(document.say(&station(line.station))),
            Cell::plain(document.say(&kind)),
            Cell::plain(said),
        ]);
    }
    let heads = [
        bi!("line", "行"),
        bi!("time", "时间"),
        bi!("station", "站点"),
        bi!("event", "事件"),
        bi!("says", "内容"),
    ];
    document.table(&heads, rows);
}
