//! What a person sees of a whole ceremony, on terminals of two widths and in both languages: `window.py` runs and checks every command,
//! and `manners.py` checks the language, the colours and the output to a pager.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::*;
use keyferry_core::*;

/// The last output of the script; `None` if Python is not installed.
fn play(script: &str, args: &[&str], room: &Path) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut python = Command::new("python3");
    python.arg("-B").arg(root.join("tests/e2e/window").join(script)).arg(bin_dir()).arg(room).args(args);
    python.env("TENCENTCLOUD_SECRET_ID", SECRET_ID).env("TENCENTCLOUD_SECRET_KEY", SECRET_KEY);
    python.env("WORDS", root.join("crates/core/src/words/bip39"));
    let Ok(output) = python.output() else {
        eprintln!("SKIPPED: python3 is not installed; no terminal was tried");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

fn ceremony(lang: &str, columns: &str) {
    let keys = [("a-fips-key", "ap-singapore", None), ("a-key-with-a-long-name", "ap-guangzhou", None)];
    let room = tempfile::tempdir().unwrap();
    fs::create_dir(room.path().join("medium")).unwrap();
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &keys);
    fs::write(room.path().join("plan.draft.toml"), plan).unwrap();
    let emulator = EmulatorProcess::start(&["--wrapping-keys", "2"]);
    let said = play("window.py", &[lang, columns, &emulator.endpoint], room.path());
    let Some(said) = said else { return };
    assert!(said.starts_with("25 commands, "), "{said}");
}

#[test]
fn language_colours_and_pager_are_as_the_terminal_can() {
    let room = tempfile::tempdir().unwrap();
    let Some(said) = play("manners.py", &["en", "80", "http://127.0.0.1:1"], room.path()) else { return };
    assert!(said.starts_with("32 screens"), "{said}");
}

#[test]
fn nothing_is_divided_at_80_columns() {
    ceremony("en", "80");
}

#[test]
fn nothing_is_divided_at_80_columns_in_chinese() {
    ceremony("zh", "80");
}

#[test]
fn nothing_is_divided_at_60_columns() {
    ceremony("en", "60");
}

#[test]
fn nothing_is_divided_at_60_columns_in_chinese() {
    ceremony("zh", "60");
}

#[test]
fn words_are_shown_in_the_plans_languages_or_in_both() {
    let key = [("master", "ap-singapore", Some(KEY_ID))];
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &key);
    for (languages, shown) in [("", [true, true]), ("[\"en\"]", [true, false]), ("[\"zh\"]", [false, true])] {
        let line = if languages.is_empty() { String::new() } else { format!("languages = {languages}\n") };
        let room = Room::with_plan(&plan.replacen("purpose", &format!("{line}purpose"), 1));
        let parameters = Fingerprint::of(&fs::read(room.path("medium/parameters.json")).unwrap());
        // The plan decides which words are shown, whatever the language of the screen.
        for lang in ["en", "zh"] {
            let asked = run_with(&mut room.wrap(&["--lang", lang]), "");
            let found = Lang::BOTH.map(|lang| asked.has_words(&parameters, lang));
            let named = Lang::BOTH.map(|lang| asked.err.contains(lang.name()));
            assert_eq!((found, named), (shown, shown), "{languages}: {}", asked.err);
        }
    }
}
