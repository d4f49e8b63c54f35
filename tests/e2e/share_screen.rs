//! Shares on a real terminal, as their custodians see them: `terminal.py` simulates the people, `interrupted.py` those who interrupt.
//! `alone.py` checks every frame for words of somebody else's share, `small.py` checks window sizes, `late.py` the time limit, and
//! `spelled.py` the reasons for a wrong word.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::path::Path;
use std::process::Command;

use crate::support::*;
use keyferry_core::*;

/// A room whose plan has three custodians.
fn room(region: &str) -> Room {
    let names = ["Cyrus Ó Briain", "王小明", "Eve"];
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &[("master", region, Some(KEY_ID))]);
    let people: String = names
        .iter()
        .map(|name| format!("[[participant]]\nname = \"{name}\"\nrole = \"custodian\"\n"))
        .collect();
    let plan = plan
        .replace("scheme = \"none\"\nreason = \"a test\"", "scheme = \"slip39\"\nthreshold = 2\nshares = 3")
        .replacen("[[key]]", &format!("{people}[[key]]"), 1);
    let room = Room::with_plan(&plan);
    let list: String = names.iter().map(|name| format!("name = \"{name}\"\n")).collect();
    std::fs::write(room.path("custodians"), list).unwrap();
    room
}

/// The last output of a script; `None` if Python is not installed.
fn play(script: &str, lang: &str, region: &str) -> Option<String> {
    let room = room(region);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/share_screen").join(script);
    let mut python = Command::new("python3");
    // -B: no compiled module next to the sources.
    python.arg("-B").arg(script).arg(bin_dir().join("keyferry-offline")).arg(room.dir.path()).arg(lang);
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates"));
    let Ok(output) = python.output() else {
        eprintln!("SKIPPED: python3 is not installed; no terminal was tried");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Runs a ceremony in `lang`; its shares must have `words` words each.
fn shares(lang: &str, region: &str, words: usize) {
    let Some(said) = play("terminal.py", lang, region) else { return };
    assert!(said.starts_with(&format!("3 shares of {words} words")), "{said}");
}

#[test]
fn shares_are_shown_one_by_one_and_read_back() {
    shares("en", "ap-singapore", 33);
}

#[test]
fn shares_are_shown_one_by_one_in_chinese() {
    shares("zh", "ap-guangzhou", 20);
}

#[test]
fn everybody_is_alone_with_their_share() {
    let Some(said) = play("alone.py", "en", "ap-singapore") else { return };
    assert!(said.starts_with("6 shares"), "{said}");
}

#[test]
fn a_share_needs_room() {
    let Some(said) = play("small.py", "en", "ap-singapore") else { return };
    assert!(said.starts_with("6 windows refused"), "{said}");
}

#[test]
fn a_share_that_stands_for_too_long_is_hidden() {
    let Some(said) = play("late.py", "en", "ap-singapore") else { return };
    assert!(said.starts_with("hidden after 10 minutes"), "{said}");
}

#[test]
fn a_terminal_gives_the_reasons_of_a_pipe() {
    let Some(said) = play("spelled.py", "en", "ap-singapore") else { return };
    assert!(said.starts_with("10 spellings taken, 6 refused"), "{said}");
}

#[test]
fn an_interrupted_share_leaves_the_screen() {
    let Some(said) = play("interrupted.py", "en", "ap-singapore") else { return };
    assert!(said.starts_with("8 ways to interrupt"), "{said}");
}
