//! Turns finder patterns into symbols: rxing samples and corrects one candidate at a time, and each panic is caught.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rxing::common::cpp_essentials::ConcentricPattern;
use rxing::common::{BitMatrix, DetectorRXingResult};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{FinderPatternSet, GenerateFinderPatternSets, SampleQR};

use crate::effort::Effort;
use crate::finder::finder_patterns;
use crate::symbol::Symbol;

/// Maximum number of groups of three finder patterns that are sampled in one picture.
const MAX_SETS: usize = 3_000;

/// The result of one attempt at a black-and-white picture.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// The symbols, as rxing found them.
    pub(crate) symbols: Vec<Symbol>,
    /// Number of finder patterns outside these symbols, perhaps of symbols that this attempt could not read.
    pub(crate) left: usize,
    /// How often the third-party decoder panicked.
    pub(crate) panics: usize,
}

/// Finds symbols, and reads as many as possible.
pub(crate) fn look(matrix: &BitMatrix, effort: Effort) -> Look {
    let mut look = Look::default();
    let found = caught(&mut look.panics, || {
        let mut patterns = finder_patterns(matrix, effort);
        let sets = GenerateFinderPatternSets(&mut patterns);
        (patterns, sets)
    });
    let Some((patterns, sets)) = found else { return look };
    let mut used: Vec<ConcentricPattern> = Vec::new();
    for set in sets.iter().take(MAX_SETS) {
        if [set.bl, set.tl, set.tr].iter().any(|p| used.contains(p)) {
            continue;
        }
        if let Some(symbol) = caught(&mut look.panics, || read(matrix, set)).flatten() {
            used.extend([set.bl, set.tl, set.tr]);
            look.symbols.push(symbol);
        }
    }
    let outside = |p: &&ConcentricPattern| !look.symbols.iter().any(|s| s.covers((p.p.x, p.p.y)));
    look.left = patterns.iter().filter(outside).count();
    look
}

/// Runs third-party code; its panics are counted and become `None`.
fn caught<T>(panics: &mut usize, work: impl FnOnce() -> T) -> Option<T> {
    // A panic leaves nothing half changed: the matrix is only read, and the unfinished result is dropped.
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
    *panics += usize::from(done.is_none());
    done
}

fn read(matrix: &BitMatrix, set: &FinderPatternSet) -> Option<Symbol> {
    let sampled = SampleQR(matrix, set).ok()?;
    let decoded = Decode(sampled.getBits()).ok()?;
    if !decoded.isValid() {
        return None;
    }
    // rxing's order: top left, top right, bottom left, bottom right.
    let &[tl, tr, bl, br] = sampled.getPoints() else { return None };
    let bytes = decoded.content().bytes();
    // No character set has to be guessed for digits.
    let text = if bytes.iter().all(u8::is_ascii_digit) {
        bytes.iter().map(|b| char::from(*b)).collect()
    } else {
        decoded.text()
    };
    let corners = [tl, tr, br, bl].map(|p| (p.x, p.y));
    (!text.is_empty()).then_some(Symbol { text, version: decoded.versionNumber(), corners })
}
