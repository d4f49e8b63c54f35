//! Deviations about backups: shares that became void or were too few, recoveries that nobody compared, drills that failed.

use keyferry_core::transcript::Shared;
use keyferry_core::{Event, bi};

use super::{Deviation, Record};
use crate::record::SharesRecord;
use crate::record::backup::{View, combinations, is_own};

/// All of them; `compared` if earlier records were given.
pub(super) fn find(record: &Record, compared: bool) -> Vec<Deviation> {
    let mut found: Vec<Deviation> = void(record).collect();
    if let Some(view) = View::of(record) {
        found.extend(view.set().and_then(few));
        found.extend(view.set().and_then(|set| unrecorded(record, set)));
    }
    found.extend(foreign_escrow(record));
    if !compared {
        found.extend(recovered(record));
    }
    found.extend(drills(record));
    found
}

fn void(record: &Record) -> impl Iterator<Item = Deviation> + use<'_> {
    record.chain.lines().iter().filter_map(|line| match &line.event {
        Event::SharesVoid { set, confirmed } => Some(Deviation::of_seq(
            line.seq,
            "shares-void",
            bi!(
                "people agreed that set \"{set}\" is void, {confirmed} of its shares confirmed: whoever has one destroys it",
                "各方同意作废 \"{set}\" 组（其中 {confirmed} 个分片已确认）：持有者应将其销毁"
            ),
        )),
        _ => None,
    })
}

/// A run was interrupted, and its material came back from the shares that there were.
fn few(set: &SharesRecord) -> Option<Deviation> {
    let (name, have, all, needed) = (&set.set, set.confirmed.len(), set.shares, set.threshold);
    let text = bi!(
        "only {have} of the {all} shares of set \"{name}\" were read back ({needed} recover): the run was interrupted",
        "\"{name}\" 组的 {all} 个分片中只有 {have} 个被读回（恢复需 {needed} 个）：运行曾中断"
    );
    (have < usize::from(all)).then(|| Deviation::of_seq(set.seq, "shares-few", text))
}

fn unrecorded(record: &Record, set: &SharesRecord) -> Option<Deviation> {
    let text = bi!(
        "the transcript has no digest of escrow.json: the run was interrupted. What it holds is the ciphertext's",
        "记录中没有 escrow.json 的摘要：运行曾中断。其内容与密文一致"
    );
    let unknown = set.gives == Shared::EscrowKey && set.escrow.is_none() && record.escrow.is_some();
    unknown.then(|| Deviation::of_seq(set.seq, "escrow-unrecorded", text))
}

fn foreign_escrow(record: &Record) -> Option<Deviation> {
    let (escrow, _) = record.escrow.as_ref()?;
    let own = SharesRecord::all(&record.chain).iter().any(|s| s.set == escrow.backup_set);
    let text = bi!(
        "escrow.json in the folder is of ceremony {}, and no part of this record",
        "文件夹中的 escrow.json 属于仪式 {}，不是该记录的一部分",
        escrow.ceremony
    );
    (!own).then(|| Deviation::of_record("other-file", text))
}

/// Material came from shares of an earlier ceremony, whose record nobody gave to compare with.
fn recovered(record: &Record) -> impl Iterator<Item = Deviation> + use<'_> {
    let elsewhere = combinations(&record.chain).filter(|c| !is_own(c, &record.chain));
    elsewhere.map(|c| {
        let (set, head) = (c.set, c.record_head);
        let text = bi!(
            "shares of set \"{set}\" are of the record with the head {head}, which was not compared: give it with --previous",
            "\"{set}\" 组的分片属于链首为 {head} 的记录，尚未作比较：请用 --previous 给出"
        );
        Deviation::of_seq(c.seq, "previous-record", text)
    })
}

/// Drills that came to no good end.
fn drills(record: &Record) -> Vec<Deviation> {
    let mut found = Vec::new();
    let mut open = None;
    let mut bad = |time| {
        let text = bi!("the drill of {time} did not succeed", "{time} 的分片验证没有成功");
        found.push(Deviation::of_record("drill-failed", text));
    };
    for line in record.drills.iter().flat_map(|d| d.lines()) {
        match &line.event {
            Event::Begun { .. } => {
                if let Some(time) = open.replace(line.time) {
                    bad(time);
                }
            }
            Event::Finished { failed, .. } => {
                if let Some(time) = open.take().filter(|_| *failed > 0) {
                    bad(time);
                }
            }
            _ => {}
        }
    }
    if let Some(time) = open {
        bad(time);
    }
    found
}
