//! The report as one HTML page that loads nothing and runs nothing, for screens and for A4.

use keyferry_core::Lang;

use super::document::{Block, Cell, Document, Tone};
use crate::html::Html;

/// The page's only style.
const STYLE: &str = include_str!("page.css");

/// As long as a time.
const SHORT: usize = 20;

/// The whole page.
pub(super) fn render(document: &Document) -> String {
    let lang = match document.lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    };
    Html::document(lang, &document.title, STYLE, |html| {
        html.nest("main", &[], |html| {
            header(html, document);
            let mut rest = document.blocks.as_slice();
            while let Some((first, after)) = rest.split_first() {
                let end = after.iter().position(|b| matches!(b, Block::Heading(_))).unwrap_or(after.len());
                let (section, next) = after.split_at(end);
                html.nest("section", &[], |html| {
                    block(html, first);
                    section.iter().for_each(|b| block(html, b));
                });
                rest = next;
            }
        });
    })
}

fn header(html: &mut Html, document: &Document) {
    let (verdict, good) = &document.verdict;
    html.nest("header", &[], |html| {
        html.leaf("p", &[("class", "kicker")], &document.kicker);
        html.leaf("h1", &[], &document.title);
        html.nest("div", &[("class", if *good { "verdict good" } else { "verdict bad" })], |html| {
            html.leaf("p", &[], verdict);
            if !document.reasons.is_empty() {
                html.nest("ul", &[], |html| document.reasons.iter().for_each(|r| html.leaf("li", &[], r)));
            }
        });
    });
}

fn block(html: &mut Html, block: &Block) {
    match block {
        Block::Heading(text) => html.leaf("h2", &[], text),
        Block::Text(text) => html.leaf("p", &[("class", "text")], text),
        Block::Facts(facts) => html.nest("dl", &[], |html| {
            for (label, value) in facts {
                html.leaf("dt", &[], label);
                html.leaf("dd", class(value), &value.text);
            }
        }),
        Block::Table { heads, rows } => table(html, heads, rows),
        Block::Code(text) => html.nest("pre", &[], |html| html.leaf("code", &[], text)),
    }
}

fn table(html: &mut Html, heads: &[String], rows: &[Vec<Cell>]) {
    html.nest("div", &[("class", "scroll")], |html| {
        html.nest("table", &[], |html| {
            html.nest("thead", &[], |html| {
                html.nest("tr", &[], |html| {
                    heads.iter().for_each(|h| html.leaf("th", &[("scope", "col")], h))
                });
            });
            html.nest("tbody", &[], |html| {
                for row in rows {
                    html.nest("tr", &[], |html| row.iter().for_each(|c| html.leaf("td", class(c), &c.text)));
                }
            });
        });
    });
}

/// By tone; what is short, such as a number, a time or a region, is not broken over lines.
fn class(cell: &Cell) -> &'static [(&'static str, &'static str)] {
    match (cell.tone, cell.text.chars().count() <= SHORT) {
        (Tone::Plain, false) => &[],
        (Tone::Plain, true) => &[("class", "short")],
        (Tone::Mono, false) => &[("class", "mono")],
        (Tone::Mono, true) => &[("class", "mono short")],
        (Tone::Good, _) => &[("class", "good")],
        (Tone::Bad, _) => &[("class", "bad")],
    }
}
