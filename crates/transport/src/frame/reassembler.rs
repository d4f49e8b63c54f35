//! Reassembles an artefact from its lines, whatever else the scanner sees.
//!
//! Every frame is kept with the others of the same transfer id, length and block length, so a forged header starts a separate
//! transfer and does not disturb any other. All transfers together hold at most twice the length cap. When that limit is reached, a
//! transfer with the fewest frames is dropped; counts are compared by powers of two. The choice among equals is random, so that the
//! sender of a flood of invented transfers cannot predict it.

use core::fmt;
use std::collections::VecDeque;

use keyferry_core::Fingerprint;

use super::code::Layout;
use super::transfer::{Taken, Transfer};
use super::{Frame, Ignored, TransferId};

/// Maximum length of a payload that is accepted by default.
const DEFAULT_CAP: usize = 512 * 1024;
/// Maximum number of transfers that are followed at the same time.
const MAX_TRANSFERS: usize = 1024;
/// Maximum number of completed transfers that are remembered, so that their late frames are ignored.
const MAX_FINISHED: usize = 64;

/// The progress of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The id of the transfer.
    pub transfer: TransferId,
    /// Length of the payload in bytes.
    pub total: usize,
    /// Number of different frames held.
    pub received: usize,
    /// How many frames are enough if none is forged; in about 1 of 255 cases, one more is needed.
    pub needed: usize,
}

/// A payload whose digest agrees with its transfer id. People have to compare the whole digest, or
/// [`Reassembler::expecting`] does.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// The artefact's exact bytes.
    pub payload: Vec<u8>,
    /// The SHA-256 of the payload.
    pub digest: Fingerprint,
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({} bytes, {:?})", self.payload.len(), self.digest)
    }
}

/// The effect of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The line was ignored for this reason, which is no reason to stop.
    Ignored(Ignored),
    /// The frame was accepted; this is the progress of its transfer.
    Progress(Progress),
    /// The frame completed a transfer.
    Complete(Received),
}

/// How many lines had each effect, for a person who wonders why the transfer takes so long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Frames that were accepted.
    pub taken: u64,
    /// Lines that are not frames, because they are damaged or come from other symbols.
    pub damaged: u64,
    /// Frames of a payload that is longer than the cap.
    pub too_large: u64,
    /// Frames that were seen before or belong to a completed transfer.
    pub repeated: u64,
    /// Forged or foreign frames, which contradict their own digest, or completed a payload that was not
    /// expected.
    pub refused: u64,
    /// Transfers that were dropped for lack of memory.
    pub given_up: u64,
}

/// Reassembles frames. Its memory is bounded, and so is the work for each frame.
///
/// Frames may arrive in any order, more than once, damaged, and mixed with forged frames and frames of other transfers. A transfer
/// of K blocks is complete after any K, or sometimes K + 1, frames.
///
/// **Forged frames** with the header of the true transfer and a correct checksum are kept together with the true ones. There is room for
/// S frames in addition to K: S is the number of bytes in a block, but at most 256, and less near the cap. When the room is full, the
/// oldest S / 2 frames are forgotten.
///
/// * If the forged frames' errors are linearly independent, as those of random blocks are, K + 1 true frames (K + 2 once in 255 times) among
///   the newest K + S / 2 complete the transfer, apart from a few more frames during which remaining work is done.
/// * Whatever the errors are, forged frames are forgotten at most K + S frames after the last of them. So the true frames that follow
///   the last forged one complete the transfer, and it never has to be started again.
/// * Forgers who send more frames, or who coordinate the errors, can delay the transfer until they stop, and true frames can be
///   forgotten.
///
/// **What the digest proves.** A frame carries four bytes of it, so a forger who can afford 2³² hash operations can make another payload
/// with the same id. Only the whole digest distinguishes the two: pass it to [`expecting`](Self::expecting), which completes no other
/// payload, or have people compare it.
#[derive(Debug)]
pub struct Reassembler {
    cap: usize,
    expected: Option<Fingerprint>,
    transfers: Vec<Transfer>,
    finished: VecDeque<(TransferId, Layout)>,
    counts: Counts,
    dice: u64,
}

impl Default for Reassembler {
    /// Accepts payloads of up to 512 KiB.
    fn default() -> Self {
        Self::new(DEFAULT_CAP)
    }
}

impl Reassembler {
    /// Accepts payloads of up to `cap` bytes, and holds at most twice as much.
    #[must_use]
    pub const fn new(cap: usize) -> Self {
        let counts = Counts { taken: 0, damaged: 0, too_large: 0, repeated: 0, refused: 0, given_up: 0 };
        Self {
            cap,
            expected: None,
            transfers: Vec::new(),
            finished: VecDeque::new(),
            counts,
            dice: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// Like [`new`](Self::new), but for one artefact only: any other completed file is counted and ignored.
    #[must_use]
    pub fn expecting(cap: usize, digest: Fingerprint) -> Self {
        Self { expected: Some(digest), ..Self::new(cap) }
    }

    /// Adds a line from a scanner or file; see [`Frame::parse_line`].
    pub fn push_line(&mut self, line: &str) -> Step {
        match Frame::parse_line(line) {
            Ok(frame) => self.push(frame),
            Err(refusal) => {
                self.counts.damaged += 1;
                Step::Ignored(Ignored::Damaged(refusal))
            }
        }
    }

    /// Adds a frame.
    pub fn push(&mut self, frame: Frame) -> Step {
        let key = (frame.transfer, frame.layout);
        if frame.layout.total() > self.cap || !self.fits(frame.layout) {
            self.counts.too_large += 1;
            return Step::Ignored(Ignored::TooLarge);
        }
        if self.finished.contains(&key) {
            self.counts.repeated += 1;
            return Step::Ignored(Ignored::Finished);
        }
        let known = self.transfers.iter().position(|t| (t.id(), t.layout()) == key);
        let mut transfer = match known {
            Some(at) => self.transfers.swap_remove(at),
            None => Transfer::new(frame.transfer, frame.layout, self.room(), self.expected),
        };
        let step = match transfer.push(frame.index, frame.block) {
            Taken::Solved => return self.complete(transfer),
            Taken::Refuted => {
                // A transfer of one frame, whose whole payload has a wrong digest, is not worth keeping.
                self.counts.refused += 1;
                return Step::Ignored(Ignored::Inconsistent);
            }
            Taken::Unexpected => {
                self.counts.refused += 1;
                Step::Ignored(Ignored::Unexpected)
            }
            Taken::Duplicate => {
                self.counts.repeated += 1;
                Step::Ignored(Ignored::Duplicate)
            }
            Taken::Held => {
                self.counts.taken += 1;
                Step::Progress(progress(&transfer))
            }
        };
        self.keep(transfer);
        step
    }

    /// The transfer with the most frames.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.transfers.iter().map(progress).max_by_key(|p| p.received)
    }

    /// The counts of the lines so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// How many bytes are held.
    #[must_use]
    pub fn size(&self) -> usize {
        let spare = self.transfers.capacity() - self.transfers.len();
        spare * size_of::<Transfer>() + self.transfers.iter().map(Transfer::size).sum::<usize>()
    }

    /// Maximum number of bytes that one transfer may hold. The rest is for other transfers, so that no
    /// transfer can displace all others.
    const fn room(&self) -> usize {
        self.cap + 3 * (self.cap / 4)
    }

    /// Whether there is room for the payload and the matrix of a transfer with this layout, and for some more
    /// frames. With the default cap, this is true for every layout that fits into symbols.
    const fn fits(&self, layout: Layout) -> bool {
        Transfer::least_room(layout) <= self.room()
    }

    fn complete(&mut self, transfer: Transfer) -> Step {
        if self.finished.len() >= MAX_FINISHED {
            self.finished.pop_front();
        }
        self.finished.push_back((transfer.id(), transfer.layout()));
        let payload = transfer.into_payload();
        let digest = Fingerprint::of(&payload);
        self.counts.taken += 1;
        Step::Complete(Received { payload, digest })
    }

    /// Puts a transfer back, and drops others until all transfers fit.
    fn keep(&mut self, transfer: Transfer) {
        // An eighth of the cap stays free for the work on a single frame.
        let budget = (2 * self.cap - self.cap / 8).saturating_sub(transfer.size());
        while self.transfers.len() >= MAX_TRANSFERS || (self.size() > budget && !self.transfers.is_empty()) {
            self.give_up_one();
        }
        // The list does not grow by doubling and is not kept large after a flood, because the memory is meant
        // for frames.
        self.transfers.shrink_to(self.transfers.len() + 1);
        self.transfers.reserve_exact(1);
        self.transfers.push(transfer);
    }

    /// Drops one of the transfers with the fewest frames.
    fn give_up_one(&mut self) {
        let level = |t: &Transfer| t.received().checked_ilog2();
        let Some(least) = self.transfers.iter().map(level).min() else { return };
        let equals: Vec<usize> = (0..self.transfers.len())
            .filter(|n| self.transfers.get(*n).is_some_and(|t| level(t) == least))
            .collect();
        let number = usize::try_from(self.roll() >> 33).unwrap_or_default();
        let chosen = equals.get(number % equals.len().max(1)).copied().unwrap_or_default();
        if chosen < self.transfers.len() {
            self.transfers.swap_remove(chosen);
            self.counts.given_up += 1;
        }
    }

    /// A linear congruential step (Knuth, MMIX). It only spreads evictions; nothing depends on an
    /// unpredictable result.
    fn roll(&mut self) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.dice
    }
}

fn progress(transfer: &Transfer) -> Progress {
    Progress {
        transfer: transfer.id(),
        total: transfer.layout().total(),
        received: transfer.received(),
        needed: transfer.layout().count(),
    }
}
