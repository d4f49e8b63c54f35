//! Writes the text of each symbol as a line or as JSON, each text once for each source.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;

use keyferry_core::is_deceptive;
use keyferry_transport::frame::Frame;
use keyferry_transport::{Console, printable};
use serde_json::json;

use crate::symbol::Symbol;

/// After this many different texts from one source, earlier ones may be printed again, so that memory stays
/// bounded.
const MAX_REMEMBERED: usize = 1 << 20;

/// The texts to print.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Whether to print every symbol, not only keyferry frames.
    pub(crate) any: bool,
    /// Whether to print texts again that were already printed.
    pub(crate) repeats: bool,
}

/// Writes results and counts them.
#[derive(Debug)]
pub(crate) struct Outlet {
    console: Console,
    wanted: Wanted,
    hashers: [RandomState; 2],
    seen: HashSet<[u64; 2]>,
    /// Number of symbols of any kind, including repeats.
    pub(crate) symbols: u64,
    /// Number of lines written.
    pub(crate) lines: u64,
}

impl Outlet {
    pub(crate) fn new(console: Console, wanted: Wanted) -> Self {
        let hashers = [RandomState::new(), RandomState::new()];
        Self { console, wanted, hashers, seen: HashSet::new(), symbols: 0, lines: 0 }
    }

    /// Begins another source: texts of the previous one may be printed again.
    pub(crate) fn next_source(&mut self) {
        self.seen.clear();
    }

    /// Handles one symbol from picture `number` (counted from 1) of `source`.
    pub(crate) fn symbol(&mut self, symbol: &Symbol, source: &str, number: u64) -> io::Result<()> {
        self.symbols += 1;
        let frame = is_frame(&symbol.text);
        if !(frame || self.wanted.any) || !(self.wanted.repeats || self.is_new(&symbol.text)) {
            return Ok(());
        }
        let line = if self.console.json() {
            json!({
                "text": symbol.text,
                "keyferry_frame": frame,
                "source": source,
                "picture": number,
                "version": symbol.version,
                "corners": symbol.corners.map(|(x, y)| [tenths(x), tenths(y)]),
            })
            .to_string()
        } else {
            escaped(&symbol.text)
        };
        self.console.stream_line(&printable::escaped(&line))?;
        self.lines += 1;
        Ok(())
    }

    fn is_new(&mut self, text: &str) -> bool {
        if self.seen.len() >= MAX_REMEMBERED {
            self.seen.clear();
        }
        // Two keyed hashes of 64 bits are stored instead of the text. An attacker who does not know the keys
        // cannot make a symbol that counts as already seen.
        self.seen.insert(self.hashers.each_ref().map(|h| h.hash_one(text)))
    }
}

/// Whether the text is a frame: only digits, with a known version and a valid checksum.
fn is_frame(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && Frame::parse_line(text).is_ok()
}

fn tenths(pixels: f32) -> f64 {
    (f64::from(pixels) * 10.0).round() / 10.0
}

/// The text of any symbol as one line: control characters, line breaks and backslashes are escaped.
fn escaped(text: &str) -> String {
    let escape = |c: char| is_deceptive(c) || c == '\\';
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if escape(c) { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_symbol_writes_two_lines_or_moves_the_cursor() {
        assert_eq!(escaped("a\nb\x1b[2Jc\\d\u{2028}密"), "a\\nb\\u{1b}[2Jc\\\\d\\u{2028}密");
        assert_eq!(escaped("0123456789"), "0123456789");
    }

    #[test]
    fn a_text_is_new_once_a_source() {
        let console = Console::new(keyferry_core::Lang::En, false, 0);
        let mut outlet = Outlet::new(console, Wanted { any: true, repeats: false });
        assert!(outlet.is_new("1") && outlet.is_new("2") && !outlet.is_new("1"));
        outlet.next_source();
        assert!(outlet.is_new("1"));
    }
}
