//! Prints human text, laid out for the window, with problems in colour.
//!
//! It goes to standard error, or to standard output if it is the command's purpose. On a terminal each line fits the window; a pager gets
//! lines that fit the window in which it runs. In a pipe or file without a window, each sentence is one line, for programs that search.
#![allow(clippy::print_stdout, clippy::print_stderr)] // as for the console

use std::io::{self, IsTerminal, Write};

use keyferry_core::{Bilingual, Fingerprint, Lang};

use super::{Console, Window, words};
use crate::columns::{groups_in, longest, padded, paragraph, width};
use crate::printable;

/// Width of a label.
const LABEL: usize = 12;
/// Smallest width of a line; the layout does not adapt to a narrower window.
const NARROWEST: usize = 20;
/// Width of tables and digests if there is no window.
const USUAL: usize = 79;

/// The stream for human text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// Standard error.
    Error,
    /// Standard output.
    Output,
}

impl Stream {
    fn is_terminal(self) -> bool {
        match self {
            Self::Error => io::stderr().is_terminal(),
            Self::Output => io::stdout().is_terminal(),
        }
    }

    /// The largest width of a line, which leaves the window's last column free; `None` if there is no window.
    pub(super) fn columns(self) -> Option<usize> {
        let window = match self {
            Self::Output if self.is_terminal() => Window::of(io::stdout()),
            // A pager that reads standard output runs in the window of standard error.
            Self::Error | Self::Output if Self::Error.is_terminal() => Window::now(),
            _ => return None,
        };
        Some(window.columns.saturating_sub(1).max(NARROWEST))
    }

    /// Whether to use colours on this stream (<https://no-color.org>).
    fn takes_colours(self) -> bool {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        self.is_terminal() && !dumb && !is_set("NO_COLOR")
    }
}

/// How the lead of a text is marked on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Not marked.
    Plain,
    /// Red: something was refused or does not meet a requirement.
    Wrong,
    /// Yellow: a warning that does not stop the command.
    Care,
}

impl Mark {
    /// The marked text for a terminal; spaces around it stay unmarked.
    fn paint(self, text: &str) -> String {
        let code = match self {
            Self::Plain => return text.to_owned(),
            Self::Wrong => "1;31",
            Self::Care => "33",
        };
        let inner = text.trim();
        text.replacen(inner, &format!("\u{1b}[{code}m{inner}\u{1b}[0m"), 1)
    }
}

impl Console {
    /// Prints one line of human text.
    pub fn say(&self, text: &Bilingual) {
        self.line(text.get(self.lang));
    }

    /// Prints one line of text that needs no translation. Text that does not fit the window continues on the next line, with
    /// the same indentation.
    pub fn line(&self, text: &str) {
        let lines = printable::text(text);
        let lines = lines.split('\n').map(|line| {
            let (lead, text) = line.split_at(indent(line));
            let below = if lead.is_empty() { "  " } else { lead };
            self.laid_out(Mark::Plain, lead, text, below)
        });
        self.emit(&lines.collect::<String>());
    }

    /// Prints a labelled row of a table, with the label padded to twelve columns.
    pub fn row(&self, label: &Bilingual, value: &str) {
        self.item(Mark::Plain, &label_of(label.get(self.lang)), value);
    }

    /// Like [`row`](Self::row), but with the value marked up to its first semicolon.
    pub fn row_marked(&self, mark: Mark, label: &Bilingual, value: &str) {
        let first = value.split([';', '；']).next().unwrap_or(value);
        let painted = self.painted(mark, first);
        let plain = self.laid_out(
            Mark::Plain,
            &label_of(label.get(self.lang)),
            &printable::line(value),
            &label_of(""),
        );
        self.emit(&plain.replacen(first, &painted, 1));
    }

    /// Prints text so that all its lines are to the right of its lead.
    pub fn item(&self, mark: Mark, lead: &str, text: &str) {
        let (lead, text) = (printable::line(lead), printable::line(text));
        self.emit(&self.laid_out(mark, &lead, &text, &" ".repeat(width(&lead))));
    }

    /// Prints a digest for people to compare: in hex, and in the words of `languages`, with each block under
    /// its language's name.
    pub fn digest(&self, label: &Bilingual, digest: &Fingerprint, languages: &[Lang]) {
        self.hex(label, digest);
        let lines = words::block(digest, languages, self.columns());
        self.emit(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    }

    /// Prints a digest in hex only, in lines of eight groups.
    pub fn hex(&self, label: &Bilingual, digest: &Fingerprint) {
        let (grouped, in_line) = (digest.grouped(), groups_in(self.columns().saturating_sub(LABEL + 3)));
        let groups: Vec<&str> = grouped.split(' ').collect();
        let leads = core::iter::once(label.get(self.lang)).chain(core::iter::repeat(""));
        let lines = leads.zip(groups.chunks(in_line));
        let lines = lines.map(|(label, groups)| format!("{}{}\n", label_of(label), groups.join(" ")));
        self.emit(&lines.collect::<String>());
    }

    /// The width for text that is laid out even if there is no window.
    fn columns(&self) -> usize {
        self.stream.columns().unwrap_or(USUAL)
    }

    /// The lines of a text: the first line follows the lead, the others follow `below`.
    pub(super) fn laid_out(&self, mark: Mark, lead: &str, text: &str, below: &str) -> String {
        let painted = self.painted(mark, lead);
        let Some(columns) = self.stream.columns() else {
            return format!("{}\n", format!("{painted}{text}").trim_end());
        };
        // If a command has no room next to the lead, it moves to the next line.
        let narrow = width(below) * 2 > columns || longest(text) + width(below) > columns;
        let below = if narrow && width(below) > 4 { "    " } else { below };
        let lines = paragraph(text, columns.saturating_sub(width(lead)), columns - width(below));
        let leads = core::iter::once(painted.as_str()).chain(core::iter::repeat(below));
        let lines = leads.zip(&lines).map(|(lead, line)| format!("{}\n", format!("{lead}{line}").trim_end()));
        lines.collect()
    }

    fn painted(&self, mark: Mark, text: &str) -> String {
        if self.stream.takes_colours() { mark.paint(text) } else { text.to_owned() }
    }

    /// Writes all lines at once, so that the output of another program cannot come between them.
    pub(super) fn emit(&self, lines: &str) {
        match self.stream {
            // Not `eprint`, which panics: a closed terminal must not stop a ceremony.
            Stream::Error => drop(io::stderr().lock().write_all(lines.as_bytes())),
            Stream::Output => self.put(lines),
        }
    }
}

fn label_of(label: &str) -> String {
    format!("  {} ", padded(label, LABEL))
}

/// The length in bytes of a line's leading spaces.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_leaves_the_blanks_alone() {
        assert_eq!(Mark::Wrong.paint("  FAIL  "), "  \u{1b}[1;31mFAIL\u{1b}[0m  ");
        assert_eq!(Mark::Plain.paint("  PASS  "), "  PASS  ");
    }
}
