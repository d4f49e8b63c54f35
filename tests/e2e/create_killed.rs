//! `kill -9` while `create-key` runs, and lost answers: the same command, run again, adopts the keys that it requested. No key exists
//! twice, nobody types an id, and the record verifies.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)] // figures are the point

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use crate::support::admin::Admin;
use crate::support::kill_at::{KillAt, changes_or_speaks};
use crate::support::kms::Kms;
use crate::support::record::audit;
use crate::support::*;
use keyferry_audit::record::Folder;
use keyferry_core::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::json;

const REGIONS: [&str; 2] = ["ap-singapore", "ap-guangzhou"];

/// A draft with this many keys in two regions, an emulator, and a separate station.
struct Station {
    dir: tempfile::TempDir,
    emulator: EmulatorProcess,
    admin: Admin,
}

impl Station {
    fn new(keys: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (emulator, admin) = Admin::start(dir.path());
        let names: Vec<String> = (0..keys).map(|n| format!("key-{n}")).collect();
        let keys: Vec<_> =
            names.iter().enumerate().map(|(n, alias)| (alias.as_str(), REGIONS[n % 2], None)).collect();
        let draft = plan_text("rehearsal", WrappingAlgorithm::default(), &keys);
        fs::write(dir.path().join("draft.toml"), draft).unwrap();
        fs::create_dir(dir.path().join("record")).unwrap();
        Self { dir, emulator, admin }
    }

    fn command(&self, line: &str) -> Command {
        let mut command = online(line.split(' '), &self.emulator.endpoint);
        command.args(["--rate", "10000", "--jobs", "1"]).current_dir(self.dir.path());
        by_script(&mut command).stdin(Stdio::null());
        command
    }

    fn create(&self) -> Command {
        self.command(
            "create-key --plan draft.toml --out record/plan.toml --transcript record/transcript.jsonl",
        )
    }

    /// Kills the command before call `n`; returns whether it was still running then.
    fn is_killed(&self, n: usize) -> bool {
        KillAt::start(&self.create(), changes_or_speaks, n).end().killed()
    }

    /// Checks that the plan has each key of the service, and that the service has each alias once.
    fn check(&self, keys: usize) {
        let plan = CeremonyPlan::parse(&fs::read(self.dir.path().join("record/plan.toml")).unwrap()).unwrap();
        let mut there = BTreeMap::new();
        for key in self.admin.keys() {
            let (alias, id) =
                (key["Alias"].as_str().unwrap().to_owned(), key["KeyId"].as_str().unwrap().to_owned());
            assert!(there.insert(alias, id).is_none(), "{key}: a key exists twice");
        }
        assert_eq!((there.len(), plan.keys().len()), (keys, keys));
        for key in plan.keys() {
            assert_eq!(there[key.alias.as_str()], key.key_id.as_ref().unwrap().as_str());
        }
    }

    /// The rest of the ceremony; the whole record must be accepted.
    fn hold(&self) {
        run(&mut self.command("export --plan record/plan.toml --out record --session session.json")).ok();
        let wrap = "wrap --plan record/plan.toml --parameters record/parameters.json --out record";
        run(offline(wrap.split(' ')).current_dir(self.dir.path())).ok();
        let import = "import --session session.json --ciphertext record/ciphertext.json";
        run(online(import.split(' '), &self.emulator.endpoint)
            .args(["--rate", "10000"])
            .current_dir(self.dir.path()))
        .ok();
        let audit = audit(&Folder::read(&self.dir.path().join("record")).unwrap());
        assert_eq!(audit.refusals, []);
    }
}

#[test]
fn killed_twenty_times_over_many_keys() {
    const KEYS: usize = 300;
    let station = Station::new(KEYS);
    let rng = &mut ChaCha20Rng::from_seed([22; 32]);
    let mut kills = 0;
    while kills < 20 {
        // A key that an earlier run created needs no call; a new one needs two lines and a request. Kills anywhere in the next few
        // calls.
        let there = station.admin.keys().len();
        let n = 20 + usize::try_from(rng.next_u32() % 40).unwrap();
        assert!(station.is_killed(n), "the run ended before call {n}, with {there} keys");
        kills += 1;
    }
    let there = station.admin.keys().len();
    assert!(there > 20 && there < KEYS, "{there}: the kills missed the part that matters");
    run(&mut station.create()).ok();
    station.check(KEYS);
    println!("{kills} kills, {there} keys before the last run");
    station.hold();
}

/// Kills at every moment of a run with two keys, each time at a new service.
#[test]
fn killed_at_every_call_that_changes_a_file_or_speaks() {
    let mut complete = 0;
    for n in 1.. {
        let station = Station::new(2);
        if !station.is_killed(n) {
            break;
        }
        let again = run(&mut station.create());
        if again.code == Some(1) {
            again.refused(1, Control::FILE_EXISTS);
            complete += 1;
        } else {
            again.ok();
        }
        station.check(2);
        // The record ends with a finished run, and each key is named once.
        let record = fs::read(station.dir.path().join("record/transcript.jsonl")).unwrap();
        let chain = Transcript::verify(&record).unwrap().unwrap();
        let created = chain.lines().iter().filter(|line| matches!(line.event, Event::KeyCreated { .. }));
        assert_eq!(created.count(), 2, "call {n}");
        assert!(matches!(chain.lines().last().unwrap().event, Event::Finished { .. }), "call {n}");
    }
    assert!(complete > 0, "no kill came after the plan was written");
}

/// The key was created, but the answer did not arrive, once or at every attempt.
#[test]
fn answers_that_are_lost_lose_no_key() {
    for (n, kind) in ["lost-reply", "cut", "cut-midway", "garbled"].into_iter().enumerate() {
        let station = Station::new(2);
        let first = json!({"action": "CreateKey", "calls": 1, "fault": {"kind": kind}});
        station.admin.fault(REGIONS[0], first);
        let done = run(station.create().args(["--attempts", "3"]));
        done.ok();
        station.check(2);
        assert_eq!(done.err.contains("adopted"), kind != "cut", "{kind}: {}", done.err);
        if n == 0 {
            station.hold();
        }
    }
}

/// The answer was lost, and no later request succeeded either: the next run finds the key by its mark.
#[test]
fn a_lost_answer_is_made_good_by_the_next_run() {
    let station = Station::new(2);
    station
        .admin
        .fault(REGIONS[0], json!({"action": "CreateKey", "calls": 1, "fault": {"kind": "lost-reply"}}));
    station.admin.fault(
        REGIONS[0],
        json!({"action": "ListKeyDetail", "calls": 1000, "fault": {"kind": "error", "code": "UnauthorizedOperation"}}),
    );
    run(station.create().args(["--attempts", "1"])).refused(4, Control::KMS_REFUSED);
    // The incomplete plan has one key.
    fs::remove_file(station.dir.path().join("record/plan.toml")).unwrap();
    station.admin.no_faults(REGIONS[0]);
    run(&mut station.create()).ok();
    station.check(2);
    station.hold();
}

/// A key with the alias that nobody here requested is refused, even after a run that was killed before it requested its own.
#[test]
fn a_stranger_s_key_is_refused_after_a_kill_too() {
    let station = Station::new(2);
    let stranger = Kms::new(&station.emulator.endpoint, REGIONS[0]).create_external("key-0");
    let refused = run(&mut station.create());
    refused.refused(1, Control::KMS_OWN);
    assert!(refused.err.contains(&stranger), "{}", refused.err);
    fs::remove_file(station.dir.path().join("record/plan.toml")).unwrap();
    run(&mut station.create()).refused(1, Control::KMS_OWN);
    let plan = fs::read_to_string(station.dir.path().join("record/plan.toml")).unwrap();
    assert!(!plan.contains(&stranger));
}
