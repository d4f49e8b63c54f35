//! The report's section about the backup: each set with its shares, who keeps them, and every drill. It never contains a word
//! of a share.

use std::collections::HashMap;

use keyferry_core::plan::Backup;
use keyferry_core::story::{ConfirmedShare, Sharing};
use keyferry_core::{BackupSet, Bilingual, Event, EventKind, Lang, Story, Timestamp, bi};

use super::attached::Long;
use super::cell::Cell;
use super::document::Document;
use super::lines;
use super::sentences::{given, of_backup, way};
use crate::record::Record;

/// The whole section.
pub(super) fn section(document: &mut Document<'_>, record: &Record) {
    document.heading(&bi!("Backup", "备份"));
    let plan = match record.plan.backup() {
        Backup::None { reason } => bi!("none, because: {reason}", "不备份，理由：{reason}"),
        Backup::Slip39 { threshold, shares } => bi!(
            "SLIP-39: any {threshold} of {shares} shares are enough to recover; no record contains the shares themselves",
            "SLIP-39：{shares} 个分片中的任意 {threshold} 个可恢复；其内容不写入任何记录"
        ),
    };
    document.facts(vec![(bi!("by the plan", "按计划"), Cell::plain(document.say(&plan)))]);
    let story = Story::of(&record.chain);
    let sets = story.sharings();
    for (n, set) in sets.iter().enumerate() {
        if document.is_full() {
            let left_out = sets.len() - n;
            document.text(&bi!("{left_out} more sets are not shown here.", "此处省略另外 {left_out} 组。"));
            break;
        }
        about_set(document, set);
    }
    let shown = |e: &Event| !matches!(e, Event::SharesMade { .. } | Event::ShareConfirmed { .. });
    let lines = record.chain.lines().iter().filter(|l| shown(&l.event) && of_backup(&l.event).is_some());
    lines::list(document, Long::Backup, lines);
    drills(document, record, sets);
}

fn about_set(document: &mut Document<'_>, set: &Sharing) {
    let state = match (set.void, set.confirmed.len(), usize::from(set.shares)) {
        (true, ..) => Cell::verdict(document.say(&bi!("void", "已作废")), false),
        (false, have, all) if have < all => Cell::verdict(
            document.say(&bi!("{have} of {all} read back", "{all} 个中 {have} 个已读回")),
            false,
        ),
        (false, _, all) => Cell::verdict(
            document.say(&bi!("all {all} read back, word for word", "{all} 个均已逐词读回")),
            true,
        ),
    };
    let (threshold, shares) = (set.threshold, set.shares);
    document.facts(vec![
        (bi!("set of shares", "分片组"), Cell::plain(format!("“{}”", set.set))),
        (
            bi!("needed", "恢复所需"),
            Cell::plain(
                document.say(&bi!("any {threshold} of {shares}", "{shares} 个中的任意 {threshold} 个")),
            ),
        ),
        (bi!("give", "恢复内容"), Cell::plain(document.say(&given(set.gives)))),
        (bi!("KCV", "KCV"), Cell::mono(set.kcv.map_or_else(|| "–".to_owned(), |kcv| kcv.to_string()))),
        (bi!("commitment", "承诺值"), Cell::mono(set.commitment)),
        (bi!("read back", "读回"), state),
    ]);
    let share = |s: &ConfirmedShare| {
        vec![
            Cell::plain(s.number),
            Cell::plain(s.custodian.as_ref().map_or_else(|| "–".to_owned(), |c| document.say(&c.shown()))),
            Cell::plain(document.say(&way(s.medium))),
            Cell::plain(s.time),
            Cell::mono(s.share_sha256),
        ]
    };
    let rows: Vec<_> = set.confirmed.iter().map(share).collect();
    let heads = [
        bi!("share", "分片"),
        bi!("custodian", "保管人"),
        bi!("given out", "发出方式"),
        bi!("read back", "读回时间"),
        bi!("digest of its words", "词语的摘要"),
    ];
    document.table(&heads, rows);
}

/// One row for each drill, or for each share that was proved alone.
fn drills(document: &mut Document<'_>, record: &Record, sets: &[Sharing]) {
    let Some(drills) = &record.drills else { return };
    document.text(&bi!(
        "Drills with these shares, according to drills.jsonl, which nobody signs. Only correct shares can appear here, \
         because each share is compared with its digest, and the recovered material with the commitment.",
        "用这些分片进行的验证，取自无人签名的 drills.jsonl。只有正确的分片才会列在此处：每个分片均与其摘要比较，恢复的内容与承诺值比较。"
    ));
    let (drills, lang) = (Story::of(drills), document.lang);
    let sets: HashMap<&BackupSet, &Sharing> = sets.iter().map(|set| (&set.set, set)).collect();
    let rows = drills.runs_in_turn().map(|(run, end)| {
        let after = drills.lines_after(run.seq).iter();
        let own =
            after.take_while(|line| !matches!(line.event.kind(), EventKind::Begun | EventKind::Finished));
        let said: Vec<String> = own.filter_map(|line| told(&line.event, &sets, lang)).collect();
        row(lang, (run.time, said), end.map(|end| (end.succeeded, end.failed)))
    });
    let heads = [bi!("time", "时间"), bi!("what", "内容"), bi!("result", "结果")];
    document.list(Long::Drills, &heads, rows);
}

fn row(lang: Lang, (time, said): (Timestamp, Vec<String>), end: Option<(u64, u64)>) -> Vec<Cell> {
    let (good, text) = match end {
        Some((_, 0)) => (true, bi!("as recorded", "与记录一致")),
        Some((succeeded, failed)) => {
            (false, bi!("{succeeded} as recorded, {failed} NOT", "{succeeded} 个一致，{failed} 个不符"))
        }
        None => (false, bi!("refused or interrupted", "被拒绝或中断")),
    };
    vec![Cell::plain(time), Cell::plain(said.join("; ")), Cell::verdict(text.get(lang), good)]
}

/// A drill's event, with the names of those who keep the shares.
fn told(event: &Event, sets: &HashMap<&BackupSet, &Sharing>, lang: Lang) -> Option<String> {
    let names = |set: &BackupSet, numbers: &[u8]| {
        let shares = sets.get(set);
        let named = numbers.iter().map(|n| {
            let custodian = shares.and_then(|s| s.share(*n)).and_then(|s| s.custodian.as_ref());
            custodian.map_or_else(|| n.to_string(), |c| format!("{n} ({})", c.shown().get(lang)))
        });
        Bilingual::list(named).get(lang).to_owned()
    };
    let text = match event {
        Event::SharesCombined { set, numbers, .. } => {
            let names = names(set, numbers);
            bi!("set “{set}”, shares {names} combined", "“{set}” 组，合并分片 {names}")
        }
        Event::ShareProved { set, number, .. } => {
            let name = names(set, &[*number]);
            bi!("set “{set}”, share {name} proved", "“{set}” 组，验证分片 {name}")
        }
        Event::Note { by, text } => {
            let (by, text) = (by.shown(), text.shown());
            Bilingual { en: format!("{}: {}", by.en, text.en), zh: format!("{}：{}", by.zh, text.zh) }
        }
        _ => return None,
    };
    Some(text.get(lang).to_owned())
}
