//! A terminal into which a hand scanner types: every byte arrives at once, nothing is shown, and dropping it
//! restores the terminal.
//!
//! A terminal that edits lines keeps the first 4,095 characters of a line and drops the rest, but a frame has up to 7,089. So line editing
//! and echo are off, and Ctrl-C, Ctrl-D, Ctrl-Z and Ctrl-\ arrive as bytes that end the input. (After `kill -9` the terminal is not
//! restored; use `stty sane`.)

use std::io::{self, IsTerminal, Read};

use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

/// Standard input, which is a terminal.
#[derive(Debug)]
pub(super) struct Keyboard {
    before: Termios,
    over: bool,
}

impl Keyboard {
    /// Takes over the terminal; `None` if standard input is not a terminal.
    ///
    /// # Errors
    /// The system's error, or an error if the terminal still edits lines. In both cases the terminal is
    /// restored.
    pub(super) fn take() -> io::Result<Option<Self>> {
        if !io::stdin().is_terminal() {
            return Ok(None);
        }
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN;
        raw.input_modes -= InputModes::IXON | InputModes::ICRNL | InputModes::INLCR | InputModes::IGNCR;
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        let this = Self { before, over: false };
        // tcsetattr succeeds if it could make any of the requested changes, so check the result.
        let edits = tcgetattr(io::stdin())?.local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO);
        if edits { Err(io::ErrorKind::Unsupported.into()) } else { Ok(Some(this)) }
    }
}

impl Read for Keyboard {
    /// Reads nothing more after a key that cancels.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.over || buffer.is_empty() {
            return Ok(0);
        }
        // Read without the standard library's buffer, whose contents would outlive the terminal's mode.
        let read = match rustix::io::read(io::stdin(), &mut *buffer) {
            // The terminal was closed.
            Err(rustix::io::Errno::IO) => 0,
            other => other?,
        };
        let kept = before_giving_up(buffer.get(..read).unwrap_or_default());
        self.over = kept < read || read == 0;
        Ok(kept)
    }
}

/// How many bytes come before a key that cancels.
fn before_giving_up(octets: &[u8]) -> usize {
    octets.iter().position(|b| matches!(b, 0x03 | 0x04 | 0x1a | 0x1c)).unwrap_or(octets.len())
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        // Flush, because what a scanner typed after the last frame must not become a command line.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_gives_up_ends_the_input() {
        for key in [0x03, 0x04, 0x1a, 0x1c] {
            assert_eq!(before_giving_up(&[b'1', b'\r', key, b'2']), 2);
        }
        assert_eq!(before_giving_up(b"123\r\n\x11\x13"), 7);
        assert_eq!(before_giving_up(b""), 0);
    }
}
