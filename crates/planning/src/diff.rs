//! `keyferry plan diff`: shows reviewers what differs between two plans, field by field, with each key and person under its own
//! name.

use std::collections::{HashMap, HashSet};

use keyferry_core::plan::MAX_PLAN;
use keyferry_core::plan::outline::{Entry, outline};
use keyferry_core::{Bilingual, Fingerprint, bi};
use keyferry_transport::{Console, read_capped};
use serde_json::{Value, json};

use super::args::Diff;
use super::error::{Error, PlanTaskError};

/// A value, with the name of the thing that it belongs to.
struct Named {
    of: String,
    entry: Entry,
}

/// One difference.
struct Change<'p> {
    of: &'p str,
    field: &'static str,
    before: Option<&'p Entry>,
    after: Option<&'p Entry>,
}

pub(super) fn run(args: &Diff, console: &Console) -> Result<(), Error> {
    let (before, after) = (read_capped(&args.before, MAX_PLAN)?, read_capped(&args.after, MAX_PLAN)?);
    let listed = |bytes: &[u8]| Ok::<_, PlanTaskError>(named(outline(bytes)?));
    let (old, new) = (listed(&before)?, listed(&after)?);
    let digests = [Fingerprint::of(&before), Fingerprint::of(&after)];
    for (label, digest) in [bi!("before", "之前"), bi!("after", "之后")].iter().zip(&digests) {
        console.hex(label, digest);
    }
    let changes = changes(&old, &new);
    let moved = moved(&old, &new);
    let others = moved.iter().map(|of| bi!("{of}: at a different place in the order", "{of}：次序不同"));
    for line in changes.iter().map(Change::what).chain(others).filter(|_| !console.json()) {
        console.to_read().say(&line);
    }
    let same = digests[0] == digests[1];
    let (count, others) = (changes.len(), moved.len());
    let verdict = verdict(same, count, others);
    console.row(&bi!("verdict", "结论"), verdict.get(console.lang()));
    if console.json() {
        let changes: Vec<Value> = changes.iter().map(Change::as_json).collect();
        console.result(&json!({
            "command": "plan diff", "before_sha256": digests[0], "after_sha256": digests[1], "same": same,
            "changes": changes, "moved": moved,
        }));
    }
    Ok(())
}

fn verdict(same: bool, count: usize, others: usize) -> Bilingual {
    if same {
        return bi!("the plans are identical, byte for byte", "同一份计划，每个字节都相同");
    }
    if count + others == 0 {
        return bi!(
            "every value is the same, but comments, spaces or the order of fields differ, so these are two different plans",
            "所有值都相同；注释、空白或字段次序不同，因此是两份计划"
        );
    }
    bi!("values that differ: {count}; moved: {others}", "不同的值：{count}；次序变化：{others}")
}

/// Each value with the name by which people know its table: the key's alias, the person's name and role, the waived check.
fn named(entries: Vec<Entry>) -> Vec<Named> {
    let values: HashMap<_, _> =
        entries.iter().map(|e| ((e.table, e.number, e.field), e.value.as_str())).collect();
    let value = |table, number, field| values.get(&(table, number, field)).copied().unwrap_or_default();
    let name = |entry: &Entry| {
        let of = |fields: &[&'static str]| {
            let values: Vec<_> = fields.iter().map(|field| value(entry.table, entry.number, field)).collect();
            format!("{} {}", entry.header(), values.join(" "))
        };
        match entry.table {
            "" => String::new(),
            "participant" => of(&["name", "role"]),
            "key" => of(&["alias"]),
            "posture.waive" => of(&["check"]),
            "thing" => of(&["name", "identifier"]),
            _ => entry.header(),
        }
    };
    let names: Vec<String> = entries.iter().map(name).collect();
    entries.into_iter().zip(names).map(|(entry, of)| Named { of, entry }).collect()
}

/// Values that differ or that only one plan has, in the order of the later plan; removed values come last.
fn changes<'p>(old: &'p [Named], new: &'p [Named]) -> Vec<Change<'p>> {
    let place = |named: &'p Named| (named.of.as_str(), named.entry.field);
    let by_place = |plan: &'p [Named]| plan.iter().map(|n| (place(n), &n.entry)).collect::<HashMap<_, _>>();
    let (earlier, later) = (by_place(old), by_place(new));
    let mut changes = Vec::new();
    for named in new {
        let before = earlier.get(&place(named)).copied();
        if before.is_none_or(|before| before.value != named.entry.value) {
            let (of, field) = place(named);
            changes.push(Change { of, field, before, after: Some(&named.entry) });
        }
    }
    for named in old.iter().filter(|named| !later.contains_key(&place(named))) {
        let (of, field) = place(named);
        changes.push(Change { of, field, before: Some(&named.entry), after: None });
    }
    changes
}

/// Keys and people that both plans have, in a different order.
fn moved<'p>(old: &'p [Named], new: &'p [Named]) -> Vec<&'p str> {
    let order = |plan: &'p [Named]| {
        let mut seen = HashSet::new();
        plan.iter().map(|named| named.of.as_str()).filter(|of| seen.insert(*of)).collect::<Vec<_>>()
    };
    let (old, new) = (order(old), order(new));
    let [in_old, in_new] = [&old, &new].map(|order| order.iter().copied().collect::<HashSet<_>>());
    let both = |of: &&str| in_old.contains(of) && in_new.contains(of);
    let (before, after) = (old.iter().copied().filter(both), new.iter().copied().filter(both));
    before.zip(after).filter(|(before, after)| before != after).map(|(_, after)| after).collect()
}

impl Change<'_> {
    fn what(&self) -> Bilingual {
        let gap = if self.of.is_empty() { "" } else { " " };
        let place = format!("{}{gap}{}", self.of, self.field);
        match (self.before, self.after) {
            (Some(before), Some(after)) => {
                let (old, new, from, to) = (&before.value, &after.value, before.line, after.line);
                bi!(
                    "{place}: was {old} (line {from}), is {new} (line {to})",
                    "{place}：原为 {old}（第 {from} 行），现为 {new}（第 {to} 行）"
                )
            }
            (None, Some(Entry { value, line, .. })) => {
                bi!("{place}: new, {value} (line {line})", "{place}：新增，{value}（第 {line} 行）")
            }
            (Some(Entry { value, line, .. }), None) => {
                bi!(
                    "{place}: removed, was {value} (line {line})",
                    "{place}：已去掉，原为 {value}（第 {line} 行）"
                )
            }
            (None, None) => bi!("{place}", "{place}"),
        }
    }

    fn as_json(&self) -> Value {
        let side =
            |entry: Option<&Entry>| entry.map(|entry| json!({"value": entry.value, "line": entry.line}));
        json!({"of": self.of, "field": self.field, "before": side(self.before), "after": side(self.after)})
    }
}
