//! The report as one HTML page that loads nothing and runs nothing, for screens and for A4.

use keyferry_core::{Fingerprint, Lang, bi};

use super::cell::{Cell, Tone};
use super::document::{Block, Document, Outcome};
use keyferry_transport::html::Html;

/// The page's only style.
const STYLE: &str = include_str!("page.css");

/// Texts of up to this many characters, the length of a time, are not broken over lines.
const SHORT: usize = 20;

/// The whole page.
pub(super) fn render(document: &Document<'_>) -> String {
    let style = document
        .head
        .map_or_else(|| STYLE.to_owned(), |head| format!("{STYLE}{}", foot(&head, document.lang)));
    Html::document(document.lang, &document.title, &style, |html| {
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

/// The foot of each printed page: the record's head, and the page number with the number of pages (CSS paged media). It contains no
/// text from a file.
fn foot(head: &Fingerprint, lang: Lang) -> String {
    let label = bi!("head of the record", "仪式记录的链尾摘要");
    let label = label.get(lang);
    format!(
        "@page {{ @bottom-left {{ font: 7pt monospace; content: \"{label} {head}\"; }} \
         @bottom-right {{ font: 7pt monospace; content: counter(page) \" / \" counter(pages); }} }}\n"
    )
}

fn header(html: &mut Html, document: &Document<'_>) {
    let (verdict, outcome) = &document.verdict;
    let class = match outcome {
        Outcome::Good => "verdict good",
        Outcome::Deviating => "verdict amber",
        Outcome::Refused => "verdict bad",
    };
    html.nest("header", &[], |html| {
        html.leaf("p", &[("class", "kicker")], &document.kicker);
        html.leaf("h1", &[], &document.title);
        html.nest("div", &[("class", class)], |html| {
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
                match value.tone {
                    Tone::Words => html.nest("dd", &[], |html| words(html, value)),
                    _ => html.leaf("dd", class(value), &value.text),
                }
            }
        }),
        Block::Table { heads, rows, folded: None } => table(html, heads, rows),
        Block::Table { heads, rows, folded: Some(rest) } => html.nest("details", &[], |html| {
            html.leaf("summary", &[], rest);
            table(html, heads, rows);
        }),
        Block::Code(text) => html.nest("pre", &[], |html| html.leaf("code", &[], text)),
        Block::Ink(people) => html.nest("div", &[("class", "ink")], |html| {
            for (name, role) in people {
                html.leaf("p", &[], &format!("{name} · {role}"));
            }
        }),
    }
}

/// Three rows of eight words, each with its number, because people count aloud.
fn words(html: &mut Html, cell: &Cell) {
    html.nest("ol", &[("class", "words")], |html| cell.split_words().for_each(|w| html.leaf("li", &[], w)));
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

/// The class of a cell by its tone. Short texts, such as a number, a time or a region, are not broken over
/// lines.
fn class(cell: &Cell) -> &'static [(&'static str, &'static str)] {
    match (cell.tone, cell.text.chars().count() <= SHORT) {
        (Tone::Plain | Tone::Words, false) => &[],
        (Tone::Plain | Tone::Words, true) => &[("class", "short")],
        (Tone::Mono, false) => &[("class", "mono")],
        (Tone::Mono, true) => &[("class", "mono short")],
        (Tone::Good, _) => &[("class", "good")],
        (Tone::Bad, _) => &[("class", "bad")],
    }
}
