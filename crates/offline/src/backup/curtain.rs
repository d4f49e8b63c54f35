//! The curtain between one custodian and the next: a screen without secrets that names the next person and waits until they
//! press Enter.
//!
//! While the curtain exists, signals are blocked, so the screen is cleared however the run ends: by success, a refusal, a signal, the end
//! of the input or a panic. If shares come through a pipe or a file, no screen shows them, and nothing has to be hidden.

use std::os::fd::AsFd as _;
use std::time::Duration;

use keyferry_core::{Bilingual, bi};
use keyferry_sandbox::HeldSignals;
use keyferry_transport::Console;
use keyferry_transport::console::{NoSecret, Watch};
use zeroize::Zeroizing;

use crate::context::Context;

/// How long a share, or a line that is being typed, stays on the screen. A careful person needs about five minutes to copy 33
/// words.
pub(super) const MINUTES_IN_SIGHT: u64 = 10;

/// Clears the screen when dropped, unless it reached its [`end`](Self::end).
pub(crate) struct Curtain<'c> {
    console: &'c Console,
    /// The held signals, if a terminal shows the shares.
    signals: Option<HeldSignals>,
}

impl<'c> Curtain<'c> {
    pub(crate) fn new(context: &'c Context) -> Result<Self, NoSecret> {
        let console = &context.console;
        let signals = console.is_terminal().then(HeldSignals::hold).transpose();
        let signals = signals.map_err(|_| NoSecret::Signals)?;
        if signals.is_some() {
            console.clear_on_panic();
        }
        Ok(Self { console, signals })
    }

    /// Names the next person, waits until they are alone and press Enter, and clears the screen.
    pub(crate) fn wait_for(&self, next: &Bilingual) -> Result<(), NoSecret> {
        let Some(watch) = self.watch(None) else { return Ok(()) };
        self.console.enter(next, watch)?;
        self.hide();
        Ok(())
    }

    /// Clears the screen.
    pub(crate) fn hide(&self) {
        if self.signals.is_some() {
            self.console.clear();
        }
    }

    /// Shows a share until Enter is pressed. The screen is cleared in every case.
    pub(super) fn show(&self, text: &Zeroizing<String>, then: &Bilingual) -> Result<(), NoSecret> {
        let watch = self.watch(in_sight()).ok_or(NoSecret::Terminal)?;
        self.console.show_secret(text, then, watch)
    }

    /// Reads a line of a share.
    pub(super) fn line(&self, question: &Bilingual) -> Result<Zeroizing<String>, NoSecret> {
        self.console.secret_in_sight(question, self.watch(in_sight()))
    }

    /// After [`NoSecret::Expired`]: says that the words were hidden, and waits for the person to come back.
    pub(super) fn wait_again(&self) -> Result<(), NoSecret> {
        self.hide();
        self.wait_for(&bi!(
            "The words were hidden, because nobody pressed Enter for {MINUTES_IN_SIGHT} minutes.\n  \
             Everybody else turns away; the custodian whose turn it is takes the keyboard and presses Enter:",
            "因 {MINUTES_IN_SIGHT} 分钟无人按回车，词语已隐藏。\n  其他人请转身回避；请当前的保管人坐到键盘前并按回车："
        ))
    }

    /// Ends the curtain after the last share, whose words are already cleared; later text stays on the
    /// screen.
    pub(crate) fn end(mut self) {
        self.signals = None;
    }

    fn watch(&self, limit: Option<Duration>) -> Option<Watch<'_>> {
        self.signals.as_ref().map(|signals| Watch { signals: signals.as_fd(), limit })
    }
}

impl Drop for Curtain<'_> {
    fn drop(&mut self) {
        // This comes before the signals are unblocked.
        self.hide();
    }
}

fn in_sight() -> Option<Duration> {
    Some(Duration::from_secs(MINUTES_IN_SIGHT * 60))
}
