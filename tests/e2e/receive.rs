//! `receive` of both shipped stations: whatever else is in the lines, the file arrives whole and identical, or nothing is written.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod camera;
pub(crate) mod readers;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::kill_at::{KillAt, reads_input_or_changes};
use crate::support::*;
use keyferry_core::*;
use keyferry_transport::frame::{FrameEncoder, Level, block_capacity};

/// Both stations receive in the same way.
pub(crate) const STATIONS: [&str; 2] = ["keyferry-offline", "keyferry-online"];

/// A room in which the four files that cross in every ceremony exist.
pub(crate) fn room() -> Room {
    let room = Room::new("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
    run(&mut room.wrap(&[])).ok();
    fs::create_dir(room.path("in")).unwrap();
    room
}

pub(crate) const FILES: [&str; 4] =
    ["plan.toml", "medium/parameters.json", "medium/ciphertext.json", "medium/transcript.jsonl"];

pub(crate) fn encoder(bytes: &[u8], version: u8) -> FrameEncoder {
    FrameEncoder::new(bytes, block_capacity(version, Level::L).unwrap()).unwrap()
}

/// Enough lines for a file, and three more.
pub(crate) fn lines_of(bytes: &[u8], version: u8) -> Vec<String> {
    let encoder = encoder(bytes, version);
    encoder.lines().take(encoder.blocks() + 3).collect()
}

pub(crate) fn receive(room: &Room, station: &str, args: &[&str]) -> Command {
    let mut command = program(station);
    // None of the expected files exists, and none will.
    command.env("XDG_STATE_HOME", room.path("state"));
    command.arg("receive").args(args).current_dir(room.dir.path());
    command
}

/// The files in the folder for received files.
fn received(room: &Room) -> Vec<PathBuf> {
    fs::read_dir(room.path("in")).unwrap().map(|e| e.unwrap().path()).collect()
}

#[test]
fn each_file_that_crosses_arrives_at_both_stations() {
    let room = room();
    for (station, version) in STATIONS.into_iter().zip([25, 10]) {
        for file in FILES {
            let bytes = fs::read(room.path(file)).unwrap();
            let mut lines = lines_of(&bytes, version).join("\n") + "\n";
            lines.push_str("what comes after a whole file is not read\n");
            let out = format!("in/{station}-{}", file.replace('/', "-"));
            let done = run_with(&mut receive(&room, station, &["--out", &out, "--json"]), &lines);
            let json = done.ok().json();
            assert_eq!(fs::read(room.path(&out)).unwrap(), bytes);
            let digest = Fingerprint::of(&bytes);
            assert_eq!(
                (json["sha256"].as_str().unwrap(), json["ceremony"].as_str()),
                (&*digest.to_string(), Some("test-1"))
            );
            assert!(file.ends_with(json["kind"].as_str().unwrap()), "{json}");
            assert_eq!(json["lines"]["taken"], json["needed"], "{json}");
            assert!(
                done.has_hex(&digest) && Lang::BOTH.into_iter().all(|lang| done.has_words(&digest, lang))
            );
        }
    }
}

/// Lines that are shuffled, repeated, damaged, or from other symbols and transfers, with every line end, and endless lines.
#[test]
fn whatever_else_the_lines_hold_the_file_is_the_same() {
    let room = room();
    let bytes = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let lines = lines_of(&bytes, 10);
    assert!(lines.len() > 6, "{}", lines.len());
    let half = lines[0].len() / 2;
    // One digit is changed.
    let damaged = |line: &str| {
        let other = if line.as_bytes()[half] == b'7' { '8' } else { '7' };
        format!("{}{other}{}", &line[..half], &line[half + 1..])
    };
    let other = lines_of(&fs::read(room.path("medium/ciphertext.json")).unwrap(), 12);
    let mut all: Vec<String> = lines.iter().rev().flat_map(|l| [damaged(l), l.clone(), l.clone()]).collect();
    all.insert(1, other[0].clone());
    all.insert(3, "https://example.com/menu".into());
    all.insert(4, "9".repeat(3_000_000));
    all.insert(5, "12\u{0}34 密".into());
    for (station, end) in
        STATIONS.into_iter().flat_map(|s| ["\n", "\r", "\r\n", "\t", "\n\n"].map(|end| (s, end)))
    {
        let mut text = all.join(end).into_bytes();
        text.splice(0..0, b"\xff\xfe\n".iter().copied());
        fs::write(room.path("lines"), &text).unwrap();
        let done = run(&mut receive(&room, station, &["--out", "in/t", "--from", "lines", "--json"]));
        let json = done.ok().json();
        assert_eq!(fs::read(room.path("in/t")).unwrap(), bytes, "{station} {end:?}");
        let passed = &json["lines"];
        // A damaged digit can also produce digits that encode no bytes.
        let [damaged, foreign, repeated] =
            ["damaged", "foreign", "repeated"].map(|class| passed[class].as_u64().unwrap());
        assert!(foreign >= 4 && damaged + foreign > 6 && repeated > 2, "{json}");
        assert!(done.err.contains("seen before") && done.err.contains("no frames"), "{}", done.err);
        fs::remove_file(room.path("in/t")).unwrap();
    }
}

#[test]
fn too_few_frames_write_nothing() {
    let room = room();
    let bytes = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let encoder = encoder(&bytes, 10);
    let few: Vec<String> = encoder.lines().take(encoder.blocks() - 1).collect();
    for station in STATIONS {
        let args = ["--out", "in/t"];
        let refused = run_with(&mut receive(&room, station, &args), &few.join("\r"));
        refused.refused(1, Control::RECEIVE_WHOLE);
        let counted = format!("{} of {} frames", few.len(), encoder.blocks());
        assert!(refused.err.contains(&counted), "{counted}: {}", refused.err);
        for nothing in ["", "\n\n\r\n", "hello\n", &few[0][..few[0].len() - 1]] {
            let refused = run_with(&mut receive(&room, station, &args), nothing);
            refused.refused(1, Control::RECEIVE_WHOLE);
            assert!(refused.err.contains("no frame"), "{}", refused.err);
        }
        let json = run_with(receive(&room, station, &args).arg("--json"), "").json();
        assert_eq!(json["error"]["control"], Control::RECEIVE_WHOLE.id());
        run(&mut receive(&room, station, &["--out", "in/t", "--from", "nowhere"]))
            .refused(3, Control::FILE_READ);
        run(&mut receive(&room, station, &["--out", "in/t", "--from", "medium"]))
            .refused(3, Control::FILE_KIND);
        run(&mut receive(&room, station, &["--out", "nowhere/t"])).refused(3, Control::FILE_PERMISSION);
    }
    assert_eq!(received(&room), [] as [PathBuf; 0]);
}

/// A name that is taken is refused before a line is read, and the existing file is left alone.
#[test]
fn a_name_that_is_taken_is_refused_at_once() {
    let room = room();
    fs::write(room.path("in/t"), "mine").unwrap();
    for station in STATIONS {
        let mut command = receive(&room, station, &["--out", "in/t"]);
        // Nobody ever writes to it or closes it: a program that read it first would never end.
        let child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut child = child;
        let pipe = child.stdin.take().unwrap();
        let output = child.wait_with_output().unwrap();
        drop(pipe);
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert!(err.contains(&format!("[{}]", Control::FILE_EXISTS)), "{err}");
    }
    assert_eq!(fs::read(room.path("in/t")).unwrap(), b"mine");
}

/// Frames can carry anything. A file that is not one of those that cross is named and counted, and does not end the transfer.
#[test]
fn what_does_not_cross_is_passed_over_by_name() {
    let room = room();
    room.write_session("http://127.0.0.1:1");
    let session = fs::read(room.path("session.json")).unwrap();
    let parameters = fs::read(room.path("medium/parameters.json")).unwrap();
    let later = String::from_utf8(parameters.clone())
        .unwrap()
        .replace("keyferry/parameters/2", "keyferry/parameters/9");
    let mut cut = parameters.clone();
    cut.truncate(parameters.len() - 2);
    let foreign = [session.clone(), vec![0x5a; 32], later.into_bytes(), cut, b"x".to_vec()];
    let mut lines: Vec<String> = foreign.iter().flat_map(|bytes| lines_of(bytes, 25)).collect();
    for station in STATIONS {
        let refused = run_with(&mut receive(&room, station, &["--out", "in/p"]), &lines.join("\n"));
        refused.refused(1, Control::RECEIVE_KIND);
        assert!(refused.err.contains("keyferry/session/2"), "{}", refused.err);
        assert!(!refused.err.contains("TOKENtoken"), "{}", refused.err);
        assert_eq!(received(&room), [] as [PathBuf; 0]);
    }
    lines.extend(lines_of(&parameters, 25));
    for station in STATIONS {
        let done = run_with(&mut receive(&room, station, &["--out", "in/p", "--json"]), &lines.join("\n"));
        let json = done.ok().json();
        assert_eq!(json["lines"]["inconsistent"].as_u64(), Some(foreign.len() as u64), "{json}");
        assert_eq!(done.err.matches("ignored: ").count(), 3, "a flood is counted, not printed: {}", done.err);
        assert_eq!(fs::read(room.path("in/p")).unwrap(), parameters);
        fs::remove_file(room.path("in/p")).unwrap();
    }
}

/// Another valid file in transfer is not mistaken for the expected one.
#[test]
fn an_expected_digest_passes_over_every_other_file() {
    let room = room();
    let (plan, parameters) =
        (fs::read(room.path("plan.toml")).unwrap(), fs::read(room.path("medium/parameters.json")).unwrap());
    let text = [lines_of(&plan, 25), lines_of(&parameters, 25)].concat().join("\n");
    let digest = Fingerprint::of(&parameters);
    for (station, lang) in STATIONS.into_iter().zip([Lang::En, Lang::Zh]) {
        let words = digest.words(lang).join(" ");
        let args = ["--out", "in/p", "--expect-digest", &words];
        run_with(&mut receive(&room, station, &args), &text).ok();
        assert_eq!(fs::read(room.path("in/p")).unwrap(), parameters);
        fs::remove_file(room.path("in/p")).unwrap();
        run_with(&mut receive(&room, station, &args), &lines_of(&plan, 25).join("\n"))
            .refused(1, Control::RECEIVE_WHOLE);
    }
}

/// A run that is killed while it reads or writes leaves nothing or the whole file, and the same command succeeds afterwards.
#[test]
fn a_killed_run_leaves_nothing() {
    let room = room();
    let bytes = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    let text = lines_of(&bytes, 6).join("\n");
    for station in STATIONS {
        let mut left = [0, 0];
        for n in 1.. {
            let mut run =
                KillAt::start(&receive(&room, station, &["--out", "in/t"]), reads_input_or_changes, n);
            // It may be killed while it reads this.
            let _ = run.stdin.as_mut().unwrap().write_all(text.as_bytes());
            if !run.end().killed() {
                break;
            }
            let there = received(&room);
            left[there.len()] += 1;
            if there.is_empty() {
                run_with(&mut receive(&room, station, &["--out", "in/t"]), &text).ok();
            }
            assert_eq!(fs::read(room.path("in/t")).unwrap(), bytes, "{station}, call {n}");
            fs::remove_file(room.path("in/t")).unwrap();
        }
        fs::remove_file(room.path("in/t")).unwrap();
        assert!(left.iter().all(|n| *n > 0), "{station}: a part is not covered: {left:?}");
    }
}

/// The offline station is already confined while it waits for its first byte.
#[test]
fn the_offline_station_is_confined_before_the_first_byte() {
    let room = room();
    let mut child = receive(&room, "keyferry-offline", &["--out", "in/t"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let confined = |text: &str| text.contains("Seccomp:\t2") && text.contains("NoNewPrivs:\t1");
    let mut patience = 600_000;
    while !confined(&fs::read_to_string(&status).unwrap()) {
        patience -= 1;
        assert!(patience > 0 && child.try_wait().unwrap().is_none(), "it is not confined while it waits");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let text = lines_of(&fs::read(room.path("plan.toml")).unwrap(), 25).join("\n");
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    assert!(child.wait().unwrap().success());
}

/// A hand scanner types 5,000 digits and more into a terminal; the script describes its checks.
#[test]
fn a_hand_scanner_types_lines_that_a_terminal_would_cut() {
    let room = room();
    let plan = fs::read_to_string(room.path("plan.toml")).unwrap();
    let long = format!("{plan}{}", "# A remark that makes this plan long enough.\n".repeat(40));
    fs::write(room.path("long.toml"), &long).unwrap();
    let lines = lines_of(long.as_bytes(), 36);
    assert!(lines[0].len() > 5_000, "{}", lines[0].len());
    fs::write(room.path("one"), &lines[0]).unwrap();
    let transcript = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    fs::write(room.path("many"), lines_of(&transcript, 10).join("\n")).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/receive/wedge.py");
    for station in STATIONS {
        let mut command = Command::new("python3");
        command.arg(script).arg(bin_dir().join(station)).args(["in/t", "one", "many"]);
        let ran = run(command.current_dir(room.dir.path()).env("XDG_STATE_HOME", room.path("state")));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.contains("all seen"), "{ran:?}");
    }
}
