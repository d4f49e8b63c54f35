//! Encodes a payload as an endless sequence of frames.

use super::code::Layout;
use super::{EncodeError, Frame, MAX_BLOCKS, MAX_TOTAL, TransferId, gf256};

/// How many blocks of at most `longest` bytes a payload of `total` bytes needs; `None` if a length is 0, or if more than
/// [`MAX_BLOCKS`] are needed.
#[must_use]
pub fn blocks(total: usize, longest: usize) -> Option<usize> {
    (total > 0 && longest > 0).then(|| Layout::fit(total, longest))?.map(|layout| layout.count())
}

/// Makes the frames of one payload: the first [`blocks`](Self::blocks) frames carry it unchanged, later ones carry combinations
/// of all blocks.
#[derive(Clone, Debug)]
pub struct FrameEncoder {
    id: TransferId,
    layout: Layout,
    /// The payload, padded with zeros to a whole number of blocks.
    padded: Vec<u8>,
}

impl FrameEncoder {
    /// Cuts `payload` into the fewest blocks of at most `longest` bytes, all of the same length. For a
    /// symbol, `longest` is its [`block_capacity`](super::block_capacity).
    ///
    /// # Errors
    /// [`EncodeError`] for an empty payload, or one that needs more than [`MAX_BLOCKS`] blocks.
    pub fn new(payload: &[u8], longest: usize) -> Result<Self, EncodeError> {
        if payload.is_empty() || longest == 0 {
            return Err(EncodeError::Empty);
        }
        let too_long = || EncodeError::TooLong {
            total: payload.len(),
            most: longest.saturating_mul(MAX_BLOCKS).min(MAX_TOTAL),
        };
        let layout = Layout::fit(payload.len(), longest).ok_or_else(too_long)?;
        let mut padded = payload.to_vec();
        padded.resize(layout.count() * layout.block(), 0);
        Ok(Self { id: TransferId::of(payload.len(), &[payload]), layout, padded })
    }

    /// Encodes the blocks of one payload under the transfer id of another.
    #[cfg(test)]
    pub(super) const fn under(id: TransferId, layout: Layout, padded: Vec<u8>) -> Self {
        Self { id, layout, padded }
    }

    #[cfg(test)]
    pub(super) const fn layout(&self) -> Layout {
        self.layout
    }

    /// The transfer that the frames belong to.
    #[must_use]
    pub const fn transfer(&self) -> TransferId {
        self.id
    }

    /// Number of blocks, K, which is also the number of frames that are needed. If K is 1, one static symbol
    /// shows everything.
    #[must_use]
    pub const fn blocks(&self) -> usize {
        self.layout.count()
    }

    /// Frame `index` of the sequence; 0 to K − 1 are the blocks themselves.
    #[must_use]
    pub fn frame(&self, index: u16) -> Frame {
        let mut block = vec![0; self.layout.block()];
        let blocks = self.padded.chunks(self.layout.block());
        for (part, factor) in blocks.zip(self.layout.coefficients(self.id, index)) {
            gf256::add_scaled(&mut block, part, factor);
        }
        Frame { transfer: self.id, layout: self.layout, index, block }
    }

    /// The digits of frame `index`.
    #[must_use]
    pub fn line(&self, index: u16) -> String {
        self.frame(index).to_line()
    }

    /// The endless sequence of lines to show: index 0 to 65535, then 0 again. A single block always produces the same line.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.lines_from(0)
    }

    /// Like [`lines`](Self::lines), but from frame `index` on.
    pub fn lines_from(&self, index: u16) -> impl Iterator<Item = String> + '_ {
        let single = self.layout.count() == 1;
        (index..=u16::MAX).chain((0..=u16::MAX).cycle()).map(move |n| self.line(if single { 0 } else { n }))
    }
}
