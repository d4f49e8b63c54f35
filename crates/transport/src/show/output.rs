//! The outputs of symbols, and the size of pictures.

use std::path::{Path, PathBuf};

use super::png;

/// The output for the symbols.
#[derive(Clone, Debug)]
pub enum Output {
    /// The terminal, until a key is pressed.
    Terminal,
    /// A PNG picture, or a folder for several.
    Png(PathBuf),
    /// An SVG drawing, or a folder for several.
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

/// Approximate side of a picture in pixels, which is six pixels per module at version 40. With four or five, OpenCV's
/// detector read none of five test pictures.
const STILL: usize = 1110;

/// Pixels per module of a picture.
pub(super) const fn still(modules: usize) -> usize {
    png::scale_for(modules, STILL)
}
