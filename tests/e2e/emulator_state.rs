//! The emulator's state file under `kill -9`: what was answered is kept, and nothing else appears.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::support::kms::Kms;
use crate::support::*;
use keyferry_core::{Control, WrappingAlgorithm};
use keyferry_kms_api::Action;
use serde_json::{Value, json};

const REGION: &str = "ap-singapore";

/// How often the emulator is killed.
const KILLS: u64 = 20;

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

#[test]
fn what_was_answered_survives_being_killed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("state");
    let more = ["--state", file.to_str().unwrap(), "--wrapping-keys", "2"];
    let mut answered: Vec<(String, String)> = Vec::new();
    let mut unanswered = 0;
    for round in 0..KILLS {
        let emulator = EmulatorProcess::start(&more);
        let kms = Kms::new(&emulator.endpoint, REGION);
        let there = names(&kms);
        assert!(answered.iter().all(|key| there.contains(key)), "round {round}: an answered change is gone");
        assert!(there.len() <= answered.len() + unanswered, "round {round}: keys that nobody asked for");
        (answered, unanswered) = (there, 0);
        let pid = emulator.pid().to_string();
        let killer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(3 + round * 7 % 40));
            assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
        });
        for n in 0.. {
            let alias = format!("k-{round}-{n}");
            match kms.try_call(Action::CreateKey, &json!({"Alias": alias, "Type": 2})) {
                Ok(reply) => {
                    answered.push((reply.unwrap()["KeyId"].as_str().unwrap().to_owned(), alias));
                }
                Err(_) => {
                    unanswered = 1;
                    break;
                }
            }
        }
        killer.join().unwrap();
    }
    assert!(answered.len() > 25, "only {} keys were made", answered.len());
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
    // The token is known: it is the ciphertext that is refused.
    assert_eq!(kms.import(&id, "AAAA", &token), Err("InvalidParameter.DecryptMaterialError".to_owned()));
    assert_eq!(kms.import(&id, "AAAA", "AAAA"), Err("ResourceUnavailable.TokenExpired".to_owned()));
    // One file, one emulator.
    run(emulate().args(more)).refused(1, Control::FILE_OTHER);
}
