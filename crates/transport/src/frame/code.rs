//! The erasure code: defines which linear combination of the payload's blocks a frame carries.
//!
//! A payload of `total` bytes is cut into K = ⌈total / block⌉ blocks, the last of which is padded with zeros. Frame i < K carries
//! block i. Each frame from index K on carries a linear combination over GF(256) of all blocks. With fewer than 256 blocks, its
//! coefficients are a row of a Cauchy matrix whose columns are scaled by pseudorandom factors, with new factors after every 256 −
//! K rows. Among the first 256 frames, or among frames with the same factors, *any* K frames are enough. Of the other sets of K
//! frames, about 1 in 255 is not enough. With 256 or more blocks, the coefficients are pseudorandom, and again about 1 in 255
//! sets is not enough. With K + 1 frames, about 1 in 65,000 sets fails.

use sha2::{Digest, Sha256};

use super::{MAX_BLOCKS, MAX_TOTAL, TransferId, gf256};
use crate::frame::FrameError;

/// The domain that the pseudorandom function hashes first.
const DOMAIN: &[u8; 16] = b"keyferry/frame/1";

/// The way in which a payload is cut into blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Layout {
    total: usize,
    block: usize,
    count: usize,
}

impl Layout {
    /// The layout with the fewest blocks of at most `longest` bytes, all of the same length, that hold
    /// `total` bytes.
    pub(super) fn fit(total: usize, longest: usize) -> Option<Self> {
        let count = total.div_ceil(longest.max(1));
        Self::new(total, total.checked_div(count)? + usize::from(!total.is_multiple_of(count))).ok()
    }

    /// The layout that a frame states.
    ///
    /// # Errors
    /// [`FrameError::Layout`] for an empty payload, too many blocks, or blocks that are longer than necessary
    /// for their number.
    pub(super) fn new(total: usize, block: usize) -> Result<Self, FrameError> {
        if total == 0 || total > MAX_TOTAL || block == 0 {
            return Err(FrameError::Layout);
        }
        let count = total.div_ceil(block);
        if count > MAX_BLOCKS || total.div_ceil(count) != block {
            return Err(FrameError::Layout);
        }
        Ok(Self { total, block, count })
    }

    /// Length of the payload in bytes.
    pub(super) const fn total(&self) -> usize {
        self.total
    }

    /// Length of a block in bytes.
    pub(super) const fn block(&self) -> usize {
        self.block
    }

    /// Number of blocks, K.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// The coefficients of frame `index`, one for each block.
    pub(super) fn coefficients(&self, id: TransferId, index: u16) -> Vec<u8> {
        let n = usize::from(index);
        let Some(beyond) = n.checked_sub(self.count) else {
            return (0..self.count).map(|k| u8::from(k == n)).collect();
        };
        let Some(rows) = 256usize.checked_sub(self.count).filter(|rows| *rows > 0) else {
            return factors(id, n).take(self.count).collect();
        };
        let x = self.count + beyond % rows;
        let cauchy = |(k, factor): (usize, u8)| {
            // `x` and `k` are below 256, and they differ.
            gf256::quotient(factor, u8::try_from(x ^ k).unwrap_or_default())
        };
        factors(id, beyond / rows).take(self.count).enumerate().map(cauchy).collect()
    }
}

/// Pseudorandom bytes other than zero: SHA-256 in counter mode over the domain, the transfer id and a number, without the
/// zeros.
fn factors(id: TransferId, number: usize) -> impl Iterator<Item = u8> {
    let number = u32::try_from(number).unwrap_or_default();
    (0u32..).flat_map(move |counter| block_of(id, number, counter)).filter(|b| *b != 0)
}

fn block_of(id: TransferId, number: u32, counter: u32) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(id.0);
    hash.update(number.to_be_bytes());
    hash.update(counter.to_be_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_are_as_even_as_can_be() {
        let of = |total, longest| Layout::fit(total, longest).map(|l| (l.count, l.block));
        assert_eq!(of(1, 500), Some((1, 1)));
        assert_eq!(of(500, 500), Some((1, 500)));
        assert_eq!(of(501, 500), Some((2, 251)));
        assert_eq!(of(4000, 500), Some((8, 500)));
        assert_eq!(of(512 * 500, 500), Some((512, 500)));
        assert_eq!(of(512 * 500 + 1, 500), None);
        assert_eq!((of(0, 500), of(500, 0), of(MAX_TOTAL + 1, 2_000_000)), (None, Some((500, 1)), None));
    }

    #[test]
    fn a_layout_that_no_encoder_makes_is_refused() {
        assert!(Layout::new(10, 4).is_ok());
        // Ten bytes in three blocks need four bytes per block. For nine bytes, blocks of eight are too long,
        // because two blocks of five are enough.
        for (total, block) in [(0, 4), (10, 0), (9, 8), (10, 11), (MAX_TOTAL + 1, MAX_TOTAL), (513, 1)] {
            assert_eq!(Layout::new(total, block), Err(FrameError::Layout), "{total} {block}");
        }
    }

    proptest! {
        #[test]
        fn what_is_fitted_is_a_layout(total in 1usize..200_000, longest in 1usize..3000) {
            if let Some(fitted) = Layout::fit(total, longest) {
                prop_assert!(fitted.block <= longest && fitted.count == total.div_ceil(longest));
                prop_assert_eq!(Layout::new(total, fitted.block), Ok(fitted));
            }
        }

        #[test]
        fn frames_beyond_the_blocks_combine_all_of_them(count in 1usize..=MAX_BLOCKS, index: u16, id: [u8; 4]) {
            let layout = Layout::new(count, 1).unwrap();
            let row = layout.coefficients(TransferId(id), index);
            prop_assert_eq!(row.len(), count);
            let zeros = row.iter().filter(|c| **c == 0).count();
            prop_assert_eq!(zeros, if usize::from(index) < count { count - 1 } else { 0 });
        }
    }
}
