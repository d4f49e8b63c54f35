//! `status`: what the service says about regions and keys is checked before it is believed or shown.

use serde_json::{Value, json};

use crate::kit::{ONE, Room, TWO, success};
use crate::server::{Answer, Request};

/// One key as it appears in a listing, changed by `edit`.
fn listing(edit: impl Fn(&mut Value)) -> Value {
    let mut key = json!({
        "KeyId": ONE, "Alias": "one", "KeyState": "Enabled", "Type": 2, "Origin": "EXTERNAL", "ValidTo": 0,
    });
    edit(&mut key);
    json!({"TotalCount": 1, "KeyMetadatas": [key]})
}

fn room_of_regions(regions: Vec<String>, first: Value) -> Room {
    Room::with(move |r: &Request| match r.action() {
        "GetRegions" => Some(success(json!({"Regions": regions}))),
        "ListKeyDetail" if r.header("X-TC-Region") == Some("ap-singapore") => Some(success(first.clone())),
        _ => None,
    })
}

#[test]
fn a_key_id_that_is_none_reaches_no_terminal() {
    for bad in ["\u{1b}[2Jx", "a b", "", "a\nb", "\u{202e}id", "密", "a\u{9b}2J"] {
        let room = room_of_regions(
            vec!["ap-singapore".into(), "ap-guangzhou".into()],
            listing(|k| k["KeyId"] = bad.into()),
        );
        for line in ["status --all-regions", "status --all-regions --json", "status --region ap-singapore"] {
            let done = room.run(line).expect(4, "error [KF-NET-03]: ap-singapore");
            assert!(!done.stdout.contains("singapore") || line.contains("json"), "{}", done.stdout);
            assert!(bad.is_empty() || !format!("{}{}", done.stdout, done.stderr).contains(bad), "{bad:?}");
        }
        // The other region is shown all the same.
        assert!(room.run("status --all-regions").stdout.contains("ap-guangzhou"));
    }
}

#[test]
fn an_alias_cannot_turn_or_hide_a_row() {
    let alias = "a\u{1b}[2J\u{202e}b\u{200b}c\u{2066}d\n\u{ad}e\u{3164}f\u{e0001}g";
    let room = room_of_regions(vec!["ap-singapore".into()], listing(|k| k["Alias"] = alias.into()));
    for line in ["status --all-regions", "status --all-regions --json"] {
        let done = room.run(line).expect(0, "");
        assert!(done.stdout.contains("a?[2J?b?c?d??e?f?g"), "{}", done.stdout);
    }
}

#[test]
fn region_names_are_checked_and_at_most_a_hundred_are_asked() {
    let names = |n: usize| (0..n).map(|n| format!("ap-r{n}")).collect::<Vec<_>>();
    let asked = |room: &Room| room.server.actions().iter().filter(|a| *a == "ListKeyDetail").count();
    let many = room_of_regions(names(20_000), Value::Null);
    many.run("status --all-regions").expect(0, "the service named 20000 regions; the first 100 are asked");
    assert_eq!(asked(&many), 100);
    let few = room_of_regions(names(100), Value::Null);
    assert!(!few.run("status --all-regions").expect(0, "").stderr.contains("regions"));
    assert_eq!(asked(&few), 100);
    for bad in ["ap-\u{1b}[2J", "AP-X", "ap_x", "ap-x/../y", ""] {
        let room = room_of_regions(vec!["ap-singapore".into(), bad.into()], Value::Null);
        room.run("status --all-regions").expect(4, "KF-NET-03");
        assert_eq!(asked(&room), 0, "{bad:?}");
    }
}

/// What a monitor learns about one key in ten states; the plan's other key is as planned.
#[test]
fn ten_states_and_what_a_monitor_hears() {
    let now = jiff::Timestamp::now().as_second();
    let (soon, past) = (now + 10 * 86_400, now - 86_400);
    let lines = [
        "status --plan plan.toml",
        "status --plan plan.toml --warn-within 30",
        "status --region ap-singapore",
        "status --region ap-singapore --warn-within 30d",
        "status --region ap-singapore --expect-at-least 1",
        "status --all-regions --expect-at-least 2",
    ];
    #[rustfmt::skip]
    let table = [
        ("works",           Some(("Enabled", 0)),             [0, 0, 0, 0, 0, 0]),
        ("other expiry",    Some(("Enabled", 2_100_000_000)), [1, 1, 0, 0, 0, 0]),
        ("expires soon",    Some(("Enabled", soon)),          [1, 1, 0, 1, 0, 0]),
        ("expired",         Some(("PendingImport", past)),    [1, 1, 0, 1, 0, 0]),
        ("never imported",  Some(("PendingImport", 0)),       [1, 1, 0, 0, 0, 0]),
        ("disabled",        Some(("Disabled", 0)),            [1, 1, 0, 0, 0, 0]),
        ("disabled, soon",  Some(("Disabled", soon)),         [1, 1, 0, 1, 0, 0]),
        ("will be deleted", Some(("PendingDelete", 0)),       [1, 1, 1, 1, 1, 1]),
        ("archived",        Some(("Archived", 0)),            [1, 1, 0, 0, 0, 0]),
        ("gone",            None,                             [4, 4, 0, 1, 1, 1]),
    ];
    for (state, key, codes) in table {
        let room = Room::new();
        room.set(TWO, "KeyState", "Enabled");
        room.set(TWO, "ValidTo", 1_893_456_000);
        match key {
            Some((name, valid_to)) => {
                room.set(ONE, "KeyState", name);
                room.set(ONE, "ValidTo", valid_to);
                room.set(ONE, "DeletionDate", if name == "PendingDelete" { 1_900_000_000 } else { 0 });
            }
            None => drop(room.keys.lock().unwrap().remove(ONE)),
        }
        for (line, code) in lines.iter().zip(codes) {
            let done = room.run(line);
            assert_eq!(done.code, code, "{state}: {line}\n{}{}", done.stdout, done.stderr);
            assert_eq!(done.stderr.contains("error [KF-"), code != 0, "{state}: {line}\n{}", done.stderr);
            if ["works", "other expiry", "disabled", "archived"].contains(&state) {
                assert_eq!(done.stderr.contains("KF-STATUS-02"), code != 0, "{state}: {line}");
            }
            if state == "will be deleted" {
                assert!(done.stderr.contains("deleted at 2030-03-17T17:46:40Z"), "{}", done.stderr);
            }
        }
    }
}

#[test]
fn nothing_found_is_said_and_what_was_asked_is_in_the_result() {
    let room = Room::new();
    room.keys.lock().unwrap().clear();
    let done = room.run("status --all-regions").expect(0, "no external key was found in 2 regions");
    assert!(done.stdout.is_empty());
    let before = jiff::Timestamp::now().as_second();
    let done = room.run("status --all-regions --warn-within 30d --json").expect(1, "error [KF-STATUS-03]");
    let found = done.json();
    assert_eq!(found["regions"], json!(["ap-guangzhou", "ap-singapore"]));
    let at: jiff::Timestamp = found["at"].as_str().unwrap().parse().unwrap();
    assert!(before <= at.as_second() && at <= jiff::Timestamp::now(), "{at}");
}

#[test]
fn a_difference_of_the_clocks_is_said() {
    let dated = |seconds: i64| {
        Room::with(move |_| {
            let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
            let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap();
            let body = r#"{"Response": {"TotalCount": 0, "KeyMetadatas": [], "RequestId": "r"}}"#;
            let head = format!(
                "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json\r\nConnection: close"
            );
            Some(Answer::Raw(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()))
        })
    };
    let line = "status --region ap-singapore";
    dated(86_400).run(line).expect(0, "clock differs from this computer's by +");
    let done = dated(0).run(line).expect(0, "");
    assert!(!done.stderr.contains("clock differs"), "{}", done.stderr);
}
