//! `kill -9` while `wrap` or `export` runs: every output is whole or absent, and the re-run succeeds, or says what to do first. After a killed
//! `wrap` there is no ciphertext, or the run was complete.
//!
//! Runs are killed at system calls, from the first that changes a file to the exit. The long runs (`--ignored`) kill at 50 random times.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)] // figures are the point

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::kill_at::{KillAt, Kind, changes_or_speaks, flushes_lines, touches_a_file};
use crate::support::*;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// Number of random times at which a long run kills.
const MOMENTS: usize = 50;
/// Approximate time of a command from its first output to its end.
const OUTPUTS: Duration = Duration::from_millis(2);

/// How far the killed runs had got.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// All killed runs.
    killed: usize,
    /// Runs without the output.
    absent: usize,
    /// Those of them whose record is complete and names the output.
    recorded: usize,
    /// Runs that were complete except for their exit.
    finished: usize,
}

impl Tally {
    /// Checks that some runs were killed in each part that matters.
    fn check(&self, command: &str, between: usize) {
        println!("{command}: {self:?}");
        let parts = [self.absent - self.recorded, between, self.finished];
        assert!(!parts.contains(&0), "{command}: a part is not covered: {self:?}");
    }
}

/// Types only `Yes` into a run that is killed before call `n` of a kind; returns whether it was killed.
fn wrap_killed(room: &Room, kind: Kind, n: usize) -> bool {
    let mut run = KillAt::start(&room.wrap(&[]), kind, n);
    let _ = run.stdin.as_mut().unwrap().write_all(b"Yes\n");
    run.end().killed()
}

fn two_keys() -> Room {
    let keys = [("one", "ap-singapore", Some(KEY_ID)), ("two", "ap-guangzhou", Some(OTHER_KEY_ID))];
    Room::with_keys("rehearsal", WrappingAlgorithm::default(), &keys)
}

/// A killed `wrap` left no ciphertext, or it was complete. The re-run never treats an existing ciphertext as its own: it refuses. If there
/// is none, the re-run makes one, which counts even if the record of the killed run names another.
fn wrap_again(room: &Room, what: &str, tally: &mut Tally) {
    let output = room.path("medium/ciphertext.json");
    let transcript = room.path("medium/transcript.jsonl");
    assert!(!room.medium().iter().any(|name| name.starts_with('.')), "{what}: {:?}", room.medium());
    tally.killed += 1;
    if let Ok(bytes) = fs::read(&output) {
        let record = fs::read(&transcript).unwrap();
        check_complete(room, what);
        let refused = run(&mut room.wrap(&[]));
        refused.refused(1, Control::FILE_EXISTS);
        assert!(refused.err.contains("move the file away and run wrap again"), "{what}: {refused:?}");
        assert_eq!(fs::read(&output).unwrap(), bytes, "{what}: the file was touched");
        assert_eq!(fs::read(&transcript).unwrap(), record, "{what}: the record was touched");
        tally.finished += 1;
        return;
    }
    let ended = |e: &Event| matches!(e, Event::Finished { .. });
    let recorded = if transcript.exists() { counted(room, ended) } else { 0 };
    tally.absent += 1;
    tally.recorded += recorded;
    run(&mut room.wrap(&[])).ok();
    assert_eq!(counted(room, ended), 1 + recorded, "{what}");
    check_complete(room, what);
}

/// The events of a room's record, which must be whole.
fn counted(room: &Room, kind: fn(&Event) -> bool) -> usize {
    let record = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let whole = record.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    // An empty file: the record was opened, but nothing was recorded yet.
    let chain = Transcript::verify(&record[..whole]).unwrap();
    chain.iter().flat_map(Transcript::lines).filter(|l| kind(&l.event)).count()
}

/// The record ends with the current ciphertext and the end of its run, and names it only once.
fn check_complete(room: &Room, what: &str) {
    let (_, digest) = room.ciphertext();
    let record = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let chain = Transcript::verify(&record).unwrap().unwrap();
    let events: Vec<_> = chain.lines().iter().map(|l| &l.event).collect();
    let named = |e: &Event| matches!(e, Event::CiphertextWritten { ciphertext_sha256, .. } if *ciphertext_sha256 == digest);
    let [.., last, Event::Finished { command, .. }] = events.as_slice() else { panic!("{what}: {events:?}") };
    assert!(named(last) && command == "wrap", "{what}: {events:?}");
    assert_eq!(events.iter().filter(|e| named(e)).count(), 1, "{what}");
}

#[test]
fn wrap_killed_at_every_call_that_touches_a_file() {
    let mut tally = Tally::default();
    for n in 1.. {
        let room = two_keys();
        if !wrap_killed(&room, touches_a_file, n) {
            break;
        }
        wrap_again(&room, &format!("call {n}"), &mut tally);
    }
    tally.check("wrap", tally.recorded);
    assert_eq!(tally.absent + tally.finished, tally.killed, "a ciphertext without the end of its run");
}

/// The record's last flush comes after its last line and before the ciphertext gets its name.
#[test]
fn the_record_is_on_the_device_before_the_ciphertext_appears() {
    let mut last = None;
    for n in 1.. {
        let room = two_keys();
        if !wrap_killed(&room, flushes_lines, n) {
            break;
        }
        last = Some(room);
    }
    let room = last.unwrap();
    assert_eq!(counted(&room, |e| matches!(e, Event::Finished { .. })), 1);
    assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"]);
}

/// Two keys at an emulator, and rooms that export them.
struct Exports {
    emulator: EmulatorProcess,
    dir: tempfile::TempDir,
}

impl Exports {
    fn new() -> Self {
        // There are few wrapping keys, because making them takes the most time.
        let emulator = EmulatorProcess::start(&["--wrapping-keys", "4"]);
        let dir = tempfile::tempdir().unwrap();
        let keys = [("one", "ap-singapore", None), ("two", "ap-guangzhou", None)];
        fs::write(dir.path().join("draft.toml"), plan_text("rehearsal", WrappingAlgorithm::default(), &keys))
            .unwrap();
        let create = ["create-key", "--plan", "draft.toml", "--out", "plan.toml"];
        run(online(create, &emulator.endpoint).current_dir(dir.path())).ok();
        Self { emulator, dir }
    }

    /// The command of room `n`, and its folder.
    fn command(&self, n: usize) -> (Command, PathBuf) {
        let folder = self.dir.path().join(format!("run-{n}"));
        fs::create_dir_all(folder.join("out")).unwrap();
        let mut command = online(["export", "--plan", "plan.toml"], &self.emulator.endpoint);
        command.arg("--out").arg(folder.join("out")).arg("--session").arg(folder.join("session.json"));
        // Each room is a separate station: with one journal, the second export would be refused.
        command.arg("--journal").arg(folder.join("journal"));
        by_script(command.current_dir(self.dir.path()));
        (command, folder)
    }

    /// The files of a killed `export` are whole, and the re-run does the remaining work; returns whether the session existed.
    fn again(&self, n: usize, what: &str, tally: &mut Tally) -> bool {
        let (mut command, folder) = self.command(n);
        let read = |name: &str| fs::read(folder.join(name)).ok();
        let (parameters, session) = (read("out/parameters.json"), read("session.json"));
        if let Some(bytes) = &parameters {
            artefact::parse::<Parameters>(bytes).unwrap_or_else(|e| panic!("{what}: {e}"));
        }
        if let Some(bytes) = &session {
            artefact::parse::<Session>(bytes).unwrap_or_else(|e| panic!("{what}: {e}"));
        }
        tally.killed += 1;
        tally.absent += usize::from(parameters.is_none());
        let again = run(&mut command);
        if again.code == Some(1) && parameters.is_some() && session.is_some() {
            again.refused(1, Control::FILE_EXISTS);
            let record = read("out/transcript.jsonl").unwrap();
            assert!(String::from_utf8_lossy(&record).contains("\"exported\""), "{what}");
            tally.finished += 1;
        } else {
            again.ok();
        }
        let bound = artefact::parse::<Session>(&read("session.json").unwrap()).unwrap().0;
        assert_eq!(bound.parameters_sha256, Fingerprint::of(&read("out/parameters.json").unwrap()), "{what}");
        Transcript::verify(&read("out/transcript.jsonl").unwrap()).unwrap().unwrap();
        session.is_some()
    }
}

#[test]
fn export_killed_at_every_call_that_changes_a_file_or_speaks() {
    let (exports, mut tally) = (Exports::new(), Tally::default());
    for n in 1.. {
        // One key after another, so that the n-th call is always the same.
        if !KillAt::start(exports.command(n).0.args(["--jobs", "1"]), changes_or_speaks, n).end().killed() {
            break;
        }
        exports.again(n, &format!("call {n}"), &mut tally);
    }
    tally.check("export", tally.killed - tally.absent - tally.finished);
}

/// Starts a command, answers `Yes`, and kills it `delay` after it started, or after `awaited` appeared; returns whether it was still
/// running.
fn kill_after(command: &mut Command, delay: Duration, awaited: Option<&Path>) -> bool {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut started = Instant::now();
    let _ = child.stdin.take().unwrap().write_all(b"Yes\n");
    while awaited.is_some_and(|path| !path.exists()) && child.try_wait().unwrap().is_none() {
        started = Instant::now();
    }
    // Sleeping is too imprecise for moments that are microseconds apart.
    while started.elapsed() < delay {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// How long an undisturbed run takes: the shortest of five.
fn duration(mut command: impl FnMut() -> Command) -> Duration {
    let once = |mut command: Command| {
        let started = Instant::now();
        run(&mut command).ok();
        started.elapsed()
    };
    (0..5).map(|_| once(command())).min().unwrap()
}

/// A moment of the run. The last fifth is chosen twice as often, because the outputs appear there.
fn moment(rng: &mut ChaCha20Rng, whole: Duration) -> Duration {
    let part = f64::from(rng.next_u32()) / f64::from(u32::MAX);
    let part = if rng.next_u32().is_multiple_of(3) { 0.8 + part / 4.0 } else { part };
    whole.mul_f64(part)
}

#[test]
#[ignore = "random times need a machine that does nothing else: --ignored --nocapture"]
fn wrap_killed_at_random_moments() {
    let mut rooms = Vec::new();
    let whole = duration(|| {
        rooms.push(two_keys());
        rooms.last().unwrap().wrap(&[])
    });
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let (mut tried, mut tally) = (0, Tally::default());
    for n in 0..MOMENTS {
        // A run that ended before it could be killed does not count, so the kill is tried again in a new room.
        let room = loop {
            let room = two_keys();
            tried += 1;
            let output = room.path("medium/ciphertext.json");
            let (length, awaited) = if n % 2 == 0 { (whole, None) } else { (OUTPUTS, Some(&*output)) };
            if kill_after(&mut room.wrap(&[]), moment(&mut rng, length), awaited) {
                break room;
            }
            assert!(tried < 10 * MOMENTS, "too many kills missed the run");
        };
        wrap_again(&room, &format!("moment {n}"), &mut tally);
    }
    println!("wrap: killed within {whole:?}: {tally:?}");
    assert!(tally.absent > 0 && tally.absent < MOMENTS, "the kills missed the part that matters");
}

#[test]
#[ignore = "random times need a machine that does nothing else: --ignored --nocapture"]
fn export_killed_at_random_moments() {
    let exports = Exports::new();
    // The emulator makes key pairs in advance and can run out of them, so the length of the last whole run is used as the estimate.
    let mut whole = Duration::from_millis(100);
    let mut rng = ChaCha20Rng::from_seed([8; 32]);
    let (mut tried, mut tally) = (0, Tally::default());
    for n in 0..MOMENTS {
        loop {
            tried += 1;
            let (mut command, folder) = exports.command(tried);
            // Most of a run is waiting, so only one kill in three is timed from the start; the others are timed from the first output or
            // from the second. (How long the flush between the outputs takes depends on the disk, so each output is awaited, not guessed.)
            let output = ["session.json", "out/parameters.json"].get(n % 3).map(|name| folder.join(name));
            let length = if output.is_some() { OUTPUTS } else { whole };
            if kill_after(&mut command, moment(&mut rng, length), output.as_deref()) {
                break;
            }
            assert!(tried < 10 * MOMENTS, "too many kills missed the run");
        }
        let started = Instant::now();
        if !exports.again(tried, &format!("moment {n}"), &mut tally) {
            whole = started.elapsed().mul_f64(0.9);
        }
    }
    println!("export: killed within {whole:?}: {tally:?}");
    assert!(tally.absent > 0 && tally.absent < MOMENTS, "the kills missed the part that matters");
}
