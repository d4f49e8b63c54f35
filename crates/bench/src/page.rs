//! `bench.html`: the report as one page that loads nothing and runs no scripts, for a screen of any width, light or dark, or
//! paper.

mod about;
mod page_tables;
mod scale_section;
mod sections;

use keyferry_core::{Bilingual, Lang, bi};

use super::compare::Comparison;
use super::figures::{Case, Report};
use super::machine::warnings;
use super::words;
use keyferry_transport::html::Html;

/// The page's only style.
const STYLE: &str = include_str!("page.css");
/// The first group of the page: the default padding, as in a ceremony.
const LEADING: &str = "wrap/RSAES_OAEP_SHA_256/fresh-key";

/// The data that every part of the page needs.
struct Page<'r> {
    report: &'r Report,
    comparison: Option<&'r Comparison>,
    lang: Lang,
}

/// The whole page.
pub(super) fn render(report: &Report, comparison: Option<&Comparison>, lang: Lang) -> String {
    let page = Page { report, comparison, lang };
    let title = bi!("keyferry bench, {}", "keyferry bench，{}", report.taken_at);
    Html::document(lang, title.get(lang), STYLE, |html| {
        html.nest("main", &[], |html| {
            page.header(html);
            page.comparison(html);
            page.wrapping(html);
            page.batch(html);
            page.scale(html);
            page.processes(html);
            page.steps(html);
            page.all_numbers(html);
            page.facts(html);
            page.method(html);
            page.footer(html);
        });
    })
}

impl Page<'_> {
    fn say<'t>(&self, text: &'t Bilingual) -> &'t str {
        text.get(self.lang)
    }

    fn leaf(&self, html: &mut Html, tag: &'static str, class: &str, text: &Bilingual) {
        let attributes: &[(&'static str, &str)] = if class.is_empty() { &[] } else { &[("class", class)] };
        html.leaf(tag, attributes, self.say(text));
    }

    /// A section with its heading, a sentence below it, and its contents.
    fn section(&self, html: &mut Html, title: &Bilingual, below: &Bilingual, inner: impl FnOnce(&mut Html)) {
        html.nest("section", &[], |html| {
            self.leaf(html, "h2", "", title);
            self.leaf(html, "p", "sub", below);
            inner(html);
        });
    }

    fn header(&self, html: &mut Html) {
        let machine = words::machine(&self.report.machine);
        html.nest("header", &[], |html| {
            let (version, date) = (self.report.build.version.as_str(), words::date(self.report.taken_at));
            self.leaf(
                html,
                "p",
                "kicker",
                &bi!("keyferry bench · {version} · {date}", "keyferry bench · {version} · {date}"),
            );
            self.leaf(html, "h1", "", &bi!("How fast this machine wraps keys", "本机包装密钥的速度"));
            self.leaf(html, "p", "lede", &self.lede());
            self.leaf(html, "p", "sub", &machine);
            let compared = self.comparison.and_then(Comparison::warning);
            for warning in warnings(&self.report.machine, &self.report.build).iter().chain(&compared) {
                self.leaf(html, "p", "warn", warning);
            }
            html.nest("div", &[("class", "tiles")], |html| self.tiles(html));
        });
    }

    /// The answer in one sentence, if only whole runs were measured.
    fn scale_lede(&self) -> Bilingual {
        let most = self.report.scale.iter().rev().find_map(|s| Some((s.keys, s.ms?, s.peak_bytes)));
        let Some((keys, ms, peak)) = most else { return bi!("", "") };
        let (keys, time) =
            (words::grouped(super::statistics::count(keys)), words::duration(ms.median() * 1e6));
        let peak = peak.map_or_else(|| "–".to_owned(), words::bytes);
        bi!(
            "Wrapping {keys} keys takes the offline station {time} in all, with a memory peak of {peak}.",
            "离线工作站包装 {keys} 个密钥共用时 {time}，内存峰值 {peak}。"
        )
    }

    /// The answer in one sentence: keyferry's time, then how many times as long each peer takes.
    fn lede(&self) -> Bilingual {
        let Some((first, others)) = self.report.group(LEADING).and_then(|g| g.cases.split_first()) else {
            return self.scale_lede();
        };
        let ours = words::duration(first.ns.median());
        let mut text = bi!(
            "Wrapping one key under a fresh RSA-2048 key takes keyferry {ours}",
            "使用新的 RSA-2048 公钥包装一个密钥，keyferry 用时 {ours}"
        );
        let peers: Vec<&Case> = others.iter().filter(|c| class(c.name.as_str()) == "peer").collect();
        for (n, peer) in peers.iter().enumerate() {
            let name = words::unbroken(peer.name.as_str());
            let ratio = peer.ratio.map_or_else(String::new, |r| words::ratio(r.median()));
            let last = n + 1 == peers.len();
            text.en += match (n, last) {
                (0, _) => "; ",
                (_, true) => " and ",
                (_, false) => ", ",
            };
            text.en += &format!("{name} {}{ratio} times as long", if n == 0 { "takes " } else { "" });
            text.zh += &format!("{}{name} 用时是其 {ratio} 倍", if n == 0 { "；" } else { "，" });
        }
        text.en.push('.');
        text.zh.push('。');
        text
    }

    fn tiles(&self, html: &mut Html) {
        let interval = |case: &Case| words::interval(&case.ns.scaled(1e-3), words::number);
        let leading = |name| self.report.group(LEADING).and_then(|g| g.case(name));
        if let Some(case) = leading("keyferry") {
            let name = bi!("wrap one key", "包装一个密钥");
            let detail = bi!("95 %: {} µs", "95 %：{} µs", interval(case));
            self.tile(html, &name, &words::duration(case.ns.median()), &detail);
        }
        if let Some(case) = leading("keyferry-confirmed") {
            let name = bi!("wrapped and confirmed", "包装并复核");
            let detail =
                bi!("by a second implementation, as every ceremony does", "由第二个实现复核，每次仪式均如此");
            self.tile(html, &name, &words::duration(case.ns.median()), &detail);
        }
        if let Some(point) = self.report.batch.last() {
            let keys = super::statistics::count(point.keys);
            let count = words::grouped(keys);
            let name = bi!("{count} keys", "{count} 个密钥");
            let detail = point.bytes_per_key.map_or_else(
                || bi!("everything that the offline station computes", "离线工作站的全部计算"),
                |b| {
                    bi!(
                        "everything that the offline station computes, {} of memory for each key",
                        "离线工作站的全部计算，每个密钥占内存 {}",
                        words::bytes(b)
                    )
                },
            );
            self.tile(html, &name, &words::duration(point.ns_per_key.median() * keys), &detail);
        }
        if let Some([ours, theirs]) = self.process("process/memory").or_else(|| self.process("process/disk"))
        {
            let name = bi!("one key, whole process", "一个密钥，整个进程");
            let times = theirs.ratio.map_or_else(String::new, |r| words::ratio(r.median()));
            let other = words::duration(theirs.ns.median());
            let detail = bi!(
                "the four openssl commands take {other}: {times} times as long",
                "四条 openssl 命令用时 {other}，是其 {times} 倍"
            );
            self.tile(html, &name, &words::duration(ours.ns.median()), &detail);
        }
    }

    fn process(&self, id: &str) -> Option<[&Case; 2]> {
        let group = self.report.group(id)?;
        Some([group.case("keyferry-offline")?, group.case("openssl-commands")?])
    }

    fn tile(&self, html: &mut Html, name: &Bilingual, figure: &str, detail: &Bilingual) {
        html.nest("div", &[("class", "tile")], |html| {
            self.leaf(html, "p", "name", name);
            html.leaf("p", &[("class", "figure")], figure);
            self.leaf(html, "p", "detail", detail);
        });
    }
}

/// The style class of a contender.
fn class(name: &str) -> &'static str {
    match name {
        "keyferry" | "keyferry-offline" => "ours",
        "keyferry-confirmed" => "confirmed",
        _ => "peer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use keyferry_transport::html::well_formed;

    #[test]
    fn a_page_is_whole_and_loads_nothing() {
        let (report, comparison) = (sample::report(), sample::comparison());
        for lang in [Lang::En, Lang::Zh] {
            for comparison in [None, Some(&comparison)] {
                let page = render(&report, comparison, lang);
                assert_eq!(well_formed(&page), Ok(()));
                let foreign =
                    ["http:", "https:", "//", "<script", "<link", "<img", "<a ", "@import", "url(", "onload"];
                assert_eq!(foreign.iter().find(|text| page.contains(**text)), None);
                assert!(page.contains("default-src 'none'") || page.contains("default-src &#39;none&#39;"));
            }
        }
    }

    #[test]
    fn every_table_head_has_its_scope_and_every_drawing_its_words() {
        let page = render(&sample::report(), Some(&sample::comparison()), Lang::En);
        assert_eq!(
            page.matches("<th").count() - page.matches("<thead").count(),
            page.matches("scope=").count()
        );
        let drawings = page.matches("<svg").count() - page.matches("aria-hidden").count();
        assert!(drawings >= 10);
        assert_eq!(
            (page.matches("<desc").count(), page.matches("aria-labelledby").count()),
            (drawings, drawings)
        );
    }

    #[test]
    fn the_curve_has_a_cell_for_a_size_that_was_left_out() {
        for (lang, why) in
            [(Lang::En, "left out: more than five minutes"), (Lang::Zh, "未测量：需时超过五分钟")]
        {
            let page = render(&sample::report(), None, lang);
            assert_eq!(page.matches(why).count(), 1);
            let row = page.split("<tr>").find(|row| row.contains(why)).unwrap();
            assert!(row.contains(&words::grouped(100_000.0)) && row.matches("<td").count() == 5, "{row}");
        }
    }

    #[test]
    fn texts_of_an_old_report_are_only_texts() {
        let mut report = sample::report();
        report.machine.cpu = crate::text::Text::of("<b onclick=x>&\"'");
        let page = render(&report, Some(&sample::comparison()), Lang::Zh);
        assert_eq!(well_formed(&page), Ok(()));
        assert!(!page.contains("<b onclick"));
    }
}
