//! Lays out text in columns: computes widths, and decides where lines may end.
//!
//! A line ends at a space or next to an East Asian character, never within a word, a number or a command in backquotes, and no line
//! begins with a closing mark. A digest in groups of four digits is laid out in lines of eight groups, as people compare it.

/// The width of a text: East Asian characters take two columns.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(cell).sum()
}

/// The width of a character: East Asian characters take two columns; the arrows, dots and blocks that we use
/// take one.
fn cell(c: char) -> usize {
    match u32::from(c) {
        0x1100..=0x115f | 0x2e80..=0xd7ff | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xffe6 => 2,
        0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// The text, padded with spaces to this many columns.
#[must_use]
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{:pad$}", "", pad = columns.saturating_sub(width(text)))
}

/// The text, cut to this many columns.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    let mut left = columns;
    text.chars()
        .take_while(|c| {
            let fits = cell(*c) <= left;
            left = left.saturating_sub(cell(*c));
            fits
        })
        .collect()
}

/// The text in lines of at most this many columns. Longer words are cut.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut filled = Filled::new(columns, columns);
    for piece in pieces(text) {
        if width(&piece.text) <= columns {
            filled.add(&piece);
            continue;
        }
        for (n, c) in piece.text.chars().enumerate() {
            filled.add(&Piece { gap: if n == 0 { piece.gap } else { "" }, text: c.to_string() });
        }
    }
    filled.lines()
}

/// Like [`wrap`], but the first line has `first` columns, and a word longer than a line stays whole, such as a path that
/// somebody copies.
#[must_use]
pub(crate) fn paragraph(text: &str, first: usize, columns: usize) -> Vec<String> {
    let mut filled = Filled::new(first, columns);
    let pieces = with_beginnings(pieces(text));
    let mut rest = pieces.as_slice();
    while let Some((piece, after)) = rest.split_first() {
        rest = match rest.split_at_checked(GROUPS).filter(|(groups, _)| is_digest(groups)) {
            Some((groups, after)) => {
                filled.add_digest(groups);
                after
            }
            None => {
                filled.add_long(piece);
                after
            }
        };
    }
    filled.lines()
}

/// The width of the longest piece that must stay whole.
#[must_use]
pub(crate) fn longest(text: &str) -> usize {
    pieces(text).iter().map(|piece| width(&piece.text)).max().unwrap_or(0)
}

/// The number of groups of four hexadecimal digits in a digest.
const GROUPS: usize = 16;

/// How many groups of a digest fit on a line with this many columns: 8, or fewer in a narrow window.
pub(crate) fn groups_in(columns: usize) -> usize {
    [8, 4, 2].into_iter().find(|n| n * 5 - 1 <= columns).unwrap_or(1)
}

/// Joins a shortened digest (groups and an ellipsis) into one piece.
fn with_beginnings(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let mut joined: Vec<Piece<'_>> = Vec::new();
    for piece in pieces {
        let groups = joined.iter().rev().take_while(|p| is_group(&p.text)).count();
        if piece.text.starts_with('…') && (1..GROUPS).contains(&groups) {
            let beginning = joined.split_off(joined.len() - groups);
            let gap = beginning.first().map_or("", |p| p.gap);
            let texts = beginning.iter().chain([&piece]).map(|p| p.text.as_str());
            joined.push(Piece { gap, text: texts.collect::<Vec<_>>().join(" ") });
        } else {
            joined.push(piece);
        }
    }
    joined
}

fn is_group(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_digest(groups: &[Piece<'_>]) -> bool {
    // A full stop or a comma may follow the last group.
    groups.split_last().is_some_and(|(last, others)| {
        others.iter().all(|piece| is_group(&piece.text))
            && last.text.get(..4).is_some_and(is_group)
            && !last.text.bytes().skip(4).any(|b| b.is_ascii_alphanumeric())
    })
}

/// The lines that are finished, and the one that is being filled.
struct Filled {
    lines: Vec<String>,
    line: String,
    /// The width of the line that is being filled, and of those after it.
    room: usize,
    columns: usize,
}

impl Filled {
    fn new(first: usize, columns: usize) -> Self {
        Self { lines: Vec::new(), line: String::new(), room: first, columns }
    }

    fn fits(&self, piece: &Piece<'_>) -> bool {
        width(&self.line) + width(piece.gap) + width(&piece.text) <= self.room
    }

    fn add(&mut self, piece: &Piece<'_>) {
        if self.line.is_empty() {
            // Only the first line may begin with spaces, because they are intended there. Only the first line
            // may be narrower than the others.
            let first = self.lines.is_empty();
            match self.fits(piece) {
                true if first => self.line.push_str(piece.gap),
                false if first && self.room < self.columns => self.end_line(),
                _ => {}
            }
        } else if self.fits(piece) {
            self.line.push_str(piece.gap);
        } else {
            self.end_line();
        }
        self.line.push_str(&piece.text);
    }

    fn end_line(&mut self) {
        self.lines.push(core::mem::take(&mut self.line));
        self.room = self.columns;
    }

    /// Divides text that is too long for a line where people can still compare or type it: a digest in halves, a command at its spaces.
    fn add_long(&mut self, piece: &Piece<'_>) {
        if width(&piece.text) <= self.columns {
            self.add(piece);
        } else if let Some(at) = second_half(&piece.text) {
            let (first, second) = piece.text.split_at(at);
            if !self.line.is_empty() {
                self.end_line();
            }
            self.add(&Piece { gap: piece.gap, text: first.to_owned() });
            self.end_line();
            self.add(&Piece { gap: "", text: second.to_owned() });
        } else {
            for (n, word) in piece.text.split(' ').enumerate() {
                self.add(&Piece { gap: if n == 0 { piece.gap } else { " " }, text: word.to_owned() });
            }
        }
    }

    fn add_digest(&mut self, groups: &[Piece<'_>]) {
        let texts: Vec<&str> = groups.iter().map(|g| g.text.as_str()).collect();
        let gap = groups.first().map_or("", |g| g.gap);
        let whole = Piece { gap, text: texts.join(" ") };
        if self.fits(&whole) {
            return self.add(&whole);
        }
        let in_line = groups_in(self.columns);
        for (n, line) in texts.chunks(in_line).enumerate() {
            let line = Piece { gap, text: line.join(" ") };
            // Only the first piece may be added to an existing line.
            let begins = self.line.is_empty() && (n > 0 || self.fits(&line) || self.lines.is_empty());
            if !begins {
                self.end_line();
            }
            self.add(&line);
        }
    }

    fn lines(mut self) -> Vec<String> {
        self.lines.push(self.line);
        self.lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
    }
}

/// The index of the second half of a digest of 64 hexadecimal digits, if there is one in the word.
fn second_half(word: &str) -> Option<usize> {
    let mut run = 0;
    for (at, b) in word.bytes().enumerate() {
        run = if b.is_ascii_hexdigit() { run + 1 } else { 0 };
        if run == 64 {
            return Some(at + 1 - 32);
        }
    }
    None
}

/// A piece of text that is never divided, and the spaces before it.
#[derive(Debug)]
struct Piece<'t> {
    gap: &'t str,
    text: String,
}

/// Splits the text into pieces; a line may end between two of them.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (gap, after) = rest.split_at(rest.len() - rest.trim_start_matches(' ').len());
        let (unit, after) = after.split_at(unit(after));
        match pieces.last_mut() {
            Some(before) if gap.is_empty() && !may_end(&before.text, unit) => before.text.push_str(unit),
            _ if unit.is_empty() => {}
            _ => pieces.push(Piece { gap, text: unit.to_owned() }),
        }
        rest = after;
    }
    pieces
}

/// The length in bytes of the next unit: a wide character, a command in backquotes, or a word.
fn unit(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    if cell(first) == 2 {
        return first.len_utf8();
    }
    if let Some(end) = text.strip_prefix('`').and_then(|t| t.find('`')) {
        return end + 2;
    }
    let ends = |(at, c): (usize, char)| (at > 0 && (c == ' ' || c == '`' || cell(c) == 2)).then_some(at);
    text.char_indices().find_map(ends).unwrap_or(text.len())
}

/// Whether a line may end between two pieces without a space between them.
fn may_end(before: &str, after: &str) -> bool {
    let (Some(last), Some(next)) = (before.chars().next_back(), after.chars().next()) else { return true };
    (cell(last) == 2 || cell(next) == 2) && !OPENING.contains(last) && !CLOSING.contains(next)
}

const OPENING: &str = "（“‘「『《〈【([";
const CLOSING: &str = "，。、；：？！）”’」』》〉】…·,.;:?!)]%";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "ba78 16bf 8f01 cfea 4141 40de 5dae 2223 b003 61a3 9617 7a9c b410 ff61 f200 15ad";

    #[test]
    fn commands_stay_whole_where_a_line_holds_them() {
        let text = "wrong: run `keyferry-offline wrap` again, then look";
        assert_eq!(paragraph(text, 30, 30), ["wrong: run", "`keyferry-offline wrap` again,", "then look"]);
        assert_eq!(
            paragraph("`keyferry-offline wrap --out x`", 20, 20),
            ["`keyferry-offline", "wrap --out x`"]
        );
        assert_eq!(paragraph("see /a/very/long/path here", 10, 10), ["see", "/a/very/long/path", "here"]);
    }

    #[test]
    fn chinese_lines_end_between_characters_and_begin_with_no_closing_mark() {
        assert_eq!(
            paragraph("请运行 verify，再核对（链尾摘要）。", 12, 12),
            ["请运行", "verify，再核", "对（链尾摘", "要）。"]
        );
        assert_eq!(paragraph("摘要是af03吗", 7, 7), ["摘要是", "af03吗"]);
    }

    #[test]
    fn a_digest_is_laid_out_in_lines_of_eight_groups() {
        let (first, second) = DIGEST.split_at(40);
        let lines = paragraph(&format!("12 events, head {DIGEST}."), 64, 64);
        assert_eq!(lines, ["12 events, head", first.trim_end(), &format!("{second}.")]);
        assert_eq!(paragraph(DIGEST, 80, 80), [DIGEST]);
        assert_eq!(paragraph(DIGEST, 30, 30).len(), 4);
        let plain = DIGEST.replace(' ', "");
        assert_eq!(
            paragraph(&format!("it is {plain};"), 60, 60),
            ["it is", &plain[..32], &format!("{};", &plain[32..])]
        );
    }

    #[test]
    fn the_beginning_of_a_digest_stays_whole() {
        let text = "ceremony test-1  plan 5740 6132 fe27 f07f … and more";
        assert_eq!(paragraph(text, 36, 36), ["ceremony test-1  plan", "5740 6132 fe27 f07f … and more"]);
    }

    proptest! {
        /// Checks that each word of the text is whole, on one line and in the original order, and that no line is
        /// too long unless it contains a word that is.
        #[test]
        fn no_word_is_divided(text in "([a-z]{1,9}|[0-9]{1,6}|`[a-z]{1,4} [a-z-]{1,5}`|[0-9a-f]{4})( [a-z]{1,9}| {1,3}[0-9a-f]{4}|[中文链尾]{1,6}[，。]?| `[a-z]{2,5} --[a-z]{1,5}`){0,30}",
                              columns in 20usize..90) {
            let lines = paragraph(&text, columns, columns);
            prop_assert!(lines.iter().all(|l| width(l) <= columns), "{lines:?}");
            for word in text.split(|c: char| c == ' ' || !c.is_ascii()).filter(|w| !w.is_empty()) {
                prop_assert!(lines.iter().any(|l| l.contains(word)), "{word} in {lines:?}");
            }
            let squeezed = |s: &str| s.replace(' ', "");
            prop_assert_eq!(squeezed(&lines.concat()), squeezed(&text));
            for command in text.split('`').skip(1).step_by(2) {
                prop_assert!(lines.iter().any(|l| l.contains(command)), "{command} in {lines:?}");
            }
            prop_assert!(!lines.iter().any(|l| l.starts_with(['，', '。'])), "{lines:?}");
        }
    }
}
