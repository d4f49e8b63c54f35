//! The cascade: tries ways to turn grey into black and white, from the fastest to the slowest, until one of them reads a symbol.
//!
//! For a picture with one symbol, the first success ends the search. On a page, the symbols that were read are painted over, and the search
//! continues while finder patterns remain that belong to no symbol read so far.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rxing::common::{BitMatrix, GlobalHistogramBinarizer};
use rxing::{Binarizer, Luma8Source};

use crate::binarize::hybrid;
use crate::effort::Effort;
use crate::luma::Luma;
use crate::picture_error::PictureError;
use crate::sample::{Look, look};
use crate::symbol::Symbol;

/// Pictures of up to this many pixels are enlarged; larger pictures have large modules anyway.
const MAX_DOUBLED: usize = 16_000_000;

/// Pictures of at least this many pixels are also made smaller.
const MIN_HALVED: usize = 1_500_000;

/// The result of reading a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The symbols, from top to bottom.
    pub symbols: Vec<Symbol>,
    /// How often the third-party decoder panicked; each panic cost one candidate.
    pub panics: usize,
}

/// Reads the symbols in a grey picture: `pixels` has `width` × `height` bytes, with rows from the top; 0 is black.
///
/// # Errors
/// [`PictureError`] if the size is out of bounds or does not match the number of pixels. A picture without a symbol is not
/// an error.
///
/// # Examples
/// ```
/// let white = vec![255; 64 * 48];
/// assert!(keyferry_scan::decode_luma(&white, 64, 48)?.is_empty());
/// # Ok::<(), keyferry_scan::PictureError>(())
/// ```
pub fn decode_luma(pixels: &[u8], width: u32, height: u32) -> Result<Vec<Symbol>, PictureError> {
    // The size is checked before anything is copied.
    crate::luma::checked_area(width, height)?;
    Ok(decode(Luma::new(pixels.to_vec(), width, height)?, Effort::All).symbols)
}

/// Reads the symbols in a picture. If patterns are found but none of their symbols can be read, the picture is rotated, so that the
/// camera can be held at any angle.
#[must_use]
pub fn decode(picture: Luma, effort: Effort) -> Reading {
    let mut search = Search { picture, effort, reading: Reading::default(), patterns: 0 };
    for turns in 0..4 {
        if turns > 0 {
            search.picture = search.picture.turned();
        }
        // Panics in the binarizers and filters are caught like all others.
        if catch_unwind(AssertUnwindSafe(|| search.run())).is_err() {
            search.reading.panics += 1;
        }
        if !search.reading.symbols.is_empty() {
            search.turn_back(turns);
        }
        if !search.reading.symbols.is_empty() || search.patterns == 0 {
            break;
        }
    }
    let mut reading = search.reading;
    reading.symbols.sort_by(|a, b| place(a).0.total_cmp(&place(b).0).then(place(a).1.total_cmp(&place(b).1)));
    reading
}

/// The ways to turn grey into black and white, in the order in which they are tried.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// A threshold for each block of 8 × 8 pixels, for shadows and gradients. Then the same, inverted, for light
    /// symbols on dark.
    Hybrid,
    /// One threshold for the whole picture, for small pictures and even light.
    Histogram,
    /// For noise and JPEG artefacts.
    Blurred,
    /// For modules of two or three pixels.
    Doubled,
    /// For photographs of large modules, where a block of 8 × 8 pixels fits inside one module.
    Halved,
}

const STAGES: [Stage; 5] = [Stage::Hybrid, Stage::Histogram, Stage::Blurred, Stage::Doubled, Stage::Halved];

struct Search {
    picture: Luma,
    effort: Effort,
    reading: Reading,
    /// The highest number of finder patterns outside symbols in one attempt.
    patterns: usize,
}

impl Search {
    /// Maps the symbols' positions to the picture as it was before it was rotated by this many quarter turns.
    #[allow(clippy::cast_precision_loss)] // sides of a picture
    fn turn_back(&mut self, turns: u32) {
        let sides = [self.picture.width() as f32, self.picture.height() as f32];
        for (_, width) in (0..turns).zip(sides.into_iter().cycle()) {
            let symbols = std::mem::take(&mut self.reading.symbols);
            self.reading.symbols = symbols.into_iter().map(|symbol| symbol.turned_back(width)).collect();
        }
    }

    fn run(&mut self) {
        for stage in STAGES {
            let Some((mut matrix, factor)) = self.matrix(stage) else { continue };
            if self.attempt(&matrix, factor) {
                return;
            }
            matrix.flip_self();
            if self.attempt(&matrix, factor) {
                return;
            }
        }
    }

    /// Makes one attempt; returns whether the search is over. Symbols that were read are painted over for the attempts that
    /// follow.
    fn attempt(&mut self, matrix: &BitMatrix, factor: f32) -> bool {
        let Look { symbols, left, panics } = look(matrix, self.effort);
        self.reading.panics += panics;
        self.patterns = self.patterns.max(left);
        let (before, new) = (self.reading.symbols.len(), symbols.len());
        for symbol in symbols {
            let symbol = symbol.scaled(factor);
            if self.effort == Effort::All {
                self.picture.erase(&symbol.grown());
            }
            self.reading.symbols.push(symbol);
        }
        match self.effort {
            Effort::First => new > 0,
            // For one symbol, the first success ends the search; on a page, the search continues until an attempt finds
            // nothing new.
            Effort::All => left == 0 && (before, new) != (0, 0) && (before + new == 1 || new == 0),
        }
    }

    /// The picture in black and white, and the size of one of its pixels in the original.
    fn matrix(&self, stage: Stage) -> Option<(BitMatrix, f32)> {
        let area = self.picture.pixels().len();
        match stage {
            Stage::Hybrid => Some((hybrid(&self.picture)?, 1.0)),
            Stage::Histogram => Some((histogram(&self.picture)?, 1.0)),
            Stage::Blurred => Some((hybrid(&self.picture.box_blurred())?, 1.0)),
            Stage::Doubled if area <= MAX_DOUBLED => Some((hybrid(&self.picture.doubled())?, 0.5)),
            Stage::Halved if area >= MIN_HALVED => Some((hybrid(&self.picture.halved()?)?, 2.0)),
            Stage::Doubled | Stage::Halved => None,
        }
    }
}

fn histogram(picture: &Luma) -> Option<BitMatrix> {
    let source = Luma8Source::new_with_slice(picture.pixels(), picture.width(), picture.height()).ok()?;
    GlobalHistogramBinarizer::new(source).get_black_matrix().ok().cloned()
}

/// The place where a symbol begins, for sorting from top to bottom, then from left to right.
fn place(symbol: &Symbol) -> (f32, f32) {
    let [first, ..] = symbol.corners; // where the search for the minimum starts
    symbol.corners.iter().fold((first.1, first.0), |(y, x), c| (y.min(c.1), x.min(c.0)))
}
