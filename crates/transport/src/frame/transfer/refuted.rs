//! Remembers payloads with a wrong digest, so that none is tried twice. For each payload, it has the ages of
//! the frames that agree with it.

use std::collections::VecDeque;

/// Maximum number of payloads that are remembered.
const MOST: usize = 16;

/// The payloads, each as a sorted list of ages.
#[derive(Debug, Default)]
pub(super) struct Refuted(VecDeque<Vec<u64>>);

impl Refuted {
    /// Whether a remembered payload shares more than `count` frames with these. Then it is the same payload, and from now on all
    /// these frames count as agreeing with it.
    pub(super) fn find(&mut self, ages: &[u64], count: usize) -> Option<()> {
        let shared = |known: &[u64]| ages.iter().filter(|age| known.binary_search(age).is_ok()).count();
        let known = self.0.iter_mut().find(|known| shared(known) > count)?;
        known.extend(ages);
        known.sort_unstable();
        known.dedup();
        Some(())
    }

    /// Remembers one more payload, and forgets the oldest if there are too many.
    pub(super) fn add(&mut self, ages: Vec<u64>) {
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(ages);
    }

    /// The ages for each payload, the oldest payload first.
    pub(super) fn get(&self, number: usize) -> Option<&[u64]> {
        self.0.get(number).map(Vec::as_slice)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The number of bytes that it holds.
    pub(super) fn size(&self) -> usize {
        let lists = self.0.iter().map(|ages| ages.capacity() * size_of::<u64>()).sum::<usize>();
        lists + self.0.capacity() * size_of::<Vec<u64>>()
    }
}
