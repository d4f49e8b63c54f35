//! `create-key`: drafts are completed, partial results kept, nothing overwritten.

use keyferry_core::{CeremonyPlan, Fingerprint};

use crate::kit::{ONE, Room, TWO, TWO_KEYS, refused};
use crate::server::{Answer, Request};

fn draft() -> String {
    TWO_KEYS.lines().filter(|l| !l.starts_with("key_id")).map(|l| format!("{l}\n")).collect()
}

#[test]
fn a_draft_is_completed() {
    let room = Room::new();
    room.write("draft.toml", draft());
    let line = "create-key --plan draft.toml --out full.toml --transcript out/transcript.jsonl";
    let done = room.run(line).expect(0, "created");
    assert_eq!(done.stdout, "full.toml\n");
    let text = room.read("full.toml");
    assert!(text.contains("[[key]] # the first"));
    let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
    assert!(plan.keys().iter().all(|k| k.key_id.is_some()) && !text.contains("bits"));
    assert_eq!(room.server.actions(), ["CreateKey", "DescribeKey"].repeat(2));
    let asked = room.server.requests()[0].json();
    let mark = asked["Description"].as_str().unwrap().strip_prefix("keyferry ").unwrap();
    assert!(mark.len() == 32 && mark.bytes().all(|b| b.is_ascii_hexdigit()), "{mark}");
    assert_eq!(
        (&asked["Alias"], &asked["Type"], asked.as_object().unwrap().len()),
        (&"one".into(), &2.into(), 3)
    );
    assert_eq!(room.read("out/transcript.jsonl").matches("key-created").count(), 2);
    // The second time, the output exists; and a complete plan needs no keys.
    room.run("create-key --plan draft.toml --out full.toml").expect(1, "KF-FILE-01");
    room.run("create-key --plan full.toml --out again.toml").expect(2, "KF-USAGE-01");
    assert_eq!(room.server.requests().len(), 4);
}

/// A draft from Windows: the plan differs in one line for each key, and has the same line ends.
#[test]
fn the_line_ends_of_the_draft_stay() {
    for end in ["\r\n", "\n"] {
        let room = Room::new();
        let text = draft().replace('\n', end);
        room.write("draft.toml", &text);
        room.run("create-key --plan draft.toml --out full.toml").expect(0, "created");
        let full = room.read("full.toml");
        let (added, kept): (Vec<&str>, Vec<&str>) =
            full.split_inclusive('\n').partition(|line| line.starts_with("key_id"));
        assert_eq!((added.len(), kept.concat()), (2, text));
        assert!(added.iter().all(|line| line.ends_with(&format!("\"{end}"))), "{added:?}");
    }
}

#[test]
fn a_partial_result_is_kept_and_completed_later() {
    let mut healthy = false;
    let room = Room::with(move |request: &Request| {
        let fails = request.action() == "CreateKey" && request.json()["Alias"] == "one" && !healthy;
        healthy |= fails;
        fails.then(|| refused("LimitExceeded.CmkLimitExceeded"))
    });
    room.write("draft.toml", draft());
    let done = room.run("create-key --plan draft.toml --out part.toml --json").expect(4, "KF-KMS-01");
    assert_eq!(done.json()["failures"][0]["alias"], "one");
    let part = CeremonyPlan::parse(room.read("part.toml").as_bytes()).unwrap();
    assert_eq!((part.keys()[0].key_id.is_some(), part.keys()[1].key_id.is_some()), (false, true));
    room.run("create-key --plan part.toml --out full.toml").expect(0, "created");
    let full = CeremonyPlan::parse(room.read("full.toml").as_bytes()).unwrap();
    assert_eq!(full.keys()[1].key_id, part.keys()[1].key_id);
    assert!(full.keys()[0].key_id.is_some());
}

#[test]
fn a_check_without_answer_does_not_lose_the_id() {
    let room = Room::with(|r: &Request| (r.action() == "DescribeKey").then(|| refused("InternalError")));
    room.write("draft.toml", draft());
    room.run("create-key --plan draft.toml --out full.toml").expect(4, "KF-KMS-01");
    let full = CeremonyPlan::parse(room.read("full.toml").as_bytes()).unwrap();
    assert!(full.keys().iter().all(|k| k.key_id.is_some()));
}

#[test]
fn an_unexpected_edition_is_said_and_written() {
    let room = Room::new();
    room.write("draft.toml", draft().replace("valid_to = \"never\"", "kind = \"sm\"\nvalid_to = \"never\""));
    let done =
        room.run("create-key --plan draft.toml --out full.toml").expect(0, "takes 256 bits, not 128 bits");
    assert_eq!(done.code, 0);
    let full = CeremonyPlan::parse(room.read("full.toml").as_bytes()).unwrap();
    assert_eq!(full.keys()[0].kind().material.length.bits(), 256);
}

#[test]
fn nothing_created_writes_nothing() {
    let room = Room::with(|_| Some(refused("UnauthorizedOperation")));
    room.write("draft.toml", draft());
    room.run("create-key --plan draft.toml --out full.toml").expect(4, "KF-KMS-01");
    assert!(!room.has("full.toml"));
}

#[test]
fn without_a_plan_it_prints_tables() {
    let room = Room::new();
    let done = room.run("create-key --region ap-guangzhou --alias a --alias b").expect(0, "created");
    assert_eq!(done.stdout.matches("[[key]]").count(), 2);
    assert!(done.stdout.contains("region   = \"ap-guangzhou\""));
    let done = room.run("create-key --region ap-guangzhou --alias a --json").expect(0, "");
    assert_eq!(done.json()["keys"][0]["bits"], 128);
}

const LINE: &str = "create-key --plan draft.toml --out full.toml --transcript out/transcript.jsonl";

/// The keys that the service was asked to create, by alias.
fn asked_for(room: &Room, alias: &str) -> usize {
    let of = |r: &&Request| r.action() == "CreateKey" && r.json()["Alias"] == alias;
    room.server.requests().iter().filter(of).count()
}

/// The file that lists what was requested under the draft.
fn creations(room: &Room) -> String {
    let folder = "home/.local/state/keyferry/journal/_created";
    let names = std::fs::read_dir(room.path(folder)).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let [name] = names.as_slice() else { panic!("{names:?}") };
    let first = room.read(&format!("{folder}/{name}"));
    let first = first.lines().next().unwrap();
    assert_eq!(*name, format!("{}.jsonl", Fingerprint::of(first.as_bytes())));
    format!("{folder}/{name}")
}

/// A room whose service already has keys with these aliases, created with the mark of that line's request or with another
/// description.
fn taken(description: &'static str) -> Room {
    let room = Room::with(move |request: &Request| match request.action() {
        "CreateKey" => Some(refused("InvalidParameterValue.AliasAlreadyExists")),
        _ => None,
    });
    room.write("draft.toml", draft());
    room.set(ONE, "Description", description);
    room.set(TWO, "Description", description);
    room
}

#[test]
fn what_an_interrupted_run_requested_is_adopted() {
    let room = Room::new();
    room.write("draft.toml", draft());
    room.run(LINE).expect(0, "created");
    let (full, record) = (room.read("full.toml"), room.read("out/transcript.jsonl"));
    // The state after a kill just before the plan is written: there is no plan, and the record may or may not have its
    // last line.
    std::fs::remove_file(room.path("full.toml")).unwrap();
    room.run(LINE).expect(0, "adopted");
    assert_eq!(room.read("full.toml"), full);
    assert_eq!((asked_for(&room, "one"), asked_for(&room, "two")), (1, 1), "a key was requested twice");
    assert_eq!(room.read("out/transcript.jsonl").matches("key-created").count(), 2, "a key was named twice");
    // If a run was killed after it wrote the journal and before it wrote the record, the keys are added to the record.
    std::fs::remove_file(room.path("full.toml")).unwrap();
    std::fs::remove_file(room.path("out/transcript.jsonl")).unwrap();
    room.run(LINE).expect(0, "adopted");
    let again = room.read("out/transcript.jsonl");
    assert_eq!(again.matches("key-created").count(), 2);
    assert_eq!(again.matches("req-0").count(), record.matches("req-0").count());
    // A key that somebody deleted in the meantime is requested again.
    std::fs::remove_file(room.path("full.toml")).unwrap();
    let gone = CeremonyPlan::parse(full.as_bytes()).unwrap().keys()[0].key_id.clone().unwrap();
    let mut keys = room.keys.lock().unwrap();
    let removed = keys.remove(gone.as_str()).unwrap();
    // The scripted service counts its keys to name the next one.
    keys.insert("removed".into(), removed);
    drop(keys);
    room.run(LINE).expect(0, "created");
    assert_eq!((asked_for(&room, "one"), asked_for(&room, "two")), (2, 1));
}

#[test]
fn a_key_whose_answer_was_lost_is_found_by_its_mark() {
    let mut lost = false;
    let keys: crate::kit::Keys = std::sync::Arc::default();
    let theirs = std::sync::Arc::clone(&keys);
    let room = Room::with(move |request: &Request| {
        let first = request.action() == "CreateKey" && !std::mem::replace(&mut lost, true);
        if first {
            // The key is created, but the answer does not arrive.
            theirs.lock().unwrap().insert("asked".into(), request.json());
            return Some(Answer::Raw(vec![]));
        }
        let taken = request.action() == "CreateKey" && request.json()["Alias"] == "one";
        taken.then(|| refused("InvalidParameterValue.AliasAlreadyExists"))
    });
    // The key whose answer was lost. The room already has a key with its alias, without a mark; the test copies the mark
    // from the request.
    room.write("draft.toml", draft());
    let done = room.run(LINE).expect(1, "error [KF-KMS-06]");
    assert!(done.stderr.contains(ONE), "{}", done.stderr);
    let description = keys.lock().unwrap()["asked"]["Description"].clone();
    room.set(ONE, "Description", description);
    std::fs::remove_file(room.path("full.toml")).unwrap();
    room.run(LINE).expect(0, "adopted");
    let plan = CeremonyPlan::parse(room.read("full.toml").as_bytes()).unwrap();
    assert_eq!(plan.keys()[0].key_id.as_ref().unwrap().as_str(), ONE);
    assert!(room.read("out/transcript.jsonl").contains("\"request_id\":\"not recorded"));
}

#[test]
fn a_stranger_s_key_is_not_adopted() {
    for description in ["", "keyferry 00000000000000000000000000000000"] {
        let room = taken(description);
        let done = room.run(LINE).expect(1, "error [KF-KMS-06]");
        assert!(done.stderr.contains(ONE) && !room.has("full.toml"), "{}", done.stderr);
        // The next run does not adopt it either, because that run knows its own mark.
        room.run(LINE).expect(1, "error [KF-KMS-06]");
        assert!(!room.read("out/transcript.jsonl").contains("key-created"));
    }
}

/// Another draft has another file: keys created under it are not adopted here.
#[test]
fn a_damaged_or_foreign_list_of_creations_stops_the_run() {
    let room = Room::new();
    room.write("draft.toml", draft());
    room.run(LINE).expect(0, "created");
    std::fs::remove_file(room.path("full.toml")).unwrap();
    let file = creations(&room);
    let good = room.read(&file);
    let before = room.server.requests().len();
    for text in [
        good.replace("creations/1", "creations/2"),
        good.replacen("\"plan_sha256\":\"", "\"plan_sha256\":\"0", 1),
        good.replace("\"seq\":1", "\"seq\":2"),
        good.replacen("\"mark\":\"", "\"mark\":\"g", 1),
        good.replace("\"request_id\":", "\"x\":1,\"request_id\":"),
        good.replacen('\n', "\n\n", 1),
    ] {
        assert_ne!(text, good);
        room.write(&file, &text);
        room.run(LINE).expect(1, "error [KF-JOURNAL-04]");
        assert_eq!(room.read(&file), text, "a damaged file was changed");
    }
    room.write(&file, &good);
    room.mode(&file, 0o644);
    room.run(LINE).expect(1, "error [KF-FILE-09]");
    assert_eq!(room.server.requests().len(), before, "something was sent");
    room.mode(&file, 0o600);
    let held = std::fs::File::open(room.path(&file)).unwrap();
    held.lock().unwrap();
    room.run(LINE).expect(1, "error [KF-JOURNAL-05]");
    drop(held);
    // A torn last line does not count.
    room.write(&file, format!("{good}{{\"seq\":"));
    room.run(LINE).expect(0, "adopted");
}
