//! `kill -9` while a backup is made: whenever it happens, there is no ciphertext, or the run was complete; there is never half a file.
//!
//! The run is killed before each system call that changes a file, and before its exit, because nothing on the disk changes between two
//! such calls. The long runs (`--ignored`) also kill before each call that opens, reads or closes a file, and at random times, counted
//! from the start or from what the run does next (the shares appear, the last one is confirmed, the ciphertext appears).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)] // figures are the point

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{ChildStdin, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::kill_at::{KillAt, Kind, changes_a_file, links_a_file, touches_a_file};
use crate::support::shares::*;
use crate::support::*;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

const REGION: &str = "ap-singapore";
pub(crate) type Keys<'k> = &'k [(&'k str, &'k str, Option<&'k str>)];
pub(crate) const ONE: Keys<'_> = &[("master", REGION, Some(KEY_ID))];
pub(crate) const MANY: Keys<'_> = &[
    ("one", REGION, Some(KEY_ID)),
    ("two", "ap-guangzhou", Some(OTHER_KEY_ID)),
    ("three", REGION, Some("23e80852-1e38-11e9-b129-5cb9019b4b03")),
];
/// Approximate time of a run from its last confirmation, or its first output, to its end.
const OUTPUTS: Duration = Duration::from_millis(8);

/// How far a run had got, judged by what it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// No record.
    Nothing,
    /// A record, without shares.
    Begun,
    /// Shares, not all of them confirmed.
    Shared,
    /// All shares confirmed.
    Confirmed,
    /// The record has the end of the run, but there is no ciphertext.
    Recorded,
    /// Everything.
    Finished,
}

pub(crate) fn room(keys: Keys<'_>) -> Room {
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), keys);
    let none = "scheme = \"none\"\nreason = \"a test\"\n";
    let room = Room::with_plan(&plan.replace(none, "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n"));
    private_folder(&room.path("shares"));
    private_folder(&room.path("more"));
    room
}

fn record(room: &Room) -> Vec<Event> {
    record_in(room, "medium")
}

pub(crate) fn record_in(room: &Room, folder: &str) -> Vec<Event> {
    let bytes = fs::read(room.path(folder).join("transcript.jsonl")).unwrap_or_default();
    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let chain = Transcript::verify(&bytes[..end]).unwrap();
    chain.iter().flat_map(Transcript::lines).map(|l| l.event.clone()).collect()
}

pub(crate) fn confirmed(events: &[Event]) -> usize {
    events.iter().filter(|e| matches!(e, Event::ShareConfirmed { .. })).count()
}

/// Checks what must be true wherever the run was killed.
fn check(room: &Room, keys: Keys<'_>, what: &str) -> Stage {
    let events = record(room);
    let shares = confirmed(&events);
    assert!(!room.medium().iter().any(|n| n.starts_with('.')), "{what}: {:?}", room.medium());
    for share in fs::read_dir(room.path("shares")).unwrap().map(|e| e.unwrap().path()) {
        assert!(
            !share.file_name().unwrap().to_string_lossy().starts_with('.'),
            "{what}: {}",
            share.display()
        );
        let text = fs::read_to_string(&share).unwrap();
        assert!(text.ends_with("_\n"), "{what}: half a share in {}", share.display());
    }
    if room.path("medium/escrow.json").exists() {
        assert_eq!(shares, 3, "{what}: an escrow without confirmed shares");
        artefact::parse::<Escrow>(&fs::read(room.path("medium/escrow.json")).unwrap()).unwrap();
    }
    if !room.path("medium/ciphertext.json").exists() {
        return match (events.is_empty(), events.iter().any(|e| matches!(e, Event::SharesMade { .. })), shares)
        {
            (true, ..) => Stage::Nothing,
            (_, false, _) => Stage::Begun,
            (.., 3) if is_over(&events) => Stage::Recorded,
            (.., 3) => Stage::Confirmed,
            _ => Stage::Shared,
        };
    }
    assert!(ends_with(&events, room.ciphertext().1), "{what}: a ciphertext before the end of its run");
    assert_eq!(shares, 3, "{what}: a ciphertext without confirmed shares");
    assert_eq!(room.path("medium/escrow.json").exists(), keys.len() > 1, "{what}");
    Stage::Finished
}

pub(crate) fn is_over(events: &[Event]) -> bool {
    events.iter().any(|e| matches!(e, Event::Finished { .. }))
}

/// Whether the last two lines say that this ciphertext was written and that its run ended.
pub(crate) fn ends_with(events: &[Event], digest: Fingerprint) -> bool {
    let [.., written, Event::Finished { .. }] = events else { return false };
    matches!(written, Event::CiphertextWritten { ciphertext_sha256, .. } if *ciphertext_sha256 == digest)
}

/// Nothing is lost: if there is a ciphertext, the command refuses and touches nothing. If there is no ciphertext, the command names the
/// confirmed shares, including those of a run that ended; `rewrap` continues from them with the same material.
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
    if stage == Stage::Finished {
        let output = room.path("medium/ciphertext.json");
        let (file, lines) =
            (fs::read(&output).unwrap(), fs::read(room.path("medium/transcript.jsonl")).unwrap());
        let refused = run(&mut room.wrap(&["--shares", "files=shares"]));
        refused.refused(1, Control::FILE_EXISTS);
        assert!(
            refused.err.contains("run rewrap with the shares that were read back"),
            "{what}: {refused:?}"
        );
        assert_eq!(fs::read(&output).unwrap(), file, "{what}: the file was touched");
        assert_eq!(
            fs::read(room.path("medium/transcript.jsonl")).unwrap(),
            lines,
            "{what}: the record was touched"
        );
    }
    if stage != Stage::Finished && share_file(&room.path("shares"), 1).exists() {
        // The same command finds the names of its shares taken, and says what that means.
        let before = record(room);
        let said = if confirmed(&before) > 0 { Control::BACKUP_STRANDED } else { Control::FILE_EXISTS };
        run(&mut room.wrap(&["--shares", "files=shares"])).refused(1, said);
        if confirmed(&before) > 0 {
            run(&mut room.wrap(&["--shares", "files=more"])).refused(1, said);
        }
        assert_eq!(record(room), before, "{what}: the record was touched");
    }
    match stage {
        Stage::Finished => {}
        _ if confirmed(&events) >= 2 && whole => {
            let two = lines(&shares_in(&room.path("shares"))[..2]);
            let escrow: &[&str] = if keys.len() == 1 { &[] } else { &["--escrow", "medium/escrow.json"] };
            let mut rewrap =
                offline(["rewrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
            rewrap.args(["--transcript", "medium/transcript.jsonl", "--out", "medium"]).args(escrow);
            let run = run_with(rewrap.current_dir(room.dir.path()), &format!("Yes\n{two}"));
            assert_eq!(run.code, Some(0), "{what}: {run:?}");
            assert!(ends_with(&record(room), room.ciphertext().1), "{what}: another ciphertext counts");
        }
        _ => return,
    }
    let (ciphertext, _) = room.ciphertext();
    assert!(ciphertext.keys.iter().all(|k| made[&k.alias] == k.commitment), "{what}: other material");
}

/// Types `Yes`, then the shares as soon as they exist, unless the run is over.
fn feed(room: &Room, stdin: ChildStdin, over: &AtomicBool) {
    feed_after("Yes\n", &room.path("shares"), stdin, over);
}

/// Types `first`, then the shares of a folder as soon as they exist, unless the run is over.
pub(crate) fn feed_after(first: &str, shares: &Path, mut stdin: ChildStdin, over: &AtomicBool) {
    let _ = stdin.write_all(first.as_bytes());
    while !share_file(shares, 3).exists() {
        if over.load(Ordering::Relaxed) {
            return;
        }
        std::thread::sleep(Duration::from_micros(300));
    }
    let _ = stdin.write_all(lines(&shares_in(shares)).as_bytes());
}

/// The event from which a moment is counted.
type From = fn(&Room) -> bool;

const FROM: [From; 4] = [
    |_| true,
    |room| share_file(&room.path("shares"), 3).exists(),
    |room| confirmed(&record(room)) == 3,
    |room| room.path("medium/ciphertext.json").exists(),
];

/// Kills `wrap` `delay` after `from`; returns whether it was still running.
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
    // Building the programs is not part of a run.
    bin_dir();
    let whole = {
        let room = room(keys);
        let started = Instant::now();
        run_typing(&mut room.wrap(&["--shares", "files=shares"]), &room.path("shares"), "Yes\n", lines).ok();
        started.elapsed()
    };
    let (mut rng, mut stages, mut tried) = (ChaCha20Rng::from_seed([9; 32]), BTreeMap::new(), 0);
    for moment in 0..moments {
        // A run that ended before it could be killed does not count, so the kill is tried again in a new room.
        let room = loop {
            let room = room(keys);
            let length = [whole, whole / 2, OUTPUTS, OUTPUTS / 2][moment % 4];
            let part = f64::from(rng.next_u32()) / f64::from(u32::MAX);
            tried += 1;
            if kill(&room, FROM[moment % 4], length.mul_f64(part)) {
                break room;
            }
            assert!(tried < 20 * moments, "too many kills missed the run");
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

/// One key and several, a hundred moments each, in every part of the run.
#[test]
#[ignore = "two hundred ceremonies: --ignored --nocapture"]
fn killed_at_a_hundred_moments() {
    for keys in [ONE, MANY] {
        let stages = killed(100, keys);
        for stage in [Stage::Begun, Stage::Shared, Stage::Confirmed, Stage::Finished] {
            assert!(stages.contains_key(&stage), "no kill happened in {stage:?}: {stages:?}");
        }
    }
}

/// Kills `wrap` before call `n` of the kind; returns whether it was killed before its end.
fn kill_at(room: &Room, kind: Kind, n: usize) -> bool {
    let mut run = KillAt::start(&room.wrap(&["--shares", "files=shares"]), kind, n);
    let stdin = run.stdin.take().unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| feed(room, stdin, &over));
        let ended = run.end();
        over.store(true, Ordering::Relaxed);
        ended.killed()
    })
}

/// Kills before each call of the kind in turn, in a new room each time.
fn at_every_call(what: &str, kind: Kind, keys: Keys<'_>) {
    let mut stages = BTreeMap::<Stage, usize>::new();
    for n in 1.. {
        let room = room(keys);
        let killed = kill_at(&room, kind, n);
        let what = format!("{} keys, call {n} that {what}", keys.len());
        let stage = check(&room, keys, &what);
        if !killed {
            assert_eq!(stage, Stage::Finished, "{what}: not killed, and not over");
            break;
        }
        *stages.entry(stage).or_default() += 1;
        go_on(&room, keys, stage, &what);
    }
    let points: usize = stages.values().sum();
    println!("{} keys, killed at each of {points} calls that {what}: {stages:?}", keys.len());
    let all =
        [Stage::Nothing, Stage::Begun, Stage::Shared, Stage::Confirmed, Stage::Recorded, Stage::Finished];
    assert!(
        all.iter().all(|stage| stages.contains_key(stage)),
        "a part of the run is not covered: {stages:?}"
    );
}

#[test]
fn killed_at_every_call_that_changes_a_file() {
    for keys in [ONE, MANY] {
        at_every_call("changes a file", changes_a_file, keys);
    }
}

#[test]
#[ignore = "some hundred ceremonies: --ignored --nocapture"]
fn killed_at_every_call_that_touches_a_file() {
    for keys in [ONE, MANY] {
        at_every_call("touches a file", touches_a_file, keys);
    }
}

/// The run was complete, but its ciphertext did not appear: with consent the shares become void, like those of any interrupted run.
#[test]
fn shares_of_a_complete_run_without_a_ciphertext_become_void_with_consent() {
    for keys in [ONE, MANY] {
        let room = room(keys);
        // The ciphertext is the last file that is linked to a name, after the shares and the escrow.
        let links = if keys.len() == 1 { 4 } else { 5 };
        assert!(kill_at(&room, links_a_file, links));
        assert_eq!(check(&room, keys, "the last link"), Stage::Recorded);
        let wrap = |more: &[&str]| {
            let mut wrap = room.wrap(&["--shares", "files=more"]);
            run_typing(wrap.args(more), &room.path("more"), "Yes\n", lines)
        };
        run(&mut room.wrap(&["--shares", "files=more"])).refused(1, Control::BACKUP_STRANDED);
        if keys.len() > 1 {
            wrap(&["--void-shares"]).refused(1, Control::FILE_EXISTS);
            fs::rename(room.path("medium/escrow.json"), room.path("moved-away.json")).unwrap();
        }
        wrap(&["--void-shares"]).ok();
        let events = record(&room);
        assert!(events.iter().any(|e| matches!(e, Event::SharesVoid { confirmed: 3, .. })));
        assert!(ends_with(&events, room.ciphertext().1));
    }
}

/// The files are watched while they appear; none is ever seen incomplete.
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
            loop {
                // Looks once more after the end, so that no file is missed however late this thread runs.
                let last = over.load(Ordering::Acquire);
                looked[0] += seen(&share_file(&room.path("shares"), 2), "_\n");
                looked[1] += seen(&room.path("medium/escrow.json"), "}\n");
                looked[2] += seen(&room.path("medium/ciphertext.json"), "}\n");
                if last {
                    return looked;
                }
            }
        });
        run_typing(&mut room.wrap(&["--shares", "files=shares"]), &room.path("shares"), "Yes\n", lines).ok();
        over.store(true, Ordering::Release);
        assert!(watch.join().unwrap().iter().all(|n| *n > 0));
    });
}
