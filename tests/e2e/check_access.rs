//! What `check-access` finds at the real emulator: each missing right, the clock, the edition; and that it changes nothing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;

use keyferry_core::{Control, WrappingAlgorithm};
use keyferry_tencent::Action;
use serde_json::{Value, json};

use crate::support::admin::Admin;
use crate::support::kms::Kms;
use crate::support::*;

const REGION: &str = "ap-singapore";

/// The rights that a ceremony needs if it creates keys: the runbook's list for the administrator.
const NEEDED: [&str; 6] =
    ["CreateKey", "GetParametersForImport", "ImportKeyMaterial", "DescribeKey", "Encrypt", "Decrypt"];

/// The actions that could destroy, rename or use a key.
const BEYOND: [&str; 15] = [
    "DeleteImportedKeyMaterial",
    "EnableKey",
    "DisableKey",
    "EnableKeys",
    "DisableKeys",
    "ScheduleKeyDeletion",
    "CancelKeyDeletion",
    "UpdateAlias",
    "UpdateKeyDescription",
    "GenerateDataKey",
    "ReEncrypt",
    "EnableKeyRotation",
    "DisableKeyRotation",
    "ArchiveKey",
    "CancelKeyArchive",
];

/// A plan for one key; without an id, the key is still to be created.
fn room(region: &str, key_id: Option<&str>) -> Room {
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    plan(&room, &[("master", region, key_id)]);
    room
}

fn plan(room: &Room, keys: &[(&str, &str, Option<&str>)]) {
    fs::write(room.path("plan.toml"), plan_text("rehearsal", WrappingAlgorithm::default(), keys)).unwrap();
}

fn check(room: &Room, emulator: &EmulatorProcess, more: &str) -> Run {
    let line = format!("check-access --plan plan.toml{more}");
    run(online(line.split(' '), &emulator.endpoint).current_dir(room.dir.path()))
}

/// The row of an action in the first region.
fn right<'v>(found: &'v Value, action: &str) -> &'v Value {
    let rows = found["regions"][0]["actions"].as_array().unwrap();
    &rows.iter().find(|row| row["action"] == action).unwrap()["right"]
}

#[test]
fn each_right_taken_away_is_named() {
    let room = room(REGION, None);
    for action in Action::ALL.iter().map(|action| action.as_str()) {
        let emulator = EmulatorProcess::start(&["--wrapping-keys", "2", "--deny", action]);
        let run = check(&room, &emulator, " --json");
        let needed = NEEDED.contains(&action);
        assert_eq!(run.code, Some(i32::from(needed)), "{action}: {run:?}");
        let found = run.json();
        let region = &found["regions"][0];
        assert_eq!(region["missing"], if needed { json!([action]) } else { json!([]) }, "{action}");
        for other in Action::ALL.iter().map(|other| other.as_str()) {
            assert_eq!(right(&found, other) == "missing", other == action, "{action}: {other}");
        }
        let beyond: Vec<&str> =
            region["beyond"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
        for other in BEYOND {
            assert_eq!(beyond.contains(&other), other != action, "{action}: {other}");
        }
        assert_eq!(beyond.len(), BEYOND.len() - usize::from(BEYOND.contains(&action)), "{beyond:?}");
        if needed {
            assert!(run.err.contains(&format!("may not call {action}, which")), "{run:?}");
            assert_eq!(found["error"]["control"], Control::ACCESS.id());
        }
    }
}

#[test]
fn all_that_is_missing_is_named_at_once_in_both_languages() {
    let room = room(REGION, None);
    let emulator =
        EmulatorProcess::start(&["--wrapping-keys", "2", "--deny", "Decrypt", "--deny", "CreateKey"]);
    let run = check(&room, &emulator, "");
    run.refused(1, Control::ACCESS);
    assert!(run.err.contains("may not call CreateKey, Decrypt, which"), "{run:?}");
    assert!(
        run.out
            .lines()
            .any(|l| l.starts_with("ap-singapore") && l.contains("CreateKey") && l.contains(" no "))
    );
    assert!(run.out.contains("throw-away key") && run.out.contains("schedule-deletion --days 7"), "{run:?}");
    let run = check(&room, &emulator, " --lang zh");
    assert!(
        run.err.contains("没有调用 CreateKey、Decrypt 的权限") && run.out.contains("一次性密钥"),
        "{run:?}"
    );
}

#[test]
fn keys_and_pending_parameters_stay_as_they_are() {
    let room = room(REGION, None);
    let (emulator, admin) = Admin::start(room.dir.path());
    let kms = Kms::new(&emulator.endpoint, REGION);
    let (pending, imported) = (kms.create_external("pending"), kms.create_external("imported"));
    let (one, two) = (("pending", REGION, Some(&*pending)), ("imported", REGION, Some(&*imported)));
    plan(&room, &[one, two, ("new", REGION, None)]);
    kms.parameters(&pending, WrappingAlgorithm::default());
    let before = admin.keys();
    let run = check(&room, &emulator, " --json");
    run.ok();
    let found = run.json();
    assert_eq!(admin.keys(), before);
    assert_eq!(right(&found, "DescribeKey"), "held");
    assert_eq!(right(&found, "GetParametersForImport"), "likely");
    let keys = found["regions"][0]["keys"].as_array().unwrap();
    assert_eq!((&keys[0]["state"], &keys[0]["edition"]), (&json!("PendingImport"), &json!("fips")));
    assert_eq!(keys[2]["state"], Value::Null);
    assert_eq!(found["regions"][0]["listed"], true);
}

#[test]
fn a_clock_that_is_wrong_is_said_also_where_the_service_refuses_everything() {
    let room = room(REGION, None);
    let (emulator, admin) = Admin::start(room.dir.path());
    // Far from both limits, 60 s and 300 s, so that a slow machine makes no difference.
    admin.skew(200);
    let run = check(&room, &emulator, " --json");
    run.refused(1, Control::ACCESS);
    let ahead = run.json()["clock"]["service_ahead_seconds"].as_i64().unwrap();
    assert!(run.err.contains(&format!("{ahead} s behind the service's")), "{run:?}");
    admin.skew(-3600);
    let run = check(&room, &emulator, "");
    assert!(
        run.err.contains("s ahead of the service's") && run.err.contains("AuthFailure.SignatureExpire"),
        "{run:?}"
    );
    assert_eq!(run.code, Some(4));
}

#[test]
fn edition_and_region_are_held_against_the_plan() {
    let room = room(REGION, None);
    let emulator = EmulatorProcess::start(&["--wrapping-keys", "2", "--region-edition", "ap-singapore=sm"]);
    let key_id = Kms::new(&emulator.endpoint, REGION).create_external("master");
    plan(&room, &[("master", REGION, Some(&key_id))]);
    let run = check(&room, &emulator, "");
    run.refused(1, Control::PARAM_EDITION);
    assert!(run.err.contains("key master belongs to the sm edition; the plan says fips"), "{run:?}");
    plan(&room, &[("master", "ap-nowhere", None)]);
    let run = check(&room, &emulator, "");
    run.refused(1, Control::ACCESS);
    assert!(run.err.contains("does not serve ap-nowhere"), "{run:?}");
    assert!(!run.err.contains("it is not known whether"), "{run:?}");
}
