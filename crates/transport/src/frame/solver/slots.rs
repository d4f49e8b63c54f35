//! Stores values by place, in order. The store's size grows with the number of values, not with the highest place;
//! `Slots::size` returns it in bytes.

/// Number of values for which room is allocated at once.
const STEP: usize = 8;

/// A sorted list. There are a few hundred places at most, so moving the tail costs less than the nodes of a
/// tree.
#[derive(Debug)]
pub(super) struct Slots<T>(Vec<(usize, T)>);

impl<T> Slots<T> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    fn find(&self, place: usize) -> Result<usize, usize> {
        self.0.binary_search_by_key(&place, |(k, _)| *k)
    }

    pub(super) fn has(&self, place: usize) -> bool {
        self.find(place).is_ok()
    }

    pub(super) fn get(&self, place: usize) -> Option<&T> {
        self.0.get(self.find(place).ok()?).map(|(_, value)| value)
    }

    /// Puts a value into a place, and replaces the old value if there is one.
    pub(super) fn insert(&mut self, place: usize, value: T) {
        match self.find(place).ok().and_then(|at| self.0.get_mut(at)) {
            Some(entry) => entry.1 = value,
            None => self.fill(place, || value),
        }
    }

    /// Puts a value into an empty place.
    pub(super) fn fill(&mut self, place: usize, value: impl FnOnce() -> T) {
        if let Err(at) = self.find(place) {
            if self.0.len() == self.0.capacity() {
                self.0.reserve_exact(STEP);
            }
            self.0.insert(at, (place, value()));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.0.iter().map(|(k, value)| (*k, value))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    pub(super) fn into_values(self) -> impl Iterator<Item = T> {
        self.0.into_iter().map(|(_, value)| value)
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.0.retain(|(_, value)| keep(value));
    }

    /// Removes all values and frees the memory.
    pub(super) fn clear(&mut self) {
        self.0 = Vec::new();
    }

    /// The number of bytes held, without memory that the values own elsewhere.
    pub(super) fn size(&self) -> usize {
        self.0.capacity() * size_of::<(usize, T)>()
    }

    /// The largest [`size`](Self::size) with this many values.
    pub(super) const fn size_of_full(count: usize) -> usize {
        (count + STEP) * size_of::<(usize, T)>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Compares with the behaviour of a tree map.
        #[test]
        fn as_a_map(steps in prop::collection::vec((0usize..40, any::<u8>(), 0u8..4), 0..200)) {
            let (mut ours, mut theirs) = (Slots::new(), BTreeMap::new());
            for (place, value, what) in steps {
                match what {
                    0 => { ours.insert(place, value); theirs.insert(place, value); }
                    1 => { ours.fill(place, || value); theirs.entry(place).or_insert(value); }
                    2 => { ours.retain(|v| *v >= value / 4); theirs.retain(|_, v| *v >= value / 4); }
                    _ => prop_assert_eq!(ours.get(place), theirs.get(&place)),
                }
                prop_assert_eq!(ours.has(place), theirs.contains_key(&place));
                prop_assert_eq!((ours.len(), ours.is_empty()), (theirs.len(), theirs.is_empty()));
                prop_assert!(ours.iter().eq(theirs.iter().map(|(k, v)| (*k, v))));
                prop_assert!(ours.size() <= Slots::<u8>::size_of_full(40));
            }
            prop_assert!(ours.into_values().eq(theirs.into_values()));
        }
    }
}
