//! The parts of the page below its head.

use keyferry_core::{Bilingual, WrappingAlgorithm, bi};

use super::page_tables::{group_row, row};
use super::{Page, class};
use crate::compare::Verdict;
use crate::figures::{Batch, Group};
use crate::plot::{self, Bar, Caption, Point};
use crate::statistics::{Estimate, count};
use crate::suite::Key;
use crate::{text_tables, words};
use keyferry_transport::html::Html;

/// The caption of a figure: its subject and, in smaller letters, how to read it.
pub(super) struct Heading {
    pub(super) title: Bilingual,
    pub(super) below: Bilingual,
}

impl Page<'_> {
    pub(super) fn wrapping(&self, html: &mut Html) {
        let id = |algorithm: WrappingAlgorithm, key: Key| format!("wrap/{algorithm}/{}", key.name());
        let groups: Vec<&Group> =
            self.report.groups.iter().filter(|g| words::wrap_group(g.id.as_str()).is_some()).collect();
        let max = widest(&groups);
        let title =
            bi!("Wrapping one key, compared with other implementations", "包装一个密钥：与其他实现并列");
        let below = bi!(
            "Shorter is faster; one scale for all six charts. Bar: median. Whisker: 95 % interval. ×: the ratio to keyferry's time, \
             computed round by round.",
            "越短越快；六张图使用同一刻度。条形：中位数；须线：95 % 区间；×：逐轮计算的、相对 keyferry 用时的倍数。"
        );
        self.section(html, &title, &below, |html| {
            for key in Key::BOTH {
                let title = match key {
                    Key::Fresh => bi!(
                        "A fresh wrapping key each time, as in every ceremony",
                        "每次使用新的包装公钥（每次仪式均如此）"
                    ),
                    Key::Same => bi!("The same wrapping key again and again", "反复使用同一包装公钥"),
                };
                self.leaf(html, "h3", "row-title", &title);
                html.nest("div", &[("class", "charts three")], |html| {
                    for algorithm in WrappingAlgorithm::ALL {
                        if let Some(group) = self.report.group(&id(algorithm, key)) {
                            let title = bi!("{algorithm}", "{algorithm}");
                            self.bars(html, &title, group, max, ("µs", 1e3));
                        }
                    }
                });
            }
        });
    }

    /// One chart of a group whose cases all do the same work.
    fn bars(
        &self,
        html: &mut Html,
        title: &Bilingual,
        group: &Group,
        max: f64,
        (unit, divisor): (&str, f64),
    ) {
        let bars: Vec<Bar> = group
            .cases
            .iter()
            .enumerate()
            .map(|(n, case)| Bar {
                class: class(case.name.as_str()),
                label: self.say(&words::title(case)).to_owned(),
                note: match (n, case.ratio) {
                    (1.., Some(ratio)) => format!(" · {}×", words::ratio(ratio.median())),
                    _ => String::new(),
                },
                value: case.ns.scaled(1.0 / divisor),
            })
            .collect();
        let rounds = group.rounds;
        let heading =
            Heading { title: title.clone(), below: bi!("{unit}, {rounds} rounds", "{unit}，{rounds} 轮") };
        let spoken: Vec<String> = bars
            .iter()
            .map(|b| {
                let range = words::interval(&b.value, words::number);
                format!("{}: {} {unit} ({range}){}", b.label, words::number(b.value.median()), b.note)
            })
            .collect();
        self.figure(html, &heading, |html| {
            let caption = Caption { title: self.say(&heading.title), description: &spoken.join("; ") };
            plot::bars(html, &caption, &bars, max / divisor, unit);
        });
    }

    fn figure(&self, html: &mut Html, heading: &Heading, inner: impl FnOnce(&mut Html)) {
        html.nest("figure", &[], |html| {
            html.nest("figcaption", &[], |html| {
                html.text(self.say(&heading.title));
                self.leaf(html, "span", "light", &heading.below);
            });
            inner(html);
        });
    }

    pub(super) fn batch(&self, html: &mut Html) {
        let Some(most) = self.report.batch.last().map(|b| b.keys) else { return };
        let title = bi!("Many keys at once", "批量处理");
        let below = bi!(
            "Everything that the offline station computes: plan and parameters are parsed and checked, material is generated, wrapped \
             and confirmed, and the ciphertext is written. No files, no people. Both axes are logarithmic: a flat line is a cost that does not grow.",
            "离线工作站的全部计算：解析并检查计划与参数，生成密钥材料，包装并复核，写出密文。不含文件与人工。双对数坐标：水平线表示单个密钥的成本不随数量增长。"
        );
        let times = self.points(|b| Some(b.ns_per_key.scaled(1e-3)));
        let memory = self.points(|b| {
            let kib = count(usize::try_from(b.bytes_per_key?).ok()?) / 1024.0;
            Estimate::new(kib, kib, kib)
        });
        self.section(html, &title, &below, |html| {
            html.nest("div", &[("class", "charts two")], |html| {
                let heading = Heading {
                    title: bi!("Time a key", "每个密钥的用时"),
                    below: bi!("µs, by number of keys; median and 95 %", "µs，按密钥数；中位数与 95 % 区间"),
                };
                self.curve(html, &heading, &times, most, "ours");
                let heading = Heading {
                    title: bi!("Memory a key", "每个密钥的内存"),
                    below: bi!(
                        "KiB of peak resident memory, from the size where it is measurable",
                        "KiB，常驻内存峰值；从可测量处起"
                    ),
                };
                self.curve(html, &heading, &memory, most, "memory");
            });
            self.batch_table(html);
        });
    }

    fn points(&self, value: impl Fn(&Batch) -> Option<Estimate>) -> Vec<Point> {
        self.report.batch.iter().filter_map(|b| Some(Point { keys: b.keys, value: value(b)? })).collect()
    }

    pub(super) fn curve(
        &self,
        html: &mut Html,
        heading: &Heading,
        points: &[Point],
        most: usize,
        class: &'static str,
    ) {
        if points.is_empty() {
            return;
        }
        let spoken: Vec<String> = points
            .iter()
            .map(|p| format!("{}: {}", words::grouped(count(p.keys)), words::number(p.value.median())))
            .collect();
        self.figure(html, heading, |html| {
            let caption = Caption { title: self.say(&heading.title), description: &spoken.join("; ") };
            plot::curve(html, &caption, points, most, class);
        });
    }

    fn batch_table(&self, html: &mut Html) {
        let heads = [
            bi!("keys", "密钥数"),
            bi!("in all", "总用时"),
            bi!("µs a key", "µs/个"),
            bi!("95 %", "95 %"),
            bi!("peak memory", "内存峰值"),
            bi!("rounds", "轮数"),
        ];
        self.table(html, &bi!("Many keys at once", "批量处理"), "", &heads, |html| {
            for b in &self.report.batch {
                let (keys, us) = (count(b.keys), b.ns_per_key.scaled(1e-3));
                let peak = b.peak_bytes.map_or_else(|| "–".to_owned(), words::bytes);
                row(
                    html,
                    &words::grouped(keys),
                    &[
                        ("main", &words::duration(b.ns_per_key.median() * keys)),
                        ("", &words::number(us.median())),
                        ("range", &words::interval(&us, words::number)),
                        ("", &peak),
                        ("range", &b.rounds.to_string()),
                    ],
                );
            }
        });
    }

    pub(super) fn processes(&self, html: &mut Html) {
        let groups: Vec<&Group> =
            self.report.groups.iter().filter(|g| g.id.as_str().starts_with("process/")).collect();
        if groups.is_empty() {
            return;
        }
        let max = widest(&groups);
        let title = bi!("One key, whole processes", "一个密钥，整个进程");
        let below = bi!(
            "keyferry-offline wrap compared with the four openssl commands of the vendor's guide, run in turn. wrap also checks plan and \
             parameters, keeps the record, and waits until every output is on the device; in memory there is nothing to wait for.",
            "keyferry-offline wrap 与厂商指南中的四条 openssl 命令交替运行。wrap 还会检查计划与参数、写入记录，并等待全部输出写入设备；写入内存时无需等待。"
        );
        self.section(html, &title, &below, |html| {
            html.nest("div", &[("class", "charts two")], |html| {
                for group in &groups {
                    let title = if group.id.as_str() == "process/disk" {
                        bi!("Output on disk", "输出写入磁盘")
                    } else {
                        bi!("Output in memory", "输出写入内存")
                    };
                    self.bars(html, &title, group, max, ("ms", 1e6));
                }
            });
        });
    }

    pub(super) fn steps(&self, html: &mut Html) {
        let Some(group) = self.report.group("steps") else { return };
        let least = group.cases.iter().map(|c| c.ns.low()).fold(f64::INFINITY, f64::min).max(1.0);
        let most = group.cases.iter().map(|c| c.ns.high()).fold(0.0, f64::max).max(least * 2.0);
        let title = bi!("Every other step of a ceremony", "仪式的其余步骤");
        let below = bi!(
            "For one key. The dots are on a logarithmic scale, from {} to {}.",
            "以一个密钥计。圆点位于对数刻度上，从 {} 到 {}。",
            words::duration(least),
            words::duration(most)
        );
        let heads = [bi!("step", "步骤"), bi!("µs", "µs"), bi!("95 %", "95 %"), bi!("", "")];
        self.section(html, &title, &below, |html| {
            self.table(html, &title, "steps", &heads, |html| {
                for case in &group.cases {
                    let us = case.ns.scaled(1e-3);
                    html.nest("tr", &[], |html| {
                        html.leaf("th", &[("scope", "row")], self.say(&words::title(case)));
                        html.leaf("td", &[("class", "main")], &words::number(us.median()));
                        html.leaf("td", &[("class", "range")], &words::interval(&us, words::number));
                        html.nest("td", &[("class", "plot")], |html| plot::dot(html, &case.ns, least, most));
                    });
                }
            });
        });
    }

    pub(super) fn comparison(&self, html: &mut Html) {
        let Some(comparison) = self.comparison else { return };
        let since = words::date(comparison.old_taken_at);
        let title = bi!("What changed since {since}", "自 {since} 以来的变化");
        let heads = [
            bi!("case", "项目"),
            bi!("old, µs", "旧，µs"),
            bi!("new, µs", "新，µs"),
            bi!("new ÷ old", "新 ÷ 旧"),
            bi!("95 %", "95 %"),
            bi!("verdict", "结论"),
        ];
        self.section(html, &title, &comparison.summary(), |html| {
            self.leaf(
                html,
                "p",
                if comparison.drift.is_known() { "sub" } else { "warn" },
                &comparison.caution(),
            );
            if !comparison.differences.is_empty() {
                html.nest("dl", &[], |html| {
                    for d in &comparison.differences {
                        html.leaf("dt", &[], self.say(&d.what));
                        html.leaf("dd", &[], &format!("{} → {}", self.say(&d.old), self.say(&d.new)));
                    }
                });
            }
            self.table(html, &title, "compare", &heads, |html| {
                let mut group = "";
                for change in &comparison.changes {
                    if change.group != group {
                        group = &change.group;
                        group_row(html, self.say(&words::group(group)), heads.len());
                    }
                    let (class, mark) = match change.verdict {
                        Verdict::Faster => ("faster", "▼ "),
                        Verdict::Slower => ("slower", "▲ "),
                        Verdict::NoChange => ("same", ""),
                    };
                    let verdict = format!("{mark}{}", text_tables::verdict(change.verdict, self.lang));
                    let us = |e: &Estimate| words::number(e.median() / 1e3);
                    row(
                        html,
                        self.say(&words::case(&change.case)),
                        &[
                            ("", &us(&change.old)),
                            ("", &us(&change.new)),
                            ("main", &words::ratio(change.ratio.median())),
                            ("range", &words::interval(&change.ratio, words::ratio)),
                            (class, &verdict),
                        ],
                    );
                }
            });
        });
    }

    pub(super) fn all_numbers(&self, html: &mut Html) {
        let title = bi!("All numbers", "全部数据");
        let below = bi!(
            "Times in µs. × first: this line's time divided by its group's first, the median over rounds.",
            "时间单位为 µs。× 首行：本行用时除以该组首行用时，取各轮中位数。"
        );
        let heads = [
            bi!("case", "项目"),
            bi!("median", "中位数"),
            bi!("95 %", "95 %"),
            bi!("× first", "× 首行"),
            bi!("95 %", "95 %"),
            bi!("rounds", "轮数"),
            bi!("calls a round", "每轮调用"),
        ];
        self.section(html, &title, &below, |html| {
            self.table(html, &title, "", &heads, |html| {
                for group in &self.report.groups {
                    group_row(html, self.say(&words::group(group.id.as_str())), heads.len());
                    for (n, case) in group.cases.iter().enumerate() {
                        let us = case.ns.scaled(1e-3);
                        let ratio = case.ratio.filter(|_| n > 0);
                        row(
                            html,
                            self.say(&words::title(case)),
                            &[
                                ("main", &words::number(us.median())),
                                ("range", &words::interval(&us, words::number)),
                                ("", &ratio.map(|r| words::ratio(r.median())).unwrap_or_default()),
                                (
                                    "range",
                                    &ratio.map(|r| words::interval(&r, words::ratio)).unwrap_or_default(),
                                ),
                                ("range", &group.rounds.to_string()),
                                ("range", &case.calls.to_string()),
                            ],
                        );
                    }
                }
            });
        });
    }
}

/// The longest bar, including its whisker, of all charts that share a scale.
fn widest(groups: &[&Group]) -> f64 {
    groups.iter().flat_map(|g| &g.cases).map(|c| c.ns.median() * 1.04).fold(1.0, f64::max)
}
