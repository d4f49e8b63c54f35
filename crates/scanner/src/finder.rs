//! Finds the finder patterns in a black-and-white picture, and limits the work that a hostile picture can cause.
//!
//! This is the search of `rxing::qrcode::cpp_port::detector::FindFinderPatterns` (ISO/IEC 18004, 6.3.3: dark and light runs of
//! 1:1:3:1:1), built from rxing's own parts. rxing compares every candidate with every pattern found, and accepts any number of both.
//! On a page full of patterns, that takes hours. Here both numbers are limited.

use rxing::common::BitMatrix;
use rxing::common::cpp_essentials::{
    ConcentricPattern, FindLeftGuardBy, FixedPattern, GetPatternRowTP, IsPattern, LocateConcentricPattern,
    PatternRow, PatternView,
};
use rxing::{Point, point};

use crate::effort::Effort;

/// Maximum number of patterns in one picture: enough for 300 symbols on a page.
const MAX_PATTERNS: usize = 900;

/// Maximum number of candidates that are examined more closely.
const MAX_CANDIDATES: u32 = 200_000;

const RUNS: [u16; 5] = [1, 1, 3, 1, 1];
const PATTERN: FixedPattern<5, 7, false> = FixedPattern::new(RUNS);

/// Rows from one sample to the next; the centre of a finder pattern is three modules high.
const STEP: u32 = 3;

/// The finder patterns, in no order; at most [`MAX_PATTERNS`].
///
/// # Panics
/// May panic inside rxing; callers catch the panic.
pub(crate) fn finder_patterns(matrix: &BitMatrix, effort: Effort) -> Vec<ConcentricPattern> {
    let mut found = Vec::new();
    let mut row = PatternRow::default();
    let mut candidates = 0;
    // The rows are close enough for a version-20 symbol that fills the height of a video, or a sixth of the height of a page.
    let parts = match effort {
        Effort::First => 1,
        Effort::All => 6,
    };
    let step = (3 * matrix.height() / (4 * 97 * parts)).max(STEP);
    for y in (step - 1..matrix.height()).step_by(step as usize) {
        GetPatternRowTP(matrix, y, &mut row, false);
        patterns_of_row(matrix, &row, y, &mut found, &mut candidates);
        if found.len() >= MAX_PATTERNS || candidates >= MAX_CANDIDATES {
            break;
        }
    }
    found.truncate(MAX_PATTERNS);
    // A larger pattern would leave no room for its symbol, and rxing's grouping takes longer for larger
    // patterns.
    let largest = matrix.width().min(matrix.height()) / 2;
    found.retain(|p| u32::try_from(p.size).is_ok_and(|size| size > 0 && size <= largest));
    found
}

fn patterns_of_row(
    matrix: &BitMatrix,
    row: &PatternRow,
    y: u32,
    found: &mut Vec<ConcentricPattern>,
    candidates: &mut u32,
) {
    let mut view = PatternView::new(row);
    while let Some(next) = next_runs(view).filter(PatternView::isValid) {
        view = next;
        *candidates += 1;
        let centre = centre(&view, y);
        let inside = |old: &ConcentricPattern| {
            #[allow(clippy::cast_precision_loss)] // sizes of a picture's parts
            let radius = old.size as f32 / 2.0;
            Point::distance(centre, old.p) < radius
        };
        if !found.iter().any(inside) {
            let range = i32::from(view.sum(None)).saturating_mul(3);
            found.extend(LocateConcentricPattern::<true, 5, 7>(matrix, &RUNS, centre, range));
        }
        if found.len() >= MAX_PATTERNS || *candidates >= MAX_CANDIDATES {
            return;
        }
        view.skipPair();
        view.skipPair();
        view.extend();
    }
}

/// The next five runs that could be a row through the middle of a finder pattern.
fn next_runs(view: PatternView<'_>) -> Option<PatternView<'_>> {
    let likely = |view: &PatternView, space: Option<f32>| {
        let [a, b, c, d, e]: [u16; 5] = [view[0], view[1], view[2], view[3], view[4]];
        c >= 3
            && c >= 2 * a.max(e)
            && c >= b.max(d)
            && IsPattern::<true, 5, 7, false>(view, &PATTERN, space, 0.1, 0.0, 0.0) != 0.0
    };
    FindLeftGuardBy::<5, _>(view, 5, likely).ok()
}

fn centre(view: &PatternView, y: u32) -> Point {
    let before = view.pixelsInFront() + view[0] + view[1];
    #[allow(clippy::cast_precision_loss)] // a row of a picture
    let y = y as f32 + 0.5;
    point(f32::from(before) + f32::from(view[2]) / 2.0, y)
}
