//! Nothing from outside is used before somebody has compared it in the same run: `wrap`, `rewrap` and `drill` with answers, with options,
//! with neither, and with a record that changes in the meantime.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::support::shares::{lines, private_folder, run_typing, shares_in, spawn};
use crate::support::*;
use keyferry_core::transcript::Act;
use keyferry_core::*;

const NONE: &str = "scheme = \"none\"\nreason = \"a test\"\n";
const SLIP39: &str = "scheme = \"slip39\"\nthreshold = 2\nshares = 3\n";
const KEYS: [(&str, &str, Option<&str>); 2] =
    [("master", "ap-singapore", Some(KEY_ID)), ("second", "ap-singapore", Some(OTHER_KEY_ID))];

fn plain() -> Room {
    Room::new("rehearsal", WrappingAlgorithm::default())
}

/// A room with the record that came with the medium, and the record's head.
fn with_record() -> (Room, Fingerprint) {
    let room = plain();
    let mut chain = Transcript::new(room.plan.ceremony().clone());
    let begun = Event::Begun {
        command: "export".into(),
        program: "keyferry-online 1".into(),
        plan_sha256: Some(room.plan.digest()),
        purpose: Purpose::Rehearsal,
    };
    let finished = Event::Finished { command: "export".into(), succeeded: 1, failed: 0 };
    let mut text = String::new();
    for event in [begun, finished] {
        text += &chain.append(Station::Online, now(), Act::NOBODYS, event).unwrap();
    }
    fs::write(room.path("medium/transcript.jsonl"), text).unwrap();
    (room, chain.head())
}

fn digest_of(path: &Path) -> Fingerprint {
    Fingerprint::of(&fs::read(path).unwrap())
}

fn has_words(run: &Run, digest: &Fingerprint) -> bool {
    Lang::BOTH.into_iter().all(|lang| run.has_words(digest, lang))
}

#[test]
fn one_question_lists_all_that_wrap_uses() {
    let (room, head) = with_record();
    let parameters = digest_of(&room.path("medium/parameters.json"));
    let before = fs::read(room.path("medium/transcript.jsonl")).unwrap();
    for answer in ["", "yes\n", "No\n"] {
        let run = run_with(&mut room.wrap(&[]), answer);
        run.refused(1, Control::CONSENT);
        assert!(run.has_hex(&room.plan.digest()), "{}", run.err);
        assert!(has_words(&run, &parameters) && has_words(&run, &head), "{}", run.err);
        assert_eq!(run.err.matches("type Yes:").count(), 1);
        assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"]);
        assert_eq!(fs::read(room.path("medium/transcript.jsonl")).unwrap(), before);
    }
    run(&mut room.wrap(&[])).ok();
    // A command that only reads shows no words, so that nobody compares the words of an earlier reading.
    let inspected = run(&mut room.inspect());
    assert!(inspected.ok().has_hex(&parameters));
    assert!(!Lang::BOTH.into_iter().any(|lang| inspected.has_words(&parameters, lang)));
}

#[test]
fn a_script_gives_the_head_too() {
    let (room, head) = with_record();
    let [digest, head] = [digest_of(&room.path("medium/parameters.json")), head].map(|d| d.to_string());
    let other = "1".repeat(64);
    let script = ["--expect-digest", &digest];
    run_with(room.wrap(&script).args(["--expect-head", &other]), "").refused(1, Control::CONSENT);
    run_with(room.wrap(&script).args(["--expect-head", &head, "--expect-head", &other]), "")
        .refused(1, Control::CONSENT);
    assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"]);
    // The head alone does not replace the question.
    run_with(&mut room.wrap(&["--expect-head", &head]), "").refused(1, Control::CONSENT);
    // Neither does the digest alone, even in a rehearsal.
    let open = run_with(&mut room.wrap(&script), "");
    open.refused(1, Control::CONSENT);
    assert!(open.err.contains("nobody compared the head"), "{}", open.err);
    assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"]);
    run_with(room.wrap(&script).args(["--expect-head", &head]), "").ok();
    // The head of a record that is gone.
    let room = plain();
    let digest = digest_of(&room.path("medium/parameters.json")).to_string();
    run_with(&mut room.wrap(&["--expect-digest", &digest, "--expect-head", &head]), "")
        .refused(1, Control::CONSENT);
}

#[test]
fn a_record_that_changes_after_the_question_is_refused() {
    let (room, _) = with_record();
    let path = room.path("medium/transcript.jsonl");
    let mut child = spawn(&mut room.wrap(&[]));
    let (mut said, mut byte) = (Vec::new(), [0]);
    let mut err = child.stderr.take().unwrap();
    while !said.ends_with(b"type Yes:") {
        assert_eq!(err.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&said));
        said.push(byte[0]);
    }
    let mut chain = Transcript::verify(&fs::read(&path).unwrap()).unwrap().unwrap();
    let event = Event::Finished { command: "export".into(), succeeded: 0, failed: 0 };
    let line = chain.append(Station::Online, now(), Act::NOBODYS, event).unwrap();
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(line.as_bytes()).unwrap();
    let changed = fs::read(&path).unwrap();
    child.stdin.take().unwrap().write_all(b"Yes\n").unwrap();
    err.read_to_end(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(String::from_utf8_lossy(&said).contains("[KF-CONSENT-01]"));
    assert_eq!(fs::read(&path).unwrap(), changed);
    assert_eq!(room.medium(), ["parameters.json", "transcript.jsonl"]);
}

#[test]
fn an_interrupted_run_is_no_reason_to_ask_less() {
    let (room, _) = with_record();
    let path = room.path("medium/transcript.jsonl");
    run(&mut room.wrap(&[])).ok();
    let text = fs::read_to_string(&path).unwrap();
    let all: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(&path, all[..all.len() - 1].concat()).unwrap();
    fs::remove_file(room.path("medium/ciphertext.json")).unwrap();
    let refused = run_with(&mut room.wrap(&[]), "");
    refused.refused(1, Control::CONSENT);
    assert!(refused.err.contains("does not prove what it did"), "{}", refused.err);
    let chinese = run_with(&mut room.wrap(&["--lang", "zh"]), "");
    assert!(chinese.err.contains("不能证明它做过什么"), "{}", chinese.err);
}

/// A ceremony with shares, its folder, and two of its shares as lines.
fn shared(keys: &[(&str, &str, Option<&str>)], more: &[&str]) -> (Room, String) {
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), keys).replace(NONE, SLIP39);
    let room = Room::with_plan(&plan);
    private_folder(&room.path("shares"));
    fs::create_dir(room.path("again")).unwrap();
    let mut wrap = room.wrap(&["--shares", "files=shares"]);
    run_typing(wrap.args(more), &room.path("shares"), "Yes\n", lines).ok();
    let two = lines(&shares_in(&room.path("shares"))[..2]);
    (room, two)
}

fn in_room(room: &Room, line: &str, typed: &str) -> Run {
    run_with(offline(line.split(' ')).current_dir(room.dir.path()), typed)
}

fn head_of(path: &Path) -> Fingerprint {
    Transcript::verify(&fs::read(path).unwrap()).unwrap().unwrap().head()
}

const DRILL: &str = "drill --transcript medium/transcript.jsonl";
const REWRAP: &str = "rewrap --plan plan.toml --parameters medium/parameters.json --out again --transcript medium/transcript.jsonl";

#[test]
fn no_share_is_asked_for_before_its_record_was_compared() {
    for keys in [&KEYS[..1], &KEYS] {
        let (room, two) = shared(keys, &[]);
        let escrow = if keys.len() > 1 { " --escrow medium/escrow.json" } else { "" };
        let head = head_of(&room.path("medium/transcript.jsonl"));
        let digest = digest_of(&room.path("medium/parameters.json"));
        let other = "1".repeat(64);
        let commands = [
            format!("{DRILL}{escrow}"),
            format!("{DRILL} --share"),
            format!("{REWRAP}{escrow}"),
            format!("{REWRAP}{escrow} --expect-digest {digest}"),
            format!("{DRILL}{escrow} --expect-head {other}"),
            format!("{REWRAP}{escrow} --expect-digest {digest} --expect-head {other}"),
        ];
        for line in &commands {
            for answer in ["", "No\n"] {
                let refused = in_room(&room, line, &format!("{answer}{two}"));
                refused.refused(1, Control::CONSENT);
                assert!(!refused.err.contains("Share 1") && !refused.err.contains("Your share"), "{line}");
                assert_eq!(fs::read_dir(room.path("again")).unwrap().count(), 0, "{line}");
                assert!(!room.path("medium/drills.jsonl").exists(), "{line}");
            }
        }
        let asked = in_room(&room, &commands[0], "");
        assert!(has_words(&asked, &head), "{}", asked.err);
        if keys.len() > 1 {
            assert!(asked.has_hex(&digest_of(&room.path("medium/escrow.json"))));
        }
        // Positive controls: the answer, and the options.
        in_room(&room, &commands[0], &format!("Yes\n{two}")).ok();
        in_room(&room, &format!("{DRILL}{escrow} --expect-head {head}"), &two).ok();
        in_room(&room, &format!("{REWRAP}{escrow} --expect-digest {digest} --expect-head {head}"), &two).ok();
    }
}

/// A run was killed after it wrote the escrow and before it recorded this, so the record's head does not cover the escrow.
#[test]
fn an_escrow_that_the_record_does_not_name_is_compared_itself() {
    let (room, two) = shared(&KEYS, &[]);
    let text = fs::read_to_string(room.path("medium/transcript.jsonl")).unwrap();
    let named = |line: &&str| !line.contains("\"escrow-written\"");
    fs::write(room.path("cut.jsonl"), text.split_inclusive('\n').take_while(named).collect::<String>())
        .unwrap();
    let head = head_of(&room.path("cut.jsonl"));
    let drill = "drill --transcript cut.jsonl --escrow medium/escrow.json";
    let refused = in_room(&room, &format!("{drill} --expect-head {head}"), &two);
    refused.refused(1, Control::CONSENT);
    assert!(!refused.err.contains("Share 1"), "{}", refused.err);
    in_room(&room, drill, &format!("Yes\n{two}")).ok();
}

/// The same record, changed to the other purpose.
fn for_purpose(path: &Path, own: Purpose) -> String {
    let old = Transcript::verify(&fs::read(path).unwrap()).unwrap().unwrap();
    let mut chain = Transcript::new(old.ceremony().clone());
    let rewritten = old.lines().iter().map(|line| {
        let mut event = line.event.clone();
        if let Event::Begun { purpose, .. } = &mut event {
            *purpose = own;
        }
        chain.append(line.station, line.time, Act::NOBODYS, event).unwrap()
    });
    rewritten.collect()
}

#[test]
fn rehearsal_and_production_never_mix_in_shares() {
    let (room, two) = shared(&KEYS, &[]);
    let typed = format!("Yes\n{two}");
    let record = room.path("medium/transcript.jsonl");
    fs::write(room.path("production.jsonl"), for_purpose(&record, Purpose::Production)).unwrap();
    let escrow = fs::read_to_string(room.path("medium/escrow.json")).unwrap();
    let other = escrow.replace("\"rehearsal\"", "\"production\"");
    assert_ne!(other, escrow);
    fs::write(room.path("production.json"), other).unwrap();
    let rewrap = REWRAP.replace("medium/transcript.jsonl", "production.jsonl");
    let (whole, its) = ("--escrow medium/escrow.json", "--escrow production.json");
    for line in [
        // `rewrap`: the record, the escrow or both have the other purpose. `drill`: the escrow, the record, or the record of drills has
        // it.
        format!("{rewrap} {whole}"),
        format!("{REWRAP} {its}"),
        format!("{rewrap} {its}"),
        format!("{DRILL} {its}"),
        format!("drill --transcript production.jsonl {whole}"),
        format!("{DRILL} {whole} --record production.jsonl"),
    ] {
        let refused = in_room(&room, &line, &typed);
        refused.refused(1, Control::PARAM_PURPOSE);
        assert!(!refused.err.contains("Share 1") && !refused.err.contains("type Yes:"), "{line}");
    }
    // Now the record on the medium has the other purpose.
    fs::copy(room.path("production.jsonl"), room.path("again/transcript.jsonl")).unwrap();
    in_room(&room, &format!("{REWRAP} {whole}"), &typed).refused(1, Control::PARAM_PURPOSE);
    fs::remove_file(room.path("again/transcript.jsonl")).unwrap();
    in_room(&room, &format!("{REWRAP} {whole}"), &typed).ok();
}

#[test]
fn production_takes_no_seeded_material() {
    let seed = "0".repeat(64);
    let (room, two) = shared(&KEYS[..1], &["--rehearsal-seed", &seed]);
    let record = for_purpose(&room.path("medium/transcript.jsonl"), Purpose::Production);
    fs::write(room.path("production.jsonl"), record).unwrap();
    let refused = in_room(&room, "drill --transcript production.jsonl", &format!("Yes\n{two}"));
    refused.refused(1, Control::PARAM_PURPOSE);
    assert!(refused.err.contains("published seed"), "{}", refused.err);
    in_room(&room, DRILL, &format!("Yes\n{two}")).ok();
}

/// A drill has no plan, so nothing is waived: if `preflight` without a plan refuses the machine, so does a production drill.
#[test]
fn a_drill_for_production_wants_what_production_wants() {
    let (room, two) = shared(&KEYS[..1], &[]);
    let record = for_purpose(&room.path("medium/transcript.jsonl"), Purpose::Production);
    fs::write(room.path("production.jsonl"), record).unwrap();
    let drilled = in_room(&room, "drill --transcript production.jsonl", &format!("Yes\n{two}"));
    if run(offline(["preflight", "--out", "medium"]).current_dir(room.dir.path())).code == Some(0) {
        drilled.ok();
    } else {
        drilled.refused(1, Control::POSTURE_HOLDS);
        assert!(!drilled.err.contains("Share 1"), "{}", drilled.err);
    }
}

#[test]
fn shares_go_neither_onto_the_medium_nor_where_others_reach_them() {
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &KEYS[..1]).replace(NONE, SLIP39);
    let room = Room::with_plan(&plan);
    for (folder, mode) in [("open", 0o755), ("group", 0o750), ("entered", 0o711), ("sticky", 0o1777)] {
        fs::create_dir(room.path(folder)).unwrap();
        fs::set_permissions(room.path(folder), fs::Permissions::from_mode(mode)).unwrap();
    }
    private_folder(&room.path("medium/inside"));
    symlink("medium", room.path("link")).unwrap();
    let mut refused = 0;
    for folder in ["medium", "medium/inside", "link", ".", "open", "group", "entered", "sticky"] {
        for kind in ["files", "sheets"] {
            let wrap = run(&mut room.wrap(&["--shares", &format!("{kind}={folder}")]));
            wrap.refused(1, Control::POSTURE_HOLDS);
            assert!(!wrap.err.contains("type Yes:"), "{folder}: {}", wrap.err);
            assert_eq!(room.medium(), ["inside", "parameters.json"], "{folder}");
            refused += 1;
        }
    }
    assert_eq!(refused, 16);
}

/// Everything that can be observed about a file, except the bytes if it is not a regular file.
fn seen(path: &Path) -> (u64, u64, u32, Option<Vec<u8>>) {
    let meta = fs::symlink_metadata(path).unwrap();
    let bytes = fs::metadata(path).is_ok_and(|m| m.is_file()).then(|| fs::read(path).unwrap());
    (meta.dev(), meta.ino(), meta.mode(), bytes)
}

type Put = fn(&Path);

/// What an outsider can put in place of a record.
const FOREIGN: [(&str, Put); 7] = [
    ("no line end", |p| fs::write(p, "{\"secretKey\": \"y\"}").unwrap()),
    ("other lines", |p| fs::write(p, "one\ntwo\n").unwrap()),
    ("link", |p| {
        fs::write(p.with_file_name("victim"), "{\"secretKey\": \"y\"}").unwrap();
        symlink("victim", p).unwrap();
    }),
    ("hard link", |p| {
        fs::write(p.with_file_name("victim"), "").unwrap();
        fs::hard_link(p.with_file_name("victim"), p).unwrap();
    }),
    ("pipe", |p| assert!(Command::new("mkfifo").arg(p).status().unwrap().success())),
    ("folder", |p| fs::create_dir(p).unwrap()),
    ("other ceremony", |p| {
        let mut chain = Transcript::new("other-1".parse().unwrap());
        let event = Event::Finished { command: "export".into(), succeeded: 0, failed: 0 };
        fs::write(p, chain.append(Station::Online, now(), Act::NOBODYS, event).unwrap()).unwrap();
    }),
];

#[test]
fn what_is_no_record_of_this_ceremony_stays_as_it_is() {
    let (shares, two) = shared(&KEYS[..1], &[]);
    let typed = format!("Yes\n{two}");
    let mut tried = 0;
    for (name, put) in FOREIGN {
        let room = plain();
        let path = room.path("medium/transcript.jsonl");
        put(&path);
        let before = seen(&path);
        let wrap = run(&mut room.wrap(&[]));
        assert!(matches!(wrap.code, Some(1 | 3)), "wrap, {name}: {wrap:?}");
        assert!(!wrap.err.contains("type Yes:"), "wrap, {name}");
        let note = "note --transcript medium/transcript.jsonl --by Ada --text x --plan plan.toml";
        let noted = in_room(&room, note, "");
        assert!(matches!(noted.code, Some(1 | 3)), "note, {name}: {noted:?}");
        assert_eq!(seen(&path), before, "{name}");
        for (line, file) in [(REWRAP, "again/transcript.jsonl"), (DRILL, "medium/drills.jsonl")] {
            let path = shares.path(file);
            put(&path);
            let before = seen(&path);
            let run = in_room(&shares, line, &typed);
            assert!(matches!(run.code, Some(1 | 3)), "{line}, {name}: {run:?}");
            assert!(!run.err.contains("Share 1"), "{line}, {name}");
            assert_eq!(seen(&path), before, "{line}, {name}");
            let _ = fs::remove_file(path.with_file_name("victim"));
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
            tried += 1;
        }
        tried += 2;
    }
    assert_eq!(tried, 28);
}

#[test]
fn the_online_station_leaves_it_alone_too() {
    let emulator = EmulatorProcess::start(&[]);
    let mut tried = 0;
    for (name, put) in FOREIGN {
        let alias = format!("foreign-{tried}");
        let keys = [(alias.as_str(), "ap-singapore", None)];
        let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &keys);
        // Separate keys and a separate journal, so that no command is refused because of what another left.
        let room = plain();
        fs::write(room.path("draft.toml"), &plan).unwrap();
        fs::create_dir(room.path("out")).unwrap();
        let at_home = |line: &str, endpoint: &str| {
            let mut command = online(line.split(' '), endpoint);
            run(command.env("XDG_STATE_HOME", room.path("state")).current_dir(room.dir.path()))
        };
        at_home("create-key --plan draft.toml --out made.toml", &emulator.endpoint).ok();
        run(&mut room.wrap(&[])).ok();
        room.write_session(&dead_endpoint());
        let path = room.path("out/transcript.jsonl");
        put(&path);
        let before = seen(&path);
        let create = "create-key --plan draft.toml --out again.toml --transcript out/transcript.jsonl";
        let export = "export --plan made.toml --out out --session made.json";
        let import = "import --session session.json --ciphertext medium/ciphertext.json --transcript out/transcript.jsonl";
        for (line, endpoint) in
            [(create, &emulator.endpoint), (export, &emulator.endpoint), (import, &dead_endpoint())]
        {
            let run = at_home(line, endpoint);
            assert!(matches!(run.code, Some(1 | 3)), "{line}, {name}: {run:?}");
            assert_eq!(seen(&path), before, "{line}, {name}");
            tried += 1;
        }
    }
    assert_eq!(tried, 21);
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/compared/typed_ahead.py");
    for (before, after, code) in [("Yes", "No", 1), ("No", "Yes", 0)] {
        let room = plain();
        let mut python = Command::new("python3");
        python.arg(&script).args([before, after]).arg(bin_dir().join("keyferry-offline"));
        python.args([
            "wrap",
            "--plan",
            "plan.toml",
            "--parameters",
            "medium/parameters.json",
            "--out",
            "medium",
        ]);
        let Ok(output) = python.current_dir(room.dir.path()).output() else {
            eprintln!("SKIPPED: python3 is not installed; no terminal was tried");
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{before}, {after}: {said}");
        assert_eq!(said.contains(Control::CONSENT.id()), code == 1, "{said}");
        assert_eq!(room.path("medium/ciphertext.json").exists(), code == 0);
    }
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut tried = 0;
    for name in ["keyferry", "keyferry-online", "keyferry-offline", "keyferry-scan"] {
        let output = program(name).arg("--version").stdout(full()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{name}: {said}");
        assert!(said.contains(Control::FILE_OTHER.id()) && said.contains("hint: "), "{name}: {said}");
        tried += 1;
    }
    for more in [&[][..], &["--json"]] {
        let room = plain();
        let mut wrap = room.wrap(more);
        let mut child = wrap
            .stdin(std::process::Stdio::piped())
            .stdout(full())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"Yes\n").unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(3), "{more:?}");
        // Completed steps stay completed.
        assert!(room.path("medium/ciphertext.json").exists());
        tried += 1;
    }
    assert_eq!(tried, 6);
}
/// If a question cannot be written, nobody has read it, so the text waiting on standard input is not an answer to it.
#[test]
fn a_question_that_cannot_be_written_is_not_answered() {
    let room = plain();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = room.wrap(&[]).stdin(std::process::Stdio::piped()).stderr(full).spawn().unwrap();
    // The program may have ended without reading.
    let _ = child.stdin.take().unwrap().write_all(b"Yes\n");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(room.medium(), ["parameters.json"]);
    run(&mut room.wrap(&[])).ok();
}

/// Another path to a folder on the medium. The path does not show that the folder is on the medium.
#[test]
fn a_bind_mount_of_a_folder_on_the_medium_takes_no_shares() {
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &KEYS[..1]).replace(NONE, SLIP39);
    let room = Room::with_plan(&plan);
    private_folder(&room.path("medium/inner"));
    private_folder(&room.path("shares"));
    let wrap = room.wrap(&["--shares", "files=shares"]);
    let prefix = ["-m", "sh", "-c", "set -e; mount --bind medium/inner shares; exec \"$@\"", "sh"];
    let mut probe = Command::new("unshare");
    probe.args(prefix).arg("true").current_dir(room.dir.path());
    if !probe.output().is_ok_and(|done| done.status.success()) {
        eprintln!("SKIPPED, NOT PERMITTED HERE: a bind mount");
        return;
    }
    let mut inside = Command::new("unshare");
    inside.args(prefix).arg(wrap.get_program()).args(wrap.get_args()).current_dir(room.dir.path());
    inside.env_clear().envs(wrap.get_envs().filter_map(|(k, v)| v.map(|v| (k, v))));
    let refused = run(&mut inside);
    refused.refused(1, Control::POSTURE_HOLDS);
    assert!(refused.err.contains("on the medium"), "{}", refused.err);
    assert_eq!(room.medium(), ["inner", "parameters.json"]);
}
