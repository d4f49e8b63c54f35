//! A status line about work of unknown length: redrawn in place on a terminal, printed every ten seconds
//! elsewhere.
#![allow(clippy::print_stderr)] // as for the console

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::printable;

/// A status line. Call [`clear`](Self::clear) before any other output.
#[derive(Debug)]
pub struct Status {
    terminal: bool,
    /// The time when the line was last drawn; without a terminal, initially the time when the work started.
    drawn: Option<Instant>,
    there: bool,
}

impl Status {
    pub(super) fn new() -> Self {
        let terminal = io::stderr().is_terminal();
        Self { terminal, drawn: (!terminal).then(Instant::now), there: false }
    }

    /// Draws the result of `text` if it is time to redraw.
    pub fn show(&mut self, text: impl FnOnce() -> String) {
        let every = if self.terminal { Duration::from_millis(200) } else { Duration::from_secs(10) };
        if self.drawn.is_some_and(|at| at.elapsed() < every) {
            return;
        }
        self.drawn = Some(Instant::now());
        let text = super::fitting(&printable::line(&text()));
        let _ = match self.terminal {
            true => write!(io::stderr().lock(), "\r  {text}\u{1b}[K"),
            false => writeln!(io::stderr().lock(), "  {text}"),
        };
        self.there = self.terminal;
    }

    /// Removes the line to make room for other text.
    pub fn clear(&mut self) {
        if self.there {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[K");
        }
        self.there = false;
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        self.clear();
    }
}
