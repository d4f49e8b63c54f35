//! The page's section on whole runs of the offline station, from 1 to 100,000 keys.

use keyferry_core::bi;
use keyferry_transport::html::Html;

use super::Page;
use super::page_tables::row;
use super::sections::Heading;
use crate::figures::Scale;
use crate::plot::Point;
use crate::statistics::{Estimate, count};
use crate::words;

impl Page<'_> {
    pub(super) fn scale(&self, html: &mut Html) {
        let measured = self.report.scale.iter().filter(|s| s.ms.is_some());
        let Some(most) = measured.map(|s| s.keys).max() else { return };
        let title = bi!("From one key to 100,000", "从一个密钥到十万个");
        let below = bi!(
            "Whole runs of the shipped keyferry-offline wrap: start, checks, wrapping, record, and files in memory. Both axes are logarithmic: \
             a flat line is a cost that does not grow.",
            "发布版 keyferry-offline wrap 的完整运行：启动、检查、包装、记录，以及写入内存中的文件。双对数坐标：水平线表示单个密钥的成本不随数量增长。"
        );
        self.section(html, &title, &below, |html| {
            html.nest("div", &[("class", "charts two")], |html| {
                let heading = Heading {
                    title: bi!("Time a key", "每个密钥的用时"),
                    below: bi!(
                        "ms, by number of keys; median and 95 %",
                        "毫秒，按密钥数；中位数与 95 % 区间"
                    ),
                };
                self.curve(
                    html,
                    &heading,
                    &self.scaled(|s| Some(s.ms?.scaled(1.0 / count(s.keys)))),
                    most,
                    "ours",
                );
                let heading = Heading {
                    title: bi!("Peak memory", "内存峰值"),
                    below: bi!("MiB of the whole process, by number of keys", "MiB，整个进程，按密钥数"),
                };
                self.curve(html, &heading, &self.scaled(mebibytes), most, "memory");
            });
            self.scale_table(html);
        });
    }

    fn scaled(&self, value: impl Fn(&Scale) -> Option<Estimate>) -> Vec<Point> {
        self.report.scale.iter().filter_map(|s| Some(Point { keys: s.keys, value: value(s)? })).collect()
    }

    /// A row for each size; if a size was left out, its row says why.
    fn scale_table(&self, html: &mut Html) {
        let heads = [
            bi!("keys", "密钥数"),
            bi!("in all", "总用时"),
            bi!("95 %", "95 %"),
            bi!("a key", "每个"),
            bi!("peak memory", "内存峰值"),
            bi!("runs", "次数"),
        ];
        self.table(html, &bi!("From one key to 100,000", "从一个密钥到十万个"), "", &heads, |html| {
            for s in &self.report.scale {
                let keys = words::grouped(count(s.keys));
                let Some(ms) = s.ms else {
                    let why = s.left_out.map_or_else(|| bi!("", ""), words::left_out);
                    row(html, &keys, &[("range", self.say(&why)), ("", ""), ("", ""), ("", ""), ("", "")]);
                    continue;
                };
                let peak = s.peak_bytes.map_or_else(|| "–".to_owned(), words::bytes);
                row(
                    html,
                    &keys,
                    &[
                        ("main", &words::duration(ms.median() * 1e6)),
                        ("range", &words::interval(&ms, words::number)),
                        ("", &words::duration(ms.median() * 1e6 / count(s.keys))),
                        ("", &peak),
                        ("range", &s.runs.to_string()),
                    ],
                );
            }
        });
    }
}

fn mebibytes(s: &Scale) -> Option<Estimate> {
    let mib = count(usize::try_from(s.peak_bytes?).ok()?) / (1024.0 * 1024.0);
    Estimate::new(mib, mib, mib)
}
