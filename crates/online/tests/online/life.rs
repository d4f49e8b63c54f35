//! A key's later life: what each command requests, what it refuses, and that nothing is sent without the alias.

use std::os::unix::fs::PermissionsExt;

use keyferry_core::transcript::Act;
use keyferry_core::{CeremonyPlan, Event, Station, Timestamp, Transcript};

use crate::kit::{ONE, RANDOM, Room, TWO, TWO_KEYS, UNSET, refused};
use crate::server::Answer;

fn key(command: &str) -> String {
    format!("{command} --region ap-singapore --key-id {ONE}")
}

fn changes(room: &Room) -> Vec<String> {
    room.server.actions().into_iter().filter(|a| a != "DescribeKey").collect()
}

#[test]
fn what_takes_a_key_out_of_use_wants_the_alias() {
    for (command, state) in
        [("delete-material", "Enabled"), ("schedule-deletion --days 7", "Disabled"), ("disable", "Enabled")]
    {
        let room = Room::new();
        room.set(ONE, "KeyState", state);
        // Nothing on standard input; another key's alias; the right alias with a space.
        room.run(&key(command)).expect(1, "error [KF-CONSENT-02]");
        room.run(&format!("{} --yes-alias two", key(command))).expect(1, "error [KF-CONSENT-02]");
        assert!(changes(&room).is_empty(), "{command}");
        let done = room.run(&format!("{} --yes-alias one", key(command))).expect(0, "");
        assert!(
            ["SAME material", "does NOT decrypt", "Nothing is lost"]
                .iter()
                .any(|text| done.stderr.contains(text)),
            "{}",
            done.stderr
        );
        assert_eq!(changes(&room).len(), 1, "{command}");
    }
}

#[test]
fn the_way_to_deletion_and_back() {
    let room = Room::new();
    room.set(ONE, "KeyState", "Enabled");
    let schedule = format!("{} --days 30 --yes-alias one", key("schedule-deletion"));
    let done = room.run(&schedule).expect(1, "error [KF-KMS-05]");
    assert!(done.stderr.contains("disable"), "{}", done.stderr);
    room.run(&key("enable")).expect(0, "nothing was changed");
    room.run(&format!("{} --yes-alias one", key("disable"))).expect(0, "");
    let done = room.run(&schedule).expect(0, "");
    assert_eq!(done.stdout, format!("one ap-singapore {ONE} PendingDelete 2030-03-17T17:46:40Z\n"));
    assert_eq!(
        room.server.requests().iter().find(|r| r.action() == "ScheduleKeyDeletion").unwrap().json()["PendingWindowInDays"],
        30
    );
    room.run(&schedule).expect(0, "nothing was changed");
    room.run(&key("enable")).expect(1, "error [KF-KMS-05]");
    room.run(&key("cancel-deletion")).expect(0, "");
    room.run(&key("cancel-deletion")).expect(1, "error [KF-KMS-05]");
    let done = room.run(&format!("{} --json", key("enable"))).expect(0, "");
    assert_eq!((&done.json()["state"], &done.json()["changed"]), (&"Enabled".into(), &true.into()));
    assert_eq!(changes(&room), ["DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion", "EnableKey"]);
}

#[test]
fn a_change_whose_answer_got_lost_is_asked_about_and_not_done_twice() {
    let mut lost = false;
    let room = Room::with(move |request| {
        // The change is made, but the reply does not arrive.
        (request.action() == "DisableKey" && !std::mem::replace(&mut lost, true)).then(|| Answer::Raw(vec![]))
    });
    room.set(ONE, "KeyState", "Enabled");
    // The script did not make the change either, so the state shows that it must be requested again.
    room.run(&format!("{} --yes-alias one --attempts 2", key("disable"))).expect(0, "");
    assert_eq!(
        room.server.actions(),
        ["DescribeKey", "DisableKey", "DescribeKey", "DisableKey", "DescribeKey"]
    );
}

#[test]
fn only_external_keys_have_material_to_delete() {
    let room = Room::new();
    room.set(ONE, "Origin", "TENCENT_KMS");
    room.run(&key("delete-material")).expect(1, "error [KF-KMS-02]");
    assert!(changes(&room).is_empty());
}

#[test]
fn status_of_all_regions_warns_a_monitor() {
    let room = Room::new();
    let soon = jiff::Timestamp::now().as_second() + 10 * 86_400;
    room.set(TWO, "ValidTo", soon);
    let done = room.run("status --all-regions --json").expect(0, "");
    assert_eq!(done.json()["keys"].as_array().unwrap().len(), 2);
    room.run("status --all-regions --warn-within 9d").expect(0, "");
    let done = room.run("status --all-regions --warn-within 30d").expect(1, "two: ");
    assert!(done.stderr.contains("KF-STATUS-01") && done.stdout.lines().count() == 3, "{}", done.stdout);
    room.run("status --region ap-singapore --warn-within 30d").expect(0, "");
}

#[test]
fn one_region_that_refuses_does_not_hide_the_others() {
    let room = Room::with(|request| {
        let there = request.header("X-TC-Region") == Some("ap-guangzhou");
        (request.action() == "ListKeyDetail" && there).then(|| refused("UnauthorizedOperation"))
    });
    let done = room.run("status --all-regions").expect(4, "ap-guangzhou: ");
    assert!(done.stdout.contains(ONE) && !done.stdout.contains(TWO));
}

#[test]
fn random_bytes_only_add() {
    let room = Room::new();
    let line = "random --region ap-singapore --bytes 16 --out entropy";
    let done = room.run(line).expect(0, "only add");
    let path = room.path("entropy");
    assert_eq!(std::fs::read(&path).unwrap(), (0..16).collect::<Vec<u8>>());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!done.stdout.contains(RANDOM) && !done.stderr.contains(RANDOM));
    room.run(line).expect(1, "error [KF-FILE-01]");
    // Fewer bytes than asked for.
    room.run("random --region ap-singapore --bytes 17 --out other").expect(4, "error [KF-NET-03]");
    assert!(!room.has("other"));
}

const LIFE: &str = "--transcript out/life.jsonl";

/// A room whose archive is `out`: the plan with these people, and a record of its ceremony.
fn archived(purpose: &str, people: &[(&str, &str)]) -> Room {
    let room = Room::new();
    let people: String = people
        .iter()
        .map(|(role, name)| format!("[[participant]]\nname = \"{name}\"\nrole = \"{role}\"\n\n"))
        .collect();
    let plan = TWO_KEYS
        .replace("[backup]", &format!("{people}[backup]"))
        .replace("\"rehearsal\"", &format!("\"{purpose}\""));
    room.write("out/plan.toml", &plan);
    let plan = CeremonyPlan::parse(plan.as_bytes()).unwrap();
    let mut chain = Transcript::new(plan.ceremony().clone());
    let (command, program) = ("export".to_owned(), "keyferry-online 0.1.0".to_owned());
    let begun = Event::Begun { command, program, plan_sha256: Some(plan.digest()), purpose: plan.purpose() };
    let line = chain.append(Station::Online, Timestamp::EPOCH, Act::NOBODYS, begun).unwrap();
    room.write("out/transcript.jsonl", line);
    room.set(ONE, "KeyState", "Enabled");
    room
}

const TWO_PEOPLE: [(&str, &str); 2] = [("operator", "Ada"), ("witness", "王小明")];

fn kinds(room: &Room) -> Vec<String> {
    let chain = Transcript::verify(room.read("out/life.jsonl").as_bytes()).unwrap().unwrap();
    chain.lines().iter().map(|line| line.event.kind().to_string()).collect()
}

#[test]
fn what_is_done_is_recorded_with_who_agreed() {
    let room = archived("rehearsal", &TWO_PEOPLE);
    let disable = format!("{} {LIFE}", key("disable"));
    // One person alone, two people who do not agree, and two who agree.
    for answers in ["", "one\nYes\n", "one\nYes\ntwo\nYes\n", "one\nYes\none\nyes\n", "one\nno\none\nYes\n"] {
        let done = room.run_typed(&disable, answers).expect(1, "error [KF-CONSENT-0");
        assert!(changes(&room).is_empty() && !room.has("out/life.jsonl"), "{answers:?}: {}", done.stderr);
    }
    let done = room.run_typed(&disable, "one\nYes\none\nYes\n").expect(0, "record");
    assert!(done.stderr.contains("Ada") && done.stderr.contains("王小明"), "{}", done.stderr);
    assert_eq!(kinds(&room), ["begun", "agreed", "agreed", "key-changed", "finished"]);
    let life = room.read("out/life.jsonl");
    for said in [
        "\"by\":\"operator/1\"",
        "\"by\":\"witness/1\"",
        "\"means\":\"no-terminal\"",
        "\"state\":\"Disabled\"",
        "\"request_id\":\"req-0\"",
    ] {
        assert!(life.contains(said), "{said}: {life}");
    }
    // The other commands add to the record; a command that needs no consent asks nobody. In a rehearsal, a script can
    // agree by passing an option.
    room.run(&format!("{} {LIFE}", key("enable"))).expect(0, "");
    room.run(&format!("{disable} --yes-alias one")).expect(0, "");
    let life = room.read("out/life.jsonl");
    assert_eq!(
        kinds(&room)[5..],
        ["begun", "key-changed", "finished", "begun", "agreed", "key-changed", "finished"]
    );
    assert!(life.contains("\"means\":\"option\""), "{life}");
    // If the key already has that state, nothing is recorded.
    room.run(&disable).expect(0, "nothing was changed");
    assert_eq!(room.read("out/life.jsonl"), life);
    let done =
        room.run(&format!("{} --days 7 --yes-alias one {LIFE}", key("schedule-deletion"))).expect(0, "");
    assert!(done.stdout.contains("2030-03-17T17:46:40Z"), "{}", done.stdout);
    assert!(room.read("out/life.jsonl").contains("\"deletion_date\":\"2030-03-17T17:46:40Z\""));
}

#[test]
fn a_refusal_is_recorded_and_an_interrupted_run_is_ended() {
    let mut calls = 0;
    let refusing = Room::with(move |request| {
        calls += usize::from(request.action() == "DisableKey");
        (request.action() == "DisableKey" && calls == 1).then(|| refused("UnauthorizedOperation"))
    });
    let room = archived("rehearsal", &TWO_PEOPLE);
    for name in ["out/plan.toml", "out/transcript.jsonl"] {
        refusing.write(name, room.read(name));
    }
    refusing.set(ONE, "KeyState", "Enabled");
    let disable = format!("{} {LIFE} --yes-alias one", key("disable"));
    refusing.run(&disable).expect(4, "error [KF-KMS-01]");
    assert_eq!(kinds(&refusing), ["begun", "agreed", "key-failed", "finished"]);
    refusing.run(&disable).expect(0, "");
    assert_eq!(kinds(&refusing)[4..], ["begun", "agreed", "key-changed", "finished"]);
    // The state that a kill leaves after the request: the same command reports the outcome, and requests nothing.
    let whole = refusing.read("out/life.jsonl");
    let cut: String = whole.split_inclusive('\n').take(6).collect();
    refusing.write("out/life.jsonl", cut);
    let before = changes(&refusing).len();
    refusing.run(&format!("{} {LIFE}", key("disable"))).expect(0, "nothing was changed");
    assert_eq!(
        (kinds(&refusing)[6..].to_vec(), changes(&refusing).len()),
        (["begun", "key-changed", "finished"].map(String::from).to_vec(), before)
    );
    assert!(refusing.read("out/life.jsonl").contains("\"request_id\":\"not recorded"));
}

#[test]
fn the_record_is_the_archive_s_own() {
    let room = archived("rehearsal", &TWO_PEOPLE);
    let sealed = room.read("out/transcript.jsonl");
    let run = |more: &str| room.run(&format!("{} --yes-alias one {more}", key("disable")));
    // The signed record itself is never accepted.
    run("--transcript out/transcript.jsonl").expect(2, "error [KF-USAGE-01]");
    assert_eq!(room.read("out/transcript.jsonl"), sealed);
    // No record of a ceremony next to it; a ceremony under another plan; a key that is in another plan; an alias that
    // changed.
    std::fs::create_dir(room.path("empty")).unwrap();
    run("--transcript empty/life.jsonl").expect(3, "error [KF-FILE-0");
    room.write("empty/plan.toml", room.read("out/plan.toml"));
    run("--transcript empty/life.jsonl").expect(1, "error [KF-CONSENT-04]");
    room.write("empty/transcript.jsonl", &sealed);
    room.write("empty/plan.toml", room.read("out/plan.toml") + "\n");
    run("--transcript empty/life.jsonl").expect(1, "error [KF-CONSENT-04]");
    let stranger = room.run(&format!("disable --region ap-guangzhou --key-id {ONE} --yes-alias one {LIFE}"));
    stranger.expect(1, "error [KF-KMS-04]");
    room.set(ONE, "Alias", "renamed");
    run(LIFE).expect(1, "error [KF-KMS-04]");
    assert!(changes(&room).is_empty() && !room.has("out/life.jsonl") && !room.has("empty/life.jsonl"));
}

/// Nothing is sent: at a provider's service, these commands require a record before they look up the key.
#[test]
fn production_wants_a_record_and_two_people() {
    let production = "--endpoint https://kms.tencentcloudapi.com --attempts 1";
    for command in ["disable", "delete-material", "schedule-deletion --days 7"] {
        let room = archived("production", &TWO_PEOPLE);
        let line = format!("{} --yes-alias one", key(command));
        room.run_unanswered_with(&format!("{line} {production}"), UNSET).expect(1, "error [KF-CONSENT-04]");
        // A production plan at an emulator, which is not one of the provider's services.
        room.run(&format!("{line} {LIFE}")).expect(1, "error [KF-NET-01]");
        assert!(room.server.requests().is_empty(), "{command}");
    }
    // Commands that do not take a key out of use get as far as the network.
    let room = archived("production", &TWO_PEOPLE);
    room.run_unanswered_with(&format!("{} {production}", key("enable")), UNSET)
        .expect(4, "error [KF-NET-02]");
}
