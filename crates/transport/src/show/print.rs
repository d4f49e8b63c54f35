//! Sheets of A4 or Letter paper, with symbols that a scanner can read at 150 dots per inch and with the facts that
//! people need years later.
//!
//! The page prints identically on both papers: 186 × 252 mm of content inside margins of 12 mm. Modules are at least 0.48 mm.
//! Every sheet has the title, the digest in hex and in the words of both languages, the numbers of its symbols, and
//! instructions for reading it back, so each sheet can be understood by itself.

use core::fmt::Write;

use keyferry_core::{Lang, bi};

use super::markup::{escape, head, rehearsal, words};
use super::png::QUIET;
use super::series::Series;
use super::subject::Subject;
use super::symbol::{Symbol, Version};
use super::{ShowError, svg};

pub(super) const STYLE: &str = include_str!("print.css");
/// How many more symbols are printed than are needed, so that this many may be torn or stained.
pub const SPARE: usize = 2;
/// The densest symbols by default. With two in a row, their modules are 0.73 mm wide.
pub const DENSEST: Version = Version::V25;

/// Side of a symbol in millimetres, with three in a row and with two.
pub(super) const SIDES: [usize; 2] = [59, 91];

/// Whether a symbol's modules are wider than half a millimetre with three in a row.
pub(super) const fn three_in_a_row(version: Version) -> bool {
    version.modules() + 2 * QUIET <= 110
}

/// The size of the symbols, and their number on a sheet.
struct Grid {
    class: &'static str,
    on_sheet: usize,
}

impl Grid {
    /// Three in a row if their modules are then wider than half a millimetre, otherwise two.
    fn of(series: &Series) -> Self {
        if series.len() > 4 && three_in_a_row(series.version()) {
            Self { class: "grid three", on_sheet: 9 }
        } else {
            Self { class: "grid two", on_sheet: 4 }
        }
    }
}

/// The sheets as one HTML page without a script.
///
/// # Errors
/// [`ShowError`] if a symbol cannot be made.
pub fn sheets(
    subject: &Subject,
    series: &Series,
    lang: Lang,
    mut each: impl FnMut(),
) -> Result<String, ShowError> {
    let grid = Grid::of(series);
    let pages = series.len().div_ceil(grid.on_sheet);
    let mut out = head(lang, &subject.name(), STYLE, None) + "<body>\n";
    let mut figures = String::new();
    for (n, symbol) in (1..).zip(series.symbols()) {
        figures += &figure(&symbol?, n, series, lang);
        each();
        if n % grid.on_sheet == 0 || n == series.len() {
            let page = n.div_ceil(grid.on_sheet);
            let figures = core::mem::take(&mut figures);
            let _ = write!(
                out,
                "<section class=\"sheet\">\n{}<div class=\"{}\">\n{figures}</div>\n{}</section>\n",
                top(subject, lang),
                grid.class,
                bottom(subject, series, lang, page, pages),
            );
        }
    }
    Ok(out + "</body>\n</html>\n")
}

fn figure(symbol: &Symbol, n: usize, series: &Series, lang: Lang) -> String {
    let (total, needed) = (series.len(), series.needed());
    let caption = if needed == 1 {
        bi!("copy {n} of {total}", "副本 {n} / {total}")
    } else {
        bi!("{n} of {total}", "{n} / {total}")
    };
    format!("<figure>{}<figcaption>{}</figcaption></figure>\n", svg::inline(symbol), caption.get(lang))
}

fn top(subject: &Subject, lang: Lang) -> String {
    let digest = subject.digest();
    let label = bi!("in words", "词语");
    let kind = subject.kind().title();
    let ceremony = subject.ceremony().map_or("", |c| c.as_str());
    format!(
        "<header><h1>{}{}</h1><span class=\"what\">{} · {ceremony}</span></header>\n<div class=\"digest\">\
         <b>SHA-256</b><div class=\"hex\">{}</div>\n<b>{}</b>{}\n<b></b>{}</div>\n",
        escape(&subject.name()),
        rehearsal(subject, lang),
        escape(kind.get(lang)),
        digest.grouped(),
        label.get(lang),
        words(&digest, Lang::En),
        words(&digest, Lang::Zh),
    )
}

fn bottom(subject: &Subject, series: &Series, lang: Lang, page: usize, pages: usize) -> String {
    let (total, needed) = (series.len(), series.needed());
    let enough = if needed == 1 {
        bi!(
            "Any one of the {total} symbols holds the whole file.",
            "{total} 个二维码中任意一个都包含整个文件。"
        )
    } else {
        bi!(
            "Any {needed} of the {total} symbols will do, in any order; rarely, one more is needed.",
            "{total} 个二维码中任意 {needed} 个即可，顺序不限；极少数情况下需要再多一个。"
        )
    };
    let back = bi!(
        "To read it back, give pictures or a scan at 150 dpi or more to keyferry-scan, or read each symbol with any hand \
         scanner or phone. Each symbol is one line of digits. Pass the lines to the command receive at either station, then compare the digest and the words. sha256sum prints the same digest for the file.",
        "读回方法：将照片或 150 dpi 以上的扫描件交给 keyferry-scan，或用任意扫码枪、手机逐个读取；每个二维码得到一行数字。\
         将这些行交给任一工作站的 receive 命令，然后核对摘要与词语。该文件的 sha256sum 应与此摘要相同。"
    );
    let bytes = subject.bytes().len();
    let page = bi!("{bytes} bytes · page {page} of {pages}", "{bytes} 字节 · 第 {page} 页，共 {pages} 页");
    format!(
        "<footer><p><b>{}</b> {}</p><span class=\"page\">{}</span></footer>\n",
        enough.get(lang),
        escape(back.get(lang)),
        page.get(lang)
    )
}
