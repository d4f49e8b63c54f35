//! Shares, drills and the keys' later life according to a record: rows for people, and JSON.

use crate::record::Record;
use keyferry_core::story::{ConfirmedShare, Finish, Sharing};
use keyferry_core::transcript::Line;
use keyferry_core::{Bilingual, Event, Story, Transcript, bi};
use keyferry_transport::Console;
use serde_json::{Value, json};

use crate::shown::first;

/// One row for each set, and one for each drill that ended.
pub(super) fn show(record: &Record, story: &Story<'_>, console: &Console) {
    let lang = console.lang();
    first(console, 20, story.sharings(), |set| {
        let (name, threshold, all) = (&set.set, set.threshold, set.shares);
        let read = set.confirmed.iter().map(|s| match &s.custodian {
            Some(custodian) => format!("{} {}", s.number, custodian.shown().get(lang)),
            None => s.number.to_string(),
        });
        let Bilingual { en, zh } = Bilingual::list(read);
        let void = if set.void { bi!("; void", "；已作废") } else { bi!("", "") };
        let text = bi!(
            "set \"{name}\", any {threshold} of {all}; read back: {en}{}",
            "\"{name}\" 组，{all} 个中的任意 {threshold} 个；已读回：{zh}{}",
            void.get(lang)
        );
        console.row(&bi!("shares", "分片"), text.get(lang));
    });
    let drills = ended(record.drills.as_ref());
    first(console, 20, drills, |Finish { time, succeeded, failed, .. }| {
        let text = bi!(
            "{time}: {succeeded} as recorded, {failed} not",
            "{time}：{succeeded} 个与记录一致，{failed} 个不符"
        );
        console.row(&bi!("drill", "分片验证"), text.get(lang));
    });
    first(console, 20, changes(record), |line| {
        if let Event::KeyChanged { alias, key_id, state, .. } = &line.event {
            console
                .row(&bi!("later life", "后续操作"), &format!("{}  {alias}  {key_id}  {state}", line.time));
        }
    });
}

/// Every set with the shares that were read back.
pub(super) fn sets(story: &Story<'_>) -> Vec<Value> {
    let share = |s: &ConfirmedShare| json!({"number": s.number, "custodian": s.custodian, "medium": s.medium, "share_sha256": s.share_sha256, "time": s.time});
    let set = |s: &Sharing| {
        json!({
            "set": s.set, "threshold": s.threshold, "shares": s.shares, "gives": s.gives, "kcv": s.kcv,
            "commitment": s.commitment, "void": s.void, "escrow_sha256": s.escrow.map(|e| e.sha256),
            "confirmed": s.confirmed.iter().map(share).collect::<Vec<_>>(),
        })
    };
    story.sharings().iter().map(set).collect()
}

/// Every drill that ended.
pub(super) fn drills(record: &Record) -> Vec<Value> {
    let as_json =
        |end: Finish<'_>| json!({"time": end.time, "succeeded": end.succeeded, "failed": end.failed});
    ended(record.drills.as_ref()).into_iter().map(as_json).collect()
}

/// Every change to a key after the ceremony.
pub(super) fn life(record: &Record) -> impl Iterator<Item = Value> {
    let as_json = |line: &Line| {
        let mut change = serde_json::to_value(&line.event).unwrap_or_default();
        if let Some(object) = change.as_object_mut() {
            object.insert("time".into(), json!(line.time));
        }
        change
    };
    changes(record).map(as_json)
}

fn changes(record: &Record) -> impl Iterator<Item = &Line> {
    let lines = record.life.iter().flat_map(Transcript::lines);
    lines.filter(|line| matches!(line.event, Event::KeyChanged { .. }))
}

fn ended(drills: Option<&Transcript>) -> Vec<Finish<'_>> {
    drills.map(|drills| Story::of(drills).finishes().to_vec()).unwrap_or_default()
}
