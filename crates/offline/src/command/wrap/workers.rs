//! Wraps many keys on several cores: keys are drawn one after the other in the plan's order, each is wrapped by the worker that drew it,
//! and the results are taken in the same order.
//!
//! The output for a fixed input does not depend on the number of workers, because random bytes are drawn and the record is written in
//! that order. The calling thread is the first worker. The others start after the process has dropped privileges and inherit the
//! restrictions. Each worker holds the material of one key at a time: it draws the next key only after the result of the last one was
//! taken. If the machine lacks the resources for workers, the calling thread does all the work.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};

use keyferry_core::ciphertext::Drawn;
use keyferry_core::{CiphertextEntry, KeyMaterial};

use crate::confine::Confined;
use crate::error::OfflineError;

/// With fewer keys than this, threads cost more than they save.
const MANY: usize = 64;

/// More workers would wait for each other, because only one can draw or take at a time.
const MOST: usize = 8;

/// Size of a worker's stack, in bytes. Wrapping to RSA-4096 needs some 20 KiB, and overwriting the stack
/// afterwards needs 40 KiB.
const STACK: usize = 256 * 1024;

/// A wrapped key and its material, for the backup.
type Made = Result<(CiphertextEntry, KeyMaterial), OfflineError>;

/// How many workers this many keys get on this machine; 1 means only the calling thread.
fn workers(keys: usize) -> usize {
    if keys < MANY { 1 } else { thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST)) }
}

/// Draws one key after the other, wraps the keys on all cores, and takes the results in order. An error from
/// `take` stops everything.
pub(super) fn wrap_in_order<'k, K: Sync>(
    keys: &'k [K],
    confined: &Confined,
    draw: impl FnMut(&'k K) -> Result<Drawn<'k>, OfflineError> + Send,
    take: impl FnMut(&'k K, Made) -> Result<(), OfflineError> + Send,
) -> Result<(), OfflineError> {
    let workers = workers(keys.len());
    let room = || confined.check_threads().is_ok() && confined.memory.make_room(workers).is_ok();
    with_workers(if workers > 1 && room() { workers } else { 1 }, keys, draw, take)
}

fn with_workers<'k, K: Sync>(
    workers: usize,
    keys: &'k [K],
    draw: impl FnMut(&'k K) -> Result<Drawn<'k>, OfflineError> + Send,
    take: impl FnMut(&'k K, Made) -> Result<(), OfflineError> + Send,
) -> Result<(), OfflineError> {
    let (draw, take, begun) = (Queue::new(draw), Queue::new(take), Queue::new(()));
    let order = Order { keys, draw, take, begun, stopped: Mutex::default() };
    thread::scope(|scope| {
        let workers = order.start(scope, workers);
        order.work(0, workers);
    });
    order.stopped.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

/// Work that must be done for one key after the other, each by the worker that has the key.
struct Queue<D> {
    turn: Mutex<Turn<D>>,
    changed: Condvar,
}

struct Turn<D> {
    act: D,
    /// The number of the next key.
    next: usize,
    /// Whether no further key gets a turn.
    ended: bool,
}

impl<D> Queue<D> {
    const fn new(act: D) -> Self {
        Self { turn: Mutex::new(Turn { act, next: 0, ended: false }), changed: Condvar::new() }
    }

    /// Acts when it is the turn of key `number`; returns `None` if its turn never comes. If `ends` is true for the
    /// result, this was the last turn.
    fn in_turn<T>(
        &self,
        number: usize,
        act: impl FnOnce(&mut D) -> T,
        ends: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let mut turn = self.wait(|turn| turn.next != number);
        if turn.ended {
            return None;
        }
        let done = act(&mut turn.act);
        turn.next += 1;
        turn.ended = ends(&done);
        drop(turn);
        self.changed.notify_all();
        Some(done)
    }

    fn wait(&self, as_long_as: impl Fn(&Turn<D>) -> bool) -> MutexGuard<'_, Turn<D>> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        // `wait_while` would return too early if the lock was poisoned in the meantime.
        while as_long_as(&turn) && !turn.ended {
            turn = self.changed.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        turn
    }

    fn end(&self) {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.changed.notify_all();
    }
}

/// The order of the keys, which all workers follow.
struct Order<'k, K, D, T> {
    keys: &'k [K],
    draw: Queue<D>,
    take: Queue<T>,
    /// Its `next` becomes the number of workers once all have started.
    begun: Queue<()>,
    /// Why no further key is taken.
    stopped: Mutex<Option<OfflineError>>,
}

impl<'k, K, D, T> Order<'k, K, D, T>
where
    K: Sync,
    D: FnMut(&'k K) -> Result<Drawn<'k>, OfflineError> + Send,
    T: FnMut(&'k K, Made) -> Result<(), OfflineError> + Send,
{
    /// Starts the other workers, as many as possible, and returns how many there are including the calling
    /// thread.
    fn start<'s>(&'s self, scope: &'s Scope<'s, '_>, workers: usize) -> usize {
        let start = |worker: usize| {
            let work = move || {
                let all = self.begun.wait(|turn| turn.next == 0);
                let workers = all.next;
                drop(all);
                self.work(worker, workers);
            };
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()
        };
        let all = 1 + (1..workers).map_while(start).count();
        self.begun.wait(|_| false).next = all;
        self.begun.changed.notify_all();
        all
    }

    /// Handles each key that this worker gets, until an error stops everything.
    fn work(&self, worker: usize, workers: usize) {
        let _ended = EndedByPanic(self);
        for (number, key) in self.keys.iter().enumerate().skip(worker).step_by(workers) {
            let Some(drawn) = self.draw.in_turn(number, |draw| draw(key), |_| false) else { break };
            let made = drawn.and_then(|drawn| Ok(drawn.wrap()?));
            let Some(taken) = self.take.in_turn(number, |take| take(key, made), Result::is_err) else {
                break;
            };
            if let Err(error) = taken {
                *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                self.draw.end();
                break;
            }
        }
    }
}

/// A panic ends a shipped program at once. In a build that unwinds, it must not leave the other workers waiting.
struct EndedByPanic<'o, 'k, K, D, T>(&'o Order<'k, K, D, T>);

impl<K, D, T> Drop for EndedByPanic<'_, '_, K, D, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.draw.end();
            self.0.take.end();
        }
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

    /// Parameters for many keys, all with the same wrapping key.
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

    /// The entries and the material that this number of workers makes from a fixed seed. Drawing key `bad` fails.
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
            // One key for each worker.
            assert!(drawn.load(Ordering::SeqCst) <= all.len() + workers);
            let made = made.ok().map(|(entry, material)| (entry, material.expose().to_vec()));
            assert!(made.as_ref().is_none_or(|(entry, _)| entry.key_id == checked.entry().key_id));
            all.push(made);
            Ok(())
        };
        with_workers(workers, parameters.entries(), draw, take).unwrap();
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
            let stopped = with_workers(workers, parameters.entries(), draw, take).unwrap_err();
            assert_eq!((stopped.control(), taken), (Control::MAT_ENTROPY, stop + 1));
            assert!(drawn <= stop + workers, "{workers}: {drawn}");
        }
    }

    #[test]
    fn a_panic_of_one_worker_ends_all() {
        let parameters = parameters();
        let (mut rng, mut taken) = (seeded(), 0);
        let draw = |checked| draw_from(&parameters, &mut rng, checked);
        let take = |_: &CheckedEntry, _: Made| {
            taken += 1;
            assert!(taken <= 5, "on purpose");
            Ok(())
        };
        let work = std::panic::AssertUnwindSafe(|| with_workers(3, parameters.entries(), draw, take));
        assert!(std::panic::catch_unwind(work).is_err());
        assert_eq!(taken, 6);
    }

    #[test]
    fn few_keys_are_wrapped_by_one_thread() {
        assert_eq!((workers(1), workers(MANY - 1)), (1, 1));
        assert!((1..=MOST).contains(&workers(MANY)));
    }
}
