//! One QR Code symbol (ISO/IEC 18004) with decimal digits in numeric mode: its modules, and the number of digits that
//! each version holds.
//!
//! Only digits are encoded, because they pass through every scanner, keyboard wedge and text tool unchanged.

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version as QrVersion};

use super::ShowError;
use super::show_error::ShowRefusal;
use crate::frame::{Level, MAX_BLOCKS, block_capacity, digit_capacity};

/// A version of ISO/IEC 18004, 1 to 40. The symbol has `17 + 4 × version` modules on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    /// The smallest version, with 21 modules on each side.
    pub const MIN: Self = Self(1);
    /// The largest version, with 177 modules on each side.
    pub const MAX: Self = Self(40);
    /// A version that a camera can easily read from a screen at eight frames per second, with 77 modules on
    /// each side.
    pub const V15: Self = Self(15);
    /// The largest version that cameras can read from an animation, with 117 modules on each side.
    pub const V25: Self = Self(25);

    /// The version with this number; `None` outside 1 to 40.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= 40 { Some(Self(number)) } else { None }
    }

    /// The number of the version, 1 to 40.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The number of modules on each side, without the light margin.
    #[must_use]
    pub const fn modules(self) -> usize {
        17 + 4 * self.0 as usize
    }

    /// The largest version with at most this many modules on each side.
    #[must_use]
    pub fn within(modules: usize) -> Option<Self> {
        Self::all().rev().find(|v| v.modules() <= modules)
    }

    /// The smallest version whose frame has room for this many bytes, so that a whole artefact fits into one static
    /// symbol.
    #[must_use]
    pub fn for_bytes(bytes: usize, level: Level) -> Option<Self> {
        Self::all().find(|v| v.bytes(level).is_some_and(|n| n >= bytes))
    }

    /// The smallest version in which [`MAX_BLOCKS`] frames hold this many bytes.
    #[must_use]
    pub fn for_frames(bytes: usize, level: Level) -> Option<Self> {
        Self::for_bytes(bytes.div_ceil(MAX_BLOCKS), level)
    }

    /// The smallest version that holds this many digits.
    #[must_use]
    pub fn for_digits(digits: usize, level: Level) -> Option<Self> {
        Self::all().find(|v| v.digits(level) >= digits)
    }

    /// All versions, the smallest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        (1..=40).map(Self)
    }

    /// The number of decimal digits that fit.
    #[must_use]
    pub fn digits(self, level: Level) -> usize {
        digit_capacity(self.0, level).unwrap_or(0)
    }

    /// The number of payload bytes of a frame in this version; `None` if not even the header fits.
    #[must_use]
    pub fn bytes(self, level: Level) -> Option<usize> {
        block_capacity(self.0, level)
    }

    fn qr(self) -> QrVersion {
        QrVersion::Normal(i16::from(self.0))
    }
}

/// The error correction level for the encoder: L for screens, where the next frame replaces one that was lost
/// to glare; M for paper, where a stain is permanent.
const fn ec(level: Level) -> EcLevel {
    match level {
        Level::L => EcLevel::L,
        Level::M => EcLevel::M,
        Level::Q => EcLevel::Q,
        Level::H => EcLevel::H,
    }
}

/// A symbol's modules, without the light margin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    version: Version,
    size: usize,
    dark: Vec<bool>,
}

impl Symbol {
    /// The symbol of one line of digits, in exactly this version.
    ///
    /// # Errors
    /// [`ShowRefusal::Symbol`] if the line does not consist of digits or does not fit.
    pub fn encode(line: &str, version: Version, level: Level) -> Result<Self, ShowError> {
        let refused = || ShowRefusal::Symbol { digits: line.len(), version: version.number() };
        if line.is_empty() || !line.bytes().all(|b| b.is_ascii_digit()) || line.len() > version.digits(level)
        {
            return Err(refused().into());
        }
        let mut bits = Bits::new(version.qr());
        let pushed = bits.push_numeric_data(line.as_bytes()).and_then(|()| bits.push_terminator(ec(level)));
        let code = pushed.and_then(|()| QrCode::with_bits(bits, ec(level))).map_err(|_| refused())?;
        let size = code.width();
        let dark = code.into_colors().into_iter().map(|c| c == Color::Dark).collect();
        Ok(Self { version, size, dark })
    }

    /// The version of the symbol.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The number of modules on each side, without the light margin.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Whether the module in column `x` of row `y` is dark; everything outside is light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.size && self.dark.get(y * self.size + x).copied().unwrap_or(false)
    }

    /// Like [`is_dark`](Self::is_dark), but counted from the corner of a light margin of `quiet` modules.
    #[must_use]
    pub fn is_dark_within(&self, quiet: usize, x: usize, y: usize) -> bool {
        x.checked_sub(quiet).zip(y.checked_sub(quiet)).is_some_and(|(x, y)| self.is_dark(x, y))
    }

    /// The runs of dark modules of row `y`: first column and length.
    pub fn runs(&self, y: usize) -> impl Iterator<Item = (usize, usize)> {
        let mut x = 0;
        core::iter::from_fn(move || {
            while x < self.size && !self.is_dark(x, y) {
                x += 1;
            }
            let from = x;
            while self.is_dark(x, y) {
                x += 1;
            }
            (x > from).then_some((from, x - from))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ISO/IEC 18004:2015, table 7: the encoder and the table for frames agree on the number of digits.
    #[test]
    fn capacities_are_the_standards() {
        let table = [
            (1, 41, 34),
            (9, 552, 432),
            (10, 652, 513),
            (15, 1250, 991),
            (20, 2061, 1600),
            (25, 3057, 2395),
            (26, 3283, 2544),
            (27, 3517, 2701),
            (40, 7089, 5596),
        ];
        for (number, l, m) in table {
            let version = Version::new(number).unwrap();
            assert_eq!((version.digits(Level::L), version.digits(Level::M)), (l, m), "{number}");
            assert_eq!(Version::for_digits(l, Level::L), Some(version));
        }
        assert_eq!(Version::for_digits(7090, Level::L), None);
        assert_eq!((Version::new(0), Version::new(41)), (None, None));
        assert_eq!(Version::within(76).map(Version::number), Some(14));
        assert_eq!(Version::within(20), None);
    }

    /// ISO/IEC 18004:2015, annex I: the standard's own example.
    #[test]
    fn the_standards_example() {
        let symbol = Symbol::encode("01234567", Version::MIN, Level::M).unwrap();
        let code = &symbol;
        let row = |y| (0..code.size()).map(move |x| if code.is_dark(x, y) { '#' } else { '.' });
        assert_eq!(row(0).collect::<String>(), "#######..#.##.#######");
        assert_eq!(row(8).collect::<String>(), "#.#####..#..#.#####..");
        assert_eq!(row(20).collect::<String>(), "#######.####.#..#.#..");
        assert_eq!(symbol.runs(20).collect::<Vec<_>>(), [(0, 7), (8, 4), (13, 1), (16, 1), (18, 1)]);
        assert!(!symbol.is_dark(21, 0) && !symbol.is_dark(0, 21) && !symbol.is_dark_within(1, 0, 5));
    }

    #[test]
    fn full_symbols_encode_and_what_does_not_fit_is_refused() {
        for version in [1, 14, 40].map(|n| Version::new(n).unwrap()) {
            for level in [Level::L, Level::M] {
                let full = "9".repeat(version.digits(level));
                assert_eq!(Symbol::encode(&full, version, level).unwrap().size(), version.modules());
                assert!(Symbol::encode(&(full + "9"), version, level).is_err());
            }
        }
        for bad in ["", "12a", "１２", "-1", " 1"] {
            assert!(Symbol::encode(bad, Version::MAX, Level::L).is_err(), "{bad}");
        }
    }
}
