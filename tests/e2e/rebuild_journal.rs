//! The online station, or its journal, is lost between export and import: the journal is rebuilt from what the record and the service
//! prove, and nothing else is believed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::support::kill_at::{KillAt, changes_a_file};
use crate::support::kms::Kms;
use crate::support::*;
use keyferry_core::*;

const REGION: &str = "ap-singapore";
const REBUILD: &str = "rebuild-journal --plan plan.toml --transcript medium/transcript.jsonl";
const EXPORT: &str = "export --plan plan.toml --out again --session again.json";

/// Two keys whose parameters were fetched, and whose material was wrapped.
struct Station {
    room: Room,
    emulator: EmulatorProcess,
}

impl Station {
    fn wrapped() -> Self {
        let emulator = EmulatorProcess::start(&["--wrapping-keys", "4"]);
        let kms = Kms::new(&emulator.endpoint, REGION);
        let ids = ["one", "two"].map(|alias| kms.create_external(alias));
        let keys = [("one", REGION, Some(ids[0].as_str())), ("two", REGION, Some(ids[1].as_str()))];
        let room = Room::with_keys("rehearsal", WrappingAlgorithm::default(), &keys);
        fs::remove_file(room.path("medium/parameters.json")).unwrap();
        fs::create_dir(room.path("again")).unwrap();
        let this = Self { room, emulator };
        this.run("export --plan plan.toml --out medium --session session.json").ok();
        run(&mut this.room.wrap(&[])).ok();
        this
    }

    /// The command line of the online station, with a separate journal.
    fn command(&self, line: &str) -> Command {
        let mut command = online(line.split(' '), &self.emulator.endpoint);
        command.current_dir(self.room.dir.path()).env("XDG_STATE_HOME", self.room.path("state"));
        command
    }

    fn run(&self, line: &str) -> Run {
        run(&mut self.command(line))
    }

    fn import(&self) -> Run {
        self.run("import --session session.json --ciphertext medium/ciphertext.json")
    }

    fn journal(&self) -> PathBuf {
        self.room.path("state/keyferry/journal").join(REGION)
    }

    fn lose(&self) {
        fs::remove_dir_all(self.room.path("state")).unwrap();
    }

    /// Material from another wrap replaces the first.
    fn wrap_other(&self, parameters: &str) {
        let line =
            format!("wrap --plan plan.toml --parameters {parameters}/parameters.json --out {parameters}");
        run(offline(line.split(' ')).current_dir(self.room.dir.path())).ok();
    }
}

#[test]
fn a_session_that_is_left_is_imported_once_the_journal_is_back() {
    let station = Station::wrapped();
    station.lose();
    station.import().refused(1, Control::JOURNAL_OWN);
    let done = station.run(REBUILD);
    assert!(done.ok().err.contains("NOT PROVED") && done.err.contains("--abandon test-1"), "{}", done.err);
    for path in [station.journal(), station.journal().parent().unwrap().to_path_buf()] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700, "{}", path.display());
    }
    for entry in fs::read_dir(station.journal()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::read_to_string(&path).unwrap().contains("\"kind\":\"rebuilt\""));
    }
    // The ceremony is pending, as before: no second export invalidates its ciphertext.
    station.run(EXPORT).refused(1, Control::JOURNAL_OUT);
    station.import().ok();
}

/// The tokens were only on the lost station, so another export under the same plan is needed.
#[test]
fn without_the_session_the_parameters_are_fetched_again() {
    let station = Station::wrapped();
    station.lose();
    fs::remove_file(station.room.path("session.json")).unwrap();
    station.run(REBUILD).ok();
    station.run(&format!("{EXPORT} --abandon test-1")).ok();
    station.wrap_other("again");
    station
        .run("import --session again.json --ciphertext medium/ciphertext.json")
        .refused(1, Control::CIPHER_PARAMETERS);
    station.run("import --session again.json --ciphertext again/ciphertext.json").ok();
}

#[test]
fn what_a_key_took_is_known_again() {
    let station = Station::wrapped();
    station.import().ok();
    station.lose();
    let done = station.run(&format!("{REBUILD} --json"));
    assert_eq!(done.ok().json()["keys"][0]["says"], "took the record's material");
    station.run(EXPORT).ok();
    station.wrap_other("again");
    let other = station.run("import --session again.json --ciphertext again/ciphertext.json");
    other.refused(1, Control::JOURNAL_MATERIAL);
}

/// The import was sent, but the surviving record does not mention it.
#[test]
fn material_that_may_have_arrived_is_not_followed_by_other() {
    let station = Station::wrapped();
    let record = fs::read(station.room.path("medium/transcript.jsonl")).unwrap();
    station.import().ok();
    fs::write(station.room.path("medium/transcript.jsonl"), record).unwrap();
    station.lose();
    assert!(station.run(REBUILD).ok().err.contains("may hold the record's material"));
    station.run(&format!("{EXPORT} --abandon test-1")).ok();
    station.wrap_other("again");
    station
        .run("import --session again.json --ciphertext again/ciphertext.json")
        .refused(1, Control::JOURNAL_MATERIAL);
}

#[test]
fn a_key_that_holds_what_no_record_tells_of_gets_no_journal() {
    let station = Station::wrapped();
    station.import().ok();
    // A record of the export only.
    let text = fs::read_to_string(station.room.path("medium/transcript.jsonl")).unwrap();
    let export: String = text.split_inclusive('\n').take_while(|l| !l.contains("\"offline\"")).collect();
    fs::write(station.room.path("medium/transcript.jsonl"), export).unwrap();
    station.lose();
    station.run(REBUILD).refused(1, Control::JOURNAL_REBUILT);
    assert!(!station.journal().exists());
    fs::write(station.room.path("medium/transcript.jsonl"), "").unwrap();
    station.run(REBUILD).refused(1, Control::JOURNAL_REBUILT);
    // The plan of another ceremony, with the same keys.
    fs::write(station.room.path("medium/transcript.jsonl"), &text).unwrap();
    let plan = fs::read_to_string(station.room.path("plan.toml")).unwrap();
    fs::write(station.room.path("plan.toml"), format!("{plan}\n")).unwrap();
    station.run(REBUILD).refused(1, Control::JOURNAL_REBUILT);
}

#[test]
fn nothing_is_rebuilt_that_nobody_compared() {
    let station = Station::wrapped();
    station.lose();
    let zeros = Fingerprint::ZERO;
    let plan = Fingerprint::of(&fs::read(station.room.path("plan.toml")).unwrap());
    run_with(&mut station.command(REBUILD), "yes\n").refused(1, Control::CONSENT);
    for (more, control) in [
        (format!("--expect-plan {zeros} --expect-head {zeros}"), Control::CIPHER_DIGEST),
        (format!("--expect-plan {zeros}"), Control::CONSENT),
        (format!("--expect-plan {plan}"), Control::CONSENT),
        (format!("--expect-plan {plan} --expect-head {zeros}"), Control::CIPHER_DIGEST),
    ] {
        station.run(&format!("{REBUILD} {more}")).refused(1, control);
    }
    assert!(!station.room.path("state").exists(), "a journal was made");
    run(by_script(&mut station.command(&format!("{REBUILD} --expect-plan {plan}")))).ok();
}

/// Killed before every call that changes a file: each journal is whole or absent, and the same command does the rest. An existing journal
/// is never changed, and a damaged one is refused.
#[test]
fn a_journal_that_is_there_stays_as_it_is() {
    let station = Station::wrapped();
    let name = |n: usize| fs::read_dir(station.journal()).unwrap().map(|e| e.unwrap().path()).nth(n).unwrap();
    let first = fs::read(name(0)).unwrap();
    station.run(REBUILD).ok();
    assert_eq!(fs::read(name(0)).unwrap(), first, "a journal was changed");
    let mut kills = 0;
    for n in 1.. {
        station.lose();
        let mut command = station.command(REBUILD);
        if !KillAt::start(by_script(&mut command), changes_a_file, n).end().killed() {
            break;
        }
        kills += 1;
        station.run(REBUILD).ok();
        assert_eq!(fs::read_dir(station.journal()).unwrap().count(), 2, "call {n}");
        station.run(EXPORT).refused(1, Control::JOURNAL_OUT);
    }
    assert!(kills > 4, "{kills}");
    fs::write(name(0), "damaged\n").unwrap();
    station.run(REBUILD).refused(1, Control::JOURNAL_FORM);
    assert_eq!(fs::read(name(0)).unwrap(), b"damaged\n");
}
