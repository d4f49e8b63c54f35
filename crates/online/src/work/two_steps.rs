//! Two steps on every key, with one query for each whole batch in between, by one set of threads: while one batch waits for its answer,
//! the next one proceeds.

use std::collections::VecDeque;
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::receive;
use crate::views::At;

/// Work in two steps on every item, with a check of each whole batch in between: `first` on each item, `between` once for a batch when all
/// its items have come that far, then `second` on each of its items before further items are begun.
pub(crate) struct TwoSteps<F, B, S> {
    pub(crate) first: F,
    pub(crate) between: B,
    pub(crate) second: S,
}

impl<F, B, S> TwoSteps<F, B, S> {
    /// Like [`each`], with one set of `jobs` threads. Each result names its item by the item's place among all items.
    ///
    /// # Errors
    /// The error that `done` returns.
    pub(crate) fn run<T, A, M, O, E>(
        &self,
        batches: &[Vec<T>],
        jobs: usize,
        mut done: impl FnMut(Vec<(usize, O)>) -> Result<(), E>,
    ) -> Result<(), E>
    where
        T: Sync,
        A: Send,
        M: Send,
        O: Send,
        F: Fn(At, &T) -> A + Sync,
        B: Fn(&[T], &[A]) -> Vec<M> + Sync,
        S: Fn(&T, A, M) -> O + Sync,
    {
        let line = Line::new(batches.iter().map(Vec::len));
        let items = batches.iter().map(Vec::len).sum();
        let (sender, receiver) = sync_channel(2 * jobs);
        thread::scope(|scope| {
            for _ in 0..jobs.min(items) {
                let (sender, line) = (sender.clone(), &line);
                scope.spawn(move || {
                    let _ended = Ended(line);
                    while let Some(task) = line.next() {
                        if let Some(result) = self.carry_out(line, batches, task)
                            && sender.send(result).is_err()
                        {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            let outcome = receive(&receiver, &mut done);
            drop(receiver);
            line.stop();
            outcome
        })
    }

    /// Does one piece of work; returns the item's result if this was the item's last piece.
    fn carry_out<T, A, M, O>(
        &self,
        line: &Line<A, M>,
        batches: &[Vec<T>],
        task: Task<A, M>,
    ) -> Option<(usize, O)>
    where
        F: Fn(At, &T) -> A,
        B: Fn(&[T], &[A]) -> Vec<M>,
        S: Fn(&T, A, M) -> O,
    {
        let (batch, item) = match &task {
            Task::First(at) | Task::Second(at, ..) => (batches.get(at.batch)?, at.item),
        };
        match task {
            Task::First(at) => {
                let result = (self.first)(at, batch.get(item)?);
                if let Some(results) = line.came(at, result) {
                    let between = (self.between)(batch, &results);
                    line.ready(at.batch, results.into_iter().zip(between).collect());
                }
                None
            }
            Task::Second(at, result, between) => {
                let outcome = (self.second)(batch.get(item)?, result, between);
                Some((line.place(at), outcome))
            }
        }
    }
}

enum Task<A, M> {
    First(At),
    Second(At, A, M),
}

/// The queue of pending work, shared by several threads.
struct Line<A, M> {
    state: Mutex<Waiting<A, M>>,
    changed: Condvar,
    /// For each batch, the number of items before it and the number in it.
    lengths: Vec<(usize, usize)>,
}

struct Waiting<A, M> {
    /// The next item to begin.
    next: At,
    /// The results of each batch's first steps.
    came: Vec<Vec<Option<A>>>,
    ready: VecDeque<Task<A, M>>,
    /// Batches that are not ready yet, though all of their items may have been begun.
    open: usize,
    stopped: bool,
}

impl<A, M> Line<A, M> {
    fn new(lengths: impl Iterator<Item = usize>) -> Self {
        let (mut of_batches, mut came, mut total) = (Vec::new(), Vec::new(), 0);
        for length in lengths {
            of_batches.push((total, length));
            total += length;
            // A batch's space is allocated when its first result arrives, because most batches have not begun or are done.
            came.push(Vec::new());
        }
        let (open, next) = (came.len(), At { batch: 0, item: 0 });
        let waiting = Waiting { next, came, ready: VecDeque::new(), open, stopped: false };
        Self { state: Mutex::new(waiting), changed: Condvar::new(), lengths: of_batches }
    }

    fn state(&self) -> MutexGuard<'_, Waiting<A, M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An item's place among all items.
    fn place(&self, at: At) -> usize {
        self.lengths.get(at.batch).map_or(0, |(before, _)| before + at.item)
    }

    /// The next piece of work; waits while other threads may still produce some.
    fn next(&self) -> Option<Task<A, M>> {
        let mut state = self.state();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(task) = state.ready.pop_front() {
                return Some(task);
            }
            if let Some(at) = state.begin(&self.lengths) {
                return Some(Task::First(at));
            }
            if state.open == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Keeps an item's result; returns the whole batch's results if the item was its last.
    fn came(&self, at: At, result: A) -> Option<Vec<A>> {
        let mut state = self.state();
        let (_, length) = self.lengths.get(at.batch)?;
        let batch = state.came.get_mut(at.batch)?;
        if batch.is_empty() {
            batch.resize_with(*length, || None);
        }
        *batch.get_mut(at.item)? = Some(result);
        if batch.iter().any(Option::is_none) {
            return None;
        }
        Some(core::mem::take(batch).into_iter().flatten().collect())
    }

    /// Marks a batch as ready for its second steps.
    fn ready(&self, batch: usize, results: Vec<(A, M)>) {
        let mut state = self.state();
        let tasks = results.into_iter().enumerate();
        state.ready.extend(tasks.map(|(item, (a, m))| Task::Second(At { batch, item }, a, m)));
        state.open -= 1;
        self.changed.notify_all();
    }

    /// Stops the work: nothing more is begun.
    fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }
}

impl<A, M> Waiting<A, M> {
    /// The next item to begin, if there is one.
    fn begin(&mut self, lengths: &[(usize, usize)]) -> Option<At> {
        loop {
            let at = self.next;
            let (_, length) = lengths.get(at.batch)?;
            if at.item < *length {
                self.next.item += 1;
                return Some(at);
            }
            self.next = At { batch: at.batch + 1, item: 0 };
        }
    }
}

/// A thread that ends early, even by a panic, must not keep the others waiting.
struct Ended<'l, A, M>(&'l Line<A, M>);

impl<A, M> Drop for Ended<'_, A, M> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_batch_s_second_steps_come_after_all_of_its_first_ones() {
        let batches: Vec<Vec<usize>> =
            (0..20).map(|b| (0..b % 7 + 1).map(|n| 100 * b + n).collect()).collect();
        let all: Vec<usize> = batches.iter().flatten().copied().collect();
        let (begun, looked) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
        let steps = TwoSteps {
            first: |_, n: &usize| {
                begun.lock().unwrap().push(*n);
                thread::yield_now();
                *n
            },
            between: |batch: &[usize], came: &[usize]| {
                looked.fetch_add(1, Ordering::SeqCst);
                assert_eq!(batch, came);
                let begun = begun.lock().unwrap();
                assert!(batch.iter().all(|n| begun.contains(n)));
                came.iter().map(|n| n + 1).collect()
            },
            second: |n: &usize, first: usize, between: usize| (*n, first, between),
        };
        let mut seen = BTreeMap::new();
        let done = |results: Vec<(usize, (usize, usize, usize))>| {
            seen.extend(results);
            Ok::<_, ()>(())
        };
        steps.run(&batches, 4, done).unwrap();
        assert_eq!(looked.load(Ordering::SeqCst), batches.len());
        let expected: BTreeMap<_, _> = all.iter().map(|n| (*n, *n, n + 1)).enumerate().collect();
        assert_eq!(seen, expected);
        // With nothing to do, it returns at once; if the writer fails, it ends.
        steps.run(&[], 4, |_: Vec<(usize, (usize, usize, usize))>| Ok::<_, ()>(())).unwrap();
        assert_eq!(steps.run(&batches, 4, |_| Err("full")), Err("full"));
    }
}
