//! Every file that a command resumes from an earlier run, and every file that comes back, is replaced by one that an outsider can make.
//!
//! The outsider knows the reviewed plan and writes to the folders of session and medium. No planted file may lead to a request, an
//! output, or words on the screen. Each case has its counterpart: the real file, in the same place, is used.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::process::Command;

use keyferry_core::{
    Base64Bytes, CeremonyPlan, ImportToken, Parameters, Session, SessionEntry, Transcript, artefact,
};

use crate::import::{import, wrapped};
use crate::journal::killed_after_the_first_key;
use crate::kit::{Done, OTHER_SPKI, Room, TWO_KEYS};

const JOURNAL: &str = "home/.local/state/keyferry/journal";
const SINGAPORE: &str = "home/.local/state/keyferry/journal/ap-singapore";

/// The outsider's session: the reviewed plan, wrapping keys whose private keys they have, and tokens that they made up.
fn forged() -> Session {
    let plan = CeremonyPlan::parse(TWO_KEYS.as_bytes()).unwrap();
    // The form of an entry is public: any parameters.json shows it.
    let other = Room::new();
    other.export("").expect(0, "");
    let (shape, _) = artefact::parse::<Parameters>(other.read("out/parameters.json").as_bytes()).unwrap();
    let token = |n: usize| ImportToken::new(format!("FORGED{n}").into()).unwrap();
    let keys = shape.keys.into_iter().enumerate().map(|(n, mut entry)| {
        entry.public_key = Base64Bytes::decode(OTHER_SPKI).unwrap();
        entry.import_token_sha256 = Some(token(n).digest());
        entry
    });
    let parameters = Parameters::new(&plan, shape.fetched_at, keys.collect()).unwrap();
    let secrets = parameters.keys.iter().zip(plan.keys()).enumerate().map(|(n, (entry, key))| SessionEntry {
        key_id: entry.key_id.clone(),
        valid_to: key.valid_to,
        import_token: Some(token(n)),
    });
    let secrets = secrets.collect();
    Session::new("http://127.0.0.1:1".into(), parameters, secrets).unwrap()
}

/// The same session, for the server of that room.
fn forged_for(room: &Room) -> String {
    let Session { parameters, secrets, .. } = forged();
    let session = Session::new(room.server.url(), parameters, secrets).unwrap();
    String::from_utf8(artefact::to_bytes(&session).unwrap().to_vec()).unwrap()
}

/// What an outsider can make from a session: lines of `session.json.fetched`.
fn forged_kept(room: &Room) -> String {
    let session: serde_json::Value = serde_json::from_str(&forged_for(room)).unwrap();
    let text = forged_for(room);
    let entries = text.split("\"keys\": [").nth(1).unwrap();
    let entry = entries.split("\n      },").next().unwrap().replace('\n', "");
    let (parameters, secret) = (&session["parameters"], &session["secrets"][0]);
    format!(
        "{{\"format\":\"keyferry/fetched/2\",\"plan_sha256\":{},\"endpoint\":{},\"fetched_at\":{}}}\n\
         {{\"entry\":{entry}}},\"secret\":{secret},\"request_id\":\"r\"}}\n",
        parameters["plan_sha256"], session["endpoint"], parameters["fetched_at"],
    )
}

/// A run that was killed after it wrote the session and before it wrote `parameters.json`.
fn killed_after_the_session() -> Room {
    let room = Room::new();
    room.export("").expect(0, "");
    fs::remove_file(room.path("out/parameters.json")).unwrap();
    fs::remove_file(room.path("out/transcript.jsonl")).unwrap();
    room
}

/// Everything below the journal, by name.
fn journal(room: &Room) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for region in ["ap-singapore", "ap-guangzhou"] {
        for entry in fs::read_dir(room.path(JOURNAL).join(region)).into_iter().flatten() {
            let path = entry.unwrap().path();
            found.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
        }
    }
    found.sort();
    found
}

/// Runs `line`: it is refused under `control`, sends nothing, writes nothing and shows no words.
#[track_caller]
fn nothing_comes_of(room: &Room, line: &str, control: &str) -> Done {
    let (requests, remembered) = (room.server.requests().len(), journal(room));
    let done = room.run(line);
    let code = if control == "KF-FILE-07" { 3 } else { 1 };
    let done = done.expect(code, &format!("error [{control}]"));
    assert_eq!(room.server.requests().len(), requests, "{line}: something was sent");
    assert_eq!(journal(room), remembered, "{line}: the journal changed");
    assert!(!done.has_words() && done.stdout.is_empty(), "{line}: {}", done.stderr);
    assert!(done.stderr.contains("hint: "), "{}", done.stderr);
    done
}

const EXPORT: &str = "export --plan plan.toml --out out --session session.json";

#[test]
fn what_an_outsider_can_make_is_not_finished_by_export() {
    // A station that has exported nothing, and one where this ceremony is pending.
    for fresh in [true, false] {
        for fetched in [false, true] {
            let room = if fresh { Room::new() } else { killed_after_the_session() };
            let name = if fetched { "session.json.fetched" } else { "session.json" };
            if fetched && !fresh {
                fs::remove_file(room.path("session.json")).unwrap();
            }
            room.write(name, if fetched { forged_kept(&room) } else { forged_for(&room) });
            let planted = room.read(name);
            nothing_comes_of(&room, EXPORT, "KF-JOURNAL-06");
            assert_eq!(room.read(name), planted, "the file was touched");
            room.no_outputs_of_export();
        }
    }
    // The real files are used.
    killed_after_the_session().run(EXPORT).expect(0, "nothing is fetched again");
    killed_after_the_first_key().run(EXPORT).expect(0, "digest");
}

/// A way in which a file is not private to this user.
#[derive(Clone, Copy, Debug)]
enum Spoiled {
    Mode(u32),
    Link,
    Pipe,
    Owner,
}

const SPOILED: [Spoiled; 5] =
    [Spoiled::Mode(0o644), Spoiled::Mode(0o666), Spoiled::Link, Spoiled::Pipe, Spoiled::Owner];

impl Spoiled {
    /// Spoils the real file; returns the control that detects it, or `None` if only root can do it.
    fn apply(self, room: &Room, name: &str) -> Option<&'static str> {
        let path = room.path(name);
        match self {
            Self::Mode(mode) => room.mode(name, mode),
            Self::Link => {
                fs::rename(&path, room.path("moved")).unwrap();
                symlink(room.path("moved"), &path).unwrap();
                return Some("KF-FILE-07");
            }
            Self::Pipe => {
                fs::remove_file(&path).unwrap();
                assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&path).status().unwrap().success());
                return Some("KF-FILE-07");
            }
            Self::Owner => chown(&path, Some(65_534), None).ok()?,
        }
        Some("KF-FILE-09")
    }
}

#[test]
fn a_file_that_others_could_have_written_is_not_taken_up() {
    let (mut cases, mut controls) = (0, BTreeSet::new());
    for spoiled in SPOILED {
        let (session, kept) = (killed_after_the_session(), killed_after_the_first_key());
        for (room, name) in [(session, "session.json"), (kept, "session.json.fetched")] {
            let Some(control) = spoiled.apply(&room, name) else { continue };
            nothing_comes_of(&room, EXPORT, control);
            room.no_outputs_of_export();
            (cases, _) = (cases + 1, controls.insert(control));
        }
        let (room, digest, _) = wrapped(Room::new());
        let line = format!(
            "import --session session.json --ciphertext out/ciphertext.json --expect-digest {digest}"
        );
        let Some(control) = spoiled.apply(&room, "session.json") else { continue };
        nothing_comes_of(&room, &line, control);
        cases += 1;
    }
    // Only root can give a file to another user.
    assert!(cases == 15 || cases == 12, "{cases}");
    assert_eq!(controls.into_iter().collect::<Vec<_>>(), ["KF-FILE-07", "KF-FILE-09"]);
}

#[test]
fn a_journal_that_others_could_have_written_is_no_memory() {
    let file = format!("{SINGAPORE}/{}.jsonl", crate::kit::ONE);
    for (name, mode, restored) in [
        (file.as_str(), 0o666, 0o600),
        (&file, 0o644, 0o600),
        (SINGAPORE, 0o777, 0o700),
        (JOURNAL, 0o770, 0o700),
    ] {
        let room = killed_after_the_session();
        room.mode(name, mode);
        nothing_comes_of(&room, EXPORT, "KF-FILE-09");
        room.no_outputs_of_export();
        room.mode(name, restored);
        room.run(EXPORT).expect(0, "nothing is fetched again");
        let (room, digest, _) = wrapped(Room::new());
        room.mode(name, mode);
        let line = format!(
            "import --session session.json --ciphertext out/ciphertext.json --expect-digest {digest}"
        );
        nothing_comes_of(&room, &line, "KF-FILE-09");
        room.mode(name, restored);
        room.run(&line).expect(0, "proved");
    }
}

#[test]
fn import_takes_no_session_that_the_journal_does_not_know() {
    let (room, digest, _) = wrapped(Room::new());
    let real = room.read("session.json");
    let line =
        format!("import --session session.json --ciphertext out/ciphertext.json --expect-digest {digest}");
    room.write("session.json", forged_for(&room));
    nothing_comes_of(&room, &line, "KF-JOURNAL-06");
    // The real file, at a station that has lost its journal: the hint says what to restore.
    room.write("session.json", real);
    fs::rename(room.path(JOURNAL), room.path("archive")).unwrap();
    let done = nothing_comes_of(&room, &line, "KF-JOURNAL-06");
    assert!(done.stderr.contains("restore the journal"), "{}", done.stderr);
    fs::rename(room.path("archive"), room.path(JOURNAL)).unwrap();
    room.run(&line).expect(0, "proved");
}

#[test]
fn a_session_is_never_on_the_medium() {
    let room = Room::new();
    fs::create_dir(room.path("out/below")).unwrap();
    symlink(room.path("out"), room.path("link")).unwrap();
    for session in
        ["out/s.json", "out/below/s.json", "link/s.json", "home/../out/s.json", "link/below/s.json"]
    {
        for out in ["out", "link"] {
            let line = format!("export --plan plan.toml --out {out} --session {session}");
            nothing_comes_of(&room, &line, "KF-CRED-05");
            assert!(!room.has(session) && !room.has("out/parameters.json"));
        }
    }
    let (room, digest, _) = wrapped(Room::new());
    symlink(room.path("out"), room.path("link")).unwrap();
    fs::copy(room.path("session.json"), room.path("out/s.json")).unwrap();
    for (session, ciphertext) in [("out/s.json", "out"), ("link/s.json", "out"), ("out/s.json", "link")] {
        let line = format!(
            "import --session {session} --ciphertext {ciphertext}/ciphertext.json --expect-digest {digest}"
        );
        nothing_comes_of(&room, &line, "KF-CRED-05");
    }
    import(&room, &digest, "").expect(0, "proved");
}

#[test]
fn an_export_goes_into_a_folder_without_the_way_back() {
    for name in ["ciphertext.json", "escrow.json", "drills.jsonl", "share-1-of-3.txt", "SHARE-2-OF-3.SVG"] {
        for room in [Room::new(), killed_after_the_session(), killed_after_the_first_key()] {
            room.write(&format!("out/{name}"), "planted");
            let done = nothing_comes_of(&room, EXPORT, "KF-FILE-01");
            assert!(done.stderr.contains("a file that only the offline station writes"), "{}", done.stderr);
            assert!(!room.has("out/parameters.json") && !room.has("out/transcript.jsonl"));
            fs::remove_file(room.path(&format!("out/{name}"))).unwrap();
            room.run(EXPORT).expect(0, "digest");
        }
    }
}

fn head(room: &Room) -> String {
    Transcript::verify(room.read("out/transcript.jsonl").as_bytes()).unwrap().unwrap().head().to_string()
}

#[test]
fn heads_are_shown_before_and_after_a_line_is_added() {
    let room = Room::new();
    let done = room.export("--json").expect(0, "no record yet");
    let (json, exported) = (done.json(), head(&room));
    assert_eq!(json["transcript_head"], exported);
    let words = json["transcript_head_words"]["en"].as_array().unwrap().clone();
    assert_eq!(words.len(), 24);
    assert!(done.has_hex(&exported.parse().unwrap()) && done.has_words(), "{}", done.stderr);
    let (room, digest, before) = wrapped(Room::new());
    let exported = head(&room);
    let asked =
        room.run("import --session session.json --ciphertext out/ciphertext.json").expect(1, "KF-CONSENT-01");
    assert!(asked.has_hex(&exported.parse().unwrap()) && asked.has_words(), "{}", asked.stderr);
    for text in ["the words of digest and head match", "6 events, head"] {
        assert!(asked.stderr.contains(text), "{text}: {}", asked.stderr);
    }
    // If a head is given, it is compared, whatever else is given.
    import(&room, &digest, &format!("--expect-head {}", "1".repeat(64))).expect(1, "error [KF-CIPHER-07]");
    assert_eq!((room.server.requests().len(), head(&room)), (before, exported.clone()));
    import(&room, &digest, &format!("--expect-head {exported}")).expect(0, "proved");
    // A missing record is not a record with that head.
    fs::remove_file(room.path("out/transcript.jsonl")).unwrap();
    import(&room, &digest, &format!("--expect-head {exported}")).expect(1, "there is no record");
}

#[test]
fn a_comparison_that_an_earlier_run_recorded_is_asked_for_again() {
    let (room, digest, _) = wrapped(Room::new());
    import(&room, &digest, "").expect(0, "proved");
    let requests = room.server.requests().len();
    let asked =
        room.run("import --session session.json --ciphertext out/ciphertext.json").expect(1, "KF-CONSENT-01");
    assert!(asked.stderr.contains("an earlier run compared this ciphertext"), "{}", asked.stderr);
    assert_eq!(room.server.requests().len(), requests);
}
