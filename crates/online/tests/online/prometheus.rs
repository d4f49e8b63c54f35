//! `status --prometheus`: a file that a textfile collector reads, whatever the exit code.
//!
//! Each file is read by a strict parser of the text exposition format 0.0.4. If `KEYFERRY_PROMETHEUS_PYTHON` names a Python with
//! `prometheus_client` (`cargo xtask metrics`), that parser must find the same values.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::kit::{Done, ONE, Room, TWO, refused, success};

type Labels = BTreeMap<String, String>;

/// The contents of a file: name and labels of each series, with its value.
#[derive(Debug, Default)]
struct Metrics(BTreeMap<(String, Labels), i64>);

impl Metrics {
    #[track_caller]
    fn of(text: &str) -> Self {
        let mut this = Self::default();
        let (mut done, mut open) = (BTreeSet::new(), None);
        assert!(text.ends_with('\n'), "the last line has no end");
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("# keyferry-online status"), "{}", lines[0]);
        let mut lines = lines[1..].iter().peekable();
        while let Some(line) = lines.next() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert!(is_name(name) && done.insert(name.to_owned()), "{line}");
                assert!(!help.is_empty() && !help.contains('\\'), "{line}");
                assert_eq!(lines.next(), Some(&format!("# TYPE {name} gauge").as_str()));
                open = Some(name.to_owned());
            } else {
                let (name, labels, value) = sample(line);
                assert_eq!(open.as_ref(), Some(&name), "{line} is outside of its group");
                assert!(this.0.insert((name, labels), value).is_none(), "{line} is there twice");
            }
        }
        this
    }

    #[track_caller]
    fn value(&self, name: &str, labels: &[(&str, &str)]) -> i64 {
        self.get(name, labels).unwrap_or_else(|| panic!("{name} {labels:?} is not in {self:?}"))
    }

    /// The only series with that name and these labels.
    fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<i64> {
        let has = |found: &Labels| labels.iter().all(|(n, v)| found.get(*n).is_some_and(|f| f == v));
        let mut found = self.0.iter().filter(|((n, l), _)| n == &format!("keyferry_{name}") && has(l));
        let value = found.next().map(|(_, value)| *value);
        assert!(found.next().is_none(), "{name} {labels:?} is not one series");
        value
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn sample(line: &str) -> (String, Labels, i64) {
    let end = line.find(['{', ' ']).unwrap();
    let (name, rest) = line.split_at(end);
    assert!(is_name(name), "{line}");
    let mut labels = Labels::new();
    let mut rest = rest;
    if let Some(inner) = rest.strip_prefix('{') {
        let mut inner = inner;
        loop {
            let (label, after) = inner.split_once("=\"").unwrap();
            assert!(is_name(label), "{line}");
            let (value, after) = quoted(after);
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            match after.split_at(1) {
                (",", after) => inner = after,
                ("}", after) => break rest = after,
                _ => panic!("{line}"),
            }
        }
    }
    let value = rest.strip_prefix(' ').unwrap();
    assert!(value.parse::<i64>().is_ok_and(|n| n.to_string() == value), "{line}");
    (name.to_owned(), labels, value.parse().unwrap())
}

/// A label's value up to the closing quotation mark, and the rest.
fn quoted(text: &str) -> (String, &str) {
    let (mut value, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match chars.next().unwrap().1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                other => panic!("\\{other}"),
            }),
            c => value.push(c),
        }
    }
    panic!("no end: {text}")
}

/// `prometheus_client`, which users have, reads the same values.
fn compare_with_others(text: &str, ours: &Metrics) {
    let Some(python) = std::env::var_os("KEYFERRY_PROMETHEUS_PYTHON") else { return };
    let script = "import json, sys\n\
        from prometheus_client.parser import text_string_to_metric_families as read\n\
        print(json.dumps([[s.name, s.labels, int(s.value)] for f in read(sys.argv[1]) for s in f.samples]))";
    let out = Command::new(python).args(["-c", script, text]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let theirs: Vec<(String, Labels, i64)> = serde_json::from_slice(&out.stdout).unwrap();
    let theirs: BTreeMap<_, _> =
        theirs.into_iter().map(|(name, labels, value)| ((name, labels), value)).collect();
    assert_eq!(theirs, ours.0);
}

/// Runs `status` and reads its file.
#[track_caller]
fn metrics(room: &Room, line: &str, code: i32) -> (Metrics, Done) {
    read(room, room.run(&format!("{line} --prometheus k.prom")).expect(code, ""))
}

#[track_caller]
fn read(room: &Room, done: Done) -> (Metrics, Done) {
    let text = room.read("k.prom");
    let found = Metrics::of(&text);
    compare_with_others(&text, &found);
    assert_eq!(found.value("status_exit_code", &[]), i64::from(done.code));
    let at = found.value("status_checked_at_seconds", &[]);
    assert!((1_700_000_000..=jiff::Timestamp::now().as_second()).contains(&at), "{at}");
    (found, done)
}

const PLAN: &str = "status --plan plan.toml";

/// Both keys as the plan has them.
fn healthy() -> Room {
    let room = Room::new();
    for (id, end) in [(ONE, 0), (TWO, 1_893_456_000)] {
        room.set(id, "KeyState", "Enabled");
        room.set(id, "ValidTo", end);
    }
    room
}

#[test]
fn healthy_keys() {
    let room = healthy();
    let (found, _) = metrics(&room, PLAN, 0);
    for (name, value) in [("status_failures", 0), ("status_keys", 2), ("status_regions", 2)] {
        assert_eq!(found.value(name, &[]), value, "{name}");
    }
    let one = [("alias", "one"), ("region", "ap-singapore"), ("key_id", ONE)];
    let two = [("alias", "two"), ("region", "ap-guangzhou"), ("key_id", TWO)];
    for (key, end) in [(one, None), (two, Some(1_893_456_000))] {
        for state in ["Enabled", "Disabled", "PendingDelete", "PendingImport", "Archived", "Unlisted"] {
            let of_key: Vec<_> = key.into_iter().chain([("state", state)]).collect();
            assert_eq!(found.value("key_state", &of_key), i64::from(state == "Enabled"), "{state}");
        }
        assert_eq!(found.get("key_expiry_timestamp_seconds", &key), end);
        let days = found.get("key_days_left", &key);
        assert_eq!(days.is_some(), end.is_some());
        assert!(days.is_none_or(|d| (0..1130).contains(&d)), "{days:?}");
        assert_eq!(found.get("key_deletion_timestamp_seconds", &key), None);
    }
}

#[test]
fn each_ending_has_a_file_with_what_is_known() {
    let room = healthy();
    metrics(&room, PLAN, 0);
    // A key that is about to be deleted, and one with another expiry.
    room.set(ONE, "KeyState", "PendingDelete");
    room.set(ONE, "DeletionDate", 1_900_000_000);
    room.set(TWO, "ValidTo", 0);
    let (found, _) = metrics(&room, PLAN, 1);
    assert_eq!(found.value("status_failures_by_control", &[("control", "KF-STATUS-02")]), 2);
    assert_eq!(found.value("key_state", &[("alias", "one"), ("state", "PendingDelete")]), 1);
    assert_eq!(found.value("key_deletion_timestamp_seconds", &[("alias", "one")]), 1_900_000_000);
    // A key that expires within the given time.
    let (found, _) = metrics(&room, "status --all-regions --warn-within 3650", 1);
    assert_eq!(found.value("status_failures", &[]), 1);
    // No key where one was expected.
    room.keys.lock().unwrap().clear();
    let (found, _) = metrics(&room, "status --all-regions --warn-within 30", 1);
    assert_eq!((found.value("status_keys", &[]), found.value("status_failures", &[])), (0, 1));
    // The plan's keys no longer exist.
    let (found, _) = metrics(&room, PLAN, 4);
    assert_eq!(found.value("status_failures_by_control", &[("control", "KF-KMS-01")]), 2);
    assert_eq!(found.get("key_state", &[("state", "Enabled")]), None);
    // The service does not answer, or nothing was asked at all.
    let line = format!("{PLAN} --prometheus k.prom");
    let (found, _) = read(&room, room.run_with(&line, "http://127.0.0.1:1").expect(4, "KF-NET-02"));
    assert_eq!(found.value("status_failures_by_control", &[("control", "KF-NET-02")]), 2);
    let all = "status --all-regions --prometheus k.prom";
    let (found, _) = read(&room, room.run_with(all, "http://127.0.0.1:1").expect(4, "KF-NET-02"));
    assert_eq!((found.value("status_failures", &[]), found.value("status_regions", &[])), (1, 0));
    let mut room = healthy();
    room.env.clear();
    let (found, _) = read(&room, room.run(all).expect(1, "KF-CRED-01"));
    assert_eq!(found.value("status_failures_by_control", &[("control", "KF-CRED-01")]), 1);
    assert!(room.server.requests().is_empty());
}

#[test]
fn one_region_that_fails_hides_no_other() {
    let room = Room::with(|request| match (request.action(), request.header("X-TC-Region")) {
        ("ListKeyDetail", Some("ap-guangzhou")) => Some(refused("InternalError")),
        _ => None,
    });
    let (found, _) = metrics(&room, "status --all-regions", 4);
    assert_eq!((found.value("status_keys", &[]), found.value("status_regions", &[])), (1, 2));
    assert_eq!(found.value("key_state", &[("alias", "one"), ("state", "PendingImport")]), 1);
}

/// A value that the service chose, and a list that names a key twice.
#[test]
fn no_alias_breaks_the_file() {
    let key = |alias: &str| -> Value {
        json!({"KeyId": ONE, "Alias": alias, "KeyState": "Brand.New", "Type": 2, "Origin": "EXTERNAL", "ValidTo": 0})
    };
    let alias = "a\"} 1\n# TYPE x \\n\\ 密\u{202e}";
    let list = json!({"TotalCount": 2, "KeyMetadatas": [key(alias), key(alias)]});
    let room = Room::with(move |r| (r.action() == "ListKeyDetail").then(|| success(list.clone())));
    let (found, _) = metrics(&room, "status --region ap-singapore", 0);
    let labels = [("alias", "a\"} 1?# TYPE x \\n\\ 密?"), ("state", "Unlisted")];
    assert_eq!(found.value("key_state", &labels), 1);
}

#[test]
fn only_its_own_file_is_replaced_and_before_a_request_is_sent() {
    let room = healthy();
    room.write("k.prom", "node_load1 0.5\n");
    let done = room.run(&format!("{PLAN} --prometheus k.prom")).expect(1, "error [KF-FILE-01]");
    assert!(room.server.requests().is_empty() && done.stdout.is_empty(), "{}", done.stdout);
    assert_eq!(room.read("k.prom"), "node_load1 0.5\n");
    for name in ["k.txt", "k", ".prom", "prom"] {
        room.run(&format!("{PLAN} --prometheus {name}")).expect(2, "ends in .prom");
    }
    room.run(&format!("{PLAN} --prometheus no/k.prom")).expect(3, "KF-FILE-04");
    fs::remove_file(room.path("k.prom")).unwrap();
    metrics(&room, PLAN, 0);
    metrics(&room, PLAN, 0);
    let left = fs::read_dir(room.path(".")).unwrap().map(|e| e.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().ends_with(".part")));
}
