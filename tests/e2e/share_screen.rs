//! Shares on a real terminal, as their custodians meet them: `terminal.py` plays the people.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::path::Path;
use std::process::Command;

use crate::support::*;
use keyferry_core::*;

/// In `lang`, shares of `words` words; `None` where Python is not installed.
fn play(lang: &str, region: &str, words: usize) -> Option<()> {
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
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/share_screen/terminal.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(bin_dir().join("keyferry-offline")).arg(room.dir.path()).arg(lang);
    let Ok(output) = python.output() else {
        eprintln!("SKIPPED: python3 is not installed; no terminal was tried");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with(&format!("3 shares of {words} words")), "{said}");
    Some(())
}

#[test]
fn shares_are_shown_one_by_one_and_read_back() {
    play("en", "ap-singapore", 33);
}

#[test]
fn shares_are_shown_one_by_one_in_chinese() {
    play("zh", "ap-guangzhou", 20);
}
