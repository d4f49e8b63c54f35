//! Many keys on several cores: each is drawn in the plan's order, one after another, and computed by the worker that drew it.
//!
//! What a fixed input gives does not depend on the number of workers, since the generator is asked in the same order, and the results are
//! taken in that order too. A worker begins after the process has confined itself, inherits all of that, and holds the material of one key
//! at a time. Where the machine does not give what workers need, the calling thread does the same alone.

use std::sync::mpsc::{self, Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};

use keyferry_core::ciphertext::Drawn;
use keyferry_core::{CiphertextEntry, KeyMaterial, WrapError};

use crate::confine::Confined;
use crate::error::OfflineError;

/// With fewer keys, threads cost more than they save.
const MANY: usize = 64;

/// The thread that writes the record takes the results of no more.
const MOST: usize = 8;

/// Of a worker, in bytes. Wrapping to RSA-4096 needs some 20 KiB, and what is overwritten after it 40 KiB.
const STACK: usize = 256 * 1024;

/// The part of it that secrets can be in.
const STACK_OF_SECRETS: usize = 128 * 1024;

/// A wrapped key and its material, for the backup.
type Made = Result<(CiphertextEntry, KeyMaterial), OfflineError>;

/// How many workers so many keys get on this machine; 1 is the calling thread alone.
fn workers(keys: usize) -> usize {
    if keys < MANY { 1 } else { thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST)) }
}

/// Draws key by key, wraps them on all cores, and hands each over in order. An error of `take` stops everything.
pub(super) fn wrap_in_order<'k, K: Sync>(
    keys: &'k [K],
    confined: &Confined,
    draw: impl FnMut(&'k K) -> Result<Drawn<'k>, OfflineError> + Send,
    take: impl FnMut(&'k K, Made) -> Result<(), OfflineError>,
) -> Result<(), OfflineError> {
    let workers = workers(keys.len());
    let workers = if workers > 1 && confined.memory.make_room(workers).is_ok() { workers } else { 1 };
    let begin = || confined.lock_stack(STACK_OF_SECRETS).is_ok();
    with_workers(workers, keys, begin, draw, take)
}

/// `begin` is what each worker does first; if it fails for one, there are none.
fn with_workers<'k, K: Sync>(
    workers: usize,
    keys: &'k [K],
    begin: impl Fn() -> bool + Sync,
    draw: impl FnMut(&'k K) -> Result<Drawn<'k>, OfflineError> + Send,
    mut take: impl FnMut(&'k K, Made) -> Result<(), OfflineError>,
) -> Result<(), OfflineError> {
    let order = Order::new(keys, draw);
    if workers > 1 {
        let done = thread::scope(|scope| {
            let results = order.start(scope, workers, &begin)?;
            let mut in_turn = results.iter().cycle();
            Some(keys.iter().try_for_each(|key| {
                let made = in_turn.next().and_then(|results| results.recv().ok());
                take(key, made.unwrap_or_else(|| Err(lost())))
            }))
        });
        if let Some(done) = done {
            return done;
        }
    }
    keys.iter().try_for_each(|key| {
        let drawn = (order.turn().draw)(key);
        take(key, drawn.and_then(wrap))
    })
}

/// A worker is gone without a result, which only a fault of this program could bring about.
fn lost() -> OfflineError {
    keyferry_core::Error::from(WrapError::Arithmetic).into()
}

fn wrap(drawn: Drawn<'_>) -> Made {
    Ok(drawn.wrap()?)
}

/// Whose turn it is to draw.
struct Order<'k, K, D> {
    keys: &'k [K],
    turn: Mutex<Turn<D>>,
    changed: Condvar,
}

struct Turn<D> {
    draw: D,
    /// The number of the key that is drawn next.
    next: usize,
    /// How many workers there are, once all have begun.
    workers: Option<usize>,
    /// No key is drawn any more.
    ended: bool,
}

impl<'k, K: Sync, D: FnMut(&'k K) -> Result<Drawn<'k>, OfflineError> + Send> Order<'k, K, D> {
    const fn new(keys: &'k [K], draw: D) -> Self {
        let turn = Turn { draw, next: 0, workers: None, ended: false };
        Self { keys, turn: Mutex::new(turn), changed: Condvar::new() }
    }

    /// Starts the workers; `None`, and none is left, where not even two could be started, or one of them could not begin.
    fn start<'s, 'e>(
        &'s self,
        scope: &'s Scope<'s, 'e>,
        workers: usize,
        begin: &'s (impl Fn() -> bool + Sync),
    ) -> Option<Vec<Receiver<Made>>> {
        let (ready, begun) = mpsc::channel();
        let start = |worker: usize| {
            // Nothing waits in between: a worker keeps its result, and draws no further key, until it is taken.
            let (out, results) = sync_channel(0);
            let ready = ready.clone();
            let work = move || {
                let _ = ready.send(begin());
                drop(ready);
                self.work(worker, &out);
            };
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok().map(|_| results)
        };
        let results: Vec<_> = (0..workers).map_while(start).collect();
        drop(ready);
        if results.len() > 1 && begun.iter().all(|begun| begun) {
            self.change(|turn| turn.workers = Some(results.len()));
            Some(results)
        } else {
            self.change(|turn| turn.ended = true);
            None
        }
    }

    /// Every key whose turn comes to this worker, until nobody takes them.
    fn work(&self, worker: usize, out: &SyncSender<Made>) {
        let begun = self.wait(|turn| turn.workers.is_none());
        let Some(workers) = begun.workers else { return };
        drop(begun);
        for (number, key) in self.keys.iter().enumerate().skip(worker).step_by(workers) {
            let Some(drawn) = self.draw(number, key) else { return };
            if out.send(drawn.and_then(wrap)).is_err() {
                return self.change(|turn| turn.ended = true);
            }
        }
    }

    /// When its turn has come; `None` if it never does.
    fn draw(&self, number: usize, key: &'k K) -> Option<Result<Drawn<'k>, OfflineError>> {
        let mut turn = self.wait(|turn| turn.next != number);
        if turn.ended {
            return None;
        }
        let drawn = (turn.draw)(key);
        turn.next += 1;
        drop(turn);
        self.changed.notify_all();
        Some(drawn)
    }

    fn turn(&self) -> MutexGuard<'_, Turn<D>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, as_long_as: impl Fn(&Turn<D>) -> bool) -> MutexGuard<'_, Turn<D>> {
        let waiting = |turn: &mut Turn<D>| as_long_as(turn) && !turn.ended;
        self.changed.wait_while(self.turn(), waiting).unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, how: impl FnOnce(&mut Turn<D>)) {
        how(&mut self.turn());
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use keyferry_core::{CeremonyPlan, Purpose};
    use keyferry_core::{
        CheckedEntry, CheckedParameters, Control, Explain, Fingerprint, MaterialError, Parameters, artefact,
    };

    use super::*;
    use crate::rng::StationRng;

    const KEYS: usize = 70;

    /// Parameters of many keys, all with one wrapping key.
    fn parameters() -> CheckedParameters {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/0.1/one-key/record/");
        let read = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
        let (plan, parameters) = (read("plan.toml"), read("parameters.json"));
        let (one, _) = artefact::parse::<Parameters>(parameters.as_bytes()).unwrap();
        let (id, alias) = (one.keys[0].key_id.as_str(), one.keys[0].alias.as_str());
        let key = plan.find("[[key]]").unwrap();
        let end = plan.find("[backup]").unwrap();
        let mut text = plan[..key].to_owned();
        let mut keys = Vec::new();
        for n in 0..KEYS {
            let (alias_n, id_n) = (format!("key-{n}"), format!("{n:08x}{}", &id[8..]));
            text += &plan[key..end].replace(id, &id_n).replace(alias, &alias_n);
            let mut entry = one.keys[0].clone();
            (entry.alias, entry.key_id) = (alias_n.parse().unwrap(), id_n.parse().unwrap());
            keys.push(entry);
        }
        text += &plan[end..];
        let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
        let parameters = Parameters::new(&plan, one.fetched_at, keys).unwrap();
        parameters.check(Fingerprint::ZERO, &plan, one.fetched_at).unwrap()
    }

    fn seeded() -> StationRng {
        StationRng::new(Some(&"42".repeat(32)), Purpose::Rehearsal).unwrap()
    }

    fn draw_from<'p>(
        parameters: &'p CheckedParameters,
        rng: &mut StationRng,
        checked: &'p CheckedEntry,
    ) -> Result<Drawn<'p>, OfflineError> {
        let material = KeyMaterial::generate(checked.material().length, rng)?;
        Ok(parameters.draw(checked, material, rng)?)
    }

    /// What each number of workers makes of the same seed: entries, and the material of each, where key `bad` cannot be drawn.
    fn made(
        parameters: &CheckedParameters,
        workers: usize,
        bad: usize,
    ) -> Vec<Option<(CiphertextEntry, Vec<u8>)>> {
        let (mut rng, mut all, drawn) = (seeded(), Vec::new(), AtomicUsize::new(0));
        let draw = |checked| {
            let number = drawn.fetch_add(1, Ordering::SeqCst);
            let key = draw_from(parameters, &mut rng, checked)?;
            if number == bad { Err(MaterialError::Memory.into()) } else { Ok(key) }
        };
        let take = |checked: &CheckedEntry, made: Made| {
            // One key for each worker, and the one that is taken.
            assert!(drawn.load(Ordering::SeqCst) <= all.len() + workers + 1);
            let made = made.ok().map(|(entry, material)| (entry, material.expose().to_vec()));
            assert!(made.as_ref().is_none_or(|(entry, _)| entry.key_id == checked.entry().key_id));
            all.push(made);
            Ok(())
        };
        with_workers(workers, parameters.entries(), || true, draw, take).unwrap();
        all
    }

    #[test]
    fn any_number_of_workers_makes_the_same_of_one_seed() {
        let parameters = parameters();
        let alone = made(&parameters, 1, 40);
        assert_eq!(alone.len(), KEYS);
        assert_eq!(alone.iter().position(Option::is_none), Some(40));
        for workers in [2, 3, MOST, KEYS + 1] {
            assert!(made(&parameters, workers, 40) == alone, "{workers}");
        }
    }

    #[test]
    fn whoever_takes_can_stop_all() {
        let parameters = parameters();
        for (workers, stop) in [(1, 3), (2, 0), (3, 30), (MOST, KEYS - 1)] {
            let (mut rng, mut taken, mut drawn) = (seeded(), 0, 0);
            let draw = |checked| {
                drawn += 1;
                draw_from(&parameters, &mut rng, checked)
            };
            let take = |_: &CheckedEntry, _: Made| {
                taken += 1;
                if taken > stop { Err(MaterialError::Entropy.into()) } else { Ok(()) }
            };
            let stopped = with_workers(workers, parameters.entries(), || true, draw, take).unwrap_err();
            assert_eq!((stopped.control(), taken), (Control::MAT_ENTROPY, stop + 1));
            assert!(drawn <= stop + workers + 1, "{workers}: {drawn}");
        }
    }

    #[test]
    fn a_worker_that_cannot_begin_leaves_all_to_the_calling_thread() {
        let (parameters, caller) = (parameters(), thread::current().id());
        let (mut rng, mut taken, begun) = (seeded(), 0, AtomicUsize::new(0));
        let begin = || begun.fetch_add(1, Ordering::SeqCst) != 1;
        let draw = |checked| {
            assert_eq!(thread::current().id(), caller);
            draw_from(&parameters, &mut rng, checked)
        };
        let take = |_: &CheckedEntry, made: Made| {
            taken += usize::from(made.is_ok());
            Ok(())
        };
        with_workers(3, parameters.entries(), begin, draw, take).unwrap();
        assert_eq!((taken, begun.into_inner()), (KEYS, 3));
    }

    #[test]
    fn few_keys_are_wrapped_by_one_thread() {
        assert_eq!((workers(1), workers(MANY - 1)), (1, 1));
        assert!((1..=MOST).contains(&workers(MANY)));
    }
}
