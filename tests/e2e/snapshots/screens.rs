//! The screens of a ceremony, 80 columns by 24 rows, whenever a station waits for people: `screens.py` runs the ceremony.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use keyferry_core::WrappingAlgorithm;

use super::kept::{Seen, compare};
use super::masked::masked;
use crate::support::*;

const ROWS: usize = 24;
/// In each language.
const SCREENS: usize = 28;

/// A plan with three custodians for one key, and one without a backup for many.
fn plans() -> [String; 2] {
    let alg = WrappingAlgorithm::default();
    let people: String = ["Cyrus Ó Briain", "王小明", "Eve"]
        .iter()
        .map(|name| format!("[[participant]]\nname = \"{name}\"\nrole = \"custodian\"\n"))
        .collect();
    let one = plan_text("rehearsal", alg, &[("payments-2026", "ap-guangzhou", None)])
        .replace("scheme = \"none\"\nreason = \"a test\"", "scheme = \"slip39\"\nthreshold = 2\nshares = 3")
        .replacen("[[key]]", &format!("{people}[[key]]"), 1);
    let aliases: Vec<String> = (1..=24).map(|n| format!("store-{n:02}")).collect();
    let keys: Vec<_> = aliases.iter().map(|alias| (alias.as_str(), "ap-singapore", None)).collect();
    [one, plan_text("rehearsal", alg, &keys).replace("\"test-1\"", "\"test-2\"")]
}

/// What people see in one language; `None` if Python is not installed.
fn played(lang: &str) -> Option<Seen> {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    ["medium", "many", "out"].iter().for_each(|name| fs::create_dir(at(name)).unwrap());
    let [one, many] = plans();
    fs::write(at("draft.toml"), one).unwrap();
    fs::write(at("many.draft.toml"), many).unwrap();
    // A plan that never changes, so that its symbols do not.
    fs::create_dir(at("shown")).unwrap();
    let fixed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/0.1/one-key/record/plan.toml");
    fs::copy(fixed, at("shown/plan.toml")).unwrap();
    let emulator = EmulatorProcess::start(&["--wrapping-keys", "2"]);
    let mut python = Command::new("python3");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/snapshots/screens.py");
    // -B: no compiled module next to the sources.
    python.arg("-B").arg(script).arg(bin_dir()).arg(room.path()).args([lang, &emulator.endpoint]);
    python.arg(at("out")).env("TENCENTCLOUD_SECRET_ID", SECRET_ID).env("TENCENTCLOUD_SECRET_KEY", SECRET_KEY);
    let Ok(output) = python.output() else {
        eprintln!("SKIPPED: python3 is not installed; no terminal was tried");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let folder = room.path().to_str().unwrap();
    let files = fs::read_dir(at("out")).unwrap().map(Result::unwrap);
    let seen = files.map(|entry| {
        let text = fs::read_to_string(entry.path()).unwrap();
        (entry.file_name().into_string().unwrap(), windowed(&masked(&text, folder)))
    });
    Some(seen.collect::<BTreeMap<_, _>>())
}

/// Puts a ruler where the window begins; the text above it has scrolled off. After a command has ended, the shell's prompt
/// takes one row.
fn windowed(text: &str) -> String {
    let ruler = format!("{}\n", "-".repeat(80));
    let (head, shown) = text.split_once(&ruler).unwrap();
    let rows = ROWS - usize::from(head.contains("\nexit "));
    let lines: Vec<&str> = shown.split_inclusive('\n').collect();
    let (gone, window) = lines.split_at(lines.len().saturating_sub(rows));
    format!("{head}{}{ruler}{}", gone.concat(), window.concat())
}

#[test]
fn screens_are_as_reviewed() {
    let played = std::thread::scope(|scope| {
        let both = ["en", "zh"].map(|lang| scope.spawn(move || played(lang)));
        both.map(|one| one.join().unwrap())
    });
    let [Some(en), Some(zh)] = played else { return };
    assert!(en.keys().eq(zh.keys()), "{:?} {:?}", en.keys(), zh.keys());
    let seen: Seen =
        en.iter().map(|(name, en)| (format!("{name}.txt"), format!("{en}\n{}", zh[name]))).collect();
    compare("screens", SCREENS, &seen);
}
