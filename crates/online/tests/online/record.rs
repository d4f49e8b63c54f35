//! The record that a command finds must have the run's purpose, and only what this station fetched is resumed or imported.

use std::fs;

use keyferry_core::transcript::Act;
use keyferry_core::{
    Base64Bytes, CeremonyPlan, Event, Fingerprint, Parameters, Purpose, Session, Station, Timestamp,
    Transcript, artefact,
};

use crate::import::{put, wrap, wrapped};
use crate::journal::killed_after_the_first_key;
use crate::kit::{OTHER_SPKI, Room, TWO_KEYS};

const REAL: &str = "https://kms.tencentcloudapi.com";
const EXPORT: &str = "export --plan plan.toml --out out --session session.json";
const IMPORT: &str = "import --session session.json --ciphertext out/ciphertext.json";

fn begun(purpose: Purpose) -> Event {
    let (command, program) = ("export".to_owned(), "keyferry-online 0".to_owned());
    Event::Begun { command, program, plan_sha256: None, purpose }
}

fn written(digest: Fingerprint) -> Event {
    let parameters_sha256 = Fingerprint::of(b"p");
    Event::CiphertextWritten { ciphertext_sha256: digest, parameters_sha256, keys: 2, seeded: false }
}

/// Writes the record with these lines; returns its head.
fn record(room: &Room, lines: &[(Station, Event)]) -> Fingerprint {
    let mut chain = Transcript::new("practice-1".parse().unwrap());
    let add = |(station, event): &(Station, Event)| {
        chain.append(*station, Timestamp::EPOCH, Act::NOBODYS, event.clone()).unwrap()
    };
    let text: String = lines.iter().map(add).collect();
    room.write("out/transcript.jsonl", text);
    chain.head()
}

fn save(room: &Room, session: &Session) {
    room.write("session.json", &**artefact::to_bytes(session).unwrap());
}

fn session(room: &Room) -> Session {
    artefact::parse::<Session>(room.read("session.json").as_bytes()).unwrap().0
}

/// A room whose session and ciphertext have that purpose, with its endpoint and the ciphertext's digest.
fn room_for(purpose: Purpose) -> (Room, String, Fingerprint) {
    let (room, digest, _) = wrapped(Room::new());
    if purpose == Purpose::Rehearsal {
        let url = room.server.url();
        return (room, url, digest);
    }
    let text = format!(
        "{}\n[[participant]]\nname = \"A\"\nrole = \"operator\"\n[[participant]]\nname = \"B\"\nrole = \"witness\"\n",
        TWO_KEYS.replace("\"rehearsal\"", "\"production\"")
    );
    room.write("plan.toml", &text);
    let plan = CeremonyPlan::parse(text.as_bytes()).unwrap();
    let Session { parameters, secrets, .. } = session(&room);
    let parameters = Parameters::new(&plan, parameters.fetched_at, parameters.keys).unwrap();
    room.write("out/parameters.json", &**artefact::to_bytes(&parameters).unwrap());
    save(&room, &Session::new(REAL.into(), parameters, secrets).unwrap());
    let digest = put(&room, &wrap(&room));
    (room, REAL.into(), digest)
}

#[test]
fn a_record_of_another_purpose_gets_no_line() {
    use Purpose::{Production, Rehearsal};
    for (own, other) in [(Production, Rehearsal), (Rehearsal, Production)] {
        for command in ["create-key", "export", "import"] {
            let (room, endpoint, digest) = room_for(own);
            let plan = room.read("plan.toml");
            let draft: String =
                plan.lines().filter(|l| !l.starts_with("key_id")).map(|l| format!("{l}\n")).collect();
            room.write("draft.toml", draft);
            let line = match command {
                "create-key" => {
                    "create-key --plan draft.toml --out full.toml --transcript out/transcript.jsonl".into()
                }
                "export" => {
                    for name in ["session.json", "out/ciphertext.json", "out/parameters.json"] {
                        fs::remove_file(room.path(name)).unwrap();
                    }
                    format!("{EXPORT} --abandon practice-1")
                }
                _ => format!("{IMPORT} --expect-digest {digest}"),
            };
            // One line with the other purpose is enough, wherever it is.
            for lines in [[own, other], [other, own]] {
                record(&room, &lines.map(|purpose| (Station::Online, begun(purpose))));
                let (before, requests) = (room.read("out/transcript.jsonl"), room.server.requests().len());
                room.run_with(&line, &endpoint).expect(1, "error [KF-PARAM-09]");
                assert_eq!(
                    (room.read("out/transcript.jsonl"), room.server.requests().len()),
                    (before, requests)
                );
            }
            let head = record(&room, &[(Station::Online, begun(own)), (Station::Offline, written(digest))]);
            let line = if command == "import" { format!("{line} --expect-head {head}") } else { line };
            let done = room.run_with(&line, &endpoint);
            assert!(!done.stderr.contains("KF-PARAM-09"), "{command}: {}", done.stderr);
            // A production run gets as far as the service, but nothing answers in this room.
            assert_eq!(done.code, if own == Production { 4 } else { 0 }, "{command}: {}", done.stderr);
        }
    }
}

#[test]
fn production_imports_only_what_a_compared_record_names() {
    for purpose in [Purpose::Production, Purpose::Rehearsal] {
        let production = purpose == Purpose::Production;
        let (room, endpoint, digest) = room_for(purpose);
        let line = format!("{IMPORT} --expect-digest {digest}");
        let own = (Station::Online, begun(purpose));
        let (named, other) = (written(digest), written(Fingerprint::of(b"other")));
        record(&room, &[own.clone(), (Station::Offline, named.clone()), (Station::Offline, other)]);
        room.run_with(&line, &endpoint).expect(1, "error [KF-CIPHER-09]");
        let head = record(&room, &[own.clone(), (Station::Offline, named)]);
        let requests = room.server.requests().len();
        let refused = room.run_unanswered_with(&line, &endpoint).expect(1, "error [KF-CONSENT-01]");
        assert!(refused.stderr.contains("nobody compared the head"), "{}", refused.stderr);
        assert_eq!(room.server.requests().len(), requests);
        let (code, text) = if production { (4, "KF-NET") } else { (0, "proved") };
        room.run_unanswered_with(&format!("{line} --expect-head {head}"), &endpoint).expect(code, text);
        // No record, and a record in which the offline station wrote nothing.
        for lines in [None, Some(own)] {
            let _ = fs::remove_file(room.path("out/transcript.jsonl"));
            let head = lines.map(|line| record(&room, &[line]));
            let line = head.map_or_else(|| line.clone(), |head| format!("{line} --expect-head {head}"));
            let (code, text) =
                if production { (1, "error [KF-CIPHER-09]") } else { (0, "NOT COMPARED with a record") };
            room.run_with(&line, &endpoint).expect(code, text);
            assert!(!production || head.is_some() || !room.has("out/transcript.jsonl"));
        }
    }
}

/// The journal as earlier versions wrote it.
fn without_wrapping_keys(room: &Room) {
    for region in ["ap-singapore", "ap-guangzhou"] {
        let folder = room.path("home/.local/state/keyferry/journal").join(region);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let (before, rest) = text.split_once("\"wrapping_key_sha256\":").unwrap();
            let (_, after) = rest.split_once(',').unwrap();
            fs::write(&path, format!("{before}{after}")).unwrap();
        }
    }
}

fn interrupted() -> Room {
    let room = Room::new();
    room.export("").expect(0, "");
    fs::remove_file(room.path("out/parameters.json")).unwrap();
    fs::remove_file(room.path("out/transcript.jsonl")).unwrap();
    room
}

#[test]
fn a_genuine_token_with_another_wrapping_key_is_not_resumed() {
    let room = interrupted();
    let Session { endpoint, mut parameters, secrets, .. } = session(&room);
    let plan = CeremonyPlan::parse(TWO_KEYS.as_bytes()).unwrap();
    parameters.keys[0].public_key = Base64Bytes::decode(OTHER_SPKI).unwrap();
    let parameters = Parameters::new(&plan, parameters.fetched_at, parameters.keys).unwrap();
    save(&room, &Session::new(endpoint, parameters, secrets).unwrap());
    let requests = room.server.requests().len();
    let done = room.run(EXPORT).expect(1, "error [KF-JOURNAL-06]");
    assert!(!done.has_words() && room.server.requests().len() == requests);
    room.no_outputs_of_export();
    // What an earlier run saved about one key.
    let room = killed_after_the_first_key();
    let kept = room.read("session.json.fetched");
    let (_, rest) = kept.split_once("\"public_key\": \"").unwrap();
    let (genuine, _) = rest.split_once('"').unwrap();
    room.write("session.json.fetched", kept.replace(genuine, OTHER_SPKI));
    room.run(EXPORT).expect(1, "error [KF-JOURNAL-06]");
    room.no_outputs_of_export();
    // A journal of an earlier version can be read; then only the token is compared.
    let room = interrupted();
    without_wrapping_keys(&room);
    room.run(EXPORT).expect(0, "nothing is fetched again");
}

#[test]
fn what_was_imported_is_not_resumed() {
    let (room, digest, _) = wrapped(Room::new());
    room.run(&format!("{IMPORT} --expect-digest {digest}")).expect(0, "proved");
    for name in ["ciphertext.json", "parameters.json", "transcript.jsonl"] {
        fs::remove_file(room.path("out").join(name)).unwrap();
    }
    let requests = room.server.requests().len();
    let done = room.run(EXPORT).expect(1, "already imported material");
    assert!(done.stderr.contains("KF-JOURNAL-06") && room.server.requests().len() == requests);
    room.no_outputs_of_export();
}

#[test]
fn a_journal_is_never_in_the_folder_that_crosses() {
    let room = Room::new();
    room.run(&format!("{EXPORT} --journal out/journal")).expect(1, "error [KF-FILE-09]");
    assert!(room.server.requests().is_empty() && !room.has("session.json"));
    room.no_outputs_of_export();
    let (room, digest, requests) = wrapped(Room::new());
    let line = format!("{IMPORT} --expect-digest {digest} --journal out");
    room.run(&line).expect(1, "error [KF-FILE-09]");
    assert_eq!(room.server.requests().len(), requests);
}
