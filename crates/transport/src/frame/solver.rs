//! The linear algebra of a transfer: every block is expressed in a base of K frames, and all further frames yield relations.
//!
//! The base starts with K placeholders, the unit vectors, whose blocks are unknown. Each new frame is expressed in the base. If this
//! involves a placeholder, the frame replaces it, and all blocks are updated at once, so that the last frame does not cause a burst of
//! work. Otherwise the frame is a spare. Its residual is the difference between its content and the content that the base predicts; it
//! is zero if all frames are true. Spares whose residuals are linearly dependent yield relations: combinations of frames that vanish.
//! A single forged frame is never part of a relation, except by chance; [`relations`] explains how that separates frames.

mod relations;
mod slots;

use super::TransferId;
use super::code::Layout;
use super::gf256::{add_scaled, quotient};

use relations::Relations;
pub(super) use relations::{Group, View};
use slots::Slots;

/// A frame that is held. Its coefficients are computed from the index, because storing them would cost K
/// bytes per frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    /// Its index.
    pub(super) index: u16,
    /// Distinguishes blocks with the same index.
    pub(super) tag: [u8; 8],
    /// Its arrival time, counted in frames of the transfer.
    pub(super) age: u64,
}

/// A frame that is held in addition to the base.
#[derive(Clone, Debug)]
pub(super) struct Spare {
    pub(super) held: Held,
    pub(super) block: Vec<u8>,
}

/// One block of the payload: its combination of base frames, and the content of that combination.
#[derive(Clone, Debug)]
struct Row {
    mix: Vec<u8>,
    block: Vec<u8>,
}

/// The result of placing a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// It replaced a placeholder.
    Base,
    /// Its content is not determined by the others.
    Spare,
    /// It added a new relation.
    Related,
}

/// The base, blocks, spares and relations of one transfer. Its size grows with the number of frames, not with the K that a
/// header states.
#[derive(Debug)]
pub(super) struct Solver {
    id: TransferId,
    layout: Layout,
    count: usize,
    length: usize,
    /// Block k; `None` while it is its own placeholder.
    rows: Slots<Row>,
    /// The frame in each place of the base; `None` for a placeholder.
    base: Slots<Held>,
    spares: Vec<Spare>,
    relations: Relations,
}

impl Solver {
    pub(super) fn new(id: TransferId, layout: Layout) -> Self {
        Self {
            id,
            layout,
            count: layout.count(),
            length: layout.block(),
            rows: Slots::new(),
            base: Slots::new(),
            spares: Vec::new(),
            relations: Relations::default(),
        }
    }

    /// Places a frame.
    pub(super) fn place(&mut self, held: Held, block: Vec<u8>) -> Placed {
        let (mut mix, mut residual) = self.express(held);
        add_scaled(&mut residual, &block, 1);
        let open = |(slot, factor): (usize, &u8)| *factor != 0 && !self.base.has(slot);
        if let Some((slot, _)) = mix.iter().enumerate().find(|one| open(*one)) {
            self.exchange(slot, &mix, &residual);
            self.base.insert(slot, held);
            return Placed::Base;
        }
        mix.resize(self.count + self.spares.len(), 0);
        mix.push(1);
        self.spares.push(Spare { held, block });
        if self.relations.add(residual, mix) { Placed::Related } else { Placed::Spare }
    }

    /// The frame's coefficients in the base, and the content that the base predicts.
    fn express(&self, held: Held) -> (Vec<u8>, Vec<u8>) {
        let coefficients = self.layout.coefficients(self.id, held.index);
        // The coefficients of blocks that are their own placeholders do not change.
        let (mut mix, mut block) = (coefficients.clone(), vec![0; self.length]);
        mix.iter_mut().enumerate().filter(|(k, _)| self.rows.has(*k)).for_each(|(_, m)| *m = 0);
        for (k, row) in self.rows.iter() {
            let factor = coefficients.get(k).copied().unwrap_or_default();
            add_scaled(&mut mix, &row.mix, factor);
            add_scaled(&mut block, &row.block, factor);
        }
        (mix, block)
    }

    /// Puts a frame, expressed as `mix` of the base and `residual`, into the place `slot`, where `mix` is not
    /// zero.
    fn exchange(&mut self, slot: usize, mix: &[u8], residual: &[u8]) {
        let pivot = mix.get(slot).copied().unwrap_or_default();
        self.rows.fill(slot, || Row::unit(slot, mix.len(), residual.len()));
        for row in self.rows.values_mut() {
            let share = row.mix.get(slot).copied().unwrap_or_default();
            if share == 0 {
                continue;
            }
            let factor = quotient(share, pivot);
            add_scaled(&mut row.mix, mix, factor);
            add_scaled(&mut row.block, residual, factor);
            row.mix.iter_mut().skip(slot).take(1).for_each(|m| *m = factor);
        }
    }

    /// Whether every block is known, provided that the frames of the base are true.
    pub(super) fn is_determined(&self) -> bool {
        self.base.len() == self.count
    }

    /// The blocks in order, up to the first that is not determined.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &[u8]> {
        self.rows.iter().map(|(_, row)| row.block.as_slice())
    }

    /// Like [`blocks`](Self::blocks), but consumes the solver, and first frees the memory that is no longer
    /// needed.
    pub(super) fn into_blocks(self) -> impl Iterator<Item = Vec<u8>> {
        let blocks: Vec<Vec<u8>> = self.rows.into_values().map(|row| row.block).collect();
        blocks.into_iter()
    }

    /// Exchanges the frame in place `slot` for a spare of the group, and updates the group's columns so that they refer to
    /// the same frames. `None` if no spare of the group can take the place.
    pub(super) fn trade(&mut self, slot: usize, group: &mut Group) -> Option<()> {
        let (column, mix, mut residual) =
            group.columns().filter(|c| *c >= self.count).find_map(|column| {
                let spare = self.spares.get(column - self.count)?;
                let (mix, block) = self.express(spare.held);
                mix.get(slot).is_some_and(|m| *m != 0).then_some((column, mix, block))
            })?;
        let leaving = *self.base.get(slot)?;
        // The base predicts its own frames exactly.
        let (_, block) = self.express(leaving);
        let spare = self.spares.get_mut(column - self.count)?;
        add_scaled(&mut residual, &spare.block, 1);
        let entering = core::mem::replace(spare, Spare { held: leaving, block });
        self.exchange(slot, &mix, &residual);
        self.base.insert(slot, entering.held);
        self.relations.swap(slot, column);
        group.swap(slot, column);
        Some(())
    }

    /// A place of the base whose frame is not in the group.
    pub(super) fn outside(&self, group: &Group) -> Option<usize> {
        (0..self.count).find(|slot| !group.has(*slot))
    }

    /// Forgets the frames that arrived before `age`, and returns the remaining spares, which have to be
    /// placed again.
    pub(super) fn forget_before(&mut self, age: u64) -> Vec<Spare> {
        self.base.retain(|held| held.age >= age);
        if self.base.is_empty() {
            self.rows.clear();
        }
        self.relations = Relations::default();
        let mut spares = core::mem::take(&mut self.spares);
        spares.retain(|spare| spare.held.age >= age);
        spares
    }

    /// Every frame that is held: the base in the order of its places, then the spares. The columns of relations
    /// are numbered in the same way.
    pub(super) fn held(&self) -> impl Iterator<Item = (usize, &Held)> {
        let base = self.base.iter();
        base.chain(self.spares.iter().enumerate().map(|(n, spare)| (self.count + n, &spare.held)))
    }

    /// All relations.
    pub(super) fn view(&self) -> View {
        self.relations.view(self.count + self.spares.len())
    }

    /// Cost of placing a frame, in byte operations.
    pub(super) fn place_cost(&self) -> usize {
        2 * self.count * (self.count + self.length) + self.relations.add_cost()
    }

    /// Cost of an exchange, in byte operations.
    pub(super) fn trade_cost(&self) -> usize {
        3 * self.count * (self.count + self.length)
    }

    pub(super) fn relation_count(&self) -> usize {
        self.relations.count()
    }

    pub(super) fn spare_count(&self) -> usize {
        self.spares.len()
    }

    /// The number of bytes that the solver holds.
    pub(super) fn size(&self) -> usize {
        let rows = self.rows.size() + self.rows.len() * (self.count + self.length);
        let spares = self.spares.capacity() * size_of::<Spare>() + self.spares.len() * self.length;
        rows + self.base.size() + spares + self.relations.size()
    }

    /// The value of [`size`](Self::size) if all blocks are known and there are no spares.
    pub(super) const fn full_size(layout: Layout) -> usize {
        let places = Slots::<Row>::size_of_full(layout.count()) + Slots::<Held>::size_of_full(layout.count());
        layout.count() * (layout.count() + layout.block()) + places
    }
}

impl Row {
    /// A placeholder that a frame is about to replace.
    fn unit(k: usize, count: usize, length: usize) -> Self {
        let mut mix = vec![0; count];
        mix.iter_mut().skip(k).take(1).for_each(|m| *m = 1);
        Self { mix, block: vec![0; length] }
    }
}
