//! `kill -9` at 50 random moments of `wrap` and of `export`: every output is whole or absent, and the re-run succeeds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::*;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

const MOMENTS: usize = 50;
/// About how long a command takes from its first output to its end.
const OUTPUTS: Duration = Duration::from_millis(2);

/// Starts a command, answers `Yes`, and kills it `delay` after it started, or after `awaited` appeared; whether it still ran.
fn kill_after(command: &mut Command, delay: Duration, awaited: Option<&Path>) -> bool {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut started = Instant::now();
    let _ = child.stdin.take().unwrap().write_all(b"Yes\n");
    while awaited.is_some_and(|path| !path.exists()) && child.try_wait().unwrap().is_none() {
        started = Instant::now();
    }
    // Sleeping is too coarse for moments that lie microseconds apart.
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

/// A moment of the run, the last fifth twice as often: there the outputs appear.
fn moment(rng: &mut ChaCha20Rng, whole: Duration) -> Duration {
    let part = f64::from(rng.next_u32()) / f64::from(u32::MAX);
    let part = if rng.next_u32().is_multiple_of(3) { 0.8 + part / 4.0 } else { part };
    whole.mul_f64(part)
}

#[test]
fn wrap_killed_at_random_moments() {
    let keys = [
        ("one", "ap-singapore", Some(KEY_ID)),
        ("two", "ap-guangzhou", Some("23e80852-1e38-11e9-b129-5cb9019b4b02")),
    ];
    let mut rooms = Vec::new();
    let whole = duration(|| {
        rooms.push(Room::with_keys("rehearsal", WrappingAlgorithm::default(), &keys));
        rooms.last().unwrap().wrap(&[])
    });
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let (mut tried, mut absent, mut finished) = (0, 0, 0);
    for n in 0..MOMENTS {
        // A run that ended before its moment is no kill: it is tried again in a new room.
        let room = loop {
            let room = Room::with_keys("rehearsal", WrappingAlgorithm::default(), &keys);
            tried += 1;
            let output = room.path("medium/ciphertext.json");
            let (length, awaited) = if n % 2 == 0 { (whole, None) } else { (OUTPUTS, Some(&*output)) };
            if kill_after(&mut room.wrap(&[]), moment(&mut rng, length), awaited) {
                break room;
            }
            assert!(tried < 10 * MOMENTS, "the moments miss the run");
        };
        let output = room.path("medium/ciphertext.json");
        let before = fs::read(&output).ok();
        if let Some(bytes) = &before {
            artefact::parse::<Ciphertext>(bytes).unwrap_or_else(|e| panic!("moment {n}: a half file: {e}"));
        } else {
            absent += 1;
        }
        assert!(!room.medium().iter().any(|name| name.starts_with('.')), "{:?}", room.medium());
        if let Some(bytes) = before {
            // It may be another computer's: whoever has the record decides, and moves it away.
            run(&mut room.wrap(&[])).refused(1, Control::FILE_EXISTS);
            assert_eq!(fs::read(&output).unwrap(), bytes, "moment {n}");
            let record = fs::read_to_string(room.path("medium/transcript.jsonl")).unwrap_or_default();
            finished += usize::from(record.contains("\"kind\":\"finished\""));
            fs::rename(&output, room.path("moved-away.json")).unwrap();
        }
        run(&mut room.wrap(&[])).ok();
        // What the record names last is the file that is there.
        let (_, digest) = room.ciphertext();
        let record = fs::read(room.path("medium/transcript.jsonl")).unwrap();
        let chain = Transcript::verify(&record).unwrap().unwrap();
        let named = chain.lines().iter().filter(
            |l| matches!(l.event, Event::CiphertextWritten { ciphertext_sha256, .. } if ciphertext_sha256 == digest),
        );
        assert_eq!(named.count(), 1);
    }
    println!(
        "wrap: {MOMENTS} killed within {whole:?}; {absent} without output, {finished} complete but for their exit"
    );
    assert!(absent > 0 && absent < MOMENTS, "the moments missed the part that matters");
}

#[test]
fn export_killed_at_random_moments() {
    let emulator = EmulatorProcess::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let keys = [("one", "ap-singapore", None), ("two", "ap-guangzhou", None)];
    fs::write(dir.path().join("draft.toml"), plan_text("rehearsal", WrappingAlgorithm::default(), &keys))
        .unwrap();
    let create = ["create-key", "--plan", "draft.toml", "--out", "plan.toml"];
    run(online(create, &emulator.endpoint).current_dir(dir.path())).ok();
    let export = |name: &str| {
        let folder = dir.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        let mut command = online(["export", "--plan", "plan.toml"], &emulator.endpoint);
        command.arg("--out").arg(&folder).arg("--session").arg(folder.join("session.json"));
        // Each room is a station of its own: one journal would refuse the second export.
        command.arg("--journal").arg(folder.join("journal"));
        command.current_dir(dir.path());
        (command, folder)
    };
    // The emulator makes key pairs ahead and runs out of them: a run's length is what the last whole one took.
    let mut whole = Duration::from_millis(100);
    let mut rng = ChaCha20Rng::from_seed([8; 32]);
    let (mut tried, mut absent, mut finished) = (0, 0, 0);
    for n in 0..MOMENTS {
        let folder = loop {
            tried += 1;
            let (mut command, folder) = export(&format!("run-{tried}"));
            // Most of a run is waiting; two moments of three lie after its first output, or after its second.
            // (How long a flush between the two takes is the disk's matter: it is awaited, not guessed.)
            let output = ["session.json", "parameters.json"].get(n % 3).map(|name| folder.join(name));
            let length = if output.is_some() { OUTPUTS } else { whole };
            if kill_after(&mut command, moment(&mut rng, length), output.as_deref()) {
                break folder;
            }
            assert!(tried < 10 * MOMENTS, "the moments miss the run");
        };
        let read = |name: &str| fs::read(folder.join(name)).ok();
        let (parameters, session) = (read("parameters.json"), read("session.json"));
        if let Some(bytes) = &parameters {
            artefact::parse::<Parameters>(bytes).unwrap_or_else(|e| panic!("moment {n}: {e}"));
        }
        if let Some(bytes) = &session {
            artefact::parse::<Session>(bytes).unwrap_or_else(|e| panic!("moment {n}: {e}"));
        }
        absent += usize::from(parameters.is_none());
        let started = Instant::now();
        let again = run(&mut export(&format!("run-{tried}")).0);
        if session.is_none() {
            whole = started.elapsed().mul_f64(0.9);
        }
        if again.code == Some(1) && parameters.is_some() && session.is_some() {
            again.refused(1, Control::FILE_EXISTS);
            assert!(
                read("transcript.jsonl")
                    .is_some_and(|t| String::from_utf8_lossy(&t).contains("\"exported\""))
            );
            finished += 1;
        } else {
            again.ok();
        }
        let session = artefact::parse::<Session>(&read("session.json").unwrap()).unwrap().0;
        assert_eq!(session.parameters_sha256, Fingerprint::of(&read("parameters.json").unwrap()));
        Transcript::verify(&read("transcript.jsonl").unwrap()).unwrap().unwrap();
    }
    println!(
        "export: {MOMENTS} killed within {whole:?}; {absent} without output, {finished} complete but for their exit"
    );
    assert!(absent > 0 && absent < MOMENTS, "the moments missed the part that matters");
}
