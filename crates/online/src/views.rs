//! What the service says about a command's keys, read in batches: when the first key of a batch is needed, the whole batch is looked up.
//!
//! A view is as old as its batch, a few seconds, and is used only where a stale answer does no harm: the service itself refuses what a
//! key's state does not allow, and the checks that matter are made with the journal. After a fault, or to prove a backup, the service is
//! asked again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use keyferry_core::Region;
use keyferry_service::{Answer, KeyRef, KeyView, answers_for};

use crate::Service;

/// Groups a command's items: each batch belongs to one region and has at most `most` items. Batches come in the order of their first item,
/// so that a record in the order of the items never waits for more than one batch of each region.
pub(crate) fn batches<T>(items: Vec<T>, most: usize, region: impl Fn(&T) -> &Region) -> Vec<Vec<T>> {
    let mut batches: Vec<Vec<T>> = Vec::new();
    let mut open = HashMap::<Region, usize>::new();
    for item in items {
        let next = batches.len();
        let place = open.entry(region(&item).clone()).or_insert(next);
        match batches.get_mut(*place).filter(|batch| batch.len() < most.max(1)) {
            Some(batch) => batch.push(item),
            None => {
                *place = next;
                batches.push(vec![item]);
            }
        }
    }
    batches
}

/// Looks up each batch once, when one of its keys is first needed. Each answer is returned once, and a batch's memory is freed with its
/// last answer.
pub(crate) struct Views<'k> {
    service: &'k dyn Service,
    batches: Vec<Looked<'k>>,
}

/// The keys of a batch, and what the service said about them, once it was asked.
struct Looked<'k> {
    keys: Vec<KeyRef<'k>>,
    found: Mutex<Option<Answers>>,
}

/// The answers that were not returned yet, each in its place, and how many there are.
struct Answers {
    left: usize,
    answers: Vec<Option<Answer<KeyView>>>,
}

impl Answers {
    fn of(answers: Vec<Answer<KeyView>>) -> Self {
        Self { left: answers.len(), answers: answers.into_iter().map(Some).collect() }
    }

    fn give(&mut self, item: usize) -> Option<Answer<KeyView>> {
        let given = self.answers.get_mut(item)?.take()?;
        self.left -= 1;
        if self.left == 0 {
            self.answers = Vec::new();
        }
        Some(given)
    }
}

/// The number of the batch, and of the key in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) batch: usize,
    pub(crate) item: usize,
}

impl<'k> Views<'k> {
    pub(crate) fn new(service: &'k dyn Service, batches: Vec<Vec<KeyRef<'k>>>) -> Self {
        let batches = batches.into_iter().map(|keys| Looked { keys, found: Mutex::new(None) }).collect();
        Self { service, batches }
    }

    /// What the service says about that key; `None` if the place does not exist, or if its answer was returned before. Other threads that
    /// need the batch meanwhile wait for the same answer.
    pub(crate) fn of(&self, at: At) -> Option<Answer<KeyView>> {
        let Looked { keys, found } = self.batches.get(at.batch)?;
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.get_or_insert_with(|| Answers::of(answers_for(self.service, keys))).give(at.item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_of_one_region_and_no_larger_than_wanted() {
        let regions: Vec<Region> = ["ap-one", "ap-two"].map(|name| name.parse().unwrap()).into();
        let items: Vec<(usize, &Region)> = (0..10).map(|n| (n, &regions[n % 2])).collect();
        let found = batches(items.clone(), 2, |item| item.1);
        let numbers: Vec<Vec<usize>> =
            found.iter().map(|batch| batch.iter().map(|item| item.0).collect()).collect();
        assert_eq!(numbers, [vec![0, 2], vec![1, 3], vec![4, 6], vec![5, 7], vec![8], vec![9]]);
        assert_eq!(batches(items, 0, |item| item.1).len(), 10);
    }
}
