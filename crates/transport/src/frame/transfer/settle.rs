//! Decides which groups of frames are tried, and in which order: first groups that relations connect, then groups without frames
//! that agree with a wrong payload or whose errors are alike, and finally random ones.

use super::{Transfer, spend};
use crate::frame::solver::{Group, View};

/// Number of byte operations that take as long as hashing one byte.
const HASHING: usize = 2;
/// With fewer relations than this, columns are often alike by chance.
const ENOUGH: usize = 3;

/// The result of trying some groups.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Solved,
    Nothing,
    OutOfWork,
}

impl Transfer {
    /// Tries every group that relations suggest.
    pub(super) fn settle(&mut self, work: &mut usize) -> Verdict {
        let view = self.solver.view();
        let mut verdict = self.attempt(&view, work);
        if verdict == Verdict::Nothing {
            verdict = self.without_refuted(&view, work);
        }
        if verdict == Verdict::Nothing && view.rank() >= ENOUGH {
            verdict = self.apart(&view, work);
        }
        if verdict == Verdict::Nothing { self.wander(&view, work) } else { verdict }
    }

    /// Leaves out frames with similar columns.
    fn apart(&mut self, view: &View, work: &mut usize) -> Verdict {
        let mut verdict = Verdict::Nothing;
        spend(work, view.sorting_cost());
        let alike = view.parallels();
        let Some(rest) = leave_out(view.clone(), alike.iter().flatten().copied(), work) else {
            return Verdict::Nothing;
        };
        if !alike.is_empty() {
            verdict = self.attempt(&rest, work);
            // The start is random: if not all sets can be tried this time, different ones are tried next
            // time.
            let first = self.roll(alike.len());
            for columns in alike.iter().cycle().skip(first).take(alike.len()).filter(|_| alike.len() > 1) {
                if verdict != Verdict::Nothing {
                    return verdict;
                }
                let Some(without) = leave_out(view.clone(), columns.iter().copied(), work) else {
                    return Verdict::Nothing;
                };
                verdict = self.attempt(&without, work);
            }
        }
        if verdict == Verdict::Nothing && rest.rank() > ENOUGH { self.peel(&rest, work) } else { verdict }
    }

    /// As a last resort, exchanges random frames of the base. The fewer of the frames are forged, the sooner
    /// this finds a base of K true frames.
    fn wander(&mut self, view: &View, work: &mut usize) -> Verdict {
        let most = *work / 2;
        let (count, spares) = (self.layout.count(), self.solver.spare_count());
        while view.rank() > 0 && self.solver.is_determined() && *work > most {
            if !spend(work, self.solver.trade_cost() + HASHING * self.layout.total()) {
                break;
            }
            let (slot, spare) = (self.roll(count), self.roll(spares));
            let mut single = Group::single(count + spare);
            if self.solver.trade(slot, &mut single).is_some() && self.is_right() {
                return Verdict::Solved;
            }
        }
        Verdict::Nothing
    }

    /// A linear congruential step (Knuth, MMIX), below `n`; nothing depends on an unpredictable result.
    fn roll(&mut self, n: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.dice >> 33).unwrap_or_default() % n.max(1)
    }

    /// Leaves out each frame in turn, because three errors in one plane then appear as two errors on one
    /// line.
    fn peel(&mut self, view: &View, work: &mut usize) -> Verdict {
        let held: Vec<usize> = self.solver.held().map(|(column, _)| column).collect();
        for column in held {
            if !spend(work, view.cost() + view.sorting_cost()) {
                // The rest is tried when the next relation arrives.
                return Verdict::Nothing;
            }
            let without = view.clone().without(column);
            let alike = without.parallels();
            if alike.is_empty() {
                continue;
            }
            let Some(rest) = leave_out(without, alike.into_iter().flatten(), work) else {
                return Verdict::Nothing;
            };
            let verdict = self.attempt(&rest, work);
            if verdict != Verdict::Nothing {
                return verdict;
            }
        }
        Verdict::Nothing
    }

    /// Tries the payload of each group that determines one.
    fn attempt(&mut self, view: &View, work: &mut usize) -> Verdict {
        let count = self.layout.count();
        spend(work, view.cost());
        let whole = |g: &Group| g.len() == count + g.rank();
        for mut group in view.components().into_iter().filter(whole) {
            if self.is_refuted(&group) {
                continue;
            }
            match self.stand_on(&mut group, work) {
                Verdict::Solved => {}
                Verdict::Nothing => continue,
                Verdict::OutOfWork => return Verdict::OutOfWork,
            }
            if self.is_right() {
                return Verdict::Solved;
            }
            self.refuted.add(self.ages(&group));
            // The columns were swapped, so the other groups have to be found again.
            return Verdict::OutOfWork;
        }
        Verdict::Nothing
    }

    /// Makes the base consist only of frames of the group.
    fn stand_on(&mut self, group: &mut Group, work: &mut usize) -> Verdict {
        while let Some(slot) = self.solver.outside(group) {
            // The last step may cost more than the work that is left; it is taken all the same.
            if *work == 0 {
                return Verdict::OutOfWork;
            }
            spend(work, self.solver.trade_cost());
            if self.solver.trade(slot, group).is_none() {
                return Verdict::Nothing;
            }
        }
        Verdict::Solved
    }

    /// Whether the group shares more than K frames with a payload that was tried. If so, it determines the same
    /// payload, and its frames are remembered with that payload.
    fn is_refuted(&mut self, group: &Group) -> bool {
        let ages = self.ages(group);
        self.refuted.find(&ages, self.layout.count()).is_some()
    }

    fn ages(&self, group: &Group) -> Vec<u64> {
        let members = self.solver.held().filter(|(column, _)| group.has(*column));
        let mut ages: Vec<u64> = members.map(|(_, held)| held.age).collect();
        ages.sort_unstable();
        ages
    }

    /// For each wrong payload in turn, leaves out the frames that agree with it. Only a few of these are true
    /// frames.
    fn without_refuted(&mut self, view: &View, work: &mut usize) -> Verdict {
        let mut numbers = 0..;
        while let Some(agreeing) = numbers.next().and_then(|n| self.refuted.get(n)) {
            let held = self.solver.held().filter(|(_, held)| agreeing.binary_search(&held.age).is_ok());
            let Some(rest) = leave_out(view.clone(), held.map(|(column, _)| column), work) else {
                return Verdict::Nothing;
            };
            let verdict = self.attempt(&rest, work);
            if verdict != Verdict::Nothing {
                return verdict;
            }
        }
        Verdict::Nothing
    }
}

/// Leaves these columns out; `None` if not enough work is left for that.
fn leave_out(mut view: View, columns: impl Iterator<Item = usize>, work: &mut usize) -> Option<View> {
    for column in columns {
        let before = view.rank();
        view = view.without(column);
        if view.rank() < before && !spend(work, view.cost()) {
            return None;
        }
    }
    Some(view)
}
