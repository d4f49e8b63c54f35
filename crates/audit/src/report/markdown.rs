//! The report as Markdown (CommonMark with tables): every text stays plain text, whatever characters it
//! contains.

use keyferry_core::is_deceptive;
use keyferry_transport::printable;

use super::cell::{Cell, Tone};
use super::document::{Block, Document, Outcome};

/// The whole report.
pub(super) fn render(document: &Document<'_>) -> String {
    let (verdict, outcome) = &document.verdict;
    let mark = match outcome {
        Outcome::Good => "✔",
        Outcome::Deviating => "⚠",
        Outcome::Refused => "✘",
    };
    let mut out = format!(
        "# {}\n\n{}\n\n**{mark} {}**\n",
        escaped(&document.title),
        escaped(&document.kicker),
        escaped(verdict)
    );
    if !document.reasons.is_empty() {
        out.push('\n');
    }
    for reason in &document.reasons {
        out += &format!("- {}\n", escaped(reason));
    }
    for block in &document.blocks {
        out.push('\n');
        out += &rendered(block);
    }
    out
}

fn rendered(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("## {}\n", escaped(text)),
        Block::Text(text) => format!("{}\n", escaped(text)),
        Block::Facts(facts) => {
            let row = |(label, value): &(String, Cell)| format!("| {} | {} |\n", escaped(label), cell(value));
            format!("| | |\n|---|---|\n{}", facts.iter().map(row).collect::<String>())
        }
        Block::Table { heads, rows, .. } => {
            let head: String = heads.iter().map(|h| format!("| {} ", escaped(h))).collect();
            let rule = "|---".repeat(heads.len());
            let row = |cells: &Vec<Cell>| {
                let cells: String = cells.iter().map(|c| format!("| {} ", cell(c))).collect();
                format!("{cells}|\n")
            };
            format!("{head}|\n{rule}|\n{}", rows.iter().map(row).collect::<String>())
        }
        Block::Ink(people) => {
            let row = |(name, role): &(String, String)| {
                format!(
                    "| {} | {} | {} | {} |\n",
                    escaped(name),
                    escaped(role),
                    "\\_".repeat(10),
                    "\\_".repeat(24)
                )
            };
            format!("| | | | |\n|---|---|---|---|\n{}", people.iter().map(row).collect::<String>())
        }
        Block::Code(text) => {
            let fence = "`".repeat(longest_run(text).max(2) + 1);
            format!("{fence}sh\n{}\n{fence}\n", printable::text(text))
        }
    }
}

fn cell(cell: &Cell) -> String {
    match cell.tone {
        Tone::Words => {
            let numbered = (1..).zip(cell.split_words()).map(|(n, word)| format!("{n} {}", escaped(word)));
            numbered.collect::<Vec<_>>().join(" · ")
        }
        Tone::Plain | Tone::Mono => escaped(&cell.text),
        Tone::Good | Tone::Bad => format!("**{}**", escaped(cell.text.trim())),
    }
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// On one line, with a backslash before every character that could be markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // At the start of a line these begin a list or a heading.
            '-' | '+' | '=' if out.is_empty() => out.extend(['\\', c]),
            '\n' => out.push(' '),
            c if is_deceptive(c) => out.push('\u{fffd}'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        let evil = "a|b <img src=x> `c` [d](e) ![f](g)\n# h *i* _j_ &amp; \u{1b}[2J";
        let text = escaped(evil);
        assert!(!text.contains('\n') && !text.contains('\u{1b}'));
        let bare = |c: char| text.char_indices().any(|(at, found)| found == c && !text[..at].ends_with('\\'));
        for c in ['|', '<', '`', '[', ']', '!', '#', '*', '_', '&'] {
            assert!(!bare(c), "{c} in {text}");
        }
        assert_eq!(rendered(&Block::Code("```` x".into())).lines().next(), Some("`````sh"));
    }
}
