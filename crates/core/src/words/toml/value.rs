//! Keys, strings and numbers of TOML 1.0, read from the front of a text.

use super::tree::{Fault, Kind, MAX_DEPTH};
use crate::{Bilingual, bi};

/// The rest of the text, and the line where it begins.
#[derive(Clone)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1 }
    }

    pub(super) const fn line(&self) -> usize {
        self.line
    }

    const fn fault(&self, message: Bilingual) -> Fault {
        Fault::at(self.line, message)
    }

    /// A fault that says what was expected and what was found.
    fn expected(&self, wanted: Bilingual) -> Fault {
        let found = self.found();
        let (en, zh) = (wanted.en, wanted.zh);
        self.fault(Bilingual {
            en: format!("expected {en}, found {}", found.en),
            zh: format!("此处应为{zh}，实际是{}", found.zh),
        })
    }

    /// Skips from the start of a faulty statement to the next line that begins a statement.
    pub(super) fn after_statement(mut self) -> Self {
        // Wherever the reader stopped, in a faulty comment or before a name, skip the rest of that line.
        let _ = self.skip_to_content();
        self.next_line();
        while !self.rest.is_empty() && !begins_statement(self.rest) {
            self.next_line();
        }
        self
    }

    fn next_line(&mut self) {
        match self.rest.split_once('\n') {
            Some((_, rest)) => {
                self.rest = rest;
                self.line += 1;
            }
            None => self.rest = "",
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        self.line += usize::from(c == '\n');
        Some(c)
    }

    /// Takes `token`, which contains no line end, if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes `token`, with the spaces before and after it.
    pub(super) fn expect(&mut self, token: &str) -> Result<(), Fault> {
        self.spaces();
        if !self.eat(token) {
            return Err(self.expected(bi!("{token:?}", " {token:?}")));
        }
        self.spaces();
        Ok(())
    }

    fn found(&self) -> Bilingual {
        match self.peek() {
            None => bi!("the end", "文件结尾"),
            Some('\r') if !self.rest.starts_with("\r\n") => {
                bi!("a carriage return without a line feed", "没有换行符（LF）的回车符（CR）")
            }
            Some('\r' | '\n') => bi!("the end of the line", "行尾"),
            Some(c) => bi!("{c:?}", " {c:?}"),
        }
    }

    pub(super) fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Takes characters as long as `wanted` accepts them; it must not accept line ends.
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn newline(&mut self) -> bool {
        let eaten = self.eat("\n") || self.eat("\r\n");
        self.line += usize::from(eaten);
        eaten
    }

    /// Skips spaces, comments and line ends; returns whether anything follows.
    pub(super) fn skip_to_content(&mut self) -> Result<bool, Fault> {
        loop {
            self.spaces();
            self.comment()?;
            if !self.newline() {
                return Ok(!self.rest.is_empty());
            }
        }
    }

    /// Takes spaces, an optional comment, and the end of the line or of the text.
    pub(super) fn end_of_line(&mut self) -> Result<(), Fault> {
        self.spaces();
        self.comment()?;
        if self.newline() || self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.expected(bi!("the end of the line", "行尾")))
        }
    }

    fn comment(&mut self) -> Result<(), Fault> {
        if self.eat("#") {
            self.take(is_text);
            if !matches!(self.peek(), None | Some('\n')) && !self.rest.starts_with("\r\n") {
                return Err(self.fault(bi!("a control character in a comment", "注释中含有控制字符")));
            }
        }
        Ok(())
    }

    /// Reads a bare, quoted or dotted key, with the spaces before it.
    pub(super) fn key(&mut self) -> Result<Vec<String>, Fault> {
        let mut parts = Vec::new();
        loop {
            self.spaces();
            let part = match self.peek() {
                Some(quote @ ('"' | '\'')) => self.quoted_key(quote)?,
                _ => self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).to_owned(),
            };
            if part.is_empty() {
                return Err(self.expected(bi!("a name", "名称")));
            }
            if parts.len() == MAX_DEPTH {
                return Err(
                    self.fault(bi!("a name with more parts than any plan has", "名称的层数超过任何计划"))
                );
            }
            parts.push(part);
            self.spaces();
            if !self.eat(".") {
                return Ok(parts);
            }
        }
    }

    /// Reads a name in quotes. Escapes are refused, because they could disguise a name.
    fn quoted_key(&mut self, quote: char) -> Result<String, Fault> {
        self.next();
        let ends = |c| c == quote || c == '\n';
        let name = self.rest.split(ends).next().unwrap_or_default();
        if quote == '"' && name.contains('\\') {
            return Err(self.fault(bi!(
                "an escape in a name: write the character itself",
                "名称中含有转义：请直接写出该字符"
            )));
        }
        self.one_line(quote)
    }

    /// Reads a string, a whole number or a boolean.
    pub(super) fn scalar(&mut self) -> Result<Kind, Fault> {
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            return self.string(quote).map(Kind::Text);
        }
        match self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | ':')) {
            "true" => Ok(Kind::Boolean(true)),
            "false" => Ok(Kind::Boolean(false)),
            "" => Err(self.expected(bi!("a value", "值"))),
            word => integer(word).map(Kind::Integer).ok_or_else(|| {
                self.fault(bi!(
                    "neither text in quotes, nor a whole number in decimal digits, nor true or false",
                    "既不是引号中的文字，也不是十进制整数或 true、false"
                ))
            }),
        }
    }

    /// Reads a string on one line, starting at its first quote.
    fn string(&mut self, quote: char) -> Result<String, Fault> {
        let (one, three) = if quote == '"' { ("\"", "\"\"\"") } else { ("'", "'''") };
        if self.eat(three) {
            return Err(self.fault(bi!(
                "text in three quotes: a plan has each text on one line, in one pair of quotes",
                "三引号文字：计划中的每段文字须在一行内，用一对引号括起"
            )));
        }
        self.eat(one);
        self.one_line(quote)
    }

    /// Reads a string on one line, after its first quote.
    fn one_line(&mut self, quote: char) -> Result<String, Fault> {
        let mut text = String::new();
        loop {
            if matches!(self.peek(), None | Some('\n')) {
                return Err(self.fault(bi!(
                    "a string that does not end on its line",
                    "文字没有在本行内结束（缺少引号）"
                )));
            }
            match self.next() {
                Some(c) if c == quote => return Ok(text),
                Some('\\') if quote == '"' => text.push(self.escape()?),
                Some(c) if is_text(c) => text.push(c),
                _ => return Err(self.fault(bi!("a control character in a string", "文字中含有控制字符"))),
            }
        }
    }

    /// Reads an escape after its backslash.
    fn escape(&mut self) -> Result<char, Fault> {
        let c = match self.next() {
            Some('b') => '\u{8}',
            Some('t') => '\t',
            Some('n') => '\n',
            Some('f') => '\u{c}',
            Some('r') => '\r',
            Some(c @ ('"' | '\\')) => c,
            Some('u') => return self.code_point(4),
            Some('U') => return self.code_point(8),
            _ => return Err(self.fault(bi!("an escape that TOML does not have", "TOML 中没有这种转义"))),
        };
        Ok(c)
    }

    fn code_point(&mut self, digits: usize) -> Result<char, Fault> {
        let (hex, rest) = self.rest.split_at_checked(digits).unwrap_or(("", ""));
        let code = hex.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(hex, 16).ok());
        let c = code.flatten().and_then(char::from_u32);
        self.rest = rest;
        match c {
            Some(' '..='~') => Err(self.fault(bi!(
                "an escape for a printable ASCII character: write the character itself",
                "对可打印 ASCII 字符使用了转义：请直接写出该字符"
            ))),
            _ => c.ok_or_else(|| {
                self.fault(bi!("an escape that is not a Unicode character", "该转义不是 Unicode 字符"))
            }),
        }
    }
}

/// Whether a line looks like the beginning of a header or an assignment.
fn begins_statement(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default().trim();
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'' | ' ');
    let name = line.split('=').next().unwrap_or_default();
    let assigns = name.len() < line.len() && !name.is_empty() && name.chars().all(of_name);
    let heads = line.trim_start_matches('[').starts_with(|c: char| c.is_ascii_alphabetic());
    assigns || (line.starts_with('[') && heads)
}

/// Whether a string or a comment may contain the character.
const fn is_text(c: char) -> bool {
    matches!(c, '\t' | ' '..='\u{7e}' | '\u{80}'..)
}

/// Decimal digits, optionally after a minus sign. No other base, separator, plus sign or leading zero is allowed, so each number has
/// only one spelling.
fn integer(word: &str) -> Option<i64> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let shortest = !digits.starts_with('0') || word == "0";
    if plain && shortest { word.parse().ok() } else { None }
}
