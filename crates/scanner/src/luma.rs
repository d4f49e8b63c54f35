//! Grey pictures (one byte per pixel, rows from the top, 0 black, 255 white), and a few filters that help a decoder.
//!
//! The size is checked when a picture is made, and all later code relies on the check: no side is 0 or longer than [`MAX_SIDE`], and
//! there are at most [`MAX_PIXELS`] pixels.

use crate::limits::{MAX_PIXELS, MAX_SIDE};
use crate::picture_error::PictureError;

/// A grey picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Luma {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
}

impl Luma {
    /// A picture of `width` × `height` pixels, one byte each, rows from the top.
    ///
    /// # Errors
    /// [`PictureError::Size`] if a side is 0 or too long or there are too many pixels, [`PictureError::Length`] if the number of
    /// bytes is not the number of pixels.
    pub fn new(pixels: Vec<u8>, width: u32, height: u32) -> Result<Self, PictureError> {
        let expected = checked_area(width, height)?;
        if pixels.len() != expected {
            return Err(PictureError::Length { expected, found: pixels.len() });
        }
        // Both values fit, because each is at most MAX_SIDE.
        Ok(Self { pixels, width: width as usize, height: height as usize })
    }

    /// The pixels, rows from the top.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The number of pixels in a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        u32::try_from(self.width).unwrap_or(u32::MAX)
    }

    /// The number of rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        u32::try_from(self.height).unwrap_or(u32::MAX)
    }

    fn rows(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.pixels.chunks_exact(self.width)
    }

    /// The picture with each pixel replaced by the mean of the 3 × 3 pixels around it, which removes noise and JPEG
    /// blocks. The border does not change.
    #[must_use]
    pub fn box_blurred(&self) -> Self {
        let mut pixels = self.pixels.clone();
        let rows: Vec<&[u8]> = self.rows().collect();
        let mut columns = vec![0_u16; self.width];
        for (three, out) in rows.windows(3).zip(pixels.chunks_exact_mut(self.width).skip(1)) {
            let [above, here, below] = three else { continue };
            for (sum, ((a, b), c)) in columns.iter_mut().zip(above.iter().zip(*here).zip(*below)) {
                *sum = u16::from(*a) + u16::from(*b) + u16::from(*c);
            }
            for (sums, pixel) in columns.windows(3).zip(out.iter_mut().skip(1)) {
                // The mean of nine bytes fits into a byte.
                *pixel = u8::try_from(sums.iter().sum::<u16>() / 9).unwrap_or(u8::MAX);
            }
        }
        Self { pixels, ..*self }
    }

    /// The picture after a quarter turn clockwise.
    #[must_use]
    pub fn turned(&self) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for x in 0..self.width {
            pixels.extend(self.rows().rev().filter_map(|row| row.get(x)));
        }
        Self { pixels, width: self.height, height: self.width }
    }

    /// The picture at twice the width and height, interpolated, so that modules of two or three pixels become
    /// readable.
    #[must_use]
    pub fn doubled(&self) -> Self {
        let mut wide = Vec::with_capacity(self.pixels.len() * 2);
        for row in self.rows() {
            push_doubled(row, &mut wide);
        }
        let rows: Vec<&[u8]> = wide.chunks_exact(self.width * 2).collect();
        let mut pixels = Vec::with_capacity(wide.len() * 2);
        for (y, here) in rows.iter().enumerate() {
            let above = y.checked_sub(1).and_then(|y| rows.get(y)).unwrap_or(here);
            let below = rows.get(y + 1).unwrap_or(here);
            for far in [above, below] {
                pixels.extend(here.iter().zip(*far).map(|(near, far)| mix(*near, *far)));
            }
        }
        Self { pixels, width: self.width * 2, height: self.height * 2 }
    }

    /// The picture at half the width and height, each pixel the mean of four; `None` if a side would become 0. This is for
    /// photographs of large modules.
    #[must_use]
    pub fn halved(&self) -> Option<Self> {
        let (width, height) = (self.width / 2, self.height / 2);
        if width == 0 || height == 0 {
            return None;
        }
        let mut pixels = Vec::with_capacity(width * height);
        for pair in self.pixels.chunks_exact(self.width * 2) {
            let (above, below) = pair.split_at(self.width);
            let quads = above.chunks_exact(2).zip(below.chunks_exact(2));
            pixels.extend(quads.map(|(a, b)| mean(a.iter().chain(b).map(|p| u16::from(*p)), 4)));
        }
        Some(Self { pixels, width, height })
    }

    /// Paints the convex quadrilateral white, so that a symbol is not found twice. The corners are in order around it, in pixels.
    pub fn erase(&mut self, corners: &[(f32, f32); 4]) {
        for (y, row) in self.pixels.chunks_exact_mut(self.width).enumerate() {
            if let Some((from, to)) = span(corners, y) {
                let end = to.min(row.len());
                if let Some(inside) = row.get_mut(from.min(end)..end) {
                    inside.fill(u8::MAX);
                }
            }
        }
    }
}

/// The number of pixels, if a picture may have that many.
///
/// # Errors
/// [`PictureError::Size`].
pub(crate) fn checked_area(width: u32, height: u32) -> Result<usize, PictureError> {
    let too_large = || PictureError::Size { width, height };
    let sides = [width, height];
    let area = u64::from(width) * u64::from(height);
    if sides.contains(&0) || sides.iter().any(|side| *side > MAX_SIDE) || area > MAX_PIXELS {
        return Err(too_large());
    }
    usize::try_from(area).map_err(|_| too_large())
}

fn push_doubled(row: &[u8], out: &mut Vec<u8>) {
    let mut before = row.first().copied().unwrap_or_default();
    let last = row.last().copied().unwrap_or_default();
    for (here, after) in row.iter().zip(row.iter().skip(1).chain([&last])) {
        out.extend([mix(*here, before), mix(*here, *after)]);
        before = *here;
    }
}

/// Mixes three parts of `near` with one part of `far`.
fn mix(near: u8, far: u8) -> u8 {
    mean([near, near, near, far].map(u16::from).into_iter(), 4)
}

fn mean(values: impl Iterator<Item = u16>, count: u16) -> u8 {
    u8::try_from((values.sum::<u16>() + count / 2) / count).unwrap_or(u8::MAX)
}

/// Where row `y` enters and leaves the quadrilateral.
fn span(corners: &[(f32, f32); 4], y: usize) -> Option<(usize, usize)> {
    // The conversion is exact, because pictures are at most MAX_SIDE high.
    #[allow(clippy::cast_precision_loss)]
    let y = y as f32 + 0.5;
    let edges = corners.iter().zip(corners.iter().cycle().skip(1));
    let crossings = edges.filter_map(|(a, b)| {
        let within = (a.1 <= y) != (b.1 <= y);
        within.then(|| a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0))
    });
    let (low, high) =
        crossings.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    // Converting a float to an integer saturates. A row that is not crossed has low > high.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (low <= high).then_some((low.max(0.0) as usize, high.max(0.0).ceil() as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: u32, height: u32) -> Luma {
        let pixels = (0..width * height).map(|i| (i * 7 % 251) as u8).collect();
        Luma::new(pixels, width, height).unwrap()
    }

    #[test]
    fn sizes_are_checked_before_anything_else() {
        assert!(matches!(Luma::new(vec![], 0, 4), Err(PictureError::Size { .. })));
        assert!(matches!(Luma::new(vec![], MAX_SIDE + 1, 1), Err(PictureError::Size { .. })));
        assert!(matches!(Luma::new(vec![], 10_000, 10_000), Err(PictureError::Size { .. })));
        assert_eq!(Luma::new(vec![1, 2], 1, 3), Err(PictureError::Length { expected: 3, found: 2 }));
    }

    #[test]
    fn filters_keep_a_flat_picture_flat_at_every_small_size() {
        for (width, height) in (1..6).flat_map(|w| (1..6).map(move |h| (w, h))) {
            let flat = Luma::new(vec![77; (width * height) as usize], width, height).unwrap();
            assert_eq!(flat.box_blurred(), flat);
            let doubled = flat.doubled();
            assert_eq!((doubled.width(), doubled.height()), (2 * width, 2 * height));
            assert!(doubled.pixels().iter().all(|p| *p == 77));
            let halved = flat.halved();
            assert_eq!(halved.is_some(), width > 1 && height > 1);
            assert!(halved.is_none_or(|h| h.pixels().len() == ((width / 2) * (height / 2)) as usize
                && h.pixels().iter().all(|p| *p == 77)));
        }
    }

    #[test]
    fn the_filters_by_hand() {
        let picture = Luma::new(vec![0, 0, 0, 0, 90, 0, 0, 0, 0], 3, 3).unwrap();
        assert_eq!(picture.box_blurred().pixels(), [0, 0, 0, 0, 10, 0, 0, 0, 0]);
        let pair = Luma::new(vec![0, 100], 2, 1).unwrap();
        assert_eq!(pair.doubled().pixels(), [0, 25, 75, 100, 0, 25, 75, 100]);
        let square = Luma::new(vec![1, 2, 9, 3, 4, 9], 3, 2).unwrap();
        assert_eq!(square.halved().unwrap().pixels(), [3]);
        assert_eq!(ramp(9, 8).doubled().halved().unwrap().width(), 9);
    }

    #[test]
    fn a_quarter_turn_by_hand() {
        let turned = Luma::new(vec![1, 2, 3, 4, 5, 6], 3, 2).unwrap().turned();
        assert_eq!(turned, Luma::new(vec![4, 1, 5, 2, 6, 3], 2, 3).unwrap());
    }

    #[test]
    fn erasing_touches_the_quadrilateral_alone() {
        let mut picture = Luma::new(vec![0; 100], 10, 10).unwrap();
        picture.erase(&[(2.0, 2.0), (8.0, 2.0), (8.0, 8.0), (2.0, 8.0)]);
        let white: Vec<usize> = (0..100).filter(|i| picture.pixels()[*i] == 255).collect();
        assert_eq!(white.len(), 36);
        assert!(white.iter().all(|i| (2..8).contains(&(i % 10)) && (2..8).contains(&(i / 10))));
        let before = picture.clone();
        picture.erase(&[(f32::NAN, 1.0), (50.0, 50.0), (f32::INFINITY, 60.0), (-9.0, 70.0)]);
        assert_eq!(picture, before);
    }
}
