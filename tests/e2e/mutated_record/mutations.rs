//! Every way to change one line of a record.

use keyferry_core::*;

use super::production::{Entry, at};
use super::weaker::weakened;

/// A record's lines with one change, the name of the change, and the kind of line that it touches.
pub(super) struct Mutation {
    pub(super) name: &'static str,
    pub(super) kind: EventKind,
    pub(super) lines: Vec<Entry>,
}

/// By how many seconds lines are retimed: an hour, a day, a year, decades.
const RETIMED: [i64; 8] =
    [-3_155_760_000, -31_557_600, -86_400, -3600, 3600, 86_400, 31_557_600, 2_000_000_000];

/// Each mutation of a record's lines; a line is moved by at most `reach` places, and to both ends.
pub(super) fn mutations(lines: &[Entry], reach: usize) -> Vec<Mutation> {
    let mut all = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let kind = line.event.kind();
        let mut with = |name: &'static str, edit: &dyn Fn(&mut Vec<Entry>)| {
            let mut changed = lines.to_vec();
            edit(&mut changed);
            if changed != lines {
                all.push(Mutation { name, kind, lines: changed });
            }
        };
        with("drop", &|l| drop(l.remove(n)));
        with("repeat", &|l| l.insert(n, l[n].clone()));
        with("repeat", &|l| l.push(l[n].clone()));
        with("other station", &|l| {
            l[n].station = if l[n].station == Station::Online { Station::Offline } else { Station::Online };
        });
        let far = |to: &usize| to.abs_diff(n) > reach && *to > 0 && *to + 1 < lines.len();
        for to in (0..lines.len()).filter(|to| !far(to)) {
            with("move", &|l| {
                let moved = l.remove(n);
                l.insert(to, moved);
            });
        }
        for by in RETIMED {
            with("retime", &|l| l[n].time = at(l[n].time.unix() + by));
        }
        for weaker in weakened(line) {
            with("weaken", &|l| l[n] = weaker.clone());
        }
    }
    all
}
