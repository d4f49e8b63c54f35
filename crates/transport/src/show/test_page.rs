//! The test page of `show --test-page`: symbols of several versions in two sizes, with known digits, for `keyferry-scan --test`.
//!
//! It shows before the ceremony which symbol versions work with a given screen or printer and camera. Each symbol
//! states its own version and size. Its digits are not a frame: their first group is a number that does not fit into seven bytes, so
//! `receive` refuses it (`KF-FRAME-01`).
//!
//! - `html`, `sheet`, `live`: the page for a screen, the sheets for a printer, the terminal.

mod sheet;
mod test_live;
mod test_screen_page;

use std::path::{Path, PathBuf};

use keyferry_core::{Bilingual, Lang, bi};
use serde_json::json;

use super::output::{Output, still};
use super::png;
use super::show_error::{ShowError, ShowRefusal};
use super::svg;
use super::symbol::{Symbol, Version};
use crate::frame::Level;
use crate::{Access, Console, printable, write_new};

/// The versions on the page: 6 is the largest that fits 80 × 24, and 40 is the largest of all.
const VERSIONS: [u8; 7] = [6, 10, 15, 20, 25, 30, 40];
/// Every test symbol begins with these digits. No frame begins with 17 digits above 2⁵⁶ − 1.
const MARK: &str = "98765432109876543";
/// Number of digits that are left free for the terminator, which some decoders need.
const FREE: usize = 8;

/// The size at which a test symbol is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// The size at which `show` draws this version on the same medium.
    Full,
    /// Two thirds of the full size: equipment that can read this has a margin to spare.
    Small,
}

impl Size {
    /// Both sizes.
    pub const ALL: [Self; 2] = [Self::Full, Self::Small];

    const fn digit(self) -> char {
        match self {
            Self::Full => '0',
            Self::Small => '1',
        }
    }

    /// The name of the size, for people.
    #[must_use]
    pub fn name(self) -> Bilingual {
        match self {
            Self::Full => bi!("full size", "原尺寸"),
            Self::Small => bi!("two thirds of full size", "三分之二尺寸"),
        }
    }

    /// This fraction of a length, at least 1.
    const fn of(self, length: usize) -> usize {
        match self {
            Self::Full => length,
            Self::Small if length < 2 => 1,
            Self::Small => length * 2 / 3,
        }
    }
}

/// One symbol of the test page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestSymbol {
    /// The symbol's version.
    pub version: Version,
    /// The symbol's size on the page.
    pub size: Size,
}

impl TestSymbol {
    /// Every symbol of the page up to a version, the smallest version first.
    pub fn up_to(most: Version) -> impl Iterator<Item = Self> {
        let versions = VERSIONS.iter().filter_map(|n| Version::new(*n)).filter(move |v| *v <= most);
        versions.flat_map(|version| Size::ALL.map(|size| Self { version, size }))
    }

    /// The symbol's digits: the mark, the version, the size, and known digits up to the symbol's capacity.
    #[must_use]
    pub fn line(self, level: Level) -> String {
        let seed = u32::from(self.version.number()) * 2 + u32::from(self.size == Size::Small);
        let mut line = format!("{MARK}{:02}{}", self.version.number(), self.size.digit());
        let length = self.version.digits(level).saturating_sub(FREE);
        line.extend(filler(seed).take(length.saturating_sub(line.len())));
        line
    }

    /// The test symbol that has exactly these digits.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        line.strip_prefix(MARK)?;
        let levels = [Level::L, Level::M];
        Self::up_to(Version::MAX).find(|symbol| levels.iter().any(|level| symbol.line(*level) == line))
    }

    /// The symbol's modules.
    fn symbol(self, level: Level) -> Result<Symbol, ShowError> {
        Symbol::encode(&self.line(level), self.version, level)
    }

    /// A name such as "version 25, full size".
    #[must_use]
    pub fn name(self, lang: Lang) -> String {
        let (version, size) = (self.version.number(), self.size.name());
        bi!("version {version}, {}", "版本 {version}，{}", size.get(lang)).get(lang).to_owned()
    }
}

/// Digits from a linear congruential generator (the example in ISO C): all ten digits occur, and anybody can recompute
/// them.
fn filler(seed: u32) -> impl Iterator<Item = char> {
    let step = |x: &u32| Some(x.wrapping_mul(1_103_515_245).wrapping_add(12_345));
    core::iter::successors(step(&seed), step).map(|x| char::from_digit((x >> 16) % 10, 10).unwrap_or('0'))
}

/// Runs `show --test-page`, with versions up to `most`.
///
/// # Errors
/// [`ShowError`] if there is no terminal or no room, or if the output cannot hold it.
pub fn run(console: &Console, output: &Output, most: Option<Version>, fps: u8) -> Result<(), ShowError> {
    let symbols: Vec<TestSymbol> = TestSymbol::up_to(most.unwrap_or(Version::MAX)).collect();
    let files = match output {
        Output::Terminal => {
            test_live::run(console, &symbols, fps)?;
            Vec::new()
        }
        Output::Png(path) => {
            pictures(path, &symbols, "png", |symbol, size| png::png(symbol, size.of(still(symbol.size()))))?
        }
        Output::Svg(path) => pictures(path, &symbols, "svg", |symbol, _| svg::svg(symbol).into_bytes())?,
        Output::Html(path) => written(path, &test_screen_page::page(&symbols, fps, console.lang())?)?,
        Output::Print(path) => written(path, &sheet::sheets(&symbols, console.lang())?)?,
    };
    report(console, symbols.len(), &files);
    Ok(())
}

fn written(path: &Path, page: &str) -> Result<Vec<PathBuf>, ShowError> {
    write_new(path, page.as_bytes(), Access::Everyone)?;
    Ok(vec![path.into()])
}

/// Writes one picture for each symbol to a folder, named after its version and size.
fn pictures(
    folder: &Path,
    symbols: &[TestSymbol],
    ending: &str,
    draw: impl Fn(&Symbol, Size) -> Vec<u8>,
) -> Result<Vec<PathBuf>, ShowError> {
    if !folder.is_dir() {
        return Err(ShowRefusal::Folder { path: folder.into(), symbols: symbols.len() }.into());
    }
    let mut files = Vec::new();
    for test in symbols {
        let size = match test.size {
            Size::Full => "full",
            Size::Small => "small",
        };
        let file = folder.join(format!("test-version-{:02}-{size}.{ending}", test.version.number()));
        write_new(&file, &draw(&test.symbol(Level::L)?, test.size), Access::Everyone)?;
        files.push(file);
    }
    Ok(files)
}

/// Says what to do with the page, and prints the files on standard output.
fn report(console: &Console, symbols: usize, files: &[PathBuf]) {
    console.say(&bi!(
        "  {symbols} test symbols. Read them with the camera of the other station: keyferry-scan --test \
         PICTURES, or keyferry-scan --test --camera DEVICE",
        "  共 {symbols} 个测试二维码。请用另一工作站的摄像头读取：keyferry-scan --test 图片，或 keyferry-scan --test --camera 设备"
    ));
    if console.json() {
        console.result(&json!({"command": "show", "test_page": true, "symbols": symbols, "outputs": files}));
        return;
    }
    for file in files.iter().map(|f| f.display().to_string()) {
        console.row(&bi!("wrote", "已写出"), &file);
        console.result_line(&printable::line(&file));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    #[test]
    fn each_test_symbol_is_known_by_its_digits_and_is_no_frame() {
        let all: Vec<_> = TestSymbol::up_to(Version::MAX).collect();
        assert_eq!(all.len(), 2 * VERSIONS.len());
        for test in all {
            for level in [Level::L, Level::M] {
                let line = test.line(level);
                assert_eq!(line.len(), test.version.digits(level) - FREE);
                assert_eq!(TestSymbol::of_line(&line), Some(test));
                assert!(Frame::parse_line(&line).is_err());
                assert_eq!(TestSymbol::of_line(&line[1..]), None);
                assert_eq!(TestSymbol::of_line(&format!("{line}0")), None);
                assert_eq!(test.symbol(level).unwrap().version(), test.version);
            }
        }
        assert_eq!(TestSymbol::of_line(MARK), None);
        assert_eq!(TestSymbol::up_to(Version::V25).count(), 10);
    }

    /// The digits must never change, because a page that one version of keyferry printed has to be readable
    /// by the next version.
    #[test]
    fn the_digits_stay_what_they_are() {
        let line = TestSymbol { version: Version::new(6).unwrap(), size: Size::Small }.line(Level::L);
        assert_eq!(&line[..40], "9876543210987654306101213104597879909311");
    }
}
