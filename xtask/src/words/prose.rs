//! The prose of a file: comments, the strings that are sentences, and Markdown outside its code. Quotations are blanked out.

/// The language of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    /// Python, shell, TOML: comments begin with `#`.
    Hash,
    Markdown,
    /// The whole text is shown to people.
    Plain,
}

/// One continuous piece of text, with its line breaks.
pub(super) struct Piece {
    /// The line of its first character, from 1.
    pub(super) line: usize,
    pub(super) text: String,
}

/// The mark in a comment that makes the lines from here to the next empty line a quotation.
const QUOTED: &str = "word for word";

/// Recorded and generated input, which must not be rewritten.
const DATA: [&str; 2] = ["fuzz/seeds/", "tests/data/"];

/// Files that contain only prose.
const PLAIN: [&str; 2] = ["xtask/src/usage.txt", "crates/core/mutants-explained.txt"];

impl Language {
    /// The language of a file whose prose we wrote.
    pub(super) fn of(file: &str) -> Option<Self> {
        let ending = file.rsplit('.').next().unwrap_or_default();
        match ending {
            _ if PLAIN.contains(&file) => Some(Self::Plain),
            _ if DATA.iter().any(|folder| file.starts_with(folder)) => None,
            "rs" => Some(Self::Rust),
            "py" | "sh" | "toml" => Some(Self::Hash),
            "md" => Some(Self::Markdown),
            _ => None,
        }
    }
}

/// Every piece of prose in a file, without those that a comment marks as quotations.
pub(super) fn pieces(text: &str, language: Language) -> Vec<Piece> {
    let mut pieces = match language {
        Language::Rust | Language::Hash => Source::new(text, language).pieces(),
        Language::Markdown => markdown(text),
        Language::Plain => vec![Piece { line: 1, text: unquoted(text) }],
    };
    let quoted = quoted_lines(text);
    pieces.retain(|piece| !quoted.iter().any(|lines| lines.contains(&piece.line)));
    pieces
}

/// The quotations: from each comment with the mark to the next empty line.
fn quoted_lines(text: &str) -> Vec<std::ops::Range<usize>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_marked = |line: &str| {
        let line = line.trim_start();
        line.contains(QUOTED) && ["//", "#", "<!--"].iter().any(|mark| line.starts_with(mark))
    };
    let marked = lines.iter().enumerate().filter(|(_, line)| is_marked(line));
    let end = |from: usize| lines.iter().skip(from).position(|l| l.trim().is_empty()).map(|n| from + n);
    marked.map(|(at, _)| at + 1..end(at).unwrap_or(lines.len()) + 1).collect()
}

/// Blanks out text in backticks or double quotation marks; line breaks stay.
fn unquoted(text: &str) -> String {
    let (mut out, mut open) = (String::new(), None);
    for c in text.chars() {
        match (open, c) {
            (None, '`' | '"') => open = Some(c),
            (None, '“') => open = Some('”'),
            (Some(close), _) if c == close => {
                open = None;
                out.push('_');
            }
            (None, _) | (Some(_), '\n') => out.push(c),
            (Some(_), _) => {}
        }
    }
    out
}

/// Works paragraph by paragraph, so that an unclosed quotation ends with its paragraph.
fn markdown(text: &str) -> Vec<Piece> {
    let (mut pieces, mut is_code) = (Vec::<Piece>::new(), false);
    let mut begins = true;
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        is_code ^= trimmed.starts_with("```");
        if is_code || trimmed.is_empty() || trimmed.starts_with("```") || trimmed.starts_with('>') {
            begins = true;
            continue;
        }
        let is_item = trimmed.starts_with(['|', '#', '*', '-']);
        match pieces.last_mut() {
            Some(piece) if !begins && !is_item => piece.text.push_str(&format!("\n{trimmed}")),
            _ => pieces.push(Piece { line: at + 1, text: trimmed.to_owned() }),
        }
        begins = false;
    }
    for piece in &mut pieces {
        piece.text = unquoted(&without_links(&piece.text));
    }
    pieces
}

/// Removes the addresses of links.
fn without_links(text: &str) -> String {
    let mut parts = text.split("](");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push(']');
        out.push_str(part.split_once(')').map_or(part, |(_, rest)| rest));
    }
    out
}

/// Walks through a source character by character.
struct Source<'t> {
    rest: &'t str,
    line: usize,
    language: Language,
    /// Whether there was only white space since the line began.
    at_begin: bool,
    pieces: Vec<Piece>,
    /// The line after the last comment: a comment there continues it.
    goes_on: usize,
}

impl<'t> Source<'t> {
    const fn new(rest: &'t str, language: Language) -> Self {
        Self { rest, line: 1, language, at_begin: true, pieces: Vec::new(), goes_on: 0 }
    }

    fn pieces(mut self) -> Vec<Piece> {
        let mut before = '\n';
        while let Some(c) = self.rest.chars().next() {
            if !self.comment(before) && !self.string(before) {
                self.skip(c.len_utf8());
                before = c;
            } else {
                before = ' ';
            }
        }
        for piece in &mut self.pieces {
            piece.text = unquoted(&piece.text);
        }
        self.pieces
    }

    fn skip(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        for c in taken.chars() {
            self.at_begin = c == '\n' || (self.at_begin && c.is_whitespace());
            self.line += usize::from(c == '\n');
        }
        self.rest = rest;
    }

    /// Reads a comment to the end of its line.
    fn comment(&mut self, before: char) -> bool {
        let begins = match self.language {
            Language::Rust => self.rest.starts_with("//"),
            _ => self.rest.starts_with('#') && before.is_whitespace(),
        };
        if !begins {
            return false;
        }
        let line = self.rest.lines().next().unwrap_or_default();
        let text = line.trim_start_matches(['/', '!', '#']).trim();
        let own = self.at_begin;
        match self.pieces.last_mut() {
            Some(piece) if own && self.goes_on == self.line && !text.is_empty() => {
                piece.text.push('\n');
                piece.text.push_str(text);
            }
            _ => self.pieces.push(Piece { line: self.line, text: text.to_owned() }),
        }
        self.goes_on = if own { self.line + 1 } else { 0 };
        self.skip(line.len());
        true
    }

    /// Reads a string literal, and keeps it if it is a sentence.
    fn string(&mut self, before: char) -> bool {
        if self.language == Language::Rust && self.rest.starts_with('\'') {
            return self.character();
        }
        let Some((open, close, escapes)) = self.delimiters(before) else { return false };
        let body = self.rest.get(open..).unwrap_or_default();
        let end = end_of(body, &close, escapes);
        let text = body.get(..end).unwrap_or_default();
        if is_sentence(text) {
            let line = self.line;
            let text = text.replace("\\\n", "\n").replace("\\\"", "\"").replace("\\n", "  ");
            self.pieces.push(Piece { line, text });
        }
        self.skip(open + end + close.len());
        true
    }

    /// The length of the literal's opening, the text that closes it, and whether backslashes escape.
    fn delimiters(&self, before: char) -> Option<(usize, String, bool)> {
        if self.language == Language::Rust {
            let after = self.rest.strip_prefix('r').filter(|_| !before.is_alphanumeric() && before != '_');
            if let Some(after) = after {
                let hashes = after.len() - after.trim_start_matches('#').len();
                let opens = after.get(hashes..)?.starts_with('"');
                return opens.then(|| (hashes + 2, format!("\"{}", "#".repeat(hashes)), false));
            }
            return self.rest.starts_with('"').then(|| (1, "\"".to_owned(), true));
        }
        ["\"\"\"", "'''", "\"", "'"]
            .into_iter()
            .find(|mark| self.rest.starts_with(mark))
            .map(|mark| (mark.len(), mark.to_owned(), !mark.starts_with('\'')))
    }

    /// Reads a character literal; a lifetime is not one.
    fn character(&mut self) -> bool {
        let mut chars = self.rest.char_indices().skip(1);
        let first = chars.next().map(|(_, c)| c);
        let end = match first {
            Some('\\') => chars.skip(1).find(|(_, c)| *c == '\'').map(|(at, _)| at),
            _ => chars.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at),
        };
        self.skip(end.map_or(1, |at| at + 1));
        true
    }
}

/// The position at which the literal's text ends.
fn end_of(body: &str, close: &str, escapes: bool) -> usize {
    let mut at = 0;
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(close) {
            return at;
        }
        let escaped = escapes && rest.starts_with('\\');
        let width = |n: usize| rest.chars().take(n).map(char::len_utf8).sum::<usize>();
        at += width(if escaped { 2 } else { 1 });
    }
    body.len()
}

/// Whether there are two words with a space between them: a name, a path or a key has none.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_alphabetic() || ",.;:'-".contains(c));
    text.split_whitespace().filter(is_word).take(2).count() == 2
}
