//! The adversary: files that an outsider can make, given to the shipped programs.
//!
//! Every file that a station reads from a medium or a shared folder is replaced, one after another, by one that is well formed and
//! consistent with the public files of the ceremony. Then no command may make or send anything, or ask for a share, unless a person
//! compared that file's own digest in that run: here nobody types anything, or a script passes a digest that was on the paper before.
//! Tables list the cases; the forging library uses only the published formats.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

mod consent;
mod controls;
mod desk;
mod forge;
mod machine;
mod offline;
mod online;
mod programs;
mod room;
mod scene;
mod trap;

use forge::key::KeyPair;
use room::{Backup, Emulator, Purpose, Room};
use scene::{Case, play};
use trap::Trap;

/// The three ceremonies in both purposes, and the attacker's own key.
struct World {
    rooms: Vec<Room>,
    attacker: KeyPair,
    trap: Trap,
    _scratch: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let (trap, emulator) = (Trap::open(), Emulator::start(scratch.path()));
        let mut rooms: Vec<Room> = Backup::ALL.map(|backup| Room::hold(backup, &emulator, &trap)).into();
        rooms.extend(rooms.iter().map(|room| room.as_production(&trap)).collect::<Vec<_>>());
        Self { rooms, attacker: KeyPair::make(scratch.path()), trap, _scratch: scratch }
    }

    /// Every case in every ceremony that has such a file.
    fn play_all(&self, what: &str, cases: &[Case]) {
        let (mut played, mut runs, mut wrong) = (0, 0, Vec::new());
        for case in cases {
            for room in self.rooms.iter().filter(|room| case.backups.contains(&room.backup)) {
                let (more, found) = play(case, room, &self.attacker, &self.trap);
                (played, runs) = (played + 1, runs + more);
                wrong.extend(found);
            }
        }
        println!("{what}: {played} cases, {runs} runs, {} unexpected", wrong.len());
        assert!(played > 0 && wrong.is_empty(), "{} of {runs} runs:\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[test]
fn the_offline_station_believes_no_file_of_an_outsider() {
    World::new().play_all("offline station", offline::CASES);
}

#[test]
fn nor_does_the_online_station() {
    World::new().play_all("online station", online::CASES);
}

#[test]
fn nor_does_the_desk() {
    World::new().play_all("desk", desk::CASES);
}

/// Each command that reads such a file has a case.
#[test]
fn no_command_is_left_out() {
    let cases = [offline::CASES, online::CASES, desk::CASES].concat();
    let commands = [
        ("keyferry-offline", &["inspect", "preflight", "wrap", "rewrap", "drill", "note"][..]),
        (
            "keyferry-online",
            &["export", "import", "status", "check-access", "create-key", "rebuild-journal", "note"],
        ),
        ("keyferry", &["verify", "report", "sign"]),
    ];
    for (program, commands) in commands {
        for command in commands {
            let is_it = |case: &&Case| {
                case.command.program == program && case.command.line.starts_with(&format!("{command} "))
            };
            assert!(cases.iter().any(|case| is_it(&case)), "{program} {command} has no case");
        }
    }
}

#[test]
fn no_way_ends_well_without_a_question_or_a_digest() {
    let world = World::new();
    let (gone, wrong) = consent::all_ways(&world.rooms, &world.attacker, &world.trap);
    println!("without an answer: {gone} ways, {} that did not ask", wrong.len());
    assert!(gone > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn it_is_the_comparison_that_stops_a_forgery() {
    let world = World::new();
    let (mut done, mut wrong) = (0, Vec::new());
    for room in world.rooms.iter().filter(|room| room.purpose == Purpose::Rehearsal) {
        let (more, found) = controls::all(room, &world.attacker, &world.trap);
        (done, wrong) = (done + more, [wrong, found].concat());
    }
    println!("controls: {done}, {} that did not work", wrong.len());
    assert!(done > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_block_under_the_attackers_key_holds_what_was_wrapped() {
    let scratch = tempfile::tempdir().unwrap();
    let key = KeyPair::make(scratch.path());
    let block = forge::key::wrap(&key.public, &forge::ciphertext::KNOWN, scratch.path());
    assert_eq!(key.open(&block), forge::ciphertext::KNOWN);
}

#[test]
fn the_files_for_the_virtual_machine_are_well_formed() {
    if std::env::var_os("KEYFERRY_BLESS").is_some_and(|what| what == "adversary") {
        let world = World::new();
        let held = |room: &&Room| room.purpose == Purpose::Production && room.backup == Backup::Shares;
        machine::make(world.rooms.iter().find(held).unwrap(), &world.attacker);
    }
    machine::check();
}

/// The adversary has the published formats, but none of our code.
#[test]
fn the_adversary_uses_no_crate_of_keyferry() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/adversary");
    let names = ["use keyferry", "extern crate keyferry", "keyferry_", "keyferry::"];
    let mut files = 0;
    for folder in [folder.clone(), folder.join("forge")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // This list itself.
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("let names = ["));
            let used: Vec<&str> = lines.filter(|line| names.iter().any(|name| line.contains(name))).collect();
            assert!(used.is_empty(), "{}: {used:?}", path.display());
            files += 1;
        }
    }
    assert!(files > 15, "{files} files");
}
