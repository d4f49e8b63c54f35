//! Where symbols go, and how large a picture of one is.

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
    /// The one that was asked for, else the terminal.
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

/// Frames a second, if nobody says otherwise: a camera of 30 pictures a second sees each of them whole.
pub const FPS: u8 = 8;
/// Seconds that so many symbols take, at the speed that nobody has changed.
pub(super) fn seconds(symbols: usize) -> usize {
    symbols.div_ceil(usize::from(FPS))
}

/// Pixels a side of a picture, about: six a module of version 40, because OpenCV's detector reads none of five at four and five.
const STILL: usize = 1110;

/// Pixels a module of a picture.
pub(super) const fn still(modules: usize) -> usize {
    png::scale_for(modules, STILL)
}
