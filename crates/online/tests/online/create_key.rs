//! `create-key`: drafts are completed, partial results kept, nothing overwritten.

use keyferry_core::CeremonyPlan;

use crate::kit::{Room, TWO_KEYS, refused};
use crate::server::Request;

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
    assert_eq!(room.server.requests()[0].json(), serde_json::json!({"Alias": "one", "Type": 2}));
    assert_eq!(room.read("out/transcript.jsonl").matches("key-created").count(), 2);
    // A second time: the output exists; and the full plan needs nothing.
    room.run("create-key --plan draft.toml --out full.toml").expect(1, "KF-FILE-01");
    room.run("create-key --plan full.toml --out again.toml").expect(2, "KF-USAGE-01");
    assert_eq!(room.server.requests().len(), 4);
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
