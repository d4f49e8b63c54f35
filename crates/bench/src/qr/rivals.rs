//! Ways of showing an artefact as frames, modelled only as far as needed to know which frames suffice.

use std::collections::BTreeSet;

use keyferry_transport::frame::{FrameRank, TransferId};

use super::{Dice, real};

/// A way of showing an artefact as frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// keyferry's frames.
    Frames,
    /// BC-UR (BCR-2020-005): the blocks, then XORs of random sets of them, whose sizes d have weights 1/d.
    Fountain,
    /// BBQr, and any slide show: the blocks, repeated.
    Cyclic,
}

/// The effect of a frame on a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Done,
    More,
}

impl Scheme {
    pub(super) const ALL: [Self; 3] = [Self::Frames, Self::Fountain, Self::Cyclic];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Frames => "keyferry",
            Self::Fountain => "BC-UR",
            Self::Cyclic => "BBQr",
        }
    }

    /// A receiver for a transfer of this many blocks, which has seen nothing yet.
    pub(super) fn receiver(self, blocks: usize, dice: &mut Dice) -> Receiver {
        let [a, b, c, d, ..] = dice.roll().to_be_bytes();
        match self {
            Self::Frames => Receiver::Frames(FrameRank::new(blocks, TransferId([a, b, c, d]))),
            Self::Fountain => Receiver::Fountain(Fountain::new(blocks, dice.roll())),
            Self::Cyclic => Receiver::Cyclic { blocks, seen: BTreeSet::new() },
        }
    }
}

/// The blocks that a receiver knows so far.
pub(super) enum Receiver {
    /// `None` for a number of blocks that the command line refuses.
    Frames(Option<FrameRank>),
    Fountain(Fountain),
    Cyclic {
        blocks: usize,
        seen: BTreeSet<usize>,
    },
}

impl Receiver {
    /// Receives frame `number` of the sequence.
    pub(super) fn see(&mut self, number: usize) -> Shown {
        let done = match self {
            Self::Frames(rank) => {
                let index = u16::try_from(number % 65_536).unwrap_or_default();
                rank.as_mut().is_none_or(|rank| rank.add(index))
            }
            Self::Fountain(fountain) => fountain.see(number),
            Self::Cyclic { blocks, seen } => {
                seen.insert(number % *blocks);
                seen.len() == *blocks
            }
        };
        if done { Shown::Done } else { Shown::More }
    }
}

/// A decoder as the specification describes it: a part is reduced by known blocks and by the parts that it contains, and it
/// reduces other parts.
pub(super) struct Fountain {
    blocks: usize,
    seed: u64,
    /// Σ 1/d, for choosing a degree.
    weights: f64,
    known: BTreeSet<usize>,
    mixed: Vec<BTreeSet<usize>>,
}

impl Fountain {
    fn new(blocks: usize, seed: u64) -> Self {
        let weights = (1..=blocks).map(|d| 1.0 / real(d)).sum();
        Self { blocks, seed, weights, known: BTreeSet::new(), mixed: Vec::new() }
    }

    /// The blocks that frame `number` combines.
    fn part(&self, number: usize) -> BTreeSet<usize> {
        if number < self.blocks {
            return BTreeSet::from([number]);
        }
        let mut dice = Dice(self.seed ^ (number as u64).wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut left = real(dice.below(1 << 32)) / real(1 << 32) * self.weights;
        let mut degree = 1;
        while degree < self.blocks && left > 1.0 / real(degree) {
            left -= 1.0 / real(degree);
            degree += 1;
        }
        let mut part = BTreeSet::new();
        while part.len() < degree {
            part.insert(dice.below(self.blocks));
        }
        part
    }

    fn see(&mut self, number: usize) -> bool {
        let mut queue = vec![self.part(number)];
        while let Some(part) = queue.pop() {
            let part = self.reduced(part);
            if let (Some(block), 1) = (part.first(), part.len()) {
                self.known.insert(*block);
                // Every stored frame that contains this block now shrinks, so it is processed again.
                queue.extend(self.mixed.extract_if(.., |mixed| mixed.contains(block)));
            } else if part.len() > 1 && !self.mixed.contains(&part) {
                queue.extend(self.mixed.extract_if(.., |mixed| part.is_subset(mixed)));
                self.mixed.push(part);
            }
        }
        self.known.len() == self.blocks
    }

    fn reduced(&self, part: BTreeSet<usize>) -> BTreeSet<usize> {
        let mut part = &part - &self.known;
        for mixed in &self.mixed {
            if mixed.is_subset(&part) {
                part = &part - mixed;
            }
        }
        part
    }
}
