//! The program `keyferry`: the emulator as a service for others, the check of a record, and a seeded rehearsal.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::support::*;
use keyferry_core::*;

#[test]
fn emulate_announces_itself_and_stops_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let port_file = dir.path().join("port");
    for signal in ["-TERM", "-INT"] {
        let mut child = emulate().arg("--port-file").arg(&port_file).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        out.read_line(&mut ready).unwrap();
        let port = fs::read_to_string(&port_file).unwrap();
        assert_eq!(ready, format!("keyferry emulator ready on http://127.0.0.1:{port}"));
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "only one line");
        fs::remove_file(&port_file).unwrap();
    }
    let open = ["emulate", "--listen", "0.0.0.0:0", "--secret-id", "a", "--secret-key", "b"];
    run(program("keyferry").args(open)).refused(1, Control::NET_ENDPOINT);
}

/// Without arguments, a program shows its help, which is not a refusal; the exit code is that of a wrong command
/// line.
#[test]
fn without_arguments_the_help_is_shown_and_with_help_in_the_language_that_was_asked_for() {
    for name in ["keyferry", "keyferry-online", "keyferry-offline"] {
        let bare = run(&mut program(name));
        assert_eq!((bare.code, bare.out.as_str()), (Some(2), ""), "{}", bare.err);
        assert!(bare.err.contains("Commands:") && !bare.err.contains("error"), "{}", bare.err);
        for (args, usage) in [
            (["--lang", "zh", "--help"], "用法："),
            (["--help", "--lang=zh", "-v"], "用法："),
            (["--lang", "en", "--help"], "Usage:"),
        ] {
            let help = run(program(name).args(args));
            assert_eq!((help.ok().code, help.out.contains(usage)), (Some(0), true), "{args:?}: {}", help.out);
        }
        let status = run(program(name).args(["show", "--help", "--lang", "en"]));
        if name != "keyferry" {
            let (own, global) = status.ok().out.split_once("Global options:").unwrap();
            assert!(own.contains("--qr-version") && !own.contains("--lang"), "{}", status.out);
            assert!(global.contains("--lang") && global.contains(&format!("Example:\n  {name} show")));
        }
    }
}

#[test]
fn verify_sees_every_broken_line() {
    let room = Room::new("rehearsal", WrappingAlgorithm::default());
    run(&mut room.wrap(&[])).ok();
    let path = room.path("medium/transcript.jsonl");
    let verify = || run(program("keyferry").arg("verify").arg(&path));
    let text = fs::read_to_string(&path).unwrap();
    let head = Transcript::verify(text.as_bytes()).unwrap().unwrap().head();
    assert_eq!(verify().ok().out.lines().last(), Some(&*head.to_string()));
    // Anyone can recompute it: the head is the SHA-256 of the last line.
    let last = text.trim_end().lines().last().unwrap();
    assert_eq!(Fingerprint::of(last.as_bytes()), head);
    let lines: Vec<&str> = text.lines().collect();
    let join = |lines: &[&str]| lines.iter().map(|l| format!("{l}\n")).collect::<String>();
    let mut swapped = lines.clone();
    swapped.swap(1, 2);
    let mut dropped = lines.clone();
    dropped.remove(2);
    let mut inserted = lines.clone();
    inserted.insert(2, lines[2]);
    let changed = text.replacen("\"means\":\"no-terminal\"", "\"means\":\"option\"", 1);
    for (broken, control) in [
        (join(&swapped), Control::TRANSCRIPT_CHAIN),
        (join(&dropped), Control::TRANSCRIPT_CHAIN),
        (join(&inserted), Control::TRANSCRIPT_CHAIN),
        (changed, Control::TRANSCRIPT_CHAIN),
        (text.replacen("{\"format\"", "{ \"format\"", 1), Control::TRANSCRIPT_EVENT),
        (text[..text.len() - 1].to_owned(), Control::TRANSCRIPT_EVENT),
    ] {
        assert_ne!(broken, text);
        fs::write(&path, broken).unwrap();
        verify().refused(1, control);
    }
}

#[test]
fn a_seeded_rehearsal_makes_the_same_material_and_marks_it() {
    let dir = tempfile::tempdir().unwrap();
    let seed = "5eed".repeat(16);
    let rehearse = |name: &str, seed: &str| {
        let mut command = program("keyferry");
        command.args(["rehearse", "--seed", seed, "--json", "--out"]).arg(dir.path().join(name));
        let run = run(command.arg("--bin-dir").arg(bin_dir()));
        run.ok();
        let mut found = Vec::new();
        for algorithm in fs::read_dir(dir.path().join(name)).unwrap().map(|e| e.unwrap().path()) {
            if let Ok(bytes) = fs::read(algorithm.join("medium/ciphertext.json")) {
                let (ciphertext, _) = artefact::parse::<Ciphertext>(&bytes).unwrap();
                assert!(ciphertext.seeded && ciphertext.purpose == Purpose::Rehearsal);
                found.extend(ciphertext.keys.iter().map(|k| k.commitment.unwrap().to_string()));
            }
        }
        found.sort();
        assert_eq!(found.len(), 6);
        found
    };
    let first = rehearse("a", &seed);
    assert_eq!(rehearse("b", &seed), first);
    assert_ne!(rehearse("c", &"beef".repeat(16)), first);
    // A folder that no rehearsal made is never replaced.
    fs::create_dir(dir.path().join("mine")).unwrap();
    fs::write(dir.path().join("mine/thesis.txt"), "years").unwrap();
    let mine = run(program("keyferry").args(["rehearse", "--out"]).arg(dir.path().join("mine")));
    assert_eq!(mine.code, Some(1));
    assert_eq!(fs::read(dir.path().join("mine/thesis.txt")).unwrap(), b"years");
}
