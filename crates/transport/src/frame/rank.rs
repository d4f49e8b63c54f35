//! Decides from the frames' indexes alone whether there are enough, for simulations and for planning a sheet.

use super::code::Layout;
use super::gf256::{add_scaled, quotient, scale};
use super::{MAX_BLOCKS, TransferId};

/// Counts independent frames of a transfer of K blocks.
#[derive(Clone, Debug)]
pub struct FrameRank {
    id: TransferId,
    layout: Layout,
    /// For each block, the row whose first non-zero coefficient, a one, is at this block. A frame that is the block itself needs
    /// no stored coefficients: those before a row's first coefficient are never read, and there are none after it.
    rows: Vec<Option<Vec<u8>>>,
    rank: usize,
}

impl FrameRank {
    /// An empty count for a transfer with this many blocks; `None` unless there are 1 to [`MAX_BLOCKS`].
    #[must_use]
    pub fn new(blocks: usize, id: TransferId) -> Option<Self> {
        let layout = Layout::new(blocks, 1).ok().filter(|l| l.count() <= MAX_BLOCKS)?;
        Some(Self { id, layout, rows: vec![None; blocks], rank: 0 })
    }

    /// Adds frame `index`; returns whether all blocks are now determined.
    pub fn add(&mut self, index: u16) -> bool {
        if let Some(place @ None) = self.rows.get_mut(usize::from(index)) {
            *place = Some(Vec::new());
            self.rank += 1;
            return self.is_complete();
        }
        let mut row = self.layout.coefficients(self.id, index);
        for (k, place) in self.rows.iter_mut().enumerate() {
            let Some(lead) = row.get(k).copied().filter(|lead| *lead != 0) else { continue };
            let Some(known) = place else {
                scale(&mut row, quotient(1, lead));
                *place = Some(row);
                self.rank += 1;
                break;
            };
            // Before column k, both rows are zero.
            let rest = row.get_mut(k..).unwrap_or_default();
            add_scaled(rest, known.get(k..).unwrap_or_default(), lead);
        }
        self.is_complete()
    }

    /// Whether all blocks are determined.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.rank == self.layout.count()
    }
}
