//! One transfer: holds its frames, and recovers the payload even if some of them are forged.
//!
//! The digest decides whether a payload is right. It is checked as soon as K frames are held. If it is wrong, at least one frame
//! is forged, and every further frame adds relations that separate true frames from forged ones: a group of K + n frames with n
//! relations determines a payload, and the digest is checked for each such group. No frame is discarded because it looks wrong.
//! When room runs out, the oldest frames are forgotten: half the number that are held in addition to K.
//!
//! So the newest K + S / 2 frames are always held. S is the room for frames in addition to K: the block's length, at most 256, or as many
//! as memory allows. K + 2 true frames among these complete the transfer if the errors of the forged ones are linearly independent.
//! Whatever the errors are, forged frames are dropped at most K + S frames after the last of them, so the transfer never has to be started
//! again.
//!
//! The work for any one frame is bounded; remaining work is done when the next frames arrive. `settle` decides which groups are tried.

use std::collections::VecDeque;

use keyferry_core::Fingerprint;
use sha2::{Digest, Sha256};

use super::TransferId;
use super::code::Layout;
use super::solver::{Held, Placed, Solver, Spare};
use refuted::Refuted;
use settle::Verdict;

mod refuted;
mod settle;

/// Byte operations that may be spent on one frame, unless four steps of its transfer cost more.
const WORK: usize = 1_500_000;
/// If placing a frame costs more byte operations than this, only two are placed for each new frame.
const LARGE: usize = 800_000;
/// Maximum number of frames that are held in addition to the base.
const MAX_SPARES: usize = 256;
/// Number of relations without a correct digest after which the oldest frames are forgotten.
const MAX_RELATIONS: usize = 128;
/// Number of bytes of the payload for which room is allocated at once.
const AT_ONCE: usize = 64 * 1024;
/// Number of frames in addition to the base for which there must be memory.
const FEW_SPARES: usize = 8;

/// The effect of a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The frame is now held.
    Held,
    /// The frame was already held.
    Duplicate,
    /// The frame has a whole payload with a wrong digest.
    Refuted,
    /// The frame completed a payload whose digest agrees with the transfer id, but it is not the expected
    /// payload.
    Unexpected,
    /// The payload is complete and its digest is right: see [`Transfer::into_payload`].
    Solved,
}

/// The frames of one transfer id, length and block length.
#[derive(Debug)]
pub(super) struct Transfer {
    id: TransferId,
    layout: Layout,
    solver: Solver,
    /// The whole digest, if it is known.
    expected: Option<Fingerprint>,
    /// Whether a payload was completed that agrees only with the id.
    unexpected: bool,
    /// Frames still to be placed.
    pending: VecDeque<Spare>,
    /// How many frames have arrived in total.
    clock: u64,
    /// Whether groups might determine a payload that has not been tried yet.
    unsettled: bool,
    /// The payloads with a wrong digest.
    refuted: Refuted,
    /// Maximum number of bytes that the transfer may hold.
    room: usize,
    dice: u64,
}

impl Transfer {
    pub(super) fn new(id: TransferId, layout: Layout, room: usize, expected: Option<Fingerprint>) -> Self {
        Self {
            id,
            layout,
            solver: Solver::new(id, layout),
            expected,
            unexpected: false,
            pending: VecDeque::new(),
            clock: 0,
            unsettled: false,
            refuted: Refuted::default(),
            room,
            dice: 0,
        }
    }

    /// The number of bytes that a transfer with this layout needs for K frames and a few spares.
    pub(super) const fn least_room(layout: Layout) -> usize {
        size_of::<Self>()
            + Solver::full_size(layout)
            + FEW_SPARES * (2 * (layout.count() + layout.block()) + 256)
    }

    /// Adds a frame whose block has the layout's length.
    pub(super) fn push(&mut self, index: u16, block: Vec<u8>) -> Taken {
        if self.layout.count() == 1 {
            return self.push_single(index, block);
        }
        let tag = tag(&block);
        let known = self.has(index, tag);
        if !known {
            self.clock += 1;
            let held = Held { index, tag, age: self.clock };
            self.pending.push_back(Spare { held, block });
        }
        if self.work() {
            return Taken::Solved;
        }
        match (known, self.unexpected) {
            (true, _) => Taken::Duplicate,
            (false, true) => Taken::Unexpected,
            (false, false) => Taken::Held,
        }
    }

    /// Adds a frame that is a whole payload, and so is right or wrong by itself.
    fn push_single(&mut self, index: u16, block: Vec<u8>) -> Taken {
        self.solver = Solver::new(self.id, self.layout);
        self.solver.place(Held { index, tag: [0; 8], age: 0 }, block);
        if self.is_right() {
            return Taken::Solved;
        }
        if self.unexpected { Taken::Unexpected } else { Taken::Refuted }
    }

    fn has(&self, index: u16, tag: [u8; 8]) -> bool {
        let placed = self.solver.held().map(|(_, held)| held);
        let mut all = placed.chain(self.pending.iter().map(|spare| &spare.held));
        all.any(|held| (held.index, held.tag) == (index, tag))
    }

    /// Places pending frames and tries groups, within bounds. Returns whether that solved the transfer.
    fn work(&mut self) -> bool {
        let (mut work, mut placed) = (WORK.max(4 * self.step_cost()), 0);
        while let Some(Spare { held, block }) = self.pending.pop_front() {
            spend(&mut work, self.solver.place_cost());
            match self.solver.place(held, block) {
                Placed::Base if self.solver.is_determined() && self.is_right() => return true,
                Placed::Related => self.unsettled = true,
                Placed::Base | Placed::Spare => {}
            }
            placed += 1;
            // After half of the spares were dropped, the others have to be placed again. Placing one for each new frame keeps the
            // backlog from growing; placing a second one clears it.
            let cost = self.solver.place_cost();
            let least = if cost > LARGE { 2 } else { 3 };
            if placed >= least && work < cost {
                break;
            }
        }
        if self.unsettled && self.pending.is_empty() {
            let verdict = self.settle(&mut work);
            self.unsettled = verdict == Verdict::OutOfWork;
            if verdict == Verdict::Solved {
                return true;
            }
        }
        self.make_room();
        false
    }

    /// Cost of adding K rows, in byte operations.
    const fn step_cost(&self) -> usize {
        self.layout.count() * (self.layout.count() + self.layout.block())
    }

    /// Whether the payload that the base determines has the transfer's digest and is padded with zeros. If the whole digest is
    /// known, it decides, because a forger who found another payload with the same id must not be able to end the transfer.
    fn is_right(&mut self) -> bool {
        let mut left = self.layout.total();
        let mut pieces = Vec::with_capacity(self.layout.count());
        for block in self.solver.blocks() {
            let (piece, filling) = block.split_at_checked(left).unwrap_or((block, &[]));
            left -= piece.len();
            pieces.push(piece);
            if filling.iter().any(|b| *b != 0) {
                return false;
            }
        }
        if left != 0 || TransferId::of(self.layout.total(), &pieces) != self.id {
            return false;
        }
        let right = self.expected.is_none_or(|expected| *expected.as_bytes() == digest(&pieces));
        self.unexpected |= !right;
        right
    }

    /// If there is no room for more frames, forgets the oldest: half the number that are held in addition to
    /// K.
    fn make_room(&mut self) {
        let spares = self.solver.spare_count();
        let full = spares >= MAX_SPARES.min(self.layout.block())
            || self.solver.relation_count() >= MAX_RELATIONS
            || self.size() > self.room;
        if !full {
            return;
        }
        let placed = self.solver.held().map(|(_, held)| held.age);
        let mut ages: Vec<u64> = placed.chain(self.pending.iter().map(|spare| spare.held.age)).collect();
        ages.sort_unstable();
        let beyond = ages.len().saturating_sub(self.layout.count()).max(spares);
        let oldest_kept = ages.get(beyond.div_ceil(2).max(1)).copied().unwrap_or(self.clock);
        self.pending.retain(|spare| spare.held.age >= oldest_kept);
        self.pending.extend(self.solver.forget_before(oldest_kept));
        self.unsettled = false;
        self.refuted.clear();
    }

    /// The payload, after [`Taken::Solved`].
    pub(super) fn into_payload(self) -> Vec<u8> {
        let total = self.layout.total();
        let mut payload = Vec::new();
        for block in self.solver.into_blocks() {
            // The blocks are freed along the way, so the payload is never in memory twice.
            let left = total - payload.len();
            let piece = block.get(..left.min(block.len())).unwrap_or_default();
            if payload.capacity() - payload.len() < piece.len() {
                payload.reserve_exact(left.min(AT_ONCE).max(piece.len()));
            }
            payload.extend_from_slice(piece);
        }
        payload
    }

    pub(super) const fn id(&self) -> TransferId {
        self.id
    }

    pub(super) const fn layout(&self) -> Layout {
        self.layout
    }

    /// How many frames are held.
    pub(super) fn received(&self) -> usize {
        self.solver.held().count() + self.pending.len()
    }

    /// The number of bytes that the transfer holds.
    pub(super) fn size(&self) -> usize {
        let pending = self.pending.capacity() * size_of::<Spare>() + self.pending.len() * self.layout.block();
        size_of::<Self>() + self.solver.size() + pending + self.refuted.size()
    }
}

/// Subtracts `cost` from the budget; `false` once nothing is left.
fn spend(work: &mut usize, cost: usize) -> bool {
    *work = work.saturating_sub(cost);
    *work > 0
}

/// SHA-256 over all pieces.
fn digest(pieces: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    pieces.iter().for_each(|piece| hash.update(piece));
    hash.finalize().into()
}

fn tag(block: &[u8]) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(block));
    [a, b, c, d, e, f, g, h]
}
