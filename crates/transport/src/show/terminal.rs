//! Draws a symbol with half blocks: two modules per character, black on white, whatever the terminal's
//! colours are.
//!
//! The size of the window determines the version. The last row is the status line; the words to compare are to the right of the symbol if
//! there is room. Every row is positioned separately, so that nothing scrolls and the last cell stays free.

use core::fmt::Write;

use super::show_error::ShowRefusal;
use super::symbol::{Symbol, Version};
use crate::console::Window;
use crate::frame::Level;

pub use crate::columns::{cut, width, wrap};

/// The largest version that is chosen for an animation, and the largest that cameras can read at eight frames
/// per second.
const LARGEST_ANIMATED: Version = Version::V25;
/// Number of light modules around a symbol: four as the standard requires, or as few as one, with which a symbol
/// can still be read on any background.
const QUIET: core::ops::RangeInclusive<usize> = 1..=4;
/// Smallest width in columns of the words next to a symbol.
const PANEL: usize = 28;

/// The place of a symbol in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Version of the symbol.
    pub version: Version,
    /// Whether one symbol holds everything.
    pub whole: bool,
    /// Half rows per module, which is also the number of columns per module.
    pub scale: usize,
    /// Number of light modules around the symbol.
    pub quiet: usize,
    /// First column of the symbol, from 0.
    pub left: usize,
    /// First row of the symbol, from 0.
    pub top: usize,
    /// First column and width of the text next to the symbol, if there is room.
    pub panel: Option<(usize, usize)>,
}

impl Fit {
    /// The placement for `bytes` in this window, with at least `scale` half rows per module: one symbol if it holds
    /// all bytes, otherwise the largest symbol that fits. `version` is the largest version allowed.
    ///
    /// # Errors
    /// [`ShowRefusal::Window`].
    pub fn new(
        bytes: usize,
        window: Window,
        scale: usize,
        version: Option<Version>,
    ) -> Result<Self, ShowRefusal> {
        let side = square(window);
        let holds = side / scale.max(1);
        let most = version.unwrap_or(Version::MAX);
        let whole = Version::for_bytes(bytes, Level::L).filter(|v| *v <= most);
        let whole = whole.filter(|v| v.modules() + 2 * QUIET.start() <= holds);
        let most = version.unwrap_or(LARGEST_ANIMATED);
        // A margin of two modules if a smaller version allows it; one is the minimum.
        let within = |quiet: usize| Version::within(holds.saturating_sub(2 * quiet)).map(|v| v.min(most));
        let version = whole.or_else(|| within(2)).or_else(|| within(1)).ok_or(ShowRefusal::Window {
            columns: window.columns,
            rows: window.rows,
            modules: scale.max(1) * (Version::MIN.modules() + 2 * QUIET.start()),
        })?;
        Ok(Self::place(version, whole.is_some(), window))
    }

    /// Keeps the version in a resized window if it still fits, so that nobody has to start scanning again.
    #[must_use]
    pub fn again(&self, window: Window) -> Option<Self> {
        let fits = self.version.modules() + 2 * QUIET.start() <= square(window);
        fits.then(|| Self::place(self.version, self.whole, window))
    }

    /// The placement for a symbol of this version, as large as possible; `None` if it does not fit into the
    /// window.
    pub(super) fn of_version(version: Version, window: Window) -> Option<Self> {
        let fits = version.modules() + 2 * QUIET.start() <= square(window);
        fits.then(|| Self::place(version, true, window))
    }

    /// The same symbol, centred, with modules of size `scale`.
    pub(super) fn scaled(self, scale: usize, window: Window) -> Self {
        let quiet = *QUIET.end();
        let (width, height) = drawn(self.version.modules(), quiet, scale);
        let left = window.columns.saturating_sub(width) / 2;
        Self { scale, quiet, left, top: window.rows.saturating_sub(1 + height) / 2, panel: None, ..self }
    }

    /// The placement with the largest possible scale.
    fn place(version: Version, whole: bool, window: Window) -> Self {
        let (side, modules) = (square(window), version.modules());
        let scale = (side / (modules + 2 * QUIET.start())).max(1);
        let quiet = (side / scale).saturating_sub(modules) / 2;
        let quiet = quiet.clamp(*QUIET.start(), *QUIET.end());
        let (width, height) = drawn(modules, quiet, scale);
        let free = window.columns.saturating_sub(width);
        let panel = free.checked_sub(2).filter(|w| *w >= PANEL).map(|w| (width + 2, w));
        let left = if panel.is_some() { 0 } else { free / 2 };
        let top = window.rows.saturating_sub(1 + height) / 2;
        Self { version, whole, scale, quiet, left, top, panel }
    }

    /// Draws the symbol, each row at its position.
    ///
    /// Only the lower half block is used as a glyph. The upper half is the background, which fills the cell to the edge in every
    /// font. Adjacent upper and lower blocks would leave seams that `zbarimg` does not tolerate.
    #[must_use]
    pub fn draw(&self, symbol: &Symbol) -> String {
        let (width, height) = drawn(symbol.size(), self.quiet, self.scale);
        let mut out = String::with_capacity(height * width * 4);
        for row in 0..height {
            let _ = write!(out, "\x1b[{};{}H{BLACK_ON_WHITE}", self.top + row + 1, self.left + 1);
            let dark = |x: usize, half: usize| {
                symbol.is_dark_within(self.quiet, x / self.scale, (2 * row + half) / self.scale)
            };
            let mut reversed = false;
            for x in 0..width {
                let (upper, lower) = (dark(x, 0), dark(x, 1));
                if upper != reversed {
                    reversed = upper;
                    out.push_str(if reversed { "\x1b[7m" } else { "\x1b[27m" });
                }
                out.push(if upper == lower { ' ' } else { '▄' });
            }
            out.push_str("\x1b[0m");
        }
        out
    }
}

/// Black and white from the colour cube, which no theme changes.
const BLACK_ON_WHITE: &str = "\x1b[0;38;5;16;48;5;231m";

/// The number of square pixels on the shorter side of the window above its status line. A pixel is one column
/// wide and half a row high.
fn square(window: Window) -> usize {
    window.columns.min(2 * window.rows.saturating_sub(1))
}

/// The number of columns and rows of a symbol.
const fn drawn(modules: usize, quiet: usize, scale: usize) -> (usize, usize) {
    let side = (modules + 2 * quiet) * scale;
    (side, side.div_ceil(2))
}
