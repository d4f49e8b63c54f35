//! The parts of the page below its head.

use keyferry_core::{Bilingual, Lang, WrappingAlgorithm, bi};

use super::{Page, class};
use crate::compare::Verdict;
use crate::plot::{self, Bar, Caption, Point};
use crate::report::{Batch, Effort, Group, Text};
use crate::statistics::{Estimate, count};
use crate::suite::Key;
use crate::{table, words};
use keyferry_transport::html::Html;

/// A figure's caption: what, and in smaller letters how.
struct Heading {
    title: Bilingual,
    below: Bilingual,
}

impl Page<'_> {
    pub(super) fn wrapping(&self, html: &mut Html) {
        let id = |algorithm: WrappingAlgorithm, key: Key| format!("wrap/{algorithm}/{}", key.name());
        let groups: Vec<&Group> =
            self.report.groups.iter().filter(|g| words::wrap_group(g.id.as_str()).is_some()).collect();
        let max = widest(&groups);
        let title = bi!("Wrapping one key, beside other implementations", "包装一个密钥：与其他实现并列");
        let below = bi!(
            "Shorter is faster; one scale for all six charts. Bar: median. Whisker: 95 % interval. ×: how many times keyferry's time, \
             taken round by round.",
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

    /// One chart of a group whose cases do the same.
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
            "All that the offline station computes: plan and parameters parsed and checked, material generated, wrapped and confirmed, \
             ciphertext written. No files, no people. Both axes are logarithmic: a flat line is a cost that does not grow.",
            "离线站的全部计算：解析并检查计划与参数，生成密钥材料，包装并复核，写出密文。不含文件与人工。双对数坐标：水平线表示单个密钥的成本不随数量增长。"
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
                        "KiB of peak resident memory, from where it can be seen",
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

    fn curve(&self, html: &mut Html, heading: &Heading, points: &[Point], most: usize, class: &'static str) {
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
            "keyferry-offline wrap beside the four openssl commands of the vendor's guide, in turn. wrap also checks plan and parameters, \
             keeps the record, and waits until every output is on the device; in memory there is nothing to wait for.",
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
            "For one key. The dots stand on a logarithmic scale, from {} to {}.",
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
                    let verdict = format!("{mark}{}", table::verdict(change.verdict, self.lang));
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

    pub(super) fn facts(&self, html: &mut Html) {
        let (machine, build) = (&self.report.machine, &self.report.build);
        let unknown = || self.say(&bi!("not said by the system", "系统未提供")).to_owned();
        let features: Vec<&str> = machine.features.iter().map(Text::as_str).collect();
        let load = machine.load.map_or_else(unknown, |l| format!("{l:.2}"));
        let governor = machine.governor.as_ref().map_or_else(unknown, |g| g.as_str().to_owned());
        let digest = build.binary_sha256.map_or_else(unknown, |d| d.to_string());
        let mut facts = vec![
            (bi!("machine", "机器"), self.say(&words::machine(machine)).to_owned()),
            (bi!("features", "指令集"), features.join(" ")),
            (bi!("frequency governor", "频率调节策略"), governor),
            (bi!("load before", "运行前负载"), load),
            (bi!("kernel", "内核"), machine.kernel.as_str().to_owned()),
            (bi!("keyferry", "keyferry"), build.version.as_str().to_owned()),
            (bi!("program's SHA-256", "程序的 SHA-256"), digest),
            (bi!("compiler", "编译器"), build.rustc.as_str().to_owned()),
            (
                bi!("target, profile", "平台与构建配置"),
                format!("{}, {}", build.target.as_str(), build.profile.as_str()),
            ),
        ];
        if let Some(revision) = &build.revision {
            facts.push((bi!("revision", "修订版本"), revision.as_str().to_owned()));
        }
        if !build.rustflags.as_str().is_empty() {
            facts.push((bi!("compiler flags", "编译参数"), build.rustflags.as_str().to_owned()));
        }
        if let Some(station) = self.report.station_sha256 {
            facts.push((
                bi!("keyferry-offline's SHA-256", "keyferry-offline 的 SHA-256"),
                station.to_string(),
            ));
        }
        let title = bi!("Machine and build", "机器与构建");
        let below = bi!("What the numbers belong to.", "以上数据所属的环境。");
        self.section(html, &title, &below, |html| {
            html.nest("dl", &[], |html| {
                for (name, value) in &facts {
                    html.leaf("dt", &[], self.say(name));
                    let class = if value.len() == 64 { "mono" } else { "plain" };
                    html.leaf("dd", &[("class", class)], value);
                }
            });
        });
    }

    pub(super) fn method(&self, html: &mut Html) {
        let title = bi!("How it was measured", "测量方法");
        let seconds = self.report.took_ms / 1000;
        let effort = match self.report.effort {
            Effort::Quick => bi!(
                "--quick, {seconds} s: a first look, with wide intervals",
                "--quick，{seconds} 秒：初步了解，区间较宽"
            ),
            Effort::Default => bi!("{seconds} s in all", "共 {seconds} 秒"),
            Effort::Full => bi!("--full, {seconds} s in all", "--full，共 {seconds} 秒"),
        };
        let points = [
            bi!(
                "Contenders run in turn, round by round, in one process and on one thread; each round begins with another one. A machine that drifts drifts under all of them.",
                "各实现在同一进程、同一线程内逐轮交替运行，每轮由不同的实现开始；机器的漂移对所有实现的影响相同。"
            ),
            bi!(
                "A sample is as many calls as fill a quarter of a millisecond, at least one. Every implementation draws its randomness as it does in use: keyferry asks the kernel for every key.",
                "每个样本的调用次数以填满四分之一毫秒为准，至少一次。各实现按实际使用的方式取得随机数：keyferry 每个密钥都向内核请求。"
            ),
            bi!(
                "Times are medians with the 95 % interval of order statistics, which assumes no distribution. Ratios are taken within each round, then the same is done with them. With fewer than six rounds the interval is the whole range. It says how sure this run is of its median; another run may drift further than that.",
                "时间取中位数及由次序统计量得到的 95 % 区间，不假设任何分布。比值先在每轮内计算，再以同样方式处理。少于六轮时，区间为全部范围。区间表示本次运行对其中位数的把握；另一次运行的漂移可能更大。"
            ),
            bi!(
                "Memory is the growth of the process' peak of resident memory since one key; sizes ascend. Less than half a mebibyte is not shown.",
                "内存为进程常驻内存峰值相对于处理一个密钥时的增长；数量递增测量。不足半 MiB 时不显示。"
            ),
        ];
        self.section(html, &title, &effort, |html| {
            html.nest("ul", &[], |html| {
                for point in &points {
                    self.leaf(html, "li", "", point);
                }
                for missing in &self.report.left_out {
                    let missing = words::missing(*missing);
                    self.leaf(html, "li", "", &bi!("Not measured. {}", "未测量。{}", self.say(&missing)));
                }
            });
        });
    }

    pub(super) fn footer(&self, html: &mut Html) {
        let text = bi!(
            "Made by keyferry bench on this machine. The same numbers stand in bench.json; keyferry bench --compare bench.json shows what changed.",
            "由 keyferry bench 在本机生成。bench.json 含有相同数据；keyferry bench --compare bench.json 可显示变化。"
        );
        self.leaf(html, "footer", "", &text);
    }

    /// A table that may be wider than a phone: it scrolls by itself, and with the keyboard.
    fn table(
        &self,
        html: &mut Html,
        name: &Bilingual,
        class: &str,
        heads: &[Bilingual],
        rows: impl FnOnce(&mut Html),
    ) {
        let outer: &[(&'static str, &str)] =
            &[("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", self.say(name))];
        html.nest("div", outer, |html| {
            html.nest("table", &[("class", class)], |html| {
                html.nest("thead", &[], |html| {
                    html.nest("tr", &[], |html| {
                        for head in heads {
                            // Hidden on a phone together with its cells.
                            let range = if head.get(Lang::En) == "95 %" { "range" } else { "" };
                            html.leaf("th", &[("scope", "col"), ("class", range)], self.say(head));
                        }
                    });
                });
                html.nest("tbody", &[], rows);
            });
        });
    }
}

fn row(html: &mut Html, head: &str, cells: &[(&str, &str)]) {
    html.nest("tr", &[], |html| {
        html.leaf("th", &[("scope", "row")], head);
        for (class, text) in cells {
            html.leaf("td", &[("class", class)], text);
        }
    });
}

fn group_row(html: &mut Html, title: &str, columns: usize) {
    html.nest("tr", &[], |html| {
        html.leaf(
            "th",
            &[("scope", "colgroup"), ("class", "group"), ("colspan", &columns.to_string())],
            title,
        );
    });
}

/// The longest bar of all charts that share a scale, whisker included.
fn widest(groups: &[&Group]) -> f64 {
    groups.iter().flat_map(|g| &g.cases).map(|c| c.ns.median() * 1.04).fold(1.0, f64::max)
}
