//! Keys, strings and numbers of TOML 1.0, read from the front of a text.

use super::{Fault, Kind, MAX_DEPTH};

/// What is left of the text, and the line where it begins.
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

    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::at(self.line, message)
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

    /// Takes `token`, which holds no line end, if it is next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// `token` after spaces, and the spaces after it.
    pub(super) fn expect(&mut self, token: &str) -> Result<(), Fault> {
        self.spaces();
        if !self.eat(token) {
            return Err(self.fault(format!("expected {token:?}, found {}", self.found())));
        }
        self.spaces();
        Ok(())
    }

    fn found(&self) -> String {
        match self.peek() {
            None => "the end".to_owned(),
            Some('\r') if !self.rest.starts_with("\r\n") => {
                "a carriage return without a line feed".to_owned()
            }
            Some('\r' | '\n') => "the end of the line".to_owned(),
            Some(c) => format!("{c:?}"),
        }
    }

    pub(super) fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Takes what is next while `wanted` holds; no line end among it.
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

    /// Over spaces, comments and line ends; whether anything follows.
    pub(super) fn skip_to_content(&mut self) -> Result<bool, Fault> {
        loop {
            self.spaces();
            self.comment()?;
            if !self.newline() {
                return Ok(!self.rest.is_empty());
            }
        }
    }

    /// Spaces, perhaps a comment, and the line's or the text's end.
    pub(super) fn end_of_line(&mut self) -> Result<(), Fault> {
        self.spaces();
        self.comment()?;
        if self.newline() || self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.fault(format!("expected the end of the line, found {}", self.found())))
        }
    }

    fn comment(&mut self) -> Result<(), Fault> {
        if self.eat("#") {
            self.take(is_text);
            if !matches!(self.peek(), None | Some('\n')) && !self.rest.starts_with("\r\n") {
                return Err(self.fault("a control character in a comment"));
            }
        }
        Ok(())
    }

    /// A bare, quoted or dotted key, with the spaces before it.
    pub(super) fn key(&mut self) -> Result<Vec<String>, Fault> {
        let mut parts = Vec::new();
        loop {
            self.spaces();
            let part = match self.peek() {
                Some(quote @ ('"' | '\'')) => self.quoted_key(quote)?,
                _ => self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).to_owned(),
            };
            if part.is_empty() {
                return Err(self.fault(format!("expected a name, found {}", self.found())));
            }
            if parts.len() == MAX_DEPTH {
                return Err(self.fault("a name of more parts than any plan has"));
            }
            parts.push(part);
            self.spaces();
            if !self.eat(".") {
                return Ok(parts);
            }
        }
    }

    /// A name in quotes, as it reads: an escape could spell one name as another.
    fn quoted_key(&mut self, quote: char) -> Result<String, Fault> {
        self.next();
        let ends = |c| c == quote || c == '\n';
        let name = self.rest.split(ends).next().unwrap_or_default();
        if quote == '"' && name.contains('\\') {
            return Err(self.fault("an escape in a name: write the character itself"));
        }
        self.one_line(quote)
    }

    /// A string, a whole number or a boolean.
    pub(super) fn scalar(&mut self) -> Result<Kind, Fault> {
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            return self.string(quote).map(Kind::Text);
        }
        match self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | ':')) {
            "true" => Ok(Kind::Boolean(true)),
            "false" => Ok(Kind::Boolean(false)),
            "" => Err(self.fault(format!("expected a value, found {}", self.found()))),
            word => integer(word).map(Kind::Integer).ok_or_else(|| {
                self.fault("neither text in quotes, nor a whole number in decimal digits, nor true or false")
            }),
        }
    }

    /// A string on one line, from its first quote on.
    fn string(&mut self, quote: char) -> Result<String, Fault> {
        let (one, three) = if quote == '"' { ("\"", "\"\"\"") } else { ("'", "'''") };
        if self.eat(three) {
            return Err(
                self.fault("text in three quotes: a plan has each text on one line, in one pair of quotes")
            );
        }
        self.eat(one);
        self.one_line(quote)
    }

    /// A string of one line, after its first quote.
    fn one_line(&mut self, quote: char) -> Result<String, Fault> {
        let mut text = String::new();
        loop {
            if matches!(self.peek(), None | Some('\n')) {
                return Err(self.fault("a string that does not end on its line"));
            }
            match self.next() {
                Some(c) if c == quote => return Ok(text),
                Some('\\') if quote == '"' => text.push(self.escape()?),
                Some(c) if is_text(c) => text.push(c),
                _ => return Err(self.fault("a control character in a string")),
            }
        }
    }

    /// After a backslash.
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
            _ => return Err(self.fault("an escape that TOML does not have")),
        };
        Ok(c)
    }

    fn code_point(&mut self, digits: usize) -> Result<char, Fault> {
        let (hex, rest) = self.rest.split_at_checked(digits).unwrap_or(("", ""));
        let code = hex.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(hex, 16).ok());
        let c = code.flatten().and_then(char::from_u32);
        self.rest = rest;
        match c {
            Some(' '..='~') => {
                Err(self.fault("an escape for a printable ASCII character: write the character itself"))
            }
            _ => c.ok_or_else(|| self.fault("an escape that is no Unicode character")),
        }
    }
}

/// What may stand in a string or a comment.
const fn is_text(c: char) -> bool {
    matches!(c, '\t' | ' '..='\u{7e}' | '\u{80}'..)
}

/// Decimal digits, perhaps after a minus sign: no other base, separator, plus sign or zero in front, so a number reads in one way only.
fn integer(word: &str) -> Option<i64> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let shortest = !digits.starts_with('0') || word == "0";
    if plain && shortest { word.parse().ok() } else { None }
}
