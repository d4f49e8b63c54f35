//! Deviations about backups: shares that became void or were too few, recoveries that nobody compared, drills that failed.

use keyferry_core::story::Sharing;
use keyferry_core::transcript::Shared;
use keyferry_core::{Story, bi};

use super::{Deviation, Record};
use crate::record::backup::View;

/// Every deviation about backups; `compared` says whether earlier records were passed.
pub(super) fn find(record: &Record, story: &Story<'_>, compared: bool) -> Vec<Deviation> {
    let mut found: Vec<Deviation> = void(story).collect();
    if let Some(view) = View::of(record, story) {
        found.extend(view.set().and_then(few));
        found.extend(view.set().and_then(|set| unrecorded(record, set)));
    }
    found.extend(foreign_escrow(record, story));
    if !compared {
        found.extend(recovered(story));
    }
    found.extend(drills(record));
    found
}

fn void(story: &Story<'_>) -> impl Iterator<Item = Deviation> {
    story.voided().iter().map(|void| {
        let (set, confirmed) = (void.set, void.confirmed);
        let text = bi!(
            "people agreed that set \"{set}\" is void, after {confirmed} of its shares were confirmed: each custodian who \
             has one must destroy it",
            "各方同意作废 \"{set}\" 组（其中 {confirmed} 个分片已确认）：持有者应将其销毁"
        );
        Deviation::of_seq(void.seq, "shares-void", text)
    })
}

/// A run was interrupted, and its material was recovered from the shares that existed.
fn few(set: &Sharing) -> Option<Deviation> {
    let (name, have, all, needed) = (&set.set, set.confirmed.len(), set.shares, set.threshold);
    let text = bi!(
        "only {have} of the {all} shares of set \"{name}\" were read back ({needed} are needed to recover), because the run was interrupted",
        "\"{name}\" 组的 {all} 个分片中只有 {have} 个被读回（恢复需 {needed} 个）：运行曾中断"
    );
    (have < usize::from(all)).then(|| Deviation::of_seq(set.seq, "shares-few", text))
}

fn unrecorded(record: &Record, set: &Sharing) -> Option<Deviation> {
    let text = bi!(
        "the transcript has no digest of escrow.json, because the run was interrupted; its content matches the ciphertext",
        "记录中没有 escrow.json 的摘要：运行曾中断。其内容与密文一致"
    );
    let unknown = set.gives == Shared::EscrowKey && set.escrow.is_none() && record.escrow.is_some();
    unknown.then(|| Deviation::of_seq(set.seq, "escrow-unrecorded", text))
}

fn foreign_escrow(record: &Record, story: &Story<'_>) -> Option<Deviation> {
    let (escrow, _) = record.escrow.as_ref()?;
    let own = story.sharings().iter().any(|s| s.set == escrow.backup_set);
    let text = bi!(
        "escrow.json in the folder belongs to ceremony {}, and is not part of this record",
        "文件夹中的 escrow.json 属于仪式 {}，不是该记录的一部分",
        escrow.ceremony
    );
    (!own).then(|| Deviation::of_record(super::OTHER_FILE, text))
}

/// Material came from shares of an earlier ceremony, and its record was not passed for comparison.
fn recovered(story: &Story<'_>) -> impl Iterator<Item = Deviation> {
    let elsewhere = story.combinations().iter().filter(|c| !c.own);
    elsewhere.map(|c| {
        let (set, head) = (c.set, c.record_head);
        let text = bi!(
            "shares of set \"{set}\" belong to the record with the head {head}, which was not compared: pass it with --previous",
            "\"{set}\" 组的分片属于链尾摘要为 {head} 的记录，尚未作比较：请用 --previous 给出"
        );
        Deviation::of_seq(c.seq, "previous-record", text)
    })
}

/// Drills that did not succeed.
fn drills(record: &Record) -> Vec<Deviation> {
    let Some(drills) = &record.drills else { return Vec::new() };
    let drills = Story::of(drills);
    let bad = drills.runs_in_turn().filter(|(_, end)| end.is_none_or(|end| end.failed > 0));
    bad.map(|(run, _)| {
        let time = run.time;
        let text = bi!("the drill of {time} did not succeed", "{time} 的分片验证没有成功");
        Deviation::of_record("drill-failed", text)
    })
    .collect()
}
