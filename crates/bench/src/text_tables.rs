//! The report as text in both languages, aligned in columns, at most eighty characters wide.

use keyferry_core::{Lang, bi};

use super::compare::{Comparison, Verdict};
use super::figures::{Group, Report};
use super::statistics::Estimate;
use super::words;

/// Widths of the five columns; with two spaces between them, 80 in all.
const COLUMNS: [usize; 5] = [30, 8, 16, 7, 11];

/// Every line of the report.
pub(super) fn lines(report: &Report, lang: Lang) -> Vec<String> {
    let mut out = Vec::new();
    for group in &report.groups {
        group_lines(group, lang, &mut out);
    }
    batch_lines(report, lang, &mut out);
    scale_lines(report, lang, &mut out);
    for missing in &report.left_out {
        out.push(format!("  – {}", words::missing(*missing).get(lang)));
    }
    out
}

fn group_lines(group: &Group, lang: Lang, out: &mut Vec<String>) {
    let (unit, divisor) = if group.id.as_str().starts_with("process/") { ("ms", 1e6) } else { ("µs", 1e3) };
    let compared = group.cases.iter().any(|c| c.ratio.is_some());
    let rounds = group.rounds;
    let title = words::group(group.id.as_str());
    let rounds = bi!("{rounds} rounds", "{rounds} 轮");
    out.push(format!("{}  ({})", title.get(lang), rounds.get(lang)));
    let times = bi!("× first", "× 首行");
    let (ratio_head, interval_head) = if compared { (times.get(lang), "95 %") } else { ("", "") };
    out.push(row(["", unit, "95 %", ratio_head, interval_head]));
    for (n, case) in group.cases.iter().enumerate() {
        let ns = case.ns.scaled(1.0 / divisor);
        // The ratio is to the first case, so the first case itself has none.
        let ratio = case.ratio.as_ref().filter(|_| n > 0);
        out.push(row([
            &format!("  {}", words::title(case).get(lang)),
            &words::number(ns.median()),
            &words::interval(&ns, words::number),
            &ratio.map(|r| words::ratio(r.median())).unwrap_or_default(),
            &ratio.map(|r| words::interval(r, words::ratio)).unwrap_or_default(),
        ]));
    }
    out.push(String::new());
}

fn batch_lines(report: &Report, lang: Lang, out: &mut Vec<String>) {
    if report.batch.is_empty() {
        return;
    }
    out.push(
        bi!("batch: the offline station's whole path", "批量：离线工作站的完整计算过程").get(lang).to_owned(),
    );
    let (memory, total) = (bi!("memory", "内存"), bi!("in all", "总计"));
    let head = bi!("  keys", "  密钥数");
    let unit = bi!("µs a key", "µs/个");
    out.push(row([head.get(lang), unit.get(lang), "95 %", total.get(lang), memory.get(lang)]));
    for point in &report.batch {
        let us = point.ns_per_key.scaled(1e-3);
        let keys = super::statistics::count(point.keys);
        out.push(row([
            &format!("  {}", words::grouped(keys)),
            &words::number(us.median()),
            &words::interval(&us, words::number),
            &words::duration(point.ns_per_key.median() * keys),
            &point.bytes_per_key.map_or_else(|| "–".to_owned(), words::bytes),
        ]));
    }
    out.push(String::new());
}

fn scale_lines(report: &Report, lang: Lang, out: &mut Vec<String>) {
    if report.scale.is_empty() {
        return;
    }
    out.push(
        bi!("keyferry-offline wrap, whole runs", "keyferry-offline wrap，完整运行").get(lang).to_owned(),
    );
    let (head, memory, each) = (bi!("  keys", "  密钥数"), bi!("memory", "内存"), bi!("a key", "每个"));
    out.push(row([head.get(lang), "ms", "95 %", each.get(lang), memory.get(lang)]));
    for size in &report.scale {
        let keys = super::statistics::count(size.keys);
        let name = format!("  {}", words::grouped(keys));
        let Some(ms) = size.ms else {
            let why = size.left_out.map_or_else(|| bi!("", ""), words::left_out);
            out.push(format!("{name}  {}", why.get(lang)));
            continue;
        };
        out.push(row([
            &name,
            &words::number(ms.median()),
            &words::interval(&ms, words::number),
            &words::duration(ms.median() * 1e6 / keys),
            &size.peak_bytes.map_or_else(|| "–".to_owned(), words::bytes),
        ]));
    }
    out.push(String::new());
}

/// The changes since an older report.
pub(super) fn comparison(comparison: &Comparison, lang: Lang) -> Vec<String> {
    let since = comparison.old_taken_at;
    let mut out = vec![bi!("compared with {since}", "与 {since} 的报告比较").get(lang).to_owned()];
    for difference in &comparison.differences {
        let (old, new) = (difference.old.get(lang), difference.new.get(lang));
        out.push(format!("  {}", difference.what.get(lang)));
        out.push(fit(&format!("    – {old}")));
        out.push(fit(&format!("    + {new}")));
    }
    let heads = [bi!("old, µs", "旧，µs"), bi!("new, µs", "新，µs"), bi!("new ÷ old", "新 ÷ 旧")];
    let [old, new, ratio] = &heads;
    let widths = [36, 10, 10, 9, 6];
    out.push(row_of(["", old.get(lang), new.get(lang), ratio.get(lang), ""], widths));
    let mut group = "";
    for change in &comparison.changes {
        if change.group != group {
            group = &change.group;
            out.push(words::group(group).get(lang).to_owned());
        }
        let us = |e: &Estimate| words::number(e.median() / 1e3);
        let cells = [
            &*format!("  {}", words::case(&change.case).get(lang)),
            &us(&change.old),
            &us(&change.new),
            &words::ratio(change.ratio.median()),
            verdict(change.verdict, lang),
        ];
        out.push(row_of(cells, widths));
    }
    out.push(comparison.summary().get(lang).to_owned());
    out.push(String::new());
    out
}

pub(super) const fn verdict(verdict: Verdict, lang: Lang) -> &'static str {
    match (verdict, lang) {
        (Verdict::Faster, Lang::En) => "faster",
        (Verdict::Slower, Lang::En) => "slower",
        (Verdict::NoChange, Lang::En) => "same",
        (Verdict::Faster, Lang::Zh) => "更快",
        (Verdict::Slower, Lang::Zh) => "更慢",
        (Verdict::NoChange, Lang::Zh) => "无变化",
    }
}

/// A line cut to eighty columns; the page shows it whole.
fn fit(line: &str) -> String {
    let mut columns = 0;
    let fits = |c: &char| {
        columns += words::width(c.encode_utf8(&mut [0; 4]));
        columns < 80
    };
    let kept: String = line.chars().take_while(fits).collect();
    if kept.len() == line.len() { kept } else { kept + "…" }
}

fn row(cells: [&str; 5]) -> String {
    row_of(cells, COLUMNS)
}

/// Aligns the first cell to the left and the others to the right.
fn row_of(cells: [&str; 5], widths: [usize; 5]) -> String {
    let mut out = String::new();
    for (n, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let pad = " ".repeat(width.saturating_sub(words::width(cell)));
        if n == 0 {
            out += &format!("{cell}{pad}");
        } else {
            out += &format!("  {pad}{cell}");
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_line_fits_eighty_columns() {
        let (report, comparison) = (sample::report(), sample::comparison());
        for lang in [Lang::En, Lang::Zh] {
            for line in lines(&report, lang).into_iter().chain(super::comparison(&comparison, lang)) {
                assert!(words::width(&line) <= 80, "{} columns: {line}", words::width(&line));
            }
        }
    }

    #[test]
    fn columns_end_in_the_same_place_in_both_languages() {
        for lang in [Lang::En, Lang::Zh] {
            let all = lines(&sample::report(), lang);
            let rows: Vec<_> = all
                .iter()
                .filter(|l| l.starts_with("  ") && !l.starts_with("  –") && l.contains(" – "))
                .collect();
            assert!(rows.len() > 10);
            for line in rows {
                // The median ends in column 40.
                let mut column = 0;
                let at: Vec<char> = line
                    .chars()
                    .take_while(|c| {
                        column += words::width(&c.to_string());
                        column <= 40
                    })
                    .collect();
                assert!(at.last().unwrap().is_ascii_digit(), "{line}");
            }
        }
    }
}
