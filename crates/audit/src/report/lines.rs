//! Lines of a transcript as rows: all of them, or those that a section is about.

use keyferry_core::transcript::Line;
use keyferry_core::{Bilingual, Lang, Station, bi};

use super::attached::Long;
use super::cell::Cell;
use super::document::Document;
use super::{sentences, words};
use crate::record::{Record, fields, kind};

/// Up to this many lines are listed one by one; a longer transcript shows the first and the last of them.
const MAX_LINES: usize = 1000;

/// The section with all lines. They are not in an attached file, because the transcript itself is available.
pub(super) fn section(document: &mut Document<'_>, record: &Record) {
    document.heading(&bi!("Every line of the transcript", "记录的每一行"));
    let lines = record.chain.lines();
    let left_out = lines.len().saturating_sub(MAX_LINES);
    if left_out > 0 {
        document.text(&bi!(
            "{left_out} lines in the middle are not shown here; all of them were checked.",
            "此处省略中间的 {left_out} 行；所有行均已检查。"
        ));
    }
    let half = if left_out > 0 { MAX_LINES / 2 } else { MAX_LINES };
    let (first, rest) = lines.split_at(half.min(lines.len()));
    let last = rest.get(left_out.min(rest.len())..).unwrap_or_default();
    let lang = document.lang;
    let rows: Vec<_> = first.iter().chain(last).map(|line| row(line, lang)).collect();
    document.table(&heads(), rows);
}

pub(super) fn station(station: Station) -> Bilingual {
    match station {
        Station::Online => bi!("online", "在线工作站"),
        Station::Offline => bi!("offline", "离线工作站"),
    }
}

/// A line with everything that it says.
fn row(line: &Line, lang: Lang) -> Vec<Cell> {
    let said = sentences::of(&line.event);
    let said = said.map_or_else(|| words::members(&fields(line)), |said| said.get(lang).to_owned());
    vec![
        Cell::plain(line.seq + 1),
        Cell::plain(line.time),
        Cell::plain(station(line.station).get(lang)),
        Cell::plain(words::kind(kind(line)).get(lang)),
        Cell::plain(said),
    ]
}

/// The lines that a section is about; nothing if there are none.
pub(super) fn list<'r>(document: &mut Document<'_>, table: Long, lines: impl Iterator<Item = &'r Line>) {
    let (lang, mut lines) = (document.lang, lines.peekable());
    if lines.peek().is_some() {
        document.list(table, &heads(), lines.map(|line| row(line, lang)));
    }
}

/// The column headings for rows of lines.
fn heads() -> [Bilingual; 5] {
    [
        bi!("line", "行"),
        bi!("time", "时间"),
        bi!("station", "工作站"),
        bi!("event", "事件"),
        bi!("says", "内容"),
    ]
}
