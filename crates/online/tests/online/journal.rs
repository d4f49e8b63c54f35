//! The journal's refusals, and what a run recovers after an interruption.

use std::fs;

use crate::import::{import, put, wrap, wrapped};
use crate::kit::{Done, ONE, Room, TWO};
use crate::server::Answer;

const JOURNAL: &str = "home/.local/state/keyferry/journal/ap-singapore";

fn again(room: &Room, more: &str) -> Done {
    fs::create_dir_all(room.path("out2")).unwrap();
    room.run(&format!("export --plan plan.toml --out out2 --session session2.json {more}"))
}

#[test]
fn no_second_export_while_a_ceremony_is_out() {
    let room = Room::new();
    room.export("").expect(0, "");
    let before = room.server.requests().len();
    let done = again(&room, "").expect(1, "error [KF-JOURNAL-01]");
    assert!(done.stderr.contains("--abandon practice-1"), "{}", done.stderr);
    again(&room, "--abandon practice-2").expect(1, "error [KF-JOURNAL-01]");
    assert_eq!(room.server.requests().len(), before, "something was sent");
    assert!(!room.has("session2.json") && !room.has("session2.json.fetched"));
    again(&room, "--abandon practice-1").expect(0, "");
}

#[test]
fn after_the_import_the_next_export_is_free() {
    let (room, digest, _) = wrapped(Room::new());
    import(&room, &digest, "").expect(0, "");
    again(&room, "").expect(0, "");
}

#[test]
fn only_the_latest_parameters_are_imported() {
    let mut n = 0;
    let room = Room::with(move |request| {
        // A different token each time.
        (request.action() == "GetParametersForImport").then(|| {
            n += 1;
            let id = request.json()["KeyId"].as_str().unwrap().to_owned();
            crate::kit::success(serde_json::json!({
                "KeyId": id, "ImportToken": format!("TOKEN{n}"), "PublicKey": crate::kit::SPKI,
                "ParametersValidTo": jiff::Timestamp::now().as_second() + 86_400,
            }))
        })
    });
    let (room, digest, _) = wrapped(room);
    again(&room, "--abandon practice-1").expect(0, "");
    let before = room.server.requests().len();
    import(&room, &digest, "").expect(1, "error [KF-JOURNAL-02]");
    assert_eq!(room.server.requests().len(), before, "something was sent");
}

#[test]
fn other_material_than_the_first_is_not_sent() {
    let (room, digest, _) = wrapped(Room::new());
    import(&room, &digest, "").expect(0, "");
    let other = put(&room, &wrap(&room));
    let before = room.server.requests().len();
    let done = import(&room, &other, "").expect(1, "error [KF-JOURNAL-03]");
    assert!(done.stderr.contains("can never take any other"), "{}", done.stderr);
    assert_eq!(room.server.requests().len(), before, "something was sent");
}

#[test]
fn material_that_may_have_arrived_is_not_followed_by_other() {
    let mut lost = false;
    let room = Room::with(move |request| {
        let first = request.action() == "ImportKeyMaterial" && !std::mem::replace(&mut lost, true);
        first.then(|| Answer::Raw(vec![]))
    });
    let (room, digest, _) = wrapped(room);
    let first = room.read("out/ciphertext.json");
    import(&room, &digest, "").expect(4, "not known");
    room.set(ONE, "KeyState", "Enabled");
    let other = put(&room, &wrap(&room));
    import(&room, &other, "").expect(1, "one: other material");
    room.write("out/ciphertext.json", first);
    import(&room, &digest, "").expect(0, "one");
}

#[test]
fn a_key_that_is_done_is_not_sent_again() {
    let (room, digest, before) = wrapped(Room::new());
    import(&room, &digest, "").expect(0, "");
    let sent = room.server.requests().len() - before;
    assert_eq!(sent, 10);
    import(&room, &digest, "").expect(0, "proved");
    assert_eq!(room.server.actions()[before + sent..], ["DescribeKey", "DescribeKey"]);
    let record = room.read("out/transcript.jsonl");
    assert_eq!(record.matches("\"kind\":\"imported\"").count(), 2);
    // The material was deleted by somebody else: then it is sent again, because the key takes the same material.
    room.set(ONE, "KeyState", "PendingImport");
    import(&room, &digest, "").expect(0, "proved");
    assert_eq!(room.server.actions().iter().filter(|a| *a == "ImportKeyMaterial").count(), 3);
}

#[test]
fn a_lost_import_is_asked_about_and_then_sent_again() {
    let mut lost = false;
    let room = Room::with(move |request| {
        let first = request.action() == "ImportKeyMaterial" && !std::mem::replace(&mut lost, true);
        first.then(|| Answer::Raw(vec![]))
    });
    let (room, digest, before) = wrapped(room);
    import(&room, &digest, "--attempts 3 --jobs 1").expect(0, "proved");
    let flow = [
        "DescribeKey",
        "ImportKeyMaterial",
        "DescribeKey",
        "ImportKeyMaterial",
        "DescribeKey",
        "Encrypt",
        "Decrypt",
    ];
    assert_eq!(room.server.actions()[before..before + 7], flow);
}

#[test]
fn a_damaged_or_foreign_journal_stops_its_key() {
    let room = Room::new();
    room.export("").expect(0, "");
    let file = format!("{JOURNAL}/{ONE}.jsonl");
    let good = room.read(&file);
    assert!(!good.contains("TOKEN"), "the journal contains a token");
    let header = good.lines().next().unwrap();
    let damaged = [
        good.replace("journal/1", "journal/2"),
        good.replace(ONE, TWO),
        good.replace("\"seq\":1", "\"seq\":2"),
        good.replace("\"kind\":\"fetched\"", "\"kind\":\"fetched\",\"x\":1"),
        good.replace("\"seq\":0,", "\"seq\":0 ,"),
        good.replacen('\n', "\n\n", 1),
        format!("{header}\n{{\"seq\":0}}\n"),
        "\u{1}\n".to_owned(),
    ];
    for text in damaged {
        assert_ne!(text, good);
        room.write(&file, &text);
        again(&room, "--abandon practice-1").expect(1, "error [KF-JOURNAL-04]");
        assert_eq!(room.read(&file), text, "a damaged journal was changed");
    }
    // A torn last line does not count.
    room.write(&file, format!("{good}{{\"seq\":"));
    again(&room, "--abandon practice-1").expect(0, "");
}

#[test]
fn one_command_at_a_time() {
    let room = Room::new();
    room.export("").expect(0, "");
    let file = fs::File::open(room.path(&format!("{JOURNAL}/{ONE}.jsonl"))).unwrap();
    file.lock().unwrap();
    again(&room, "--abandon practice-1").expect(1, "error [KF-JOURNAL-05]");
}

/// What a run leaves if it is killed after its first key: that key's parameters are saved and in the journal, and
/// there is no session.
pub(crate) fn killed_after_the_first_key() -> Room {
    let room = Room::new();
    room.export("").expect(0, "");
    let session: serde_json::Value = serde_json::from_str(&room.read("session.json")).unwrap();
    let (plan, endpoint) = (&session["parameters"]["plan_sha256"], &session["endpoint"]);
    let at = &session["parameters"]["fetched_at"];
    // The members are in the order in which a run writes them.
    let entry = room.read("out/parameters.json");
    let entry =
        entry.split("\"keys\": [").nth(1).unwrap().split("\n    },").next().unwrap().replace("\n", "");
    let secret = &session["secrets"][0];
    let text = format!(
        "{{\"format\":\"keyferry/fetched/2\",\"plan_sha256\":{plan},\"endpoint\":{endpoint},\"fetched_at\":{at}}}\n\
         {{\"entry\":{entry}}},\"secret\":{secret},\"request_id\":\"req-kept\"}}\n{{\"entry\":"
    );
    for name in ["session.json", "out/parameters.json", "out/transcript.jsonl"] {
        fs::remove_file(room.path(name)).unwrap();
    }
    room.write("session.json.fetched", &text);
    fs::remove_file(room.path(&format!("{}/{TWO}.jsonl", JOURNAL.replace("singapore", "guangzhou"))))
        .unwrap();
    room
}

#[test]
fn parameters_that_were_kept_are_not_fetched_again() {
    let room = killed_after_the_first_key();
    let before = room.server.requests().len();
    let done = room.export("--json").expect(0, "");
    assert_eq!(done.json()["keys"].as_array().unwrap().len(), 2);
    assert_eq!(room.server.actions()[before..], ["DescribeKey", "GetParametersForImport"]);
    assert!(room.read("out/transcript.jsonl").contains("req-kept") && !room.has("session.json.fetched"));
    // The journal names the parameters of both keys.
    again(&room, "").expect(1, "one: ceremony practice-1 has pending parameters");
}

/// Without the journal's line, nothing shows that this station fetched the parameters.
#[test]
fn kept_parameters_that_the_journal_does_not_name_are_refused_untouched() {
    let room = killed_after_the_first_key();
    let (before, kept) = (room.server.requests().len(), room.read("session.json.fetched"));
    let file = format!("{JOURNAL}/{ONE}.jsonl");
    let journal = room.read(&file);
    for text in [
        None,
        Some(format!("{}\n", journal.lines().next().unwrap())),
        Some(journal.replace(
            "\"kind\":\"fetched\",\"ceremony\":\"practice-1\"",
            "\"kind\":\"fetched\",\"ceremony\":\"practice-0\"",
        )),
    ] {
        match &text {
            None => fs::remove_file(room.path(&file)).unwrap(),
            Some(text) => {
                assert_ne!(*text, journal);
                fs::write(room.path(&file), text).unwrap();
                room.mode(&file, 0o600);
            }
        }
        let done = room.export("").expect(1, "error [KF-JOURNAL-06]");
        assert!(
            done.stderr.contains("move the file away") && !done.stderr.contains("words"),
            "{}",
            done.stderr
        );
        assert_eq!((room.server.requests().len(), room.read("session.json.fetched")), (before, kept.clone()));
        assert_eq!(text.is_some(), room.has(&file), "the journal was written");
        room.no_outputs();
    }
}

/// Killed after the answer was saved and before the journal named it: the parameters are fetched again, and nothing
/// in the file counts.
#[test]
fn a_kill_between_the_file_and_the_journal_is_resumed() {
    let room = killed_after_the_first_key();
    let file = format!("{JOURNAL}/{ONE}.jsonl");
    let begun: String = room.read(&file).split_inclusive('\n').take(2).collect();
    assert!(
        begun.ends_with("}}\n") && begun.contains("fetching") && !begun.contains("\"fetched\""),
        "{begun}"
    );
    fs::write(room.path(&file), begun).unwrap();
    let before = room.server.requests().len();
    room.export("").expect(0, "");
    assert_eq!(room.server.actions()[before..], ["DescribeKey", "GetParametersForImport"].repeat(2));
    assert!(
        !room.read("out/transcript.jsonl").contains("req-kept"),
        "what the journal does not name was used"
    );
}

#[test]
fn kept_parameters_of_another_plan_are_refused_untouched() {
    let room = Room::new();
    room.write("session.json.fetched", "{\"format\":\"keyferry/fetched/2\"}\n");
    room.export("").expect(1, "error [KF-FILE-01]");
    assert_eq!(room.read("session.json.fetched"), "{\"format\":\"keyferry/fetched/2\"}\n");
    assert!(room.server.requests().is_empty());
}

#[test]
fn a_medium_that_cannot_be_written_leaves_nothing_of_the_run() {
    let room = Room::new();
    room.write("out/transcript.jsonl", "no record\n");
    room.export("").expect(1, "KF-TRANS-0");
    assert!(!room.has("session.json.fetched") && !room.has("session.json"));
    assert!(room.server.requests().is_empty());
}

/// An expiry further in the future than the provider ever sets would make every expiry check useless.
#[test]
fn parameters_that_outlive_the_provider_s_are_no_answer() {
    let valid_for = |seconds: i64| {
        Room::with(move |request| {
            (request.action() == "GetParametersForImport").then(|| {
                crate::kit::success(serde_json::json!({
                    "KeyId": request.json()["KeyId"], "ImportToken": "TOKEN", "PublicKey": crate::kit::SPKI,
                    "ParametersValidTo": jiff::Timestamp::now().as_second() + seconds,
                }))
            })
        })
    };
    // The year 9999; one minute more than the allowed clock difference; a time in the past.
    for seconds in [251_000_000_000, 86_400 + 660, -60] {
        let room = valid_for(seconds);
        room.export("").expect(4, "error [KF-NET-03]");
        room.no_outputs();
        assert!(!room.has("session.json.fetched"), "{seconds}");
    }
    valid_for(86_400 + 540).export("").expect(0, "");
}

#[test]
fn less_time_than_the_plan_s_minimum_is_refused_at_once() {
    let room = Room::with(|request| {
        (request.action() == "GetParametersForImport").then(|| {
            crate::kit::success(serde_json::json!({
                "KeyId": request.json()["KeyId"], "ImportToken": "TOKEN", "PublicKey": crate::kit::SPKI,
                "ParametersValidTo": jiff::Timestamp::now().as_second() + 3500,
            }))
        })
    });
    room.export("").expect(1, "error [KF-PARAM-08]");
    room.no_outputs();
    assert!(!room.has("session.json.fetched"));
}
