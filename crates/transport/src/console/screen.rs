//! A terminal to draw on, with its keys one by one and the size of its window.
//!
//! A killed program leaves only the changed line discipline behind, which every shell restores: there is no alternate screen,
//! no hidden cursor, and no mode that lasts longer than a line. Only our own text and digits are drawn.

use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{InputModes, LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The number of characters in a row.
    pub columns: usize,
    /// The number of rows.
    pub rows: usize,
}

impl Window {
    /// The current size of the terminal on standard error; 80 × 24 if the terminal does not say.
    pub(super) fn now() -> Self {
        Self::of(io::stderr())
    }

    /// The size of this terminal.
    pub(super) fn of(terminal: impl AsFd) -> Self {
        let size = tcgetwinsize(terminal).ok().filter(|w| w.ws_col > 0 && w.ws_row > 0);
        size.map_or(Self { columns: 80, rows: 24 }, |w| Self {
            columns: w.ws_col.into(),
            rows: w.ws_row.into(),
        })
    }
}

/// The keyboard's input within a period of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// No key was pressed.
    Nothing,
    /// These bytes, as the terminal sends them for a key.
    Bytes([u8; 8]),
    /// The terminal was closed.
    Gone,
}

/// The terminal on standard input and standard error. Dropping this restores its mode.
#[derive(Debug)]
pub struct Screen {
    before: Termios,
}

impl Screen {
    /// Takes over the terminal: keys arrive at once and without echo, and Ctrl-C arrives as a key. `None` if
    /// there is no terminal.
    #[must_use]
    pub fn take() -> Option<Self> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return None;
        }
        let before = tcgetattr(io::stdin()).ok()?;
        let mut raw = before.clone();
        raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN;
        raw.input_modes -= InputModes::IXON | InputModes::ICRNL;
        tcsetattr(io::stdin(), OptionalActions::Flush, &raw).ok()?;
        Some(Self { before })
    }

    /// The current size of the window; 80 × 24 if the terminal does not say.
    #[must_use]
    pub fn window(&self) -> Window {
        Window::now()
    }

    /// Draws text; `false` if the terminal was closed.
    #[must_use]
    pub fn draw(&self, text: &str) -> bool {
        let mut err = io::stderr().lock();
        err.write_all(text.as_bytes()).and_then(|()| err.flush()).is_ok()
    }

    /// Waits for a key, but not longer than `most`.
    #[must_use]
    pub fn wait(&self, most: Duration) -> Input {
        let stdin = io::stdin();
        let timeout = Timespec::try_from(most).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 });
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&timeout)) {
            // A signal, such as the one for a resized window, ends the wait early.
            Ok(0) | Err(_) => return Input::Nothing,
            Ok(_) => {}
        }
        let mut bytes = [0; 8];
        // Read directly, because `poll` does not see the standard library's buffer.
        match rustix::io::read(&stdin, &mut bytes) {
            Ok(0) => Input::Gone,
            Ok(_) => Input::Bytes(bytes),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => Input::Nothing,
            Err(_) => Input::Gone,
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}
