//! Secrets in sight: words that a terminal shows to one person, and that are cleared before anybody else looks.
//!
//! A share of a backup is the only secret that is ever shown. The alternate screen of a terminal is not used: the Linux console has none, and
//! after `kill -9` a terminal would stay in it, with the words.
#![allow(clippy::print_stderr)] // as the console's

use std::io::{self, IsTerminal, Write};
use std::panic;
use std::sync::Once;

use keyferry_core::Bilingual;
use zeroize::Zeroizing;

use super::{Console, NoSecret, Watch, Window, typed};

/// Cursor home, screen, saved lines (xterm's E3, which the Linux console knows too). In this order: a terminal that saves what it clears
/// forgets it with the rest.
const CLEAR: &[u8] = b"\x1b[H\x1b[2J\x1b[3J";

impl Console {
    /// As [`secret`](Self::secret), but a terminal shows what is typed: words that people compare with paper. Call
    /// [`clear`](Self::clear) when they are done. Until then, hold signals back and give the descriptor that reports them.
    ///
    /// # Errors
    /// [`NoSecret`]; [`NoSecret::Interrupted`] and [`NoSecret::Expired`] when a signal or the end of the time comes first.
    pub fn secret_in_sight(
        &self,
        question: &Bilingual,
        watch: Option<Watch<'_>>,
    ) -> Result<Zeroizing<String>, NoSecret> {
        self.pose(question)?;
        typed::visible_line(watch)
    }

    /// Waits for Enter. Earlier input does not count; what is typed with it is neither shown nor used.
    ///
    /// # Errors
    /// As [`secret_in_sight`](Self::secret_in_sight).
    pub fn enter(&self, question: &Bilingual, watch: Watch<'_>) -> Result<(), NoSecret> {
        let _unseen = typed::without_echo()?;
        self.secret_in_sight(question, Some(watch)).map(|_| ())
    }

    /// Whether both standard input and standard error are a terminal.
    #[must_use]
    pub fn can_show_secrets(&self) -> bool {
        self.is_terminal() && io::stderr().is_terminal()
    }

    /// How large the terminal of standard error is; 80 × 24 where it does not say, as a serial line.
    #[must_use]
    pub fn window(&self) -> Window {
        Window::now()
    }

    /// Shows a secret on a screen of its own until Enter is pressed, then clears the screen and what could be scrolled back to. The screen
    /// is cleared as well when a signal or the end of the time comes first.
    ///
    /// # Errors
    /// [`NoSecret::Terminal`] unless both standard input and standard error are a terminal: it never goes into a file or pipe.
    /// Else as [`secret_in_sight`](Self::secret_in_sight).
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

    /// Clears a terminal's screen and what could be scrolled back to.
    pub fn clear(&self) {
        clear();
    }

    /// From now on a panic clears the screen before it says anything: then it ends the program, and no destructor runs.
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
