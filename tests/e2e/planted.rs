//! A `ciphertext.json` that was on the medium before the run: `wrap` and `rewrap` refuse it, whatever its contents and the record next to
//! it. One that appears during the run is not overwritten.
//!
//! The planted file is the best that an outsider can make: a whole wrap of the same plan and parameters, by the same program on
//! the attacker's own computer.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;

use crate::support::kill_at::{KillAt, links_a_file};
use crate::support::shares::{lines, private_folder, run_typing, shares_in};
use crate::support::*;
use keyferry_core::*;

const NONE: &str = "scheme = \"none\"\nreason = \"a test\"\n";
const SLIP39: &str = "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n";

/// The record that the attacker leaves next to the ciphertext.
const RECORDS: [Planted; 3] = [Planted::Nothing, Planted::Unfinished, Planted::Whole];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Planted {
    Nothing,
    /// The lines of a whole run without its last one, as a kill would leave them.
    Unfinished,
    Whole,
}

/// A plan with its parameters, and a ciphertext for them that another computer made.
fn room(backup: &str, record: Planted) -> Room {
    let plan =
        plan_text("rehearsal", WrappingAlgorithm::default(), &[("master", "ap-singapore", Some(KEY_ID))]);
    let room = Room::with_plan(&plan.replace(NONE, backup));
    for folder in ["shares", "theirs", "their-shares"] {
        private_folder(&room.path(folder));
    }
    let mut theirs = offline(["wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
    theirs.args(["--out", "theirs"]).current_dir(room.dir.path());
    if backup == SLIP39 {
        theirs.args(["--shares", "files=their-shares"]);
        run_typing(&mut theirs, &room.path("their-shares"), "Yes\n", lines).ok();
    } else {
        run(&mut theirs).ok();
    }
    fs::copy(room.path("theirs/ciphertext.json"), room.path("medium/ciphertext.json")).unwrap();
    let text = fs::read_to_string(room.path("theirs/transcript.jsonl")).unwrap();
    let whole: Vec<&str> = text.split_inclusive('\n').collect();
    let planted = match record {
        Planted::Nothing => return room,
        Planted::Unfinished => whole.split_last().unwrap().1,
        Planted::Whole => &whole,
    };
    fs::write(room.path("medium/transcript.jsonl"), planted.concat()).unwrap();
    room
}

/// Every file of the medium.
fn medium(room: &Room) -> BTreeMap<String, Vec<u8>> {
    room.medium()
        .into_iter()
        .map(|name| (name.clone(), fs::read(room.path("medium").join(name)).unwrap()))
        .collect()
}

/// Without a digest, with the right one, with a wrong one.
fn expectations(room: &Room) -> [Vec<String>; 3] {
    let right = Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap()).to_string();
    let option = |digest: String| vec!["--expect-digest".to_owned(), digest];
    [vec![], option(right), option("1".repeat(64))]
}

/// Runs a command that must change nothing and show nothing of the planted file.
fn changes_nothing(room: &Room, command: &mut std::process::Command, typed: &str, what: &str) -> Run {
    let before = medium(room);
    let words = Fingerprint::of(before.get("ciphertext.json").unwrap()).words(Lang::En);
    let run = run_with(command, typed);
    assert_eq!(medium(room), before, "{what}");
    let first = words.first().unwrap();
    assert!(!run.out.contains(first) && !run.err.contains(&format!("{first} ")), "{what}: {}", run.err);
    assert_eq!(fs::read_dir(room.path("shares")).unwrap().count(), 0, "{what}");
    run
}

#[test]
fn a_planted_ciphertext_is_never_adopted() {
    let mut refused = 0;
    for backup in [NONE, SLIP39] {
        for record in RECORDS {
            let room = room(backup, record);
            for expectation in expectations(&room) {
                let shares: &[&str] = if backup == SLIP39 { &["--shares", "files=shares"] } else { &[] };
                let what = format!("{backup} {record:?} {expectation:?}");
                changes_nothing(&room, room.wrap(shares).args(expectation), "", &what)
                    .refused(1, Control::FILE_EXISTS);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 18);
}

#[test]
fn nor_is_it_by_rewrap_and_no_share_is_asked_for() {
    let mut refused = 0;
    for record in RECORDS {
        // Valid shares from the station's own earlier ceremony.
        let own = room(SLIP39, Planted::Nothing);
        let mut wrap = offline(["wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
        fs::create_dir(own.path("own")).unwrap();
        private_folder(&own.path("own-shares"));
        wrap.args(["--out", "own", "--shares", "files=own-shares"]).current_dir(own.dir.path());
        run_typing(&mut wrap, &own.path("own-shares"), "Yes\n", lines).ok();
        if record != Planted::Nothing {
            fs::copy(own.path("theirs/transcript.jsonl"), own.path("medium/transcript.jsonl")).unwrap();
        }
        let typed = lines(&shares_in(&own.path("own-shares")));
        for expectation in expectations(&own) {
            for input in ["", &format!("Yes\n{typed}")] {
                let mut rewrap =
                    offline(["rewrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json"]);
                rewrap.args(["--transcript", "own/transcript.jsonl", "--out", "medium"]).args(&expectation);
                let what = format!("{record:?} {expectation:?}");
                changes_nothing(&own, rewrap.current_dir(own.dir.path()), input, &what)
                    .refused(1, Control::FILE_EXISTS);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 18);
}

#[test]
fn once_it_is_moved_away_the_same_command_runs() {
    for backup in [NONE, SLIP39] {
        let room = room(backup, Planted::Nothing);
        fs::rename(room.path("medium/ciphertext.json"), room.path("found.json")).unwrap();
        if backup == SLIP39 {
            let mut wrap = room.wrap(&["--shares", "files=shares"]);
            run_typing(&mut wrap, &room.path("shares"), "Yes\n", lines).ok();
        } else {
            run(&mut room.wrap(&[])).ok();
        }
        let (found, own) = (fs::read(room.path("found.json")).unwrap(), room.ciphertext().0);
        assert_ne!(artefact::parse::<Ciphertext>(&found).unwrap().0.keys, own.keys);
    }
}

/// Just before the file gets its name, when the record is complete already: the name is taken, or the medium is gone.
#[test]
fn a_run_that_cannot_publish_says_so_and_the_next_one_counts() {
    let mut refused = 0;
    for (code, control) in [(1, Control::FILE_EXISTS), (3, Control::FILE_PERMISSION)] {
        let room = room(NONE, Planted::Nothing);
        let (medium, away) = (room.path("medium"), room.path("away"));
        fs::remove_file(medium.join("ciphertext.json")).unwrap();
        let taken = code == 1;
        let act = move || {
            if taken {
                fs::write(medium.join("ciphertext.json"), "theirs").unwrap();
            } else {
                fs::rename(medium, away).unwrap();
            }
        };
        let mut traced = KillAt::act_before(&room.wrap(&[]), links_a_file, act);
        let _ = std::io::Write::write_all(traced.stdin.as_mut().unwrap(), b"Yes\n");
        let ended = traced.end();
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.err.contains(&format!("[{control}]")), "{ended:?}");
        for text in
            ["ciphertext, which was not published", "run wrap again: the later run then counts in the record"]
        {
            assert!(ended.err.contains(text), "{ended:?}");
        }
        assert!(!ended.err.contains("wrote"), "{ended:?}");
        if taken {
            assert_eq!(fs::read(room.path("medium/ciphertext.json")).unwrap(), b"theirs");
            run(&mut room.wrap(&[])).refused(1, Control::FILE_EXISTS);
            fs::remove_file(room.path("medium/ciphertext.json")).unwrap();
        } else {
            fs::rename(room.path("away"), room.path("medium")).unwrap();
        }
        // The ciphertext that the record of that run names does not exist; the next run makes another.
        assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"]);
        run(&mut room.wrap(&[])).ok();
        let record = fs::read(room.path("medium/transcript.jsonl")).unwrap();
        let chain = Transcript::verify(&record).unwrap().unwrap();
        let named = chain.lines().iter().filter_map(|l| match &l.event {
            Event::CiphertextWritten { ciphertext_sha256, .. } => Some(*ciphertext_sha256),
            _ => None,
        });
        let named: Vec<_> = named.collect();
        assert_eq!((named.len(), named.last()), (2, Some(&room.ciphertext().1)));
        refused += 1;
    }
    assert_eq!(refused, 2);
}
