//! A record may name ciphertexts whose files never appeared, or were moved away: the last one counts, for `verify` and for the next `wrap`.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use crate::support::kill_at::{KillAt, links_a_file};
use crate::support::shares::{lines, private_folder, run_typing};
use crate::support::*;
use keyferry_audit::record::{Audit, Expect, Folder};
use keyferry_core::*;

const NONE: &str = "scheme = \"none\"\nreason = \"a test\"\n";
const SLIP39: &str = "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n";

/// A key at an emulator, exported to the folder `medium`.
struct Exported {
    emulator: EmulatorProcess,
    dir: tempfile::TempDir,
}

impl Exported {
    fn new(backup: &str) -> Self {
        let emulator = EmulatorProcess::start(&["--wrapping-keys", "2"]);
        let this = Self { emulator, dir: tempfile::tempdir().unwrap() };
        let keys = [("master", "ap-singapore", None)];
        let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &keys).replace(NONE, backup);
        for folder in ["medium", "shares", "more"] {
            private_folder(&this.path(folder));
        }
        fs::write(this.path("draft.toml"), plan).unwrap();
        let record = "--transcript medium/transcript.jsonl";
        this.online(&format!("create-key --plan draft.toml --out medium/plan.toml {record}")).ok();
        this.online("export --plan medium/plan.toml --out medium --session session.json").ok();
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn online(&self, line: &str) -> Run {
        run(online(line.split(' '), &self.emulator.endpoint).current_dir(self.dir.path()))
    }

    fn import(&self) -> Run {
        self.online("import --session session.json --ciphertext medium/ciphertext.json")
    }

    fn wrap(&self) -> Command {
        let line = "wrap --plan medium/plan.toml --parameters medium/parameters.json --out medium";
        let mut wrap = offline(line.split(' '));
        wrap.current_dir(self.dir.path());
        wrap
    }

    /// Wraps, with shares as files in a folder.
    fn wrap_shared(&self, folder: &str) -> Run {
        let mut wrap = self.wrap();
        wrap.args(["--shares", &format!("files={folder}")]);
        run_typing(&mut wrap, &self.path(folder), "Yes\n", lines)
    }

    fn move_away(&self, name: &str) {
        fs::rename(self.path("medium/ciphertext.json"), self.path(name)).unwrap();
    }

    fn audit(&self) -> Audit {
        Audit::of(&Folder::read(&self.path("medium")).unwrap(), &Expect::default())
    }

    fn refusals(&self) -> Vec<Control> {
        self.audit().refusals.iter().map(Explain::control).collect()
    }
}

#[test]
fn verify_takes_the_last_ciphertext_alone() {
    let room = Exported::new(NONE);
    // Killed after the record was complete, just before the ciphertext was linked to its name.
    let mut killed = KillAt::start(&room.wrap(), links_a_file, 1);
    let _ = killed.stdin.as_mut().unwrap().write_all(b"Yes\n");
    assert!(killed.end().killed());
    assert!(!room.path("medium/ciphertext.json").exists());
    assert!(room.refusals().contains(&Control::VERIFY_FILES), "the record names a file that is not there");
    run(&mut room.wrap()).ok();
    room.move_away("second.json");
    run(&mut room.wrap()).ok();
    room.import().ok();
    let found = room.audit();
    assert_eq!(found.refusals, []);
    let superseded: Vec<_> = found.deviations.iter().filter(|d| d.kind == "superseded").collect();
    assert_eq!(superseded.len(), 2, "{:?}", found.deviations);
    let run = run(program("keyferry").arg("verify").arg(room.path("medium")));
    assert!(run.ok().out.contains("a later run made another"), "{run:?}");
    // With no file, and with an earlier file in place of the last one.
    room.move_away("third.json");
    assert!(room.refusals().contains(&Control::VERIFY_FILES));
    fs::copy(room.path("second.json"), room.path("medium/ciphertext.json")).unwrap();
    let run = crate::support::run(program("keyferry").arg("verify").arg(room.path("medium")));
    run.refused(1, Control::VERIFY_CIPHERTEXT);
    assert!(run.err.contains("names a later one, which counts"), "{run:?}");
    fs::copy(room.path("third.json"), room.path("medium/ciphertext.json")).unwrap();
    assert_eq!(room.refusals(), []);
}

/// Only the online station's own line shows that a ciphertext was used. Without it, a person is asked before the shares become void.
#[test]
fn shares_count_as_used_once_the_online_station_checked_their_ciphertext() {
    let room = Exported::new(SLIP39);
    room.wrap_shared("shares").ok();
    room.move_away("first.json");
    run(room.wrap().args(["--shares", "files=more"])).refused(1, Control::BACKUP_STRANDED);
    fs::copy(room.path("first.json"), room.path("medium/ciphertext.json")).unwrap();
    room.import().ok();
    room.move_away("first.json");
    room.wrap_shared("more").ok();
}

#[test]
fn an_earlier_ciphertext_is_not_imported() {
    let room = Exported::new(NONE);
    run(&mut room.wrap()).ok();
    room.move_away("first.json");
    run(&mut room.wrap()).ok();
    let record = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    // The ciphertext is not put next to the session: there the command would refuse the folder, because the session must never cross.
    fs::create_dir(room.path("back")).unwrap();
    fs::copy(room.path("first.json"), room.path("back/ciphertext.json")).unwrap();
    let line = "import --session session.json --ciphertext back/ciphertext.json --transcript medium/transcript.jsonl";
    let refused = room.online(line);
    refused.refused(1, Control::CIPHER_LAST);
    assert_eq!(fs::read(room.path("medium/transcript.jsonl")).unwrap(), record, "the record was touched");
    room.import().ok();
    assert_eq!(room.refusals(), []);
}

/// The service took the first material; a later run made different material, which the key can never take. The record must not say that the
/// later one counts.
#[test]
fn a_proof_counts_for_its_own_ciphertext_alone() {
    let room = Exported::new(NONE);
    run(&mut room.wrap()).ok();
    room.import().ok();
    assert_eq!(room.refusals(), []);
    room.move_away("first.json");
    run(&mut room.wrap()).ok();
    let _ = room.import();
    assert!(room.refusals().contains(&Control::VERIFY_KEY), "{:?}", room.refusals());
}
