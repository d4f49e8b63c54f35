//! `export`: outputs, failing keys, and every place where a run may have been killed.

use std::os::unix::fs::PermissionsExt;

use keyferry_core::{Control, Parameters, Session, Transcript, artefact};

use crate::kit::{ONE, OTHER_SPKI, Room, SPKI, TWO, TWO_KEYS, refused, success, token};
use crate::server::Request;

const FILES: [&str; 3] = ["out/parameters.json", "session.json", "out/transcript.jsonl"];

#[test]
fn outputs_and_what_is_said() {
    let room = Room::new();
    let done = room.export("--json").expect(0, "REHEARSAL");
    let (parameters, digest) =
        artefact::parse::<Parameters>(room.read("out/parameters.json").as_bytes()).unwrap();
    let (session, _) = artefact::parse::<Session>(room.read("session.json").as_bytes()).unwrap();
    assert_eq!((session.parameters_sha256, session.endpoint.as_str()), (digest, room.server.url().as_str()));
    assert_eq!(session.secrets[0].import_token.as_ref().unwrap().expose(), token(ONE));
    let mode = room.path("session.json").metadata().unwrap().permissions().mode();
    assert_eq!((mode & 0o777, parameters.keys.len()), (0o600, 2));
    let json = done.json();
    assert_eq!(json["parameters_sha256"], digest.to_string());
    assert_eq!(json["words"]["en"].as_array().unwrap().len(), 24);
    assert_eq!(
        (json["keys"][1]["bits"].as_u64(), json["failures"].as_array().unwrap().len()),
        (Some(128), 0)
    );
    assert!(json.get("error").is_none());
    let chain = Transcript::verify(room.read("out/transcript.jsonl").as_bytes()).unwrap().unwrap();
    assert_eq!(
        (chain.lines().len(), json["transcript_head"].as_str()),
        (6, Some(&*chain.head().to_string()))
    );
    let human = Room::new().export("").expect(0, "digest");
    assert!(human.has_words() && human.stderr.contains("wrapping key"), "{}", human.stderr);
    assert_eq!(human.stdout, "out/parameters.json\n");
}

#[test]
fn one_failing_key_does_not_hide_the_other() {
    type Spoil = fn(&Room);
    let cases: &[(&str, i32, Spoil)] = &[
        ("KF-KMS-02", 1, |r| r.set(ONE, "Origin", "TENCENT_KMS")),
        ("KF-KMS-03", 1, |r| r.set(ONE, "KeyState", "PendingDelete")),
        ("KF-KMS-04", 1, |r| r.set(ONE, "Alias", "eins")),
        ("KF-PARAM-06", 1, |r| r.set(ONE, "Type", 4)),
        ("KF-PARAM-06", 1, |r| r.set(ONE, "Type", 7)),
        ("KF-KMS-01", 4, |r| drop(r.keys.lock().unwrap().remove(ONE))),
    ];
    for (control, code, spoil) in cases {
        let room = Room::new();
        spoil(&room);
        let done = room.export("--json").expect(*code, &format!("error [{control}]: one:"));
        let json = done.json();
        assert_eq!(
            (&json["failures"][0]["alias"], &json["keys"][0]["alias"]),
            (&"one".into(), &"two".into())
        );
        assert_eq!(
            (&json["error"]["control"], &json["error"]["exit_code"]),
            (&(*control).into(), &(*code).into())
        );
        let record = room.read("out/transcript.jsonl");
        assert!(record.contains("key-failed") && record.contains(control), "{record}");
        assert!(
            !room
                .server
                .requests()
                .iter()
                .any(|r| r.action() == "GetParametersForImport" && r.json()["KeyId"] == ONE)
        );
        room.set(TWO, "KeyState", "Disabled");
    }
}

/// The whole run is refused, even for the valid keys: the reviewers have to correct the plan, and nothing has been requested yet.
#[test]
fn a_plan_with_an_error_is_refused_before_any_request() {
    for (from, to, control, line) in [
        ("\"never\"", "\"2020-01-01T00:00:00Z\"", Control::PLAN_VALID_TO, "valid_to"),
        ("purpose", "minimum_time_left = \"24h\"\npurpose", Control::PLAN_READY, "minimum_time_left"),
    ] {
        let room = Room::new();
        let text = TWO_KEYS.replacen(from, to, 1);
        let line = 1 + text.lines().position(|l| l.starts_with(line)).unwrap();
        room.write("plan.toml", text);
        room.export("").expect(1, &format!("error [{control}]: line {line} of the plan, "));
        assert!(room.server.requests().is_empty() && !room.path("out/transcript.jsonl").exists());
    }
}

#[test]
fn a_wrapping_key_that_the_offline_station_would_refuse_never_leaves() {
    let short = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALRiMLAh9iimur8VA7qVvdqxevEuUkW4K+2KdMXmnQbG9Aa7k7eBjK1S+0LYmXjPKlJGNXHDGJy5Fw/d7rjVJ0MCAwEAAQ==";
    for (public_key, control, code) in
        [(short, "KF-KEY-03", 1), ("not base64", "KF-NET-03", 4), (&SPKI[..SPKI.len() - 8], "KF-KEY-01", 1)]
    {
        let room = Room::with(move |r: &Request| {
            (r.action() == "GetParametersForImport").then(|| {
                success(serde_json::json!({
                    "KeyId": r.json()["KeyId"], "ImportToken": "t", "PublicKey": public_key, "ParametersValidTo": 4_000_000_000_u64,
                }))
            })
        });
        room.export("").expect(code, control);
        room.no_outputs();
    }
}

#[test]
fn a_draft_is_refused_before_any_request() {
    let room = Room::new();
    room.write("plan.toml", TWO_KEYS.replacen("key_id", "# key_id", 1));
    room.export("").expect(1, "KF-PLAN-05");
    assert!(room.server.requests().is_empty());
    room.no_outputs();
}

#[test]
fn no_key_at_all_leaves_an_older_record_longer_and_nothing_else() {
    let room = Room::with(|_| Some(refused("AuthFailure.SecretIdNotFound")));
    room.write("out/transcript.jsonl", "");
    room.export("").expect(4, "KF-KMS-01");
    assert!(!room.has("session.json") && !room.has("out/parameters.json"));
    assert_eq!(room.read("out/transcript.jsonl").matches("key-failed").count(), 2);
}

/// A room in which an export has succeeded, and the number of requests that it took.
fn exported() -> (Room, usize) {
    let room = Room::new();
    room.export("").expect(0, "");
    let requests = room.server.requests().len();
    (room, requests)
}

fn cut_record(room: &Room, lines: usize) {
    let text = room.read("out/transcript.jsonl");
    room.write("out/transcript.jsonl", text.split_inclusive('\n').take(lines).collect::<String>());
}

#[test]
fn killed_between_session_and_parameters() {
    for lines_left in 0..=3 {
        let (room, requests) = exported();
        let (before, token_line) = (room.read("out/parameters.json"), room.read("session.json"));
        std::fs::remove_file(room.path("out/parameters.json")).unwrap();
        cut_record(&room, lines_left);
        let done = room.export("--json").expect(0, "finishing an interrupted export");
        assert_eq!(done.json()["resumed"], true);
        assert_eq!((room.read("out/parameters.json"), room.read("session.json")), (before, token_line));
        assert_eq!(room.server.requests().len(), requests, "nothing is fetched again");
        let record = room.read("out/transcript.jsonl");
        assert!(Transcript::verify(record.as_bytes()).unwrap().is_some());
        let count = |kind: &str| record.matches(&format!("\"kind\":\"{kind}\"")).count();
        assert_eq!((count("parameters-fetched"), count("exported")), (2, 1), "{record}");
        room.export("").expect(1, "KF-FILE-01");
    }
}

#[test]
fn killed_between_parameters_and_the_end_of_the_record() {
    let (room, requests) = exported();
    cut_record(&room, 3);
    let torn = format!("{}{{\"seq\":3,\"pre", room.read("out/transcript.jsonl"));
    room.write("out/transcript.jsonl", torn);
    room.export("").expect(0, "finishing an interrupted export");
    let record = room.read("out/transcript.jsonl");
    assert!(record.contains("tail-repaired") && record.contains("\"kind\":\"exported\""), "{record}");
    assert!(Transcript::verify(record.as_bytes()).unwrap().is_some());
    assert_eq!(room.server.requests().len(), requests);
}

#[test]
fn a_second_export_is_refused_and_touches_nothing() {
    let (room, requests) = exported();
    let before = FILES.map(|f| room.read(f));
    room.export("").expect(1, "KF-FILE-01");
    assert_eq!(FILES.map(|f| room.read(f)), before);
    assert_eq!(room.server.requests().len(), requests);
}

#[test]
fn foreign_files_are_refused_and_untouched() {
    let (other, _) = exported();
    let (their_session, their_parameters) = (other.read("session.json"), other.read("out/parameters.json"));
    let cases: &[&[(&str, &str)]] = &[
        &[("session.json", "hello")],
        &[("session.json", &their_session)],
        &[("out/parameters.json", &their_parameters)],
        &[("out/parameters.json", "{}"), ("session.json", &their_session)],
    ];
    for files in cases {
        let room = Room::new();
        // A different plan from the one that the files were made under.
        room.write("plan.toml", format!("{TWO_KEYS}# another\n"));
        files.iter().for_each(|(name, text)| room.write(name, text));
        room.export("").expect(1, "KF-FILE-01");
        assert!(room.server.requests().is_empty());
        files.iter().for_each(|(name, text)| assert_eq!(room.read(name), *text));
    }
    // This plan's session next to other parameters.
    let (room, requests) = exported();
    cut_record(&room, 1);
    room.write("out/parameters.json", their_parameters.replace(SPKI, OTHER_SPKI));
    room.export("").expect(1, "KF-FILE-01");
    assert_eq!(room.server.requests().len(), requests);
}

#[test]
fn broken_or_foreign_records_and_missing_folders() {
    let room = Room::new();
    room.write("out/transcript.jsonl", "{}\n");
    room.export("").expect(1, "KF-TRANS-02");
    let (other, _) = exported();
    room.write("plan.toml", TWO_KEYS.replace("practice-1", "practice-2"));
    room.write("out/transcript.jsonl", other.read("out/transcript.jsonl"));
    room.export("").expect(1, "KF-TRANS-01");
    room.run("export --plan plan.toml --out nowhere --session session.json").expect(3, "KF-FILE-04");
    assert!(room.server.requests().is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_is_seen_before_any_request() {
    let room = Room::new();
    std::fs::set_permissions(room.path("out"), std::fs::Permissions::from_mode(0o500)).unwrap();
    let writable = std::fs::write(room.path("out/probe"), "").is_ok();
    if writable {
        // Root ignores modes. So for root, a file takes the folder's place, and is refused just as early.
        room.run("export --plan plan.toml --out plan.toml --session session.json").expect(3, "KF-FILE-0");
    } else {
        room.export("").expect(3, "KF-FILE-04");
    }
    assert!(room.server.requests().is_empty() && !room.has("session.json"));
}

#[test]
fn an_endpoint_that_the_plan_names_is_the_only_one() {
    let room = Room::new();
    let plan = room.read("plan.toml");
    let named = |endpoint: &str| plan.replacen("purpose", &format!("endpoint = \"{endpoint}\"\npurpose"), 1);
    room.write("plan.toml", named("http://127.0.0.1:1"));
    room.export("").expect(1, "not the one that the plan names");
    room.run("status --plan plan.toml").expect(1, "not the one that the plan names");
    assert!(room.server.requests().is_empty() && !room.has("session.json"));
    room.write("plan.toml", named(&room.server.url()));
    room.export("").expect(0, "REHEARSAL");
    for (id, valid_to) in [(ONE, 0), (TWO, 1_893_456_000)] {
        room.set(id, "KeyState", "Enabled");
        room.set(id, "ValidTo", valid_to);
    }
    room.run("status --plan plan.toml").expect(0, "REHEARSAL");
    // Without an option, the endpoint is the plan's.
    let asked = room.server.requests().len();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_keyferry-online"))
        .args(["status", "--plan", "plan.toml"])
        .current_dir(room.dir.path())
        .env_clear()
        .envs(room.env.iter().map(|(k, v)| (k, v)))
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    assert_eq!(room.server.requests().len(), asked + 2);
}
