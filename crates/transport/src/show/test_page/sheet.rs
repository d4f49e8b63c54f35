//! The test page on A4 or Letter paper: each version as large as `show --print` draws it, and at two thirds of
//! that size.

use core::fmt::Write;

use keyferry_core::{Lang, bi};

use super::TestSymbol;
use crate::frame::Level;
use crate::show::markup::{escape, head};
use crate::show::print::{SIDES, STYLE, three_in_a_row};
use crate::show::{ShowError, svg};

/// The height in millimetres that remains for symbols between the header and the footer of a sheet.
const ROOM: usize = 205;
/// Width of a sheet's content.
const WIDTH: usize = 186;
/// Height of a caption and the gap below it.
const CAPTION: usize = 6;
/// Gap between two symbols in a row.
const GAP: usize = 3;

/// The sheets as one HTML page without a script.
pub(super) fn sheets(symbols: &[TestSymbol], lang: Lang) -> Result<String, ShowError> {
    let title = bi!("keyferry test page", "keyferry 测试页");
    let pages = pages(symbols);
    let mut out = head(lang, title.get(lang), STYLE, None) + "<body>\n";
    for (n, rows) in (1..).zip(&pages) {
        let _ =
            write!(out, "<section class=\"sheet\">\n{}<div class=\"trial\">\n", top(title.get(lang), lang));
        for row in rows {
            out += "<div class=\"row\">\n";
            for test in row {
                out += &figure(*test, lang)?;
            }
            out += "</div>\n";
        }
        let _ = write!(out, "</div>\n{}</section>\n", bottom(lang, n, pages.len()));
    }
    Ok(out + "</body>\n</html>\n")
}

/// The side of a symbol in millimetres, including the light margin.
fn side(test: TestSymbol) -> usize {
    let [three, two] = SIDES;
    test.size.of(if three_in_a_row(test.version) { three } else { two })
}

type Row = Vec<TestSymbol>;

/// Arranges symbols in rows, and rows on sheets: the largest remaining symbol begins a row, and others that fit fill it.
fn pages(symbols: &[TestSymbol]) -> Vec<Vec<Row>> {
    let mut rest = symbols.to_vec();
    rest.sort_by_key(|test| core::cmp::Reverse(side(*test)));
    let (mut pages, mut left): (Vec<Vec<Row>>, usize) = (Vec::new(), 0);
    while !rest.is_empty() {
        let row = row(&mut rest);
        let height = row.first().map_or(0, |test| side(*test)) + CAPTION;
        match pages.last_mut().filter(|_| height <= left) {
            Some(page) => page.push(row),
            None => {
                left = ROOM;
                pages.push(vec![row]);
            }
        }
        left = left.saturating_sub(height);
    }
    pages
}

/// Takes a row of symbols from the remaining ones.
fn row(rest: &mut Vec<TestSymbol>) -> Row {
    let (mut row, mut free) = (Row::new(), WIDTH + GAP);
    while let Some(next) = rest.iter().position(|test| side(*test) + GAP <= free) {
        let test = rest.remove(next);
        free -= side(test) + GAP;
        row.push(test);
    }
    row
}

fn figure(test: TestSymbol, lang: Lang) -> Result<String, ShowError> {
    let symbol = test.symbol(Level::M)?;
    let side = side(test);
    // The side of a module in hundredths of a millimetre.
    let module = side * 100 / (symbol.size() + 2 * crate::show::png::QUIET);
    let (version, whole, part) = (test.version.number(), module / 100, module % 100);
    let caption = bi!("version {version} · {whole}.{part:02} mm", "版本 {version} · {whole}.{part:02} mm");
    Ok(format!(
        "<figure class=\"mm{side}\">{}<figcaption>{}</figcaption></figure>\n",
        svg::inline(&symbol),
        escape(caption.get(lang)),
    ))
}

fn top(title: &str, lang: Lang) -> String {
    let what = bi!("these symbols contain no file", "这些二维码不含任何文件");
    format!("<header><h1>{}</h1><span class=\"what\">{}</span></header>\n", escape(title), what.get(lang))
}

fn bottom(lang: Lang, page: usize, pages: usize) -> String {
    let how = bi!(
        "Print at 100 %. Scan or photograph the sheets with the device for the ceremony, and give the pictures to \
         keyferry-scan --test. It says which versions work with this printer and this camera. Below each symbol are its version and the size of one module.",
        "请按 100% 打印。用仪式当天的设备扫描或拍摄本页，将图片交给 keyferry-scan --test；它会说明该打印机与摄像头能够传递的版本。\
         二维码下方的数字是其版本与单个模块的尺寸。"
    );
    let page = bi!("page {page} of {pages}", "第 {page} 页，共 {pages} 页");
    format!(
        "<footer><p>{}</p><span class=\"page\">{}</span></footer>\n",
        escape(how.get(lang)),
        page.get(lang)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::Version;

    #[test]
    fn every_symbol_is_on_one_of_two_sheets_and_none_leaves_the_paper() {
        let all: Vec<_> = TestSymbol::up_to(Version::MAX).collect();
        let pages = pages(&all);
        assert_eq!(pages.len(), 2);
        for page in &pages {
            let height: usize = page.iter().map(|row| side(row[0]) + CAPTION).sum();
            assert!(height <= ROOM);
            for row in page {
                assert!(row.iter().map(|t| side(*t)).sum::<usize>() + GAP * (row.len() - 1) <= WIDTH);
                assert!(row.iter().all(|t| side(*t) <= side(row[0])));
            }
        }
        let mut placed: Vec<_> = pages.into_iter().flatten().flatten().collect();
        placed.sort();
        assert_eq!(placed, all);
        let page = sheets(&all, Lang::Zh).unwrap();
        for side in [39, 59, 60, 91] {
            assert!(page.contains(&format!(".mm{side} {{")) && page.contains(&format!("class=\"mm{side}\"")));
        }
        assert_eq!(page.matches("<figure").count(), 14);
    }
}
