//! The test page in a terminal: shows the symbols that fit the window one after the other, until a key ends it.

use std::time::Duration;

use keyferry_core::{Lang, bi};

use super::{Size, TestSymbol};
use crate::Console;
use crate::console::{Input, Screen, Window};
use crate::frame::Level;
use crate::show::live::{FPS, Key, together};
use crate::show::show_error::{ShowError, ShowRefusal};
use crate::show::terminal::{Fit, cut};

/// Shows symbols until somebody presses a key that ends it.
pub(super) fn run(console: &Console, symbols: &[TestSymbol], fps: u8) -> Result<(), ShowError> {
    let screen = Screen::take().ok_or(ShowRefusal::NoTerminal)?;
    let mut live = Live { lang: console.lang(), window: screen.window(), at: 0, fps, paused: false };
    fitting(symbols, live.window)?;
    // The old content of the window scrolls up into its history.
    let mut there = screen.draw(&"\n".repeat(live.window.rows));
    while there {
        live.window = screen.window();
        // A window that becomes too small does not end anything, because it may grow again.
        let text = match fitting(symbols, live.window) {
            Ok(shown) => live.picture(&shown)?,
            Err(_) => live.hidden(),
        };
        there = screen.draw(&text);
        match screen.wait(live.interval()) {
            Input::Gone => break,
            Input::Bytes(bytes) => match Key::of(bytes) {
                Some(Key::Quit) => break,
                Some(key) => live.press(key),
                None => {}
            },
            Input::Nothing => live.at += usize::from(!live.paused),
        }
    }
    let _ = screen.draw("\x1b[0m\x1b[H\x1b[2J");
    Ok(())
}

/// The symbols that fit the window, each with its placement: at full size, as `show` draws it, and at the small size if the modules
/// can shrink.
fn fitting(symbols: &[TestSymbol], window: Window) -> Result<Vec<(TestSymbol, Fit)>, ShowRefusal> {
    let place = |test: &TestSymbol| {
        let full = Fit::of_version(test.version, window)?;
        let scale = test.size.of(full.scale);
        match test.size {
            Size::Full => Some((*test, full)),
            Size::Small => (scale < full.scale).then(|| (*test, full.scaled(scale, window))),
        }
    };
    let fitting: Vec<_> = symbols.iter().filter_map(place).collect();
    let least = symbols.first().map_or(0, |t| t.version.modules() + 2);
    let refusal = ShowRefusal::Window { columns: window.columns, rows: window.rows, modules: least };
    if fitting.is_empty() { Err(refusal) } else { Ok(fitting) }
}

struct Live {
    lang: Lang,
    window: Window,
    at: usize,
    fps: u8,
    paused: bool,
}

impl Live {
    fn interval(&self) -> Duration {
        if self.paused {
            Duration::from_millis(500)
        } else {
            Duration::from_secs(1) / u32::from(self.fps.max(1))
        }
    }

    fn press(&mut self, key: Key) {
        match key {
            Key::Pause => self.paused = !self.paused,
            Key::Next => (self.paused, self.at) = (true, self.at + 1),
            Key::Slower => self.fps = self.fps.saturating_sub(1).max(*FPS.start()),
            Key::Faster => self.fps = (self.fps + 1).min(*FPS.end()),
            Key::Bigger | Key::Smaller | Key::Redraw | Key::Quit => {}
        }
    }

    fn picture(&self, shown: &[(TestSymbol, Fit)]) -> Result<String, ShowError> {
        let at = self.at % shown.len().max(1);
        let Some((test, fit)) = shown.get(at) else { return Ok(String::new()) };
        let drawn = fit.draw(&test.symbol(Level::L)?);
        Ok(together(&format!("\x1b[0m\x1b[2J{drawn}{}", self.status(*test, at, shown.len()))))
    }

    fn status(&self, test: TestSymbol, at: usize, total: usize) -> String {
        let (shown, fps, name) = (at + 1, self.fps, test.name(self.lang));
        let pause = if self.paused { bi!("PAUSED · ", "已暂停 · ") } else { bi!("", "") };
        let text = bi!(
            "{}{} · {shown} of {total} · {fps} a second · q done, space pause, n next, ←→ speed",
            "{}{} · 第 {shown} 个，共 {total} 个 · 每秒 {fps} 个 · q 结束，空格暂停，n 下一个，←→速度",
            pause.get(self.lang),
            name
        );
        let text = cut(text.get(self.lang), self.window.columns.saturating_sub(1));
        format!("\x1b[{};1H\x1b[0m{text}\x1b[K", self.window.rows)
    }

    fn hidden(&self) -> String {
        let text = bi!("make the window larger", "请放大窗口");
        together(&format!("\x1b[0m\x1b[2J\x1b[H{}", cut(text.get(self.lang), self.window.columns)))
    }
}
