//! `ceremony/operate/check.sh` says the same about the files of a ceremony as keyferry, and each of its subcommands detects a changed
//! file.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::Command;

use keyferry_core::{Fingerprint, Transcript};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A folder with the files of one ceremony, and the audit log that its provider would have.
fn ceremony() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (kind, seed, name) in [
        ("parameters", "rehearsal-2.json", "parameters.json"),
        ("ciphertext", "rehearsal-2.json", "ciphertext.json"),
        ("transcript", "rehearsal-2.jsonl", "transcript.jsonl"),
    ] {
        fs::copy(Path::new(ROOT).join("fuzz/seeds").join(kind).join(seed), folder.path().join(name)).unwrap();
    }
    let record = fs::read_to_string(folder.path().join("transcript.jsonl")).unwrap();
    let mut log = String::new();
    for line in record.lines() {
        let event = &serde_json::from_str::<serde_json::Value>(line).unwrap()["event"];
        let action = match event["kind"].as_str().unwrap() {
            "parameters-fetched" => "GetParametersForImport",
            "imported" => "ImportKeyMaterial",
            _ => continue,
        };
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        log += &format!("{action}\t{}\t{}\n", text("key_id"), text("request_id"));
    }
    fs::write(folder.path().join("log.tsv"), log).unwrap();
    folder
}

/// Exit code and both outputs.
fn check(folder: &Path, args: &[&str]) -> (i32, String) {
    let script = Path::new(ROOT).join("ceremony/operate/check.sh");
    let run = Command::new("sh").arg(script).args(args).current_dir(folder).output().unwrap();
    let out = String::from_utf8([run.stdout, run.stderr].concat()).unwrap();
    (run.status.code().unwrap(), out)
}

const COMMANDS: [&[&str]; 4] = [
    &["parameters", "parameters.json", "transcript.jsonl"],
    &["ciphertext", "ciphertext.json", "transcript.jsonl"],
    &["record", "transcript.jsonl"],
    &["audit", "transcript.jsonl", "log.tsv"],
];

#[test]
fn it_says_what_keyferry_says() {
    let folder = ceremony();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    for args in COMMANDS {
        let (code, out) = check(folder.path(), args);
        assert_eq!(code, 0, "{args:?}: {out}");
        if args[0] == "record" {
            let head = Transcript::verify(&read("transcript.jsonl")).unwrap().unwrap().head();
            assert!(out.contains(&head.to_string()), "{out}");
        } else if args[0] != "audit" {
            assert!(out.contains(&Fingerprint::of(&read(args[1])).to_string()), "{out}");
        }
    }
}

#[test]
fn each_subcommand_notices_a_changed_file() {
    for args in COMMANDS {
        for name in &args[1..] {
            let folder = ceremony();
            let file = folder.path().join(name);
            let text = fs::read_to_string(&file).unwrap();
            let old = if name.ends_with("tsv") { "ImportKeyMaterial\t" } else { "2026-11-30T00:42:52Z" };
            let new = if name.ends_with("tsv") { "ImportKeyMaterial\t0" } else { "2026-11-30T00:42:53Z" };
            for changed in [
                text.replacen(old, new, 1),
                text.replace('\n', "\r\n"),
                text.trim_end().to_owned(),
                text.replacen('\n', "\0\n", 1),
            ] {
                assert_ne!(changed, text);
                fs::write(&file, changed).unwrap();
                let (code, out) = check(folder.path(), args);
                assert!(code == 1 && out.contains("REFUSED"), "{args:?}, {name}: {code} {out}");
            }
        }
    }
}
