//! Production records with one line dropped, repeated, moved, attributed to the other station, retimed or weakened: all are refused,
//! signed or not, except a short list of changes that nobody can detect, each with its reason.
//!
//! The real programs hold each ceremony as a rehearsal; then everything specific to a rehearsal is replaced. In most of them something went
//! wrong: a killed run, void shares, a key that failed, a wrong clock.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyferry_audit::record::{Audit, Expect, Folder};
use keyferry_core::*;

mod held;
mod life;
mod mutations;
mod plan;
mod production;
mod weaker;

use held::Service;
use mutations::{Mutation, mutations};
use production::{Entry, Links, Pace, as_production, chained, entries};

/// The accepted changes, and why nobody can detect them.
const UNSEEN: [(&str, &str, &str); 12] = [
    ("drop", "note", "a note is voluntary: nothing requires one"),
    (
        "move",
        "note",
        "a note may be written at any time, and minutes are within the allowed difference between clocks",
    ),
    ("other station", "note", "a note can be written at either station"),
    ("retime", "note", "between two runs there is no other time to compare with"),
    (
        "drop",
        "finished",
        "a run that was killed at its last line and followed by a complete one leaves exactly this, and a deviation reports it",
    ),
    ("retime", "finished", "a run that gave up may have waited for people until then"),
    (
        "drop",
        "share-confirmed",
        "a run that was killed before this share was read back leaves exactly this, and a deviation counts the shares",
    ),
    ("retime", "share-confirmed", "nobody else knows how long a person took to read a share back"),
    ("drop", "tail-repaired", "a crash that tore no line leaves exactly this"),
    (
        "weaken",
        "confirmed",
        "an option can pass the digest in advance: the line says so, and a deviation reports it",
    ),
    (
        "move",
        "key-created",
        "a run that was killed before this line was written, and continued in the next one, leaves exactly this",
    ),
    (
        "weaken",
        "share-confirmed",
        "the digest of a share can only be compared with the share itself, in a drill",
    ),
];

/// Hours, as in a room with many people.
const SLOW: Pace = Pace { between: 7200, person: 5400, ahead: 0 };
/// Minutes, as when two people work on their own.
const FAST: Pace = Pace { between: 120, person: 40, ahead: 0 };
/// The offline station's clock was wrong because its battery was empty.
const WRONG_CLOCK: Pace = Pace { ahead: -31_557_600, ..SLOW };

type Hold = fn(&Service) -> Folder;

/// The ceremonies of this test.
const CEREMONIES: [(&str, Hold, Pace); 15] = [
    ("all went well", held::plain, SLOW),
    ("all went well, fast", held::plain, FAST),
    ("the ciphertext was lost", held::recovered, SLOW),
    ("killed while shares were read back, then void", held::voided, SLOW),
    ("gave up while shares were read back, then void", held::gave_up, SLOW),
    ("killed with the backup of several keys made", held::killed_late, FAST),
    ("killed with the backup of one key made", held::killed_read_back, SLOW),
    ("the import was killed", held::killed_import, FAST),
    ("the creation was killed", held::killed_creation, FAST),
    ("dice and two operators", held::mixed, SLOW),
    ("keys failed at import and were sent again", held::failed, FAST),
    ("a person entered the time", held::timed, WRONG_CLOCK),
    ("the service proved the backup", held::backup_proved, SLOW),
    ("no backup, and half a line before the import", held::without_backup, FAST),
    ("the shares were drilled", held::drilled, SLOW),
];

/// A production record that is accepted, but not signed yet.
pub(crate) fn production() -> Folder {
    as_production(held::plain(&Service::start()), SLOW)
}

pub(crate) fn signed(folder: &Folder) -> Folder {
    let message = folder.transcript.as_deref().unwrap();
    let sign = |n: u8| plan::key(n).sign(message).unwrap().into_bytes();
    let signatures = vec![("operator-1.sig".to_owned(), sign(0)), ("witness-1.sig".to_owned(), sign(1))];
    Folder { signatures, ..folder.clone() }
}

/// How often each class of changes was accepted, by name and kind of line.
type Accepted = BTreeMap<(&'static str, &'static str), usize>;

/// An accepted record, and the results of its changes.
struct Trial {
    whole: Folder,
    links: Links,
    lines: Vec<Entry>,
    drills: Vec<Entry>,
    tried: usize,
    accepted: Accepted,
}

impl Trial {
    fn of(name: &str, whole: Folder) -> Self {
        assert_eq!(Audit::of(&signed(&whole), &expect()).refusals, [], "{name}");
        let (links, tried, accepted) = (Links::of(&whole), 0, Accepted::new());
        let (lines, drills) = (entries(whole.transcript.as_deref()), entries(whole.drills.as_deref()));
        Self { whole, links, lines, drills, tried, accepted }
    }

    fn run(&mut self, reach: usize) {
        for mutation in mutations(&self.lines, reach) {
            self.try_one(&mutation, mutation.lines.clone(), self.drills.clone());
        }
        for mutation in mutations(&self.drills, reach) {
            self.try_one(&mutation, self.lines.clone(), mutation.lines.clone());
        }
    }

    /// Usually also updates the heads that lines name, as a forger would; sometimes not.
    fn try_one(&mut self, mutation: &Mutation, lines: Vec<Entry>, drills: Vec<Entry>) {
        let (mut relinked, mut redrilled) = (lines.clone(), drills.clone());
        self.links.renew(&mut relinked, &mut redrilled);
        let differs = relinked != lines || redrilled != drills;
        let as_it_is = (differs && self.tried.is_multiple_of(8)).then_some((lines, drills));
        for (lines, drills) in [(relinked, redrilled)].into_iter().chain(as_it_is) {
            self.tried += 1;
            if self.is_accepted(&lines, &drills) {
                *self.accepted.entry((mutation.name, mutation.kind.as_str())).or_insert(0) += 1;
            }
        }
    }

    /// Whether the changed record passes if everybody signed it, including a liar. If nobody signed, it never passes.
    fn is_accepted(&self, lines: &[Entry], drills: &[Entry]) -> bool {
        let transcript = Some(chained(lines));
        let drills = self.whole.drills.is_some().then(|| chained(drills));
        let folder = Folder { transcript, drills, ..self.whole.clone() };
        let unsigned = Audit::of(&folder, &expect());
        assert!(unsigned.verdict().is_err(), "unsigned");
        let before = unsigned.verdict_before_signing();
        // Signatures take the most time, and only the refusals about signatures depend on them.
        if before.is_err() && !self.tried.is_multiple_of(16) {
            return false;
        }
        let after = Audit::of(&signed(&folder), &expect()).verdict();
        assert_eq!(before.is_ok(), after.is_ok(), "{before:?} {after:?}");
        after.is_ok()
    }
}

#[test]
fn a_record_that_was_changed_is_refused_signed_or_not() {
    let service = Service::start();
    let wholes = CEREMONIES.map(|(name, hold, pace)| (name, as_production(hold(&service), pace)));
    drop(service);
    let (next, sum) = (AtomicUsize::new(0), Mutex::new((0, Accepted::new())));
    let work = || {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some((name, whole)) = wholes.get(n) else { break };
            let mut trial = Trial::of(name, whole.clone());
            // In the first record, lines are moved to every place; in the others, only to nearby places.
            trial.run(if n == 0 { usize::MAX } else { 3 });
            println!("{name}: {} mutations, accepted: {:?}", trial.tried, trial.accepted);
            let (tried, all) = &mut *sum.lock().unwrap();
            *tried += trial.tried;
            trial.accepted.into_iter().for_each(|(class, count)| *all.entry(class).or_insert(0) += count);
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    let (tried, all) = sum.into_inner().unwrap();
    println!("{tried} mutations, {} accepted: {all:?}", all.values().sum::<usize>());
    let expected = UNSEEN.map(|(name, kind, _)| (name, kind));
    let unexpected: Vec<_> = all.keys().filter(|class| !expected.contains(class)).collect();
    assert_eq!(unexpected, Vec::<&(&str, &str)>::new());
    let gone: Vec<_> = expected.iter().filter(|class| !all.contains_key(*class)).collect();
    assert_eq!(gone, Vec::<&(&str, &str)>::new(), "these are refused now: remove them from the list");
    assert!(tried > 10_000, "{tried}");
}

fn expect() -> Expect {
    Expect { purpose: Some(Purpose::Production), ..Expect::default() }
}
