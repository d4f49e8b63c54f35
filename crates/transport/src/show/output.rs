//! Where symbols go, and how large pictures of them are.

use std::path::{Path, PathBuf};

use super::png;

/// Where the symbols go.
#[derive(Clone, Debug)]
pub enum Output {
    /// The terminal, until a key is pressed.
    Terminal,
    /// A PNG picture; a folder for several.
    Png(PathBuf),
    /// An SVG drawing; a folder for several.
    Svg(PathBuf),
    /// A page for a browser.
    Html(PathBuf),
    /// Sheets for a printer.
    Print(PathBuf),
}

impl Output {
    /// The requested output, or the terminal.
    #[must_use]
    pub fn of(png: Option<&Path>, svg: Option<&Path>, html: Option<&Path>, print: Option<&Path>) -> Self {
        let asked = [
            png.map(|p| Self::Png(p.into())),
            svg.map(|p| Self::Svg(p.into())),
            html.map(|p| Self::Html(p.into())),
            print.map(|p| Self::Print(p.into())),
        ];
        asked.into_iter().flatten().next().unwrap_or(Self::Terminal)
    }
}

/// Default frames per second: a camera that takes 30 pictures per second sees each frame whole.
pub const FPS: u8 = 8;
/// Seconds for this many symbols at the default speed.
pub(super) fn seconds(symbols: usize) -> usize {
    symbols.div_ceil(usize::from(FPS))
}

/// Approximate side of a picture in pixels: six per module at version 40, because OpenCV's detector read none of five test
/// pictures at four and at five.
const STILL: usize = 1110;

/// Pixels per module of a picture.
pub(super) const fn still(modules: usize) -> usize {
    png::scale_for(modules, STILL)
}
