//! `kill -9` while a backup is made: whenever it comes, there is no ciphertext, or enough confirmed shares; never half a file.
//!
//! Moments are random times, counted from the start or from what the run does next (the shares appear, the last one is confirmed, the
//! ciphertext appears), so that they fall into every part. Besides, every system call that changes a file is killed at once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)] // figures are the point

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::shares::*;
use crate::support::*;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

const REGION: &str = "ap-singapore";
type Keys<'k> = &'k [(&'k str, &'k str, Option<&'k str>)];
const ONE: Keys<'_> = &[("master", REGION, Some(KEY_ID))];
const MANY: Keys<'_> = &[
    ("one", REGION, Some(KEY_ID)),
    ("two", "ap-guangzhou", Some(OTHER_KEY_ID)),
    ("three", REGION, Some("23e80852-1e38-11e9-b129-5cb9019b4b03")),
];
/// About how long a run takes from its last confirmation, or its first output, to its end.
const OUTPUTS: Duration = Duration::from_millis(8);

/// How far a run had come, by what it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// No record.
    Nothing,
    /// A record, without shares.
    Begun,
    /// Shares, not all of them confirmed.
    Shared,
    /// All confirmed, no ciphertext.
    Confirmed,
    /// A ciphertext, whose record has no end.
    Written,
    /// All of it.
    Finished,
}

fn room(keys: Keys<'_>) -> Room {
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), keys);
    let none = "scheme = \"none\"\nreason = \"a test\"\n";
    let room = Room::with_plan(&plan.replace(none, "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n"));
    fs::create_dir(room.path("shares")).unwrap();
    room
}

fn record(room: &Room) -> Vec<Event> {
    let bytes = fs::read(room.path("medium/transcript.jsonl")).unwrap_or_default();
    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let chain = Transcript::verify(&bytes[..end]).unwrap();
    chain.iter().flat_map(Transcript::lines).map(|l| l.event.clone()).collect()
}

fn confirmed(events: &[Event]) -> usize {
    events.iter().filter(|e| matches!(e, Event::ShareConfirmed { .. })).count()
}

/// What must hold wherever the run was killed.
fn check(room: &Room, keys: Keys<'_>, what: &str) -> Stage {
    let events = record(room);
    let shares = confirmed(&events);
    assert!(!room.medium().iter().any(|n| n.starts_with('.')), "{what}: {:?}", room.medium());
    assert!(
        !fs::read_dir(room.path("shares"))
            .unwrap()
            .any(|e| { e.unwrap().file_name().to_string_lossy().starts_with('.') })
    );
    if room.path("medium/escrow.json").exists() {
        assert_eq!(shares, 3, "{what}: an escrow without confirmed shares");
        artefact::parse::<Escrow>(&fs::read(room.path("medium/escrow.json")).unwrap()).unwrap();
    }
    if !room.path("medium/ciphertext.json").exists() {
        return match (events.is_empty(), events.iter().any(|e| matches!(e, Event::SharesMade { .. })), shares)
        {
            (true, ..) => Stage::Nothing,
            (_, false, _) => Stage::Begun,
            (.., 3) => Stage::Confirmed,
            _ => Stage::Shared,
        };
    }
    room.ciphertext();
    assert_eq!(shares, 3, "{what}: a ciphertext without confirmed shares");
    assert_eq!(room.path("medium/escrow.json").exists(), keys.len() > 1, "{what}");
    let over = events.iter().any(|e| matches!(e, Event::Finished { .. }));
    if over { Stage::Finished } else { Stage::Written }
}

/// Nothing is lost: the same command or `rewrap` goes on from there, with the very material.
fn go_on(room: &Room, keys: Keys<'_>, stage: Stage, what: &str) {
    let events = record(room);
    let made: BTreeMap<_, _> = events
        .iter()
        .filter_map(|e| match e {
            Event::MaterialGenerated { alias, commitment, .. } => Some((alias.clone(), *commitment)),
            _ => None,
        })
        .collect();
    let whole = keys.len() == 1 || room.path("medium/escrow.json").exists();
    match stage {
        Stage::Written | Stage::Finished => {
            run(&mut room.wrap(&["--shares", "files=shares"])).refused(1, Control::FILE_EXISTS);
        }
        _ if confirmed(&events) >= 2 && whole => {
            let two = lines(&shares_in(&room.path("shares"))[..2]);
            let escrow: &[&str] = if keys.len() == 1 { &[] } else { &["--escrow", "medium/escrow.json"] };
            let mut rewrap =
                offline(["rewrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
            rewrap.args(["--transcript", "medium/transcript.jsonl", "--out", "medium"]).args(escrow);
            let run = run_with(rewrap.current_dir(room.dir.path()), &format!("Yes\n{two}"));
            assert_eq!(run.code, Some(0), "{what}: {run:?}");
        }
        _ => return,
    }
    let (ciphertext, _) = room.ciphertext();
    assert!(ciphertext.keys.iter().all(|k| made[&k.alias] == k.commitment), "{what}: other material");
}

/// Types the shares as soon as they are there, unless the run is over.
fn feed(room: &Room, mut stdin: ChildStdin, over: &AtomicBool) {
    let _ = stdin.write_all(b"Yes\n");
    while !share_file(&room.path("shares"), 3).exists() {
        if over.load(Ordering::Relaxed) {
            return;
        }
        std::thread::sleep(Duration::from_micros(300));
    }
    let _ = stdin.write_all(lines(&shares_in(&room.path("shares"))).as_bytes());
}

/// What a moment is counted from.
type From = fn(&Room) -> bool;

const FROM: [From; 4] = [
    |_| true,
    |room| share_file(&room.path("shares"), 3).exists(),
    |room| confirmed(&record(room)) == 3,
    |room| room.path("medium/ciphertext.json").exists(),
];

/// Kills `wrap` `delay` after `from`; whether it still ran.
fn kill(room: &Room, from: From, delay: Duration) -> bool {
    let mut wrap = room.wrap(&["--shares", "files=shares"]);
    let mut child = wrap.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| feed(room, stdin, &over));
        while !from(room) && child.try_wait().unwrap().is_none() {}
        let started = Instant::now();
        while started.elapsed() < delay {
            std::hint::spin_loop();
        }
        let _ = child.kill();
        let alive = child.wait().unwrap().code().is_none();
        over.store(true, Ordering::Relaxed);
        alive
    })
}

fn killed(moments: usize, keys: Keys<'_>) -> BTreeMap<Stage, usize> {
    // Building the programs is no part of a run.
    bin_dir();
    let whole = {
        let room = room(keys);
        let started = Instant::now();
        run_typing(&mut room.wrap(&["--shares", "files=shares"]), &room.path("shares"), "Yes\n", lines).ok();
        started.elapsed()
    };
    let (mut rng, mut stages, mut tried) = (ChaCha20Rng::from_seed([9; 32]), BTreeMap::new(), 0);
    for moment in 0..moments {
        // A run that ended before its moment is no kill: it is tried again in a new room.
        let room = loop {
            let room = room(keys);
            let length = [whole, whole / 2, OUTPUTS, OUTPUTS / 2][moment % 4];
            let part = f64::from(rng.next_u32()) / f64::from(u32::MAX);
            tried += 1;
            if kill(&room, FROM[moment % 4], length.mul_f64(part)) {
                break room;
            }
            assert!(tried < 20 * moments, "the moments miss the run");
        };
        let what = format!("moment {moment}");
        let stage = check(&room, keys, &what);
        *stages.entry(stage).or_default() += 1;
        go_on(&room, keys, stage, &what);
    }
    println!("{} keys, {moments} killed within {whole:?} ({tried} tried): {stages:?}", keys.len());
    assert_eq!(stages.values().sum::<usize>(), moments);
    stages
}

#[test]
fn killed_at_any_moment_there_is_no_ciphertext_or_enough_shares() {
    for keys in [ONE, MANY] {
        let stages = killed(8, keys);
        assert!(stages.keys().any(|s| *s < Stage::Written), "{stages:?}");
    }
}

/// One key and several, a hundred moments each, in every part of the run.
#[test]
#[ignore = "two hundred ceremonies: --ignored --nocapture"]
fn killed_at_a_hundred_moments() {
    for keys in [ONE, MANY] {
        let stages = killed(100, keys);
        for stage in [Stage::Begun, Stage::Shared, Stage::Confirmed, Stage::Written] {
            assert!(stages.contains_key(&stage), "no moment fell into {stage:?}: {stages:?}");
        }
    }
}

/// Runs `wrap` and has the kernel kill it as it enters call number `n` of this kind; whether it was.
fn kill_at(room: &Room, call: &str, n: usize) -> bool {
    let wrap = room.wrap(&["--shares", "files=shares"]);
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    traced.args(["-e", &format!("inject={call}:signal=SIGKILL:when={n}")]);
    traced.arg(wrap.get_program()).args(wrap.get_args()).current_dir(room.dir.path());
    traced.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LANG", "C.UTF-8");
    let mut child: Child =
        traced.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| feed(room, stdin, &over));
        let status = child.wait().unwrap();
        over.store(true, Ordering::Relaxed);
        // strace ends as its child did.
        !status.success()
    })
}

/// Kills at each call of these kinds in turn.
fn at_every_call(calls: &[&str], keys: Keys<'_>) -> BTreeMap<Stage, usize> {
    let mut stages = BTreeMap::new();
    for call in calls {
        let mut n = 1;
        loop {
            let room = room(keys);
            if !kill_at(&room, call, n) {
                assert_eq!(check(&room, keys, call), Stage::Finished, "{call}: not killed, and not over");
                break;
            }
            let what = format!("{call} {n}");
            let stage = check(&room, keys, &what);
            *stages.entry(stage).or_default() += 1;
            go_on(&room, keys, stage, &what);
            n += 1;
            assert!(n < 2000);
        }
    }
    println!("{} keys, killed at every one of {calls:?}: {stages:?}", keys.len());
    stages
}

/// The calls that give an output its name, or take one away.
const NAMES: &[&str] = &["?link,linkat,?rename,?renameat,renameat2"];

#[test]
fn killed_at_every_call_that_names_a_file() {
    for keys in [ONE, MANY] {
        let stages = at_every_call(NAMES, keys);
        assert!(stages.values().sum::<usize>() >= 4, "three shares and a ciphertext: {stages:?}");
        assert!(stages.contains_key(&Stage::Confirmed), "{stages:?}");
    }
}

#[test]
#[ignore = "some hundred ceremonies: --ignored --nocapture"]
fn killed_at_every_call_that_touches_a_file() {
    for keys in [ONE, MANY] {
        let stages = at_every_call(&["openat", "write", "fsync", "fdatasync", "close", NAMES[0]], keys);
        for stage in [Stage::Begun, Stage::Shared, Stage::Confirmed, Stage::Written] {
            assert!(stages.contains_key(&stage), "{stage:?}: {stages:?}");
        }
    }
}

/// The files are looked at while they appear; none is seen half.
#[test]
fn outputs_appear_whole() {
    let room = room(MANY);
    let over = AtomicBool::new(false);
    let seen = |path: &Path, end: &str| {
        fs::read_to_string(path).map_or(0, |text| {
            assert!(text.ends_with(end), "{}: {text}", path.display());
            1
        })
    };
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut looked = [0; 3];
            while !over.load(Ordering::Relaxed) {
                looked[0] += seen(&share_file(&room.path("shares"), 2), ".\n");
                looked[1] += seen(&room.path("medium/escrow.json"), "}\n");
                looked[2] += seen(&room.path("medium/ciphertext.json"), "}\n");
            }
            looked
        });
        run_typing(&mut room.wrap(&["--shares", "files=shares"]), &room.path("shares"), "Yes\n", lines).ok();
        std::thread::sleep(Duration::from_millis(5));
        over.store(true, Ordering::Relaxed);
        assert!(watch.join().unwrap().iter().all(|n| *n > 0));
    });
}
