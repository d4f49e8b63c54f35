//! The files that the adversary brings into the virtual machine (`cargo xtask vm adversary`), which runs real production.
//!
//! `xtask` compiles no cryptography, so the files are committed. With `KEYFERRY_BLESS=adversary` the test makes new ones.

use std::fs;
use std::path::{Path, PathBuf};

use crate::forge::json::{Json, text};
use crate::forge::key::KeyPair;
use crate::forge::parameters::Life;
use crate::forge::rewritten::Rewritten;
use crate::forge::{ciphertext, digest, parameters, plan, record, time};
use crate::room::{Backup, Room};

/// The files, in the job's folder.
const FILES: [&str; 8] = [
    "exported/transcript.jsonl",
    "other-record/transcript.jsonl",
    "planted/ciphertext.json",
    "planted/transcript.jsonl",
    "other-keys.json",
    "other-plan.toml",
    "other-plan.json",
    "earlier.jsonl",
];

fn vm() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("xtask/src/vm")
}

fn read(name: &str) -> String {
    fs::read_to_string(vm().join("jobs/adversary").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Makes them from the plan and the parameters of the machine's room, and from the record of a ceremony with shares.
pub(crate) fn make(shares: &Room, attacker: &KeyPair) {
    let room = |name: &str| fs::read_to_string(vm().join("room/plain").join(name)).unwrap();
    let (reviewed, fetched) = (room("plan.toml"), room("parameters.json"));
    let life = life(&fetched);
    let exported = exported(&reviewed, &fetched, &life);
    let known = ciphertext::of_known_material(&fetched, shares.path());
    let theirs = fs::read_to_string(shares.path().join("theirs/transcript.jsonl")).unwrap();
    let wrapped = record::with_wrap(&exported, &known, &record::Station::of(&theirs));
    let other = plan::with_comment(&reviewed);
    let files = [
        exported.clone(),
        record::other_content(&exported),
        known,
        wrapped,
        parameters::of_plan(&reviewed, &attacker.public, &life),
        other.clone(),
        parameters::of_plan(&other, &attacker.public, &life),
        earlier(shares, &reviewed),
    ];
    for (name, text) in FILES.iter().zip(files) {
        let path = vm().join("jobs/adversary").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The time of the machine's parameters: its clock starts a little later.
fn life(parameters: &str) -> Life {
    let value = |name: &str| {
        let line = parameters.lines().find(|line| line.contains(name)).unwrap();
        line.rsplit('"').nth(1).unwrap().to_owned()
    };
    Life { fetched_at: value("\"fetched_at\""), expires_at: value("\"expires_at\"") }
}

/// The record of the export from which the machine's parameters would have come.
fn exported(plan: &str, parameters: &str, life: &Life) -> String {
    let line = |event: Event| {
        Json::Object(vec![
            ("time", text(life.fetched_at.as_str())),
            ("station", text("online")),
            ("ceremony", text(plan::value(plan, "ceremony").unwrap())),
            ("step", text("online-export")),
            ("event", Json::Object(event)),
        ])
        .line()
    };
    let begun = vec![
        ("kind", text("begun")),
        ("command", text("export")),
        ("program", text("keyferry-online 0.1.0")),
        ("plan_sha256", text(digest::of(plan))),
        ("purpose", text("production")),
    ];
    let exported = vec![
        ("kind", text("exported")),
        ("parameters_sha256", text(digest::of(parameters))),
        ("endpoint", text("https://kms.tencentcloudapi.com")),
        ("keys", Json::Number(1)),
    ];
    let finished = vec![
        ("kind", text("finished")),
        ("command", text("export")),
        ("succeeded", Json::Number(1)),
        ("failed", Json::Number(0)),
    ];
    let lines = [begun, fetched(parameters, life), exported, finished].map(line);
    record::chained(lines.iter().map(String::as_str))
}

type Event = Vec<(&'static str, Json)>;

fn fetched(parameters: &str, life: &Life) -> Event {
    let fetched: serde_json::Value = serde_json::from_str(parameters).unwrap();
    let key = &fetched["keys"][0];
    let of = |name: &str| text(key[name].as_str().unwrap());
    let public = key["public_key"].as_str().unwrap();
    vec![
        ("kind", text("parameters-fetched")),
        ("alias", of("alias")),
        ("region", of("region")),
        ("key_id", of("key_id")),
        ("algorithm", of("algorithm")),
        ("wrapping_key_sha256", text(crate::forge::key::fingerprint(public))),
        ("import_token_sha256", of("import_token_sha256")),
        ("expires_at", text(life.expires_at.as_str())),
        ("request_id", text("6ad8e4f2-6c4a-4ae3-9d8c-000000000001")),
    ]
}

/// A production record with shares of the machine's key, for `rewrap` and `drill`.
fn earlier(shares: &Room, plan: &str) -> String {
    assert_eq!(shares.backup, Backup::Shares);
    let file = |name: &str| fs::read_to_string(shares.path().join(name)).unwrap();
    let mut rewritten = Rewritten::default();
    let (from, to) = (plan::keys(&file("plan.toml")), plan::keys(plan));
    rewritten.replace(&from[0].key_id, &to[0].key_id);
    // Dates that are some days before the time on the machine's clock.
    for (seconds, day) in [(0, "2026-11-10T"), (86_400, "2026-11-11T")] {
        rewritten.replace(time::from_now(seconds).split_inclusive('T').next().unwrap(), day);
    }
    rewritten.text("transcript.jsonl", &file("record/transcript.jsonl"))
}

/// The committed files have the forger's form: digests, bindings and chains are consistent.
pub(crate) fn check() {
    let room = |name: &str| fs::read_to_string(vm().join("room/plain").join(name)).unwrap();
    for name in FILES.iter().filter(|name| name.ends_with(".jsonl")) {
        assert_eq!(record::chained(read(name).lines()), read(name), "{name}");
    }
    let known = read("planted/ciphertext.json");
    assert_eq!(ciphertext::bound_again(&known), known);
    assert!(known.contains(&digest::of(room("parameters.json"))), "not for the machine's parameters");
    assert!(read("planted/transcript.jsonl").contains(&digest::of(&known)), "not the record of that wrap");
    assert!(read("exported/transcript.jsonl").contains(&digest::of(room("parameters.json"))));
    assert_ne!(
        record::head(&read("exported/transcript.jsonl")),
        record::head(&read("other-record/transcript.jsonl"))
    );
    assert_eq!(read("other-plan.toml"), plan::with_comment(&room("plan.toml")));
    assert!(read("other-keys.json").contains(&digest::of(room("plan.toml"))));
    assert!(read("other-plan.json").contains(&digest::of(read("other-plan.toml"))));
}
