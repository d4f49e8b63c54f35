//! `status`: what the service says about regions and keys is checked before it is believed or shown.

use serde_json::{Value, json};

use crate::kit::{ONE, Room, success};
use crate::server::Request;

/// One key as a listing has it, changed by `edit`.
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
    let alias = "a\u{1b}[2J\u{202e}b\u{200b}c\u{2066}d\n";
    let room = room_of_regions(vec!["ap-singapore".into()], listing(|k| k["Alias"] = alias.into()));
    for line in ["status --all-regions", "status --all-regions --json"] {
        let done = room.run(line).expect(0, "");
        assert!(done.stdout.contains("a?[2J?b?c?d?"), "{}", done.stdout);
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
