//! Turns grey into black and white, with a threshold for each block of 8 × 8 pixels: the mean of the 5 × 5 blocks around it. This
//! compensates for shadows.
//!
//! If the sides are multiples of eight, the result equals that of rxing's `HybridBinarizer` bit for bit (a test compares them), but
//! it takes a fraction of the time. That matters because every frame of a camera is converted.

use rxing::common::{BitArray, BitMatrix};

use crate::luma::Luma;

/// Pixels on each side of a block.
const BLOCK: usize = 8;

/// Blocks on each side of the square from which a threshold is computed; a smaller picture has no thresholds
/// per block.
const AROUND: usize = 5;

/// A block with less contrast is all light or all dark.
const MIN_CONTRAST: u8 = 24;

/// The picture in black and white; `None` if it has less than 40 × 40 pixels.
pub(crate) fn hybrid(picture: &Luma) -> Option<BitMatrix> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    if width.min(height) < AROUND * BLOCK {
        return None;
    }
    let columns = width.div_ceil(BLOCK);
    let points = black_points(picture.pixels(), width, columns);
    let mut matrix = BitMatrix::new(picture.width(), picture.height()).ok()?;
    let mut row_bits = BitArray::with_size(width);
    for (block_row, rows) in picture.pixels().chunks(width * BLOCK).enumerate() {
        let thresholds = thresholds(&points, columns, block_row)?;
        for (y, row) in (block_row * BLOCK..).zip(rows.chunks_exact(width)) {
            pack(row, &thresholds, &mut row_bits);
            matrix.setRow(u32::try_from(y).ok()?, &row_bits);
        }
    }
    Some(matrix)
}

/// One estimate of black for each block. Blocks at the right and lower edge may be narrower.
fn black_points(pixels: &[u8], width: usize, columns: usize) -> Vec<u8> {
    let mut points: Vec<u8> = Vec::with_capacity(columns * pixels.len().div_ceil(width * BLOCK));
    let mut band = Band::new(width);
    for rows in pixels.chunks(width * BLOCK) {
        band.take(rows, width);
        for (x, block) in band.blocks().enumerate() {
            let left = x.checked_sub(1).and_then(|_| points.last().copied());
            let above = points.len().checked_sub(columns);
            let above_left = above.and_then(|i| i.checked_sub(1)).and_then(|i| points.get(i).copied());
            let above = above.and_then(|i| points.get(i).copied());
            let around = left.zip(above).zip(above_left).map(|((l, a), al)| [l, a, al]);
            points.push(block.black_point(around));
        }
    }
    points
}

/// Summary of eight rows or fewer, with one value for each column: a processor is fastest if it adds and compares a
/// whole row at a time.
struct Band {
    rows: usize,
    sums: Vec<u16>,
    least: Vec<u8>,
    most: Vec<u8>,
}

impl Band {
    fn new(width: usize) -> Self {
        Self { rows: 0, sums: vec![0; width], least: vec![0; width], most: vec![0; width] }
    }

    fn take(&mut self, rows: &[u8], width: usize) {
        self.rows = rows.len() / width;
        self.sums.fill(0);
        self.least.fill(u8::MAX);
        self.most.fill(u8::MIN);
        for row in rows.chunks_exact(width) {
            // The sum is at most eight times 255, so nothing wraps.
            self.sums.iter_mut().zip(row).for_each(|(sum, p)| *sum = sum.wrapping_add(u16::from(*p)));
            self.least.iter_mut().zip(row).for_each(|(least, p)| *least = (*least).min(*p));
            self.most.iter_mut().zip(row).for_each(|(most, p)| *most = (*most).max(*p));
        }
    }

    fn blocks(&self) -> impl Iterator<Item = Block> {
        let columns = self.sums.chunks(BLOCK).zip(self.least.chunks(BLOCK)).zip(self.most.chunks(BLOCK));
        columns.map(|((sums, least), most)| Block {
            sum: sums.iter().map(|sum| u32::from(*sum)).sum(),
            count: self.rows * sums.len(),
            least: least.iter().copied().min().unwrap_or(u8::MAX),
            most: most.iter().copied().max().unwrap_or(u8::MIN),
        })
    }
}

#[derive(Clone, Copy)]
struct Block {
    sum: u32,
    count: usize,
    least: u8,
    most: u8,
}

impl Block {
    /// The mean if there is contrast. Without contrast, the block counts as light, unless its neighbours (left, above, above
    /// left) classify pixels this dark as black.
    fn black_point(&self, around: Option<[u8; 3]>) -> u8 {
        if self.most.saturating_sub(self.least) > MIN_CONTRAST {
            return u8::try_from(self.sum as usize / self.count.max(1)).unwrap_or(u8::MAX);
        }
        let near = around.map(|[left, above, above_left]| {
            let sum = 2 * u32::from(left) + u32::from(above) + u32::from(above_left);
            u8::try_from(sum / 4).unwrap_or(u8::MAX)
        });
        near.filter(|near| self.least < *near).unwrap_or(self.least / 2)
    }
}

/// The threshold of each block in a row: the mean black point of the 5 × 5 blocks around it. A block at the
/// edge takes the mean of the nearest block that has all 25.
fn thresholds(points: &[u8], columns: usize, block_row: usize) -> Option<Vec<u8>> {
    let rows = points.len() / columns;
    let first = block_row.saturating_sub(AROUND / 2).min(rows.checked_sub(AROUND)?);
    let mut sums = vec![0_u32; columns];
    for row in points.chunks_exact(columns).skip(first).take(AROUND) {
        sums.iter_mut().zip(row).for_each(|(sum, point)| *sum += u32::from(*point));
    }
    let means: Vec<u8> = sums
        .windows(AROUND)
        .map(|window| u8::try_from(window.iter().sum::<u32>() / 25).unwrap_or(u8::MAX))
        .collect();
    let inside = |x: usize| means.get(x.saturating_sub(AROUND / 2).min(means.len() - 1)).copied();
    (0..columns).map(inside).collect()
}

/// Packs a row into bits: dark is 1, and the first pixel is the lowest bit.
fn pack(row: &[u8], thresholds: &[u8], bits: &mut BitArray) {
    const BYTES: usize = usize::BITS as usize / BLOCK;
    let (whole, rest) = row.as_chunks::<BLOCK>();
    let mut bytes: Vec<u8> = whole.iter().zip(thresholds).map(|(part, t)| byte(part, *t)).collect();
    bytes.extend(thresholds.get(whole.len()).map(|t| byte(rest, *t)));
    bytes.resize(bytes.len().next_multiple_of(BYTES), 0);
    let (words, _) = bytes.as_chunks::<BYTES>();
    for (n, word) in words.iter().enumerate() {
        bits.setBulk(n * usize::BITS as usize, usize::from_le_bytes(*word));
    }
}

/// Packs eight pixels or fewer.
fn byte(part: &[u8], threshold: u8) -> u8 {
    let Ok(whole) = <[u8; BLOCK]>::try_from(part) else {
        const PLACES: [u8; BLOCK] = [1, 2, 4, 8, 16, 32, 64, 128];
        let dark = part.iter().zip(PLACES).filter(|(pixel, _)| **pixel <= threshold);
        return dark.fold(0, |byte, (_, place)| byte | place);
    };
    dark_bits(u64::from_le_bytes(whole), threshold)
}

/// A bit for each of eight pixels that is no lighter than the threshold, with the first pixel in the lowest bit. All eight are
/// compared in one word.
fn dark_bits(pixels: u64, threshold: u8) -> u8 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let thresholds = u64::from(threshold) * ONES;
    // Compares the lower seven bits of each byte without a borrow from one byte to the next: the high bit remains set where p
    // <= t.
    let low = (thresholds | HIGH).wrapping_sub(pixels & !HIGH);
    let dark = ((thresholds & !pixels) | (!(thresholds ^ pixels) & low)) & HIGH;
    // Gathers the high bits in the highest byte: bit 8n + 7 times 2^(49 - 7n) is bit 56 + n.
    (((dark >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rxing::common::HybridBinarizer;
    use rxing::{Binarizer, Luma8Source};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Blocks of mixed contrast, with gradients across them.
        #[test]
        fn the_same_bits_as_rxing(w in 5_u32..20, h in 5_u32..20, seed: u64, range in 1_u64..256, slope in 0_u32..8) {
            let (width, height) = (w * 8, h * 8);
            let mut state = seed;
            let pixels: Vec<u8> = (0..width * height).map(|i| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let flat = (i % width / 16 + i / width / 16) % 3 == 0;
                let noise = if flat { 0 } else { u32::try_from((state >> 33) % range).unwrap() };
                u8::try_from((noise + i % width * slope / 4).min(255)).unwrap()
            }).collect();
            let theirs = HybridBinarizer::new(Luma8Source::new_with_slice(&pixels, width, height).unwrap());
            let ours = hybrid(&Luma::new(pixels.clone(), width, height).unwrap()).unwrap();
            prop_assert!(&ours == theirs.get_black_matrix().unwrap());
        }

        #[test]
        fn eight_pixels_at_once_are_as_each_by_itself(pixels: [u8; 8], threshold: u8) {
            let one = |n: usize| u8::from(pixels[n] <= threshold) << n;
            prop_assert_eq!(byte(&pixels, threshold), (0..8).map(one).fold(0, |all, bit| all | bit));
        }

        #[test]
        fn every_size_is_binarized_to_its_last_pixel(w in 40_u32..90, h in 40_u32..90) {
            let dark = hybrid(&Luma::new(vec![0; (w * h) as usize], w, h).unwrap()).unwrap();
            prop_assert!((0..h).all(|y| (0..w).all(|x| dark.get(x, y))));
            let light = hybrid(&Luma::new(vec![200; (w * h) as usize], w, h).unwrap()).unwrap();
            prop_assert!((0..h).all(|y| (0..w).all(|x| !light.get(x, y))));
        }
    }
}
