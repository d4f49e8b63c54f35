//! Secrets on the screen: words that a terminal shows to one person, cleared before anybody else can see
//! them.
//!
//! A share of a backup is the only secret that is ever shown. The alternate screen of a terminal is not used: the Linux console has none, and
//! after `kill -9` a terminal would stay in it and keep showing the words.
#![allow(clippy::print_stderr)] // as for the console

use std::io::{self, IsTerminal, Write};
use std::panic;
use std::sync::Once;

use keyferry_core::Bilingual;
use zeroize::Zeroizing;

use super::{Console, NoSecret, Watch, Window, typed};

/// Cursor home, clear the screen, clear the saved lines (xterm's E3, which the Linux console supports too). This order also works
/// on a terminal that first saves the lines that it clears.
const CLEAR: &[u8] = b"\x1b[H\x1b[2J\x1b[3J";

impl Console {
    /// Like [`secret`](Self::secret), but the terminal shows what is typed, because people compare the words with
    /// paper. Call [`clear`](Self::clear) when they have finished. Until then, block signals and pass the descriptor
    /// that reports them.
    ///
    /// # Errors
    /// [`NoSecret`]; [`NoSecret::Interrupted`] and [`NoSecret::Expired`] if a signal or the time limit comes first.
    pub fn secret_in_sight(
        &self,
        question: &Bilingual,
        watch: Option<Watch<'_>>,
    ) -> Result<Zeroizing<String>, NoSecret> {
        self.pose(question)?;
        typed::visible_line(watch)
    }

    /// Waits for Enter. Earlier input is ignored; other typed characters are neither shown nor used.
    ///
    /// # Errors
    /// The same errors as [`secret_in_sight`](Self::secret_in_sight).
    pub fn enter(&self, question: &Bilingual, watch: Watch<'_>) -> Result<(), NoSecret> {
        let _unseen = typed::without_echo()?;
        self.secret_in_sight(question, Some(watch)).map(|_| ())
    }

    /// Whether standard input and standard error are both terminals.
    #[must_use]
    pub fn can_show_secrets(&self) -> bool {
        self.is_terminal() && io::stderr().is_terminal()
    }

    /// The size of the terminal on standard error; 80 × 24 if it does not say, as on a serial line.
    #[must_use]
    pub fn window(&self) -> Window {
        Window::now()
    }

    /// Shows a secret on an empty screen until Enter is pressed, then clears the screen and the scrollback, even if a signal or the time
    /// limit comes first.
    ///
    /// # Errors
    /// [`NoSecret::Terminal`] unless standard input and standard error are both terminals, because a secret must never go into
    /// a file or pipe. Otherwise, the same errors as [`secret_in_sight`](Self::secret_in_sight).
    pub fn show_secret(
        &self,
        text: &Zeroizing<String>,
        then: &Bilingual,
        watch: Watch<'_>,
    ) -> Result<(), NoSecret> {
        if !self.can_show_secrets() {
            return Err(NoSecret::Terminal);
        }
        self.clear();
        let _ = io::stderr().lock().write_all(text.as_bytes());
        let answer = self.enter(then, watch);
        self.clear();
        answer
    }

    /// Clears a terminal's screen and its scrollback.
    pub fn clear(&self) {
        clear();
    }

    /// From now on, a panic clears the screen before it prints anything. This is needed because a panic ends the
    /// program without running destructors.
    pub fn clear_on_panic(&self) {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                clear();
                before(info);
            }));
        });
    }
}

fn clear() {
    if io::stderr().is_terminal() {
        let _ = io::stderr().lock().write_all(CLEAR);
    }
}
