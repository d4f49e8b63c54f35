//! What a ceremony costs: requests for each key, for any number of keys and regions, and lines on the screen.

use crate::import::{import, put, wrap};
use crate::kit::{Done, Room, refused};
use crate::server::Request;

/// Maximum number of lines that people are shown.
const LINES: usize = 450;

/// A room with a draft of this many keys; `region` names the region of each.
fn room(keys: usize, region: impl Fn(usize) -> String, may_describe_many: bool) -> Room {
    let room = Room::with(move |request: &Request| {
        let refuses = request.action() == "DescribeKeys" && !may_describe_many;
        refuses.then(|| refused("UnauthorizedOperation"))
    });
    let keys = (0..keys).map(|n| {
        let region = region(n);
        format!("[[key]]\nalias = \"key-{n}\"\nprovider = \"tencent\"\nregion = \"{region}\"\nvalid_to = \"never\"\n\n")
    });
    let head = "format = \"keyferry/plan/2\"\nceremony = \"many-1\"\npurpose = \"rehearsal\"\n\n";
    let backup = "[backup]\nscheme = \"none\"\nreason = \"test\"\n";
    room.write("draft.toml", format!("{head}{}{backup}", keys.collect::<String>()));
    std::fs::remove_file(room.path("plan.toml")).unwrap();
    room.keys.lock().unwrap().clear();
    room
}

/// Runs a command without `--json`, and counts its lines.
fn run(room: &Room, line: &str) -> Done {
    let done = room.run(&format!("{line} --attempts 1 --rate 10000 --jobs 8")).expect(0, "");
    let lines = done.stdout.lines().count() + done.stderr.lines().count();
    assert!(lines <= LINES, "{lines} lines of {line}");
    done
}

/// Standard output has at most 100 keys below its header lines, and its reader is told when there are more.
fn says_what_is_cut(done: &Done, head: usize) {
    let note = "  note: standard output has the first 100 of 250 keys (-v prints each, --json has all)\n";
    let keys = done.stdout.lines().count() - head;
    assert_eq!(done.stderr.matches(note).count(), usize::from(keys == 100), "{keys} keys: {}", done.stderr);
    assert!(keys <= 100, "{keys}");
}

/// Runs a ceremony; returns its requests.
fn ceremony(room: &Room) -> usize {
    run(room, "create-key --plan draft.toml --out plan.toml --transcript out/transcript.jsonl");
    run(room, "export --plan plan.toml --out out --session session.json");
    let digest = put(room, &wrap(room));
    let done = import(room, &digest, "--attempts 1 --rate 10000 --jobs 8").expect(0, "");
    let lines = done.stdout.lines().count() + done.stderr.lines().count();
    assert!(lines <= LINES, "{lines} lines of import");
    says_what_is_cut(&done, 0);
    room.server.actions().len()
}

#[test]
fn a_key_costs_five_requests_and_pages() {
    const KEYS: usize = 250;
    let room = room(KEYS, |_| "ap-singapore".to_owned(), true);
    let requests = ceremony(&room);
    // Create, fetch, import, encrypt and decrypt each key; and each of four look-ups needs three requests for
    // 250 keys.
    assert_eq!(requests, 5 * KEYS + 4 * 3);
    let record = room.read("out/transcript.jsonl");
    for kind in ["key-created", "parameters-fetched", "imported", "proved"] {
        let aliases: Vec<&str> = record
            .lines()
            .filter(|line| line.contains(&format!("\"kind\":\"{kind}\"")))
            .map(|line| line.split("\"alias\":\"").nth(1).unwrap().split('"').next().unwrap())
            .collect();
        let planned: Vec<String> = (0..KEYS).map(|n| format!("key-{n}")).collect();
        assert_eq!(aliases, planned, "{kind}");
    }
    says_what_is_cut(&run(&room, "status --plan plan.toml"), 1);
    assert_eq!(room.server.actions().len(), requests + 3);
    // With `-v`, all lines are shown.
    let all = room.run("status --plan plan.toml -v").expect(0, "");
    assert!(all.stdout.lines().count() > KEYS, "{}", all.stdout);
    assert!(!all.stderr.contains("standard output has"), "{}", all.stderr);
}

#[test]
fn spread_over_regions_a_key_costs_nine_requests_at_most() {
    for (keys, regions) in [(1, 1), (12, 12), (12, 6), (12, 5)] {
        let room = room(keys, |n| format!("ap-region-{}", n % regions), true);
        let requests = ceremony(&room);
        assert!(requests <= 9 * keys, "{requests} requests for {keys} keys in {regions} regions");
    }
}

#[test]
fn without_the_right_to_ask_for_many_each_command_asks_once_in_vain() {
    for (keys, regions) in [(6, 1), (9, 1)] {
        let room = room(keys, |n| format!("ap-region-{}", n % regions), false);
        assert_eq!(ceremony(&room), 9 * keys + 3);
        assert_eq!(room.server.actions().iter().filter(|action| *action == "DescribeKeys").count(), 3);
    }
}

#[test]
fn many_refused_keys_are_counted() {
    const KEYS: usize = 150;
    let room = room(KEYS, |_| "ap-singapore".to_owned(), true);
    run(&room, "create-key --plan draft.toml --out plan.toml");
    for key in room.keys.lock().unwrap().values_mut() {
        key["KeyState"] = "Disabled".into();
    }
    for line in ["export --plan plan.toml --out out --session session.json", "status --plan plan.toml"] {
        let done = room.run(line).expect(1, "120 more refused keys");
        let lines = done.stdout.lines().count() + done.stderr.lines().count();
        assert!(lines <= LINES, "{lines} lines of {line}");
        let json = room.run(&format!("{line} --json"));
        assert_eq!(json.json()["failures"].as_array().unwrap().len(), KEYS);
    }
}
