//! Relations between frames: combinations in which both the coefficients and the blocks vanish.
//!
//! K + 1 true frames satisfy one relation, and each further one adds another. The content of a forged frame differs from the true
//! content by some block, its error. If the errors of forged frames are linearly independent, no relation can contain a forged
//! frame, so the frames that relations connect are the true ones (Metzner and Kapturowski 1990, for codes over vectors).
//! Coordinated errors can be detected in two other ways: frames of another consistent payload form a separate component, and
//! frames whose errors are multiples of each other have columns that are multiples of each other.

use std::collections::BTreeMap;

use crate::frame::gf256::{add_scaled, quotient, scale};

/// An independent residual, scaled so that it has a one at `pivot`, and the combination of frames that produces it.
#[derive(Debug)]
struct Deviant {
    pivot: usize,
    residual: Vec<u8>,
    mix: Vec<u8>,
}

/// A combination of frames that vanishes. No other relation has its `pivot`.
#[derive(Clone, Debug)]
struct Relation {
    pivot: usize,
    mix: Vec<u8>,
}

/// The residuals in echelon form, and the relations found. The columns are the places of the base, then the
/// spares.
#[derive(Debug, Default)]
pub(super) struct Relations {
    deviants: Vec<Deviant>,
    found: Vec<Relation>,
}

impl Relations {
    /// Adds the newest spare, the last column of `mix`; returns whether that added a relation.
    pub(super) fn add(&mut self, mut residual: Vec<u8>, mut mix: Vec<u8>) -> bool {
        for deviant in &self.deviants {
            let factor = at(&residual, deviant.pivot);
            add_scaled(&mut residual, &deviant.residual, factor);
            add_scaled(&mut mix, &deviant.mix, factor);
        }
        let Some(pivot) = residual.iter().position(|b| *b != 0) else {
            for relation in &self.found {
                let factor = at(&mix, relation.pivot);
                add_scaled(&mut mix, &relation.mix, factor);
            }
            // The newest column is in no earlier relation.
            self.found.push(Relation { pivot: mix.len().saturating_sub(1), mix });
            return true;
        };
        let lead = at(&residual, pivot);
        scale(&mut residual, quotient(1, lead));
        scale(&mut mix, quotient(1, lead));
        self.deviants.push(Deviant { pivot, residual, mix });
        false
    }

    /// Swaps two columns.
    pub(super) fn swap(&mut self, slot: usize, spare: usize) {
        let mixes = self.deviants.iter_mut().map(|d| &mut d.mix);
        for mix in mixes.chain(self.found.iter_mut().map(|r| &mut r.mix)) {
            if mix.len() <= spare {
                mix.resize(spare + 1, 0);
            }
            mix.swap(slot, spare);
        }
        for relation in &mut self.found {
            if relation.pivot == slot {
                relation.pivot = spare;
            } else if relation.pivot == spare {
                relation.pivot = slot;
            }
        }
    }

    pub(super) fn view(&self, columns: usize) -> View {
        View { columns, relations: self.found.clone() }
    }

    /// Maximum cost of adding one more spare, in byte operations.
    pub(super) fn add_cost(&self) -> usize {
        self.deviants.iter().map(|d| d.residual.len() + d.mix.len()).sum()
    }

    pub(super) const fn count(&self) -> usize {
        self.found.len()
    }

    pub(super) fn size(&self) -> usize {
        let deviants = self.deviants.iter().map(|d| d.residual.capacity() + d.mix.capacity());
        let found = self.found.iter().map(|r| r.mix.capacity());
        let lists =
            self.deviants.capacity() * size_of::<Deviant>() + self.found.capacity() * size_of::<Relation>();
        lists + deviants.chain(found).sum::<usize>()
    }
}

fn at(row: &[u8], column: usize) -> u8 {
    row.get(column).copied().unwrap_or_default()
}

/// A set of columns, and the number of relations that connect them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::frame) struct Group {
    members: Vec<bool>,
    rank: usize,
}

impl Group {
    /// A set with a single frame.
    pub(in crate::frame) fn single(column: usize) -> Self {
        let mut members = vec![false; column];
        members.push(true);
        Self { members, rank: 0 }
    }

    /// Number of frames.
    pub(in crate::frame) fn len(&self) -> usize {
        self.members.iter().filter(|m| **m).count()
    }

    /// Number of relations among them.
    pub(in crate::frame) const fn rank(&self) -> usize {
        self.rank
    }

    pub(in crate::frame) fn has(&self, column: usize) -> bool {
        self.members.get(column).copied().unwrap_or_default()
    }

    pub(in crate::frame) fn columns(&self) -> impl Iterator<Item = usize> {
        self.members.iter().enumerate().filter_map(|(column, member)| member.then_some(column))
    }

    /// Swaps two columns.
    pub(super) fn swap(&mut self, a: usize, b: usize) {
        if a.max(b) < self.members.len() {
            self.members.swap(a, b);
        }
    }
}

/// The relations that do not involve certain columns.
#[derive(Clone, Debug)]
pub(in crate::frame) struct View {
    columns: usize,
    relations: Vec<Relation>,
}

impl View {
    /// Number of relations.
    pub(in crate::frame) const fn rank(&self) -> usize {
        self.relations.len()
    }

    /// Cost of leaving out one column, or of finding the components, in byte operations.
    pub(in crate::frame) const fn cost(&self) -> usize {
        self.columns * self.relations.len()
    }

    /// Cost of [`parallels`](Self::parallels) in byte operations, which includes an estimate for sorting each
    /// column.
    pub(in crate::frame) const fn sorting_cost(&self) -> usize {
        const SORTING: usize = 64;
        self.columns * (2 * self.relations.len() + SORTING)
    }

    /// Keeps only the relations that do not involve `column`.
    pub(in crate::frame) fn without(mut self, column: usize) -> Self {
        let touches = |r: &Relation| r.pivot == column || at(&r.mix, column) != 0;
        let Some(chosen) = self.relations.iter().rposition(touches) else { return self };
        let used = self.relations.swap_remove(chosen);
        let lead = at(&used.mix, column);
        for relation in &mut self.relations {
            let factor = quotient(at(&relation.mix, column), lead);
            if relation.mix.len() < used.mix.len() {
                relation.mix.resize(used.mix.len(), 0);
            }
            add_scaled(&mut relation.mix, &used.mix, factor);
        }
        // The other relations keep their pivots, because `used` is zero at those places.
        self
    }

    /// The connected components: sets of frames that no relation links with another set.
    ///
    /// No other relation has an entry at a relation's pivot, so these are the components of the graph of non-zero entries. For
    /// each column, `first` has the first relation that contains it; `owner` joins the relations that share a column.
    pub(in crate::frame) fn components(&self) -> Vec<Group> {
        let (mut owner, mut first): (Vec<usize>, _) =
            ((0..self.relations.len()).collect(), vec![None; self.columns]);
        for (number, relation) in self.relations.iter().enumerate() {
            let mut last = number;
            for (first, _) in first.iter_mut().zip(&relation.mix).filter(|(_, factor)| **factor != 0) {
                let known = *first.get_or_insert(number);
                // Neighbours are usually in the same component.
                if known != last {
                    join(&mut owner, known, number);
                    last = known;
                }
            }
        }
        let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
        for number in 0..self.relations.len() {
            let empty = || Group { members: vec![false; self.columns], rank: 0 };
            groups.entry(root(&owner, number)).or_insert_with(empty).rank += 1;
        }
        for (column, number) in first.iter().enumerate() {
            let group = number.and_then(|number| groups.get_mut(&root(&owner, number)));
            group.and_then(|g| g.members.get_mut(column)).into_iter().for_each(|m| *m = true);
        }
        groups.into_values().collect()
    }

    /// Columns that are multiples of each other, in sets of at least two.
    pub(in crate::frame) fn parallels(&self) -> Vec<Vec<usize>> {
        let mut alike: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        for column in 0..self.columns {
            let mut entries: Vec<u8> = self.relations.iter().map(|r| at(&r.mix, column)).collect();
            let Some(lead) = entries.iter().copied().find(|e| *e != 0) else { continue };
            scale(&mut entries, quotient(1, lead));
            alike.entry(entries).or_default().push(column);
        }
        alike.into_values().filter(|columns| columns.len() > 1).collect()
    }
}

/// The representative of all relations that are joined with this one.
fn root(owner: &[usize], mut one: usize) -> usize {
    while let Some(next) = owner.get(one).copied().filter(|next| *next != one) {
        one = next;
    }
    one
}

/// Joins two relations. The smaller root becomes the owner, so chains end; joined entries point to it
/// directly.
fn join(owner: &mut [usize], a: usize, b: usize) {
    let (a_root, b_root) = (root(owner, a), root(owner, b));
    let least = a_root.min(b_root);
    for one in [a_root, b_root, a, b] {
        if let Some(o) = owner.get_mut(one) {
            *o = least;
        }
    }
}
