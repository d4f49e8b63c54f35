//! The states in which a power cut or a pulled stick can leave a medium, from the writes that QEMU recorded.

use std::collections::BTreeSet;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use super::super::super::verdict;
use super::super::super::write_log::{SECTOR, WriteLog};
use crate::run::Stop;

/// What was interrupted, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cut {
    /// Every write up to a moment of the run is on the medium, and no later one.
    Prefix,
    /// The same, after exit 0.
    PrefixAfterExit,
    /// Some of the writes since the last flush are missing on the medium, although later ones are there.
    Losses,
    /// The same, after exit 0.
    LossesAfterExit,
}

impl Cut {
    pub(super) const ALL: [Self; 4] =
        [Self::Prefix, Self::PrefixAfterExit, Self::Losses, Self::LossesAfterExit];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Prefix => "prefixes, before exit 0",
            Self::PrefixAfterExit => "prefixes, after exit 0",
            Self::Losses => "losses, before exit 0",
            Self::LossesAfterExit => "losses, after exit 0",
        }
    }

    pub(super) const fn is_after_exit(self) -> bool {
        matches!(self, Self::PrefixAfterExit | Self::LossesAfterExit)
    }

    /// Whether the same command must succeed: only a medium that lost writes out of order before exit 0 is excused.
    pub(super) const fn is_certain(self) -> bool {
        !matches!(self, Self::Losses)
    }
}

/// One medium.
#[derive(Debug)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) cut: Cut,
    image: Vec<u8>,
}

#[cfg(test)]
impl State {
    /// A state without an image.
    pub(super) fn named(name: &str, cut: Cut) -> Self {
        Self { name: name.into(), cut, image: Vec::new() }
    }
}

/// Every prefix of the log that reaches the first mark, and `losses` random losses, without repeated images.
pub(super) fn all(log: &WriteLog, before: &[u8], losses: usize, seed: u64) -> Result<Vec<State>, Stop> {
    let mark = before.len() / SECTOR - 1;
    let (begin, exit) =
        log.marks(mark).ok_or_else(|| Stop::failed("the marks were not written to the stick"))?;
    let (mut states, mut seen) = (Vec::new(), BTreeSet::new());
    let mut add = |name: String, cut: Cut, image: Vec<u8>| {
        if seen.insert((cut.is_after_exit(), verdict::sha256(&image))) {
            states.push(State { name, cut, image });
        }
    };
    for at in begin..=log.len() {
        let cut = if at > exit { Cut::PrefixAfterExit } else { Cut::Prefix };
        add(format!("prefix {at}"), cut, log.image(before, at, |_| true)?);
    }
    let mut random = Random(seed);
    for n in 0..losses {
        let at = begin + 1 + random.below(log.len() - begin);
        // The contents at the first mark were on the stick from the start.
        let flushed = log.flushed(at).max(begin);
        let keep: Vec<bool> = (0..at).map(|entry| entry < flushed || random.below(2) == 0).collect();
        let cut = if at > exit { Cut::LossesAfterExit } else { Cut::Losses };
        let image = log.image(before, at, |entry| keep.get(entry) == Some(&true))?;
        add(format!("loss {n} at {at}"), cut, image);
    }
    Ok(states)
}

/// Writes the states one after another, and one extra sector, so that this disk can be recognised by its size.
pub(super) fn write(states: &[State], path: &Path) -> Result<(), Stop> {
    let failed = |e: std::io::Error| Stop::failed(format!("{}: {e}", path.display()));
    let mut file = std::fs::File::create(path).map_err(failed)?;
    let mut length = 0;
    for state in states {
        for piece in state.image.chunks(4096) {
            if piece.iter().any(|byte| *byte != 0) {
                file.seek(SeekFrom::Start(length)).and_then(|_| file.write_all(piece)).map_err(failed)?;
            }
            length += piece.len() as u64;
        }
    }
    file.set_len(length + SECTOR as u64).map_err(failed)
}

/// SplitMix64: the same states for the same seed, everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, or 0.
    fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        usize::try_from(self.next().checked_rem(n).unwrap_or(0)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::write_log::tests::log;
    use super::*;

    /// A mark at sector 7, a run of two flushed writes and an unflushed one, the mark again, and one late write.
    fn states(losses: usize) -> Vec<State> {
        let run = [(0, Some(1)), (0, None), (1, Some(2)), (1, None), (2, Some(3))];
        let marked = [&[(7, Some(9))][..], &run, &[(7, Some(9)), (4, Some(5))]].concat();
        let log = WriteLog::parse(&log(&marked)).unwrap();
        all(&log, &[0; 8 * SECTOR], losses, 1).unwrap()
    }

    #[test]
    fn every_prefix_is_there_once_and_knows_whether_exit_0_was_said() {
        let states = states(0);
        let shown = |state: &State| state.image.iter().step_by(SECTOR).copied().collect::<Vec<_>>();
        let cuts: Vec<_> = states.iter().map(|s| (s.cut.is_after_exit(), shown(s))).collect();
        assert_eq!(
            cuts,
            [
                (false, vec![0, 0, 0, 0, 0, 0, 0, 9]),
                (false, vec![1, 0, 0, 0, 0, 0, 0, 9]),
                (false, vec![1, 2, 0, 0, 0, 0, 0, 9]),
                (false, vec![1, 2, 3, 0, 0, 0, 0, 9]),
                (true, vec![1, 2, 3, 0, 0, 0, 0, 9]),
                (true, vec![1, 2, 3, 0, 5, 0, 0, 9]),
            ]
        );
    }

    #[test]
    fn losses_are_the_same_each_time_and_keep_what_was_flushed() {
        let (first, second) = (states(40), states(40));
        let images = |states: &[State]| states.iter().map(|s| s.image.clone()).collect::<Vec<_>>();
        assert!(first.len() > 6 && images(&first) == images(&second));
        let lost = first.iter().filter(|s| s.cut == Cut::LossesAfterExit);
        for state in lost {
            assert_eq!(
                (state.image[0], state.image[SECTOR], state.image[7 * SECTOR]),
                (1, 2, 9),
                "{}",
                state.name
            );
        }
    }
}
