//! Builds the report's sections from an audit.

use keyferry_core::plan::{Role, ValidTo};
use keyferry_core::story::{Finish, Run, RunEnd};
use keyferry_core::{Bilingual, Explain, Fingerprint, Lang, PlanKey, Story, bi};

use super::attached::{Attachments, Long};
use super::cell::Cell;
use super::document::{Document, Outcome};
use super::{backup_section, check, life_section, lines, machine_section, requests};
use crate::record::{Audit, Deviation, KeyOutcome, KeyRecord, Record, VerifyError};
use crate::verify::{outcome, signature};

/// How many reasons the banner lists.
const MAX_REASONS: usize = 50;

/// The whole report; `attachments` take the rows for which it has no room.
pub(super) fn document<'p>(audit: &Audit, lang: Lang, attachments: Attachments<'p>) -> Document<'p> {
    let mut document = Document::new(lang, outcome_of(audit), attachments);
    document.head = audit.record.as_ref().map(|record| record.chain.head());
    document.reasons = audit.refusals.iter().take(MAX_REASONS).map(|e| reason(e, lang)).collect();
    let Some(record) = &audit.record else {
        document.title = document.say(&bi!("A record that cannot be read", "无法读取的记录"));
        document.kicker = "keyferry".into();
        document.verdict.0 = document.say(&bi!("REFUSED: this is not a record", "拒绝：这不是一份记录"));
        return document;
    };
    head(&mut document, record, audit);
    more_reasons(&mut document, audit);
    deviations(&mut document, audit);
    keys(&mut document, record, audit);
    people(&mut document, audit);
    digests(&mut document, record);
    course(&mut document, record);
    machine_section::section(&mut document, record);
    backup_section::section(&mut document, record);
    life_section::section(&mut document, record);
    requests::section(&mut document, record);
    check::section(&mut document, record, audit);
    lines::section(&mut document, record);
    document
}

fn reason(error: &VerifyError, lang: Lang) -> String {
    format!("[{}] {}", error.control(), error.what().get(lang))
}

/// All reasons as a table, if the banner has no room for them.
fn more_reasons(document: &mut Document<'_>, audit: &Audit) {
    if audit.refusals.len() <= MAX_REASONS {
        return;
    }
    document.heading(&bi!("Every reason for the refusal", "拒绝的全部理由"));
    let lang = document.lang;
    let row = |error: &VerifyError| vec![Cell::mono(error.control()), Cell::plain(error.what().get(lang))];
    document.list(
        Long::Reasons,
        &[bi!("control", "控制项"), bi!("what", "内容")],
        audit.refusals.iter().map(row),
    );
}

fn outcome_of(audit: &Audit) -> Outcome {
    match (audit.refusals.is_empty(), audit.deviations.is_empty()) {
        (false, _) => Outcome::Refused,
        (true, false) => Outcome::Deviating,
        (true, true) => Outcome::Good,
    }
}

fn head(document: &mut Document<'_>, record: &Record, audit: &Audit) {
    let (ceremony, version) = (record.plan.ceremony(), env!("CARGO_PKG_VERSION"));
    document.title = document.say(&bi!("Key ceremony {ceremony}", "密钥仪式 {ceremony}"));
    let purpose = document.say(&record.plan.purpose().title());
    let word = document.say(&bi!("record of a key ceremony", "密钥仪式记录"));
    document.kicker = format!("{purpose} · {word} · keyferry {version}");
    let signed = audit.people.iter().filter(|p| p.signed).count();
    let proved = audit.keys.iter().filter(|k| matches!(k.outcome, KeyOutcome::Proved { .. })).count();
    let (all, deviations, refusals) =
        (record.plan.keys().len(), audit.deviations.len(), audit.refusals.len());
    document.verdict.0 = document.say(&if refusals > 0 {
        bi!(
            "REFUSED: this record does not verify and proves nothing. Reasons: {refusals}",
            "拒绝：该记录未通过验证，不能作为证据。理由：{refusals} 条"
        )
    } else {
        bi!(
            "The record holds together. Keys proved: {proved} of {all}. Signatures: {signed}. Deviations: {deviations}.",
            "记录完整一致：{all} 个密钥中 {proved} 个已验证，{signed} 个签名，{deviations} 项偏差。"
        )
    });
}

fn keys(document: &mut Document<'_>, record: &Record, audit: &Audit) {
    document.heading(&bi!("Keys", "密钥"));
    let lang = document.lang;
    let heads = [
        bi!("alias", "别名"),
        bi!("region", "地域"),
        bi!("key id", "密钥 ID"),
        bi!("bits", "位数"),
        bi!("KCV", "KCV"),
        bi!("valid to", "有效期至"),
        bi!("result", "结果"),
    ];
    document.list(Long::Keys, &heads, audit.planned(record).map(|(key, found)| key_row(key, found, lang)));
    let committed = |key: &KeyRecord| Some(vec![Cell::plain(&key.alias), Cell::mono(key.commitment?)]);
    if audit.keys.iter().all(|key| key.commitment.is_none()) {
        return;
    }
    document.text(&bi!(
        "Equal commitments, even years apart, mean the same material; a commitment reveals nothing about the material.",
        "多年后承诺值相同即表示材料相同；没有材料时，承诺值不泄露材料的任何信息。"
    ));
    let heads = [bi!("alias", "别名"), bi!("commitment to the material", "材料的承诺值")];
    document.list(Long::Commitments, &heads, audit.keys.iter().filter_map(committed));
}

fn key_row(key: &PlanKey, found: Option<&KeyRecord>, lang: Lang) -> Vec<Cell> {
    let end = found.map_or_else(|| bi!("does not hold together", "记录不一致"), |k| outcome(&k.outcome));
    let good = found.is_some_and(|k| matches!(k.outcome, KeyOutcome::Proved { .. }));
    let text = |value: Option<String>| value.unwrap_or_else(|| "–".into());
    vec![
        Cell::plain(&key.alias),
        Cell::plain(&key.region),
        Cell::mono(text(key.key_id.as_ref().map(ToString::to_string))),
        Cell::plain(key.kind().material.length.bits()),
        Cell::mono(text(found.and_then(|k| k.kcv).map(|k| k.to_string()))),
        Cell::plain(valid_to(key.valid_to, lang)),
        Cell::verdict(end.get(lang), good),
    ]
}

fn valid_to(valid_to: ValidTo, lang: Lang) -> String {
    match valid_to {
        ValidTo::Never => bi!("never", "永不到期").get(lang).to_owned(),
        other => other.to_string(),
    }
}

fn people(document: &mut Document<'_>, audit: &Audit) {
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
            "On paper: all of them compare the head of the record (below, and at the foot of each printed page) with the one that they wrote down, then sign and write the date.",
            "纸面签署：各人将仪式记录的链尾摘要（见下文及每页页脚）与自己记下的核对，然后签名并写明日期。"
        ));
        document.ink(ink);
    }
}

fn digests(document: &mut Document<'_>, record: &Record) {
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

/// The commands in order, with their times in UTC.
fn course(document: &mut Document<'_>, record: &Record) {
    document.heading(&bi!("Course", "过程"));
    document
        .text(&bi!("Times are UTC, by each station's own clock.", "时间为 UTC，取自各工作站自己的时钟。"));
    let heads = [
        bi!("begun", "开始"),
        bi!("finished", "结束"),
        bi!("station", "工作站"),
        bi!("command", "命令"),
        bi!("result", "结果"),
        bi!("program", "程序"),
    ];
    let (story, lang) = (Story::of(&record.chain), document.lang);
    document.list(Long::Commands, &heads, story.runs().iter().map(|run| run_row(run, lang)));
}

fn run_row(run: &Run<'_>, lang: Lang) -> Vec<Cell> {
    let (until, result) = match run.end {
        RunEnd::Finished(Finish { time, succeeded, failed, .. }) => {
            (time.to_string(), bi!("{succeeded} done, {failed} failed", "成功 {succeeded}，失败 {failed}"))
        }
        RunEnd::Open | RunEnd::Interrupted => ("–".into(), bi!("interrupted", "中断")),
    };
    vec![
        Cell::plain(run.time),
        Cell::plain(until),
        Cell::plain(lines::station(run.station).get(lang)),
        Cell::mono(run.command),
        Cell::plain(result.get(lang)),
        Cell::plain(run.program),
    ]
}

fn deviations(document: &mut Document<'_>, audit: &Audit) {
    document.heading(&bi!("Deviations", "偏差"));
    if audit.deviations.is_empty() {
        document.text(&bi!("None is recorded.", "没有记录任何偏差。"));
        return;
    }
    let lang = document.lang;
    let line = |number: Option<u64>| number.map_or_else(|| "–".into(), |n| n.to_string());
    let row = |d: &Deviation| vec![Cell::plain(line(d.line)), Cell::plain(d.text.get(lang))];
    document.list(
        Long::Deviations,
        &[bi!("line", "行"), bi!("what", "内容")],
        audit.deviations.iter().map(row),
    );
}
