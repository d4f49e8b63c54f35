//! A terminal that is drawn on: keys one by one, and the window's size.
//!
//! Nothing is changed that a kill would leave behind but the line discipline, which every shell puts right: no alternate screen, no
//! hidden cursor, no mode that outlives a line. The drawing consists only of our own text and digits.

use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{InputModes, LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Characters in a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
}

impl Window {
    /// Of the terminal of standard error, as it is now; 80 × 24 where the terminal does not say.
    pub(super) fn now() -> Self {
        Self::of(io::stderr())
    }

    /// Of this terminal.
    pub(super) fn of(terminal: impl AsFd) -> Self {
        let size = tcgetwinsize(terminal).ok().filter(|w| w.ws_col > 0 && w.ws_row > 0);
        size.map_or(Self { columns: 80, rows: 24 }, |w| Self {
            columns: w.ws_col.into(),
            rows: w.ws_row.into(),
        })
    }
}

/// What came from the keyboard in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    Nothing,
    /// These bytes, as the terminal sends them for a key.
    Bytes([u8; 8]),
    /// The terminal has gone.
    Gone,
}

/// The terminal of standard input and standard error; as it was when dropped.
#[derive(Debug)]
pub struct Screen {
    before: Termios,
}

impl Screen {
    /// Takes the terminal: keys come at once and unseen, Ctrl-C as a key. `None` if there is none.
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

    /// How large the window is now; 80 × 24 where the terminal does not say.
    #[must_use]
    pub fn window(&self) -> Window {
        Window::now()
    }

    /// Draws; `false` when the terminal has gone.
    #[must_use]
    pub fn draw(&self, text: &str) -> bool {
        let mut err = io::stderr().lock();
        err.write_all(text.as_bytes()).and_then(|()| err.flush()).is_ok()
    }

    /// Waits for a key, at most so long.
    #[must_use]
    pub fn wait(&self, most: Duration) -> Input {
        let stdin = io::stdin();
        let timeout = Timespec::try_from(most).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 });
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&timeout)) {
            // A signal, such as one for a window of another size, ends the wait early.
            Ok(0) | Err(_) => return Input::Nothing,
            Ok(_) => {}
        }
        let mut bytes = [0; 8];
        // Past the standard library's buffer, which `poll` does not see.
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
