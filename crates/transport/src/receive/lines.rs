//! Splits bytes into lines of at most [`MAX_LINE`] bytes. Longer lines are ignored without being held in
//! memory.
//!
//! A line ends with LF, CR, both, or a tab, because hand scanners can be set up for any of these, and a frame has
//! only digits.

use std::io::{self, BufRead};

use crate::frame::MAX_DIGITS;

/// Maximum length of a line that is examined: the longest frame, with spaces around it.
pub const MAX_LINE: usize = MAX_DIGITS + 32;

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'l> {
    /// The bytes of the line without its line break; at most [`MAX_LINE`].
    Whole(&'l [u8]),
    /// The line was longer and was discarded.
    TooLong,
}

/// The lines of any reader; holds one line at a time.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`, which is read only as far as lines are requested.
    pub const fn new(input: R) -> Self {
        Self { input, line: Vec::new() }
    }

    /// The next line that is not empty; `None` at the end of the input. The last line may lack its line
    /// break.
    ///
    /// # Errors
    /// The reader's error.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            match self.read_line()? {
                Read::Nothing => return Ok(None),
                Read::TooLong => return Ok(Some(Line::TooLong)),
                Read::Whole if self.line.trim_ascii().is_empty() => {}
                Read::Whole => break,
            }
        }
        Ok(Some(Line::Whole(&self.line)))
    }

    fn read_line(&mut self) -> io::Result<Read> {
        self.line.clear();
        let (mut too_long, mut any) = (false, false);
        loop {
            let bytes = match self.input.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if bytes.is_empty() {
                break;
            }
            any = true;
            let end = bytes.iter().position(|b| matches!(b, b'\n' | b'\r' | b'\t'));
            let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
            too_long |= self.line.len() + part.len() > MAX_LINE;
            if !too_long {
                self.line.extend_from_slice(part);
            }
            let used = end.map_or(bytes.len(), |end| end + 1);
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        Ok(match (any, too_long) {
            (false, _) => Read::Nothing,
            (true, true) => Read::TooLong,
            (true, false) => Read::Whole,
        })
    }
}

enum Read {
    Nothing,
    Whole,
    TooLong,
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    /// The lines, read through a buffer of `buffer` bytes; `None` for a line that was too long.
    fn lines(input: &[u8], buffer: usize) -> Vec<Option<Vec<u8>>> {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, input));
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push(match line {
                Line::Whole(bytes) => Some(bytes.to_vec()),
                Line::TooLong => None,
            });
        }
        all
    }

    #[test]
    fn every_line_end_ends_a_line_and_empty_lines_are_none() {
        for end in ["\n", "\r", "\r\n", "\t", "\t\r\n", "\n\n \n"] {
            let text = ["12", "345", "6"].map(|line| format!("{line}{end}")).concat();
            let expected = ["12", "345", "6"].map(|l| Some(l.as_bytes().to_vec()));
            assert_eq!(lines(text.as_bytes(), 3), expected, "{end:?}");
        }
        assert_eq!(lines(b"12\n34", 64), [Some(b"12".to_vec()), Some(b"34".to_vec())]);
        assert_eq!(lines(b"\r\n\r\n", 64), [] as [Option<Vec<u8>>; 0]);
    }

    #[test]
    fn a_line_too_long_is_passed_over_and_not_held() {
        let text = [b"1\n".to_vec(), vec![b'7'; MAX_LINE], b"\n".to_vec()].concat();
        assert_eq!(lines(&text, 100), [Some(b"1".to_vec()), Some(vec![b'7'; MAX_LINE])]);
        for extra in [1, 9, 1_000_000] {
            let text = [vec![b'7'; MAX_LINE + extra], b"\n2".to_vec()].concat();
            assert_eq!(lines(&text, 100), [None, Some(b"2".to_vec())]);
            let mut reader = Lines::new(BufReader::with_capacity(100, &text[..]));
            assert_eq!(reader.next_line().unwrap(), Some(Line::TooLong));
            assert!(reader.line.capacity() <= 2 * MAX_LINE, "{}", reader.line.capacity());
        }
    }

    proptest! {
        /// The lines are the same as those of a plain split, however the bytes arrive.
        #[test]
        fn lines_are_those_of_a_plain_split(input in "[0-9 \r\n\t]{0,200}", buffer in 1usize..50) {
            let expected: Vec<_> = input
                .split(['\r', '\n', '\t'])
                .filter(|l| !l.trim().is_empty())
                .map(|l| Some(l.as_bytes().to_vec()))
                .collect();
            prop_assert_eq!(lines(input.as_bytes(), buffer), expected);
        }
    }
}
