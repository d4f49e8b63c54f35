//! `create-key` and `export`: a person compares the plan and the record that was found, or a script passes the digests of both; otherwise
//! nothing is sent.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use keyferry_core::transcript::{Line, Means};
use keyferry_core::{EventKind, Fingerprint, Transcript};

use crate::kit::{Done, Room};
use crate::script;

const CREATE: &str = "create-key --plan draft.toml --out full.toml --transcript out/transcript.jsonl";
const EXPORT: &str = "export --plan plan.toml --out out --session session.json";

/// A folder where both commands can run, without a record or with one that `create-key` made.
fn room(with_record: bool) -> Room {
    let room = Room::new();
    let plan = room.read("plan.toml");
    let draft: String =
        plan.lines().filter(|l| !l.starts_with("key_id")).map(|line| format!("{line}\n")).collect();
    room.write("draft.toml", draft);
    if with_record {
        room.run(CREATE).expect(0, "created");
        fs::remove_file(room.path("full.toml")).unwrap();
    }
    room
}

/// Every file of the room, with its bytes.
fn contents(room: &Room) -> BTreeMap<PathBuf, Vec<u8>> {
    fn below(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, files)
            } else {
                drop(files.insert(path.clone(), fs::read(&path).unwrap()))
            }
        }
    }
    let mut files = BTreeMap::new();
    below(room.dir.path(), &mut files);
    files
}

fn plan_of(command: &str, room: &Room) -> Fingerprint {
    let name = if command == CREATE { "draft.toml" } else { "plan.toml" };
    Fingerprint::of(room.read(name).as_bytes())
}

fn confirmed(room: &Room) -> Line {
    let record = room.read("out/transcript.jsonl");
    let chain = Transcript::verify(record.as_bytes()).unwrap().unwrap();
    let last = chain.lines().iter().rfind(|line| line.event.kind() == EventKind::Confirmed);
    last.unwrap().clone()
}

#[test]
fn nothing_is_sent_under_a_plan_that_nobody_compared() {
    let other = "1".repeat(64);
    for command in [CREATE, EXPORT] {
        for with_record in [false, true] {
            let room = room(with_record);
            let (plan, head) = (plan_of(command, &room), script::head(&room.path("out/transcript.jsonl")));
            let head = head.map(|head| head.to_string());
            let given = |head: &str| format!("--expect-plan {plan} --expect-head {head}");
            let mut cases = vec![
                (String::new(), "error [KF-CONSENT-01]"),
                (format!("--expect-plan {other}"), "error [KF-CONSENT-01]"),
                (given(&other), "error [KF-CIPHER-07]"),
            ];
            if let Some(head) = &head {
                cases.push((
                    format!("--expect-plan {plan}"),
                    "error [KF-CONSENT-01]: nobody compared the head",
                ));
                cases.push((format!("--expect-head {head}"), "error [KF-CONSENT-01]"));
                cases.push((format!("--expect-plan {other} --expect-head {head}"), "error [KF-CONSENT-01]"));
            }
            let before = (contents(&room), room.server.requests().len());
            for (options, refusal) in cases {
                let refused = room.run_unanswered(&format!("{command} {options}")).expect(1, refusal);
                assert!(refused.has_hex(&plan) || options.contains("head"), "{}", refused.stderr);
                assert_eq!((contents(&room), room.server.requests().len()), before, "{command} {options}");
            }
            let options = head.map_or_else(|| format!("--expect-plan {plan}"), |head| given(&head));
            room.run_unanswered(&format!("{command} {options}")).expect(0, "");
            assert!(room.server.requests().len() > before.1);
        }
    }
}

#[test]
fn the_record_says_that_the_plan_was_compared_and_how() {
    for command in [CREATE, EXPORT] {
        let room = room(false);
        let plan = plan_of(command, &room);
        room.run(command).expect(0, "");
        let line = confirmed(&room);
        let text = serde_json::to_value(&line.event).unwrap();
        assert_eq!((&text["file"], &text["sha256"]), (&"plan.toml".into(), &plan.to_string().into()));
        assert_eq!((line.act.means, line.act.step.unwrap().as_str()), (Some(Means::Option), "compare-plan"));
    }
}

/// A pipe is not a person at a terminal.
#[test]
fn a_yes_from_a_pipe_is_recorded_as_such() {
    let room = room(true);
    let answered = |answer: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyferry-online"));
        command.args(EXPORT.split(' ')).current_dir(room.dir.path()).env_clear();
        command.env("HOME", room.path("home")).env("KEYFERRY_ENDPOINT", room.server.url());
        command.envs(room.env.iter().map(|(k, v)| (k, v)));
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
        let done = child.wait_with_output().unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let head = script::head(&room.path("out/transcript.jsonl")).unwrap();
    let before = (contents(&room), room.server.requests().len());
    for answer in ["yes\n", "No\n", "\n"] {
        let (code, said) = answered(answer);
        assert!(code == Some(1) && said.contains("error [KF-CONSENT-01]"), "{answer:?}: {said}");
        assert_eq!((contents(&room), room.server.requests().len()), before, "{answer:?}");
    }
    let (code, said) = answered("Yes\n");
    assert_eq!(code, Some(0), "{said}");
    let done = Done { code: 0, stdout: String::new(), stderr: said };
    for shown in [head, plan_of(EXPORT, &room)] {
        assert!(done.has_hex(&shown), "{shown} is not in {}", done.stderr);
    }
    assert!(done.stderr.contains("head of the record"), "{}", done.stderr);
    assert_eq!(confirmed(&room).act.means, Some(Means::NoTerminal));
}

/// Nobody has written down the head that a killed run left, and the question says so.
#[test]
fn after_a_kill_the_question_says_that_nobody_wrote_the_head_down() {
    let room = room(true);
    room.run(EXPORT).expect(0, "digest");
    let whole = room.read("out/transcript.jsonl");
    let cut: String = whole.split_inclusive('\n').take(whole.lines().count() - 1).collect();
    room.write("out/transcript.jsonl", cut);
    let asked = room.run_unanswered(EXPORT).expect(1, "error [KF-CONSENT-01]");
    assert!(asked.stderr.contains("earlier run at this station did not finish"), "{}", asked.stderr);
    room.run(EXPORT).expect(0, "nothing is fetched again");
    let asked = room.run_unanswered(CREATE).expect(1, "error [KF-CONSENT-01]");
    assert!(!asked.stderr.contains("did not finish"), "{}", asked.stderr);
}
