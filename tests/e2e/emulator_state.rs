//! The emulator's state file under `kill -9`: answered changes are kept, and nothing else appears.
//!
//! The emulator is killed before each call that changes the file, from its start to the third change of its state; the long run
//! (`--ignored`) kills it at random times.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::support::kill_at::{KillAt, keeps_a_database};
use crate::support::kms::Kms;
use crate::support::*;
use keyferry_core::{Control, WrappingAlgorithm};
use keyferry_tencent::Action;
use serde_json::{Value, json};

const REGION: &str = "ap-singapore";

/// How often the long run kills the emulator.
const KILLS: u64 = 20;
/// Changes that are answered in the last round, after the emulator was killed once at each call.
const CHANGES: usize = 3;

fn names(kms: &Kms) -> Vec<(String, String)> {
    let mut found = Vec::new();
    loop {
        let body = json!({"Offset": found.len(), "Limit": 200, "OrderType": 1});
        let page = kms.call(Action::ListKeyDetail, &body).unwrap();
        let keys: &Vec<Value> = page["KeyMetadatas"].as_array().unwrap();
        let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
        found.extend(keys.iter().map(|key| (text(key, "KeyId"), text(key, "Alias"))));
        if keys.is_empty() {
            return found;
        }
    }
}

/// What the clients know about the file's keys.
#[derive(Default)]
struct Known {
    /// Id and alias of keys whose creation was answered.
    answered: Vec<(String, String)>,
    /// Requests without an answer, which may have been carried out or not.
    unanswered: usize,
}

impl Known {
    /// Checks that the state has everything that was answered, and nothing that was not requested.
    fn look(&mut self, kms: &Kms, round: u64) {
        let there = names(kms);
        let known = self.answered.len();
        assert!(
            self.answered.iter().all(|key| there.contains(key)),
            "round {round}: an answered change is gone"
        );
        assert!(there.len() <= known + self.unanswered, "round {round}: keys that nobody requested");
        *self = Self { answered: there, unanswered: 0 };
    }

    /// Makes keys until the emulator is killed; returns how many were answered.
    fn make(&mut self, kms: &Kms, round: u64) -> usize {
        self.unanswered += 1;
        for made in 0.. {
            let alias = format!("k-{round}-{made}");
            match kms.try_call(Action::CreateKey, &json!({"Alias": alias, "Type": 2})) {
                Ok(reply) => {
                    self.answered.push((reply.unwrap()["KeyId"].as_str().unwrap().to_owned(), alias));
                }
                Err(_) => return made,
            }
        }
        unreachable!("every change writes to the file, and one of its writes is killed");
    }
}

#[test]
fn what_was_answered_survives_a_kill_at_every_call_that_changes_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = emulate();
    command.arg("--state").arg(dir.path().join("state")).args(["--wrapping-keys", "2"]);
    // The first run creates the state file and is not killed, because an incomplete file is always refused.
    drop(EmulatorProcess::start(&["--state", dir.path().join("state").to_str().unwrap()]));
    let mut known = Known::default();
    let mut begun = 0;
    for round in 1.. {
        let mut run = KillAt::start(&command, keeps_a_database, round.try_into().unwrap());
        let mut ready = String::new();
        BufReader::new(&mut run.stdout).read_line(&mut ready).unwrap();
        // If there is no address, the emulator was killed before it listened.
        let made = ready.find("http://").map(|at| {
            let kms = Kms::new(ready[at..].trim(), REGION);
            known.look(&kms, round);
            known.make(&kms, round)
        });
        assert!(run.end().killed());
        begun += usize::from(made.is_some());
        if made >= Some(CHANGES) {
            println!(
                "killed {round} times, {begun} of them while it listened; {} keys",
                known.answered.len()
            );
            break;
        }
    }
    assert!(begun > CHANGES, "each change takes at least one call");
    let emulator = EmulatorProcess::start(&["--state", dir.path().join("state").to_str().unwrap()]);
    known.look(&Kms::new(&emulator.endpoint, REGION), 0);
}

#[test]
#[ignore = "random times: --ignored --nocapture"]
fn what_was_answered_survives_being_killed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("state");
    let more = ["--state", file.to_str().unwrap(), "--wrapping-keys", "2"];
    let mut known = Known::default();
    for round in 0..KILLS {
        let emulator = EmulatorProcess::start(&more);
        let kms = Kms::new(&emulator.endpoint, REGION);
        known.look(&kms, round);
        let pid = emulator.pid().to_string();
        let killer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(3 + round * 7 % 40));
            assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
        });
        known.make(&kms, round);
        killer.join().unwrap();
    }
    assert!(known.answered.len() > 25, "only {} keys were made", known.answered.len());
}

#[test]
fn a_fetch_is_good_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("state");
    let more = ["--state", file.to_str().unwrap(), "--wrapping-keys", "2"];
    let emulator = EmulatorProcess::start(&more);
    let kms = Kms::new(&emulator.endpoint, REGION);
    let id = kms.create_external("fetched");
    let (_, token) = kms.parameters(&id, WrappingAlgorithm::default());
    drop(emulator); // SIGKILL
    let emulator = EmulatorProcess::start(&more);
    let kms = Kms::new(&emulator.endpoint, REGION);
    // The token is still known: only the ciphertext is refused.
    assert_eq!(kms.import(&id, "AAAA", &token), Err("InvalidParameter.DecryptMaterialError".to_owned()));
    assert_eq!(kms.import(&id, "AAAA", "AAAA"), Err("ResourceUnavailable.TokenExpired".to_owned()));
    // Only one emulator can use a file at a time.
    run(emulate().args(more)).refused(1, Control::FILE_OTHER);
}
