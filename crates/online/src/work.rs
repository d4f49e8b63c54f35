//! Many keys at the same time: a few threads take one key after another; results go to the one thread that writes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

mod two_steps;

pub(crate) use two_steps::TwoSteps;

/// Works on every item, `jobs` at a time. `done` receives results in the order in which they arrive, and several together if
/// they arrived while it was busy, so that one flush serves them all. If it fails, no new item is begun.
///
/// # Errors
/// The error that `done` returns.
pub(crate) fn each<T: Sync, O: Send, E: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> O + Sync,
    mut done: impl FnMut(Vec<(usize, O)>) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    // The channel is bounded, so that finished keys do not pile up in memory.
    let (sender, receiver) = sync_channel(2 * jobs);
    thread::scope(|scope| {
        for _ in 0..jobs.min(items.len()) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(n) else { return };
                    if sender.send((n, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let outcome = receive(&receiver, &mut done);
        // Nobody receives results any longer, so the threads end after their current key.
        drop(receiver);
        outcome
    })
}

/// How many results are gathered before they are written, and for how long at most: one flush serves them all.
const GATHER: (usize, Duration) = (64, Duration::from_millis(250));

fn receive<O, E>(
    receiver: &Receiver<(usize, O)>,
    done: &mut impl FnMut(Vec<(usize, O)>) -> Result<(), E>,
) -> Result<(), E> {
    while let Ok(first) = receiver.recv() {
        let (mut batch, until) = (vec![first], Instant::now() + GATHER.1);
        while batch.len() < GATHER.0 {
            // This ends at once when no thread is working any longer.
            match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(next) => batch.push(next),
                Err(_) => break,
            }
        }
        done(batch)?;
    }
    Ok(())
}

/// Hands items out in order, however they arrive: an early one waits for those before it. The message to people about an item waits until
/// the item was handed out, because nothing is said before it is recorded.
#[derive(Debug)]
pub(crate) struct InOrder<T, S = ()> {
    next: usize,
    waiting: BTreeMap<usize, T>,
    unsaid: BTreeMap<usize, S>,
}

impl<T, S> InOrder<T, S> {
    pub(crate) const fn new() -> Self {
        Self { next: 0, waiting: BTreeMap::new(), unsaid: BTreeMap::new() }
    }

    /// Takes the item at a place, counted from 0, without a message.
    pub(crate) fn put(&mut self, place: usize, item: T) {
        self.waiting.insert(place, item);
    }

    /// Takes the item at a place, and the message about it.
    pub(crate) fn put_and_say(&mut self, place: usize, item: T, say: S) {
        self.put(place, item);
        self.unsaid.insert(place, say);
    }

    /// The next item, if it has arrived.
    pub(crate) fn take(&mut self) -> Option<T> {
        let item = self.waiting.remove(&self.next)?;
        self.next += 1;
        Some(item)
    }

    /// The next message about an item that was handed out.
    pub(crate) fn say(&mut self) -> Option<S> {
        let first = self.unsaid.first_entry().filter(|first| *first.key() < self.next)?;
        Some(first.remove())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_early_waits_for_what_is_before_it() {
        let (mut lines, mut given) = (InOrder::<usize>::new(), Vec::new());
        for place in [2, 0, 3, 1, 4] {
            lines.put(place, place);
            given.push(std::iter::from_fn(|| lines.take()).collect::<Vec<_>>());
        }
        assert_eq!(given, [vec![], vec![0], vec![], vec![1, 2, 3], vec![4]]);
    }

    #[test]
    fn nothing_is_said_of_what_was_not_handed_out() {
        let mut lines = InOrder::new();
        lines.put_and_say(2, "c", "see c");
        lines.put(0, "a");
        lines.put_and_say(1, "b", "see b");
        assert_eq!(lines.say(), None);
        assert_eq!((lines.take(), lines.take(), lines.say()), (Some("a"), Some("b"), Some("see b")));
        assert_eq!((lines.say(), lines.take(), lines.say()), (None, Some("c"), Some("see c")));
        assert_eq!((lines.take(), lines.say()), (None, None));
    }

    #[test]
    fn every_item_once_and_no_more_than_so_many_at_a_time() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items: Vec<usize> = (0..200).collect();
        let mut seen = Vec::new();
        let work = |n: &usize| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::yield_now();
            now.fetch_sub(1, Ordering::SeqCst);
            n * 2
        };
        let done = |batch: Vec<(usize, usize)>| {
            seen.extend(batch);
            Ok::<_, ()>(())
        };
        each(&items, 4, work, done).unwrap();
        seen.sort_unstable();
        assert_eq!(seen, items.iter().map(|n| (*n, n * 2)).collect::<Vec<_>>());
        assert!(most.into_inner() <= 4);
    }

    #[test]
    fn a_writer_that_fails_stops_the_rest() {
        let begun = AtomicUsize::new(0);
        let work = |_: &usize| begun.fetch_add(1, Ordering::SeqCst);
        let items = vec![0; 10_000];
        assert_eq!(each(&items, 4, work, |_| Err("full")), Err("full"));
        assert!(begun.into_inner() < 100);
    }
}
