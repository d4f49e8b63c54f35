//! A key's later life: what each command asks for, what it refuses, and that nothing goes without the alias.

use std::os::unix::fs::PermissionsExt;

use crate::kit::{ONE, RANDOM, Room, TWO, refused};
use crate::server::Answer;

fn key(command: &str) -> String {
    format!("{command} --region ap-singapore --key-id {ONE}")
}

fn changes(room: &Room) -> Vec<String> {
    room.server.actions().into_iter().filter(|a| a != "DescribeKey").collect()
}

#[test]
fn irreversible_commands_want_the_alias() {
    for (command, state) in [("delete-material", "Enabled"), ("schedule-deletion --days 7", "Disabled")] {
        let room = Room::new();
        room.set(ONE, "KeyState", state);
        // Nothing on standard input; another key's alias; the right one with a blank.
        room.run(&key(command)).expect(1, "error [KF-CONSENT-02]");
        room.run(&format!("{} --yes-alias two", key(command))).expect(1, "error [KF-CONSENT-02]");
        assert!(changes(&room).is_empty(), "{command}");
        let done = room.run(&format!("{} --yes-alias one", key(command))).expect(0, "");
        assert!(
            done.stderr.contains("SAME material") || done.stderr.contains("does NOT decrypt"),
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
    room.run(&key("disable")).expect(0, "");
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
        // The effect happens, the reply does not come.
        (request.action() == "DisableKey" && !std::mem::replace(&mut lost, true)).then(|| Answer::Raw(vec![]))
    });
    room.set(ONE, "KeyState", "Enabled");
    // The script dropped the effect too, so the state says that it must be asked for again.
    room.run(&format!("{} --attempts 2", key("disable"))).expect(0, "");
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
