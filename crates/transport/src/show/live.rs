//! Shows the symbols of one file in a terminal, one after the other, until a key ends it, with words to compare and a status
//! line.

use core::fmt::Write;
use std::time::{Duration, Instant};

use keyferry_core::{Bilingual, Lang, bi};

use super::show_error::{ShowError, ShowRefusal};
use super::subject::Subject;
use super::symbol::{Symbol, Version};
use super::terminal::{Fit, cut, wrap};
use crate::Console;
use crate::console::{Input, Screen, Window};
use crate::frame::{FrameEncoder, Level};

/// The lowest and the highest number of symbols per second.
pub const FPS: core::ops::RangeInclusive<u8> = 1..=30;

/// The action for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Pause,
    Next,
    Slower,
    Faster,
    Bigger,
    Smaller,
    Redraw,
    Quit,
}

impl Key {
    /// The key in the bytes of one read; an arrow key has three bytes.
    pub(super) const fn of(bytes: [u8; 8]) -> Option<Self> {
        Some(match bytes {
            [b' ' | b'p', ..] => Self::Pause,
            [b'n' | b'\r' | b'\n', ..] => Self::Next,
            [b's' | b'<' | b',', ..] | [0x1b, b'[' | b'O', b'D', ..] => Self::Slower,
            [b'f' | b'>' | b'.', ..] | [0x1b, b'[' | b'O', b'C', ..] => Self::Faster,
            [b'+' | b'=', ..] | [0x1b, b'[' | b'O', b'A', ..] => Self::Bigger,
            [b'-' | b'_', ..] | [0x1b, b'[' | b'O', b'B', ..] => Self::Smaller,
            [b'r' | 0x0c, ..] => Self::Redraw,
            // q, Ctrl-C, Ctrl-D, and Escape alone.
            [b'q' | 3 | 4, ..] | [0x1b, 0, ..] => Self::Quit,
            _ => return None,
        })
    }
}

/// A summary of what was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Version of the last symbol.
    pub version: Version,
    /// How many frames are enough.
    pub needed: usize,
    /// How many frames were drawn.
    pub drawn: u64,
}

/// The state between two drawings.
struct Live<'s> {
    lang: Lang,
    subject: &'s Subject,
    asked: Option<Version>,
    window: Window,
    fit: Fit,
    encoder: FrameEncoder,
    symbol: Symbol,
    index: u16,
    drawn: u64,
    fps: u8,
    paused: bool,
    /// Whether the window has become too small for any symbol.
    hidden: bool,
    started: Instant,
}

/// Shows symbols until somebody presses a key that ends it.
///
/// # Errors
/// [`ShowError`] if there is no terminal or no room, or if the file is too long.
pub fn run(
    console: &Console,
    subject: &Subject,
    version: Option<Version>,
    fps: u8,
) -> Result<Shown, ShowError> {
    let screen = Screen::take().ok_or(ShowRefusal::NoTerminal)?;
    let mut live = Live::new(console.lang(), subject, version, fps, screen.window())?;
    // The old content of the window scrolls up into its history.
    let mut there = screen.draw(&"\n".repeat(live.window.rows)) && screen.draw(&live.whole_window());
    let mut due = Instant::now() + live.interval();
    while there {
        match screen.wait(due.saturating_duration_since(Instant::now())) {
            Input::Gone => break,
            Input::Bytes(bytes) => match Key::of(bytes) {
                Some(Key::Quit) => break,
                Some(key) => there = live.press(key)?.is_none_or(|text| screen.draw(&text)),
                None => {}
            },
            Input::Nothing => {}
        }
        if live.window != screen.window() {
            there = screen.draw(&live.resize(screen.window()));
        }
        if Instant::now() >= due {
            due = Instant::now() + live.interval();
            there = there && screen.draw(&live.tick()?);
        }
    }
    let _ = screen.draw("\x1b[0m\x1b[H\x1b[2J");
    Ok(Shown { version: live.fit.version, needed: live.encoder.blocks(), drawn: live.drawn })
}

impl<'s> Live<'s> {
    fn new(
        lang: Lang,
        subject: &'s Subject,
        asked: Option<Version>,
        fps: u8,
        window: Window,
    ) -> Result<Self, ShowError> {
        let fit = Fit::new(subject.bytes().len(), window, 1, asked)?;
        let (encoder, symbol) = first(subject, fit.version)?;
        let started = Instant::now();
        Ok(Self {
            lang,
            subject,
            asked,
            window,
            fit,
            encoder,
            symbol,
            index: 0,
            drawn: 1,
            fps,
            paused: false,
            hidden: false,
            started,
        })
    }

    fn is_static(&self) -> bool {
        self.encoder.blocks() == 1
    }

    /// The time until the next check. For a static symbol, only the window and the clock have to be checked.
    fn interval(&self) -> Duration {
        if self.is_static() || self.paused {
            Duration::from_millis(500)
        } else {
            Duration::from_millis(1000) / u32::from(self.fps.max(1))
        }
    }

    /// Draws the next frame, or only the status line.
    fn tick(&mut self) -> Result<String, ShowError> {
        if self.is_static() || self.paused || self.hidden {
            return Ok(together(&self.status()));
        }
        self.advance()?;
        Ok(self.picture())
    }

    fn picture(&self) -> String {
        if self.hidden {
            return self.whole_window();
        }
        together(&(self.fit.draw(&self.symbol) + &self.status()))
    }

    fn advance(&mut self) -> Result<(), ShowError> {
        self.index = self.index.wrapping_add(1);
        self.symbol = Symbol::encode(&self.encoder.line(self.index), self.fit.version, Level::L)?;
        self.drawn += 1;
        Ok(())
    }

    /// Handles a key; returns the text to draw now, if there is any.
    fn press(&mut self, key: Key) -> Result<Option<String>, ShowError> {
        match key {
            Key::Pause => self.paused = !self.paused,
            Key::Next if self.paused && !self.is_static() => self.advance()?,
            Key::Slower => self.fps = self.fps.saturating_sub(1).max(*FPS.start()),
            Key::Faster => self.fps = (self.fps + 1).min(*FPS.end()),
            Key::Bigger => return self.scale(self.fit.scale + 1),
            Key::Smaller => return self.scale(self.fit.scale.saturating_sub(1).max(1)),
            Key::Redraw => return Ok(Some(self.anew())),
            Key::Next | Key::Quit => return Ok(None),
        }
        Ok(Some(self.picture()))
    }

    /// Changes the size of the modules. Larger modules leave room for fewer bytes, so the version and the
    /// frames change.
    fn scale(&mut self, scale: usize) -> Result<Option<String>, ShowError> {
        let fit = Fit::new(self.subject.bytes().len(), self.window, scale, self.asked);
        match fit.ok().filter(|fit| *fit != self.fit) {
            Some(fit) if self.take(fit).is_ok() => Ok(Some(self.whole_window())),
            _ => Ok(None),
        }
    }

    /// Chooses the largest symbol that fits after the window has grown.
    fn anew(&mut self) -> String {
        let fit = Fit::new(self.subject.bytes().len(), self.window, 1, self.asked);
        self.hidden = fit.map_err(ShowError::from).and_then(|fit| self.take(fit)).is_err();
        self.whole_window()
    }

    /// Handles a new window size. If the window has become too small, the command continues, because the
    /// window may grow again.
    fn resize(&mut self, window: Window) -> String {
        self.window = window;
        match self.fit.again(window) {
            Some(fit) => (self.fit, self.hidden) = (fit, false),
            None => return self.anew(),
        }
        self.whole_window()
    }

    fn take(&mut self, fit: Fit) -> Result<(), ShowError> {
        if fit.version != self.fit.version {
            let (encoder, symbol) = first(self.subject, fit.version)?;
            (self.encoder, self.symbol, self.index) = (encoder, symbol, 0);
        }
        self.fit = fit;
        Ok(())
    }

    /// Draws everything again.
    fn whole_window(&self) -> String {
        if self.hidden {
            let text = bi!("make the window larger", "请放大窗口");
            return together(&format!(
                "\x1b[0m\x1b[2J\x1b[H{}",
                cut(text.get(self.lang), self.window.columns)
            ));
        }
        let drawn = self.fit.draw(&self.symbol) + &self.panel() + &self.status();
        together(&format!("\x1b[0m\x1b[2J{drawn}"))
    }

    /// Draws the name, the digest, the words and the keys to the right of the symbol.
    fn panel(&self) -> String {
        let Some((left, width)) = self.fit.panel else { return String::new() };
        let mut out = String::new();
        let lines = self.panel_lines(width);
        for (row, line) in (1..self.window.rows).zip(lines) {
            let _ = write!(out, "\x1b[{row};{}H{}", left + 1, cut(&line, width));
        }
        out
    }

    fn panel_lines(&self, width: usize) -> Vec<String> {
        let digest = self.subject.digest();
        let groups: Vec<String> = digest.grouped().split(' ').map(str::to_owned).collect();
        // Add gaps if the window is tall enough.
        let gap = (self.window.rows > 30).then(String::new);
        let mut lines = vec![self.subject.name(), self.about()];
        lines.extend(gap.clone());
        lines.extend(groups.chunks(4).map(|g| g.join(" ")));
        lines.extend(gap.clone());
        for lang in Lang::BOTH {
            let (columns, cell) = match lang {
                Lang::En => (3, 9),
                Lang::Zh => (8, 3),
            };
            lines.push(lang.name().to_owned());
            lines.extend(digest.words(lang).chunks(columns).map(|w| padded(w, cell)));
        }
        let keys = [
            bi!("space  pause   n  next", "空格 暂停   n 下一个"),
            bi!("← →    slower, faster", "← → 减速、加速"),
            bi!("+ − r  bigger, smaller, fit", "+ − r 放大、缩小、适应窗口"),
            bi!("q      done", "q 结束"),
        ];
        lines.extend(gap.clone());
        let last = keys.len() - 1;
        let kept = keys.iter().enumerate().filter(|(n, _)| !self.is_static() || *n == last);
        lines.extend(kept.map(|(_, k)| k.get(self.lang).to_owned()));
        lines.extend(gap);
        // The hint is shown whole or not at all.
        let hint = bi!(
            "Turn up the brightness. The symbol should fill the camera's picture.",
            "请调高屏幕亮度，让二维码充满相机画面。"
        );
        let hint = wrap(hint.get(self.lang), width);
        if lines.len() + hint.len() < self.window.rows {
            lines.extend(hint);
        }
        lines
    }

    fn about(&self) -> String {
        let rehearsal =
            if self.subject.is_rehearsal() { bi!("REHEARSAL  ", "演练  ") } else { bi!("", "") };
        let ceremony = self.subject.ceremony().map_or("", |c| c.as_str());
        format!("{}{ceremony}", rehearsal.get(self.lang))
    }

    /// The last row: the position, and the first words if they are not shown elsewhere.
    fn status(&self) -> String {
        if self.hidden {
            return String::new();
        }
        let mut text = self.position().get(self.lang).to_owned();
        let seconds = self.started.elapsed().as_secs();
        let _ = write!(text, " · {}:{:02}", seconds / 60, seconds % 60);
        if self.fit.panel.is_none() {
            let words = self.subject.digest().words(self.lang);
            let words: Vec<&str> = words.iter().take(3).copied().collect();
            // A narrow window cuts off the end.
            let keys = bi!("q done, +− size, space pause, ←→ speed", "q 结束，+−大小，空格暂停，←→速度");
            let _ = write!(text, " · {} … · {}", words.join(" "), keys.get(self.lang));
        }
        let text = cut(&text, self.window.columns.saturating_sub(1));
        format!("\x1b[{};1H\x1b[0m{text}\x1b[K", self.window.rows)
    }

    fn position(&self) -> Bilingual {
        let version = self.fit.version.number();
        if self.is_static() {
            return bi!("one symbol, version {version}", "单个二维码，版本 {version}");
        }
        let (shown, needed, fps) = (u32::from(self.index) + 1, self.encoder.blocks(), self.fps);
        let pause = if self.paused { bi!("PAUSED · ", "已暂停 · ") } else { bi!("", "") };
        bi!(
            "{}frame {shown} · any {needed} will do · {fps} a second · version {version}",
            "{}第 {shown} 帧 · 任意 {needed} 帧即可 · 每秒 {fps} 帧 · 版本 {version}",
            pause.get(self.lang)
        )
    }
}

fn first(subject: &Subject, version: Version) -> Result<(FrameEncoder, Symbol), ShowError> {
    let encoder = FrameEncoder::new(subject.bytes(), version.bytes(Level::L).unwrap_or(0))?;
    let symbol = Symbol::encode(&encoder.line(0), version, Level::L)?;
    Ok((encoder, symbol))
}

/// Wraps text in escape sequences, so that terminals with synchronized output draw it all at once; other
/// terminals ignore them.
pub(super) fn together(text: &str) -> String {
    format!("\x1b[?2026h{text}\x1b[?2026l")
}

/// Arranges words in columns of width `cell`; an East Asian word is one character, two columns wide.
fn padded(words: &[&str], cell: usize) -> String {
    let pad = |w: &&str| format!("{w}{}", " ".repeat(cell.saturating_sub(super::terminal::width(w))));
    words.iter().map(pad).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_what_terminals_send() {
        let key = |sent: &[u8]| {
            let mut bytes = [0; 8];
            bytes[..sent.len()].copy_from_slice(sent);
            Key::of(bytes)
        };
        for (sent, meant) in [
            (&b" "[..], Some(Key::Pause)),
            (b"n", Some(Key::Next)),
            (b"\x1b[D", Some(Key::Slower)),
            (b"\x1bOC", Some(Key::Faster)),
            (b"+", Some(Key::Bigger)),
            (b"-", Some(Key::Smaller)),
            (b"\x0c", Some(Key::Redraw)),
            (b"\x03", Some(Key::Quit)),
            (b"\x1b", Some(Key::Quit)),
            (b"q", Some(Key::Quit)),
            (b"\x1b[3~", None),
            (b"x", None),
        ] {
            assert_eq!(key(sent), meant, "{sent:?}");
        }
    }
}
