//! Every command in the runbook runs exactly as printed; and the list of controls matches the code.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::*;
use keyferry_core::{CeremonyPlan, Control};

/// The generator of the control pages.
#[path = "../../xtask/src/controls/page.rs"]
mod page;

pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The ```sh blocks of a runbook, in order.
pub(crate) fn blocks(file: &str) -> Vec<String> {
    fenced(file, "```sh").into_iter().map(|(_, block)| block).collect()
}

/// The blocks that begin with a line such as "```sh", in order, each with the heading above it.
pub(crate) fn fenced(file: &str, fence: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(Path::new(ROOT).join("ceremony/operate").join(file)).unwrap();
    let (mut blocks, mut heading) = (Vec::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("##") {
            line.clone_into(&mut heading);
        }
        if line.trim() == fence {
            let block = lines.by_ref().take_while(|l| l.trim() != "```").map(|l| format!("{l}\n")).collect();
            blocks.push((heading.clone(), block));
        }
    }
    blocks
}

fn run_blocks(file: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = format!("{}:{}", bin_dir().display(), std::env::var("PATH").unwrap());
    let blocks = blocks(file);
    assert!(blocks.len() >= 8, "{file} has only {} blocks", blocks.len());
    // Variables that the shell still has from an earlier login: another login's token.
    fs::write(dir.path().join(".env"), "export TENCENTCLOUD_TOKEN=left TENCENTCLOUD_SECURITY_TOKEN=left\n")
        .unwrap();
    for (n, block) in blocks.iter().enumerate() {
        // Variables exported in one block are set in the next, as in one person's terminal.
        let script =
            format!("set -euo pipefail\nif [ -f .env ]; then . ./.env; fi\n{block}\nexport -p > .env\n");
        fs::write(dir.path().join(".block"), script).unwrap();
        let run = Command::new("bash")
            .args(["-c", "yes Yes | { bash .block > .out 2>&1; echo $? > .code; }"])
            .current_dir(dir.path())
            .env("PATH", &path)
            .env("KEYFERRY_CHECKOUT", ROOT)
            .env("LANG", "C.UTF-8")
            .env("HOME", dir.path())
            .env_remove("KEYFERRY_ENDPOINT")
            .status()
            .unwrap();
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap_or_default();
        let code = read(".code");
        assert!(
            run.code().is_some() && code.trim() == "0",
            "{file}, block {}: {code}{block}\n{}",
            n + 1,
            read(".out")
        );
    }
}

#[test]
fn the_english_runbook_runs() {
    run_blocks("runbook.md");
}

#[test]
fn the_chinese_runbook_has_the_same_commands() {
    // Comments are translated; commands are not.
    let commands = |file| -> Vec<String> {
        let all = blocks(file).concat();
        all.lines()
            .filter(|l| !l.trim_start().starts_with('#') && !l.trim().is_empty())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(commands("runbook.zh-CN.md"), commands("runbook.md"));
}

/// Every section that a refusal by the service refers to exists, in both languages.
#[test]
fn every_section_that_a_translation_names_is_in_both_runbooks() {
    use keyferry_tencent::{ErrorCode, Section, translate};
    for file in ["runbook.md", "runbook.zh-CN.md"] {
        let text = fs::read_to_string(Path::new(ROOT).join("ceremony/operate").join(file)).unwrap();
        let found =
            |section: Section| text.lines().filter(|l| l.starts_with(&format!("### {section} ·"))).count();
        for code in ErrorCode::LISTED {
            assert_eq!(found(translate(code).section), 1, "{file}: {code}");
        }
        Section::ALL.into_iter().for_each(|s| assert_eq!(found(s), 1, "{file}: {s}"));
    }
}

#[test]
fn the_sample_plan_parses() {
    let sample = fs::read(Path::new(ROOT).join("ceremony/operate/plan.sample.toml")).unwrap();
    let plan = CeremonyPlan::parse(&sample).unwrap();
    assert!(plan.keys().len() >= 2);
}

#[test]
fn the_control_list_is_the_code_s() {
    let list = fs::read_to_string(Path::new(ROOT).join("ceremony/operate/controls.md")).unwrap();
    let ids: Vec<_> = list
        .lines()
        .filter_map(|l| {
            l.split_once("KF-")
                .map(|(_, rest)| format!("KF-{}", &rest[..rest.find(['`', ' ', '|']).unwrap()]))
        })
        .collect();
    for (control, title) in Control::ALL {
        let row = list
            .lines()
            .find(|l| l.contains(&format!("`{control}`")) || l.contains(&format!("| {control} |")));
        let row = row.unwrap_or_else(|| panic!("{control} is not in ceremony/operate/controls.md"));
        assert!(row.contains(title), "{control}: the list says {row}, the code says {title}");
    }
    for id in ids {
        assert!(Control::ALL.iter().any(|(c, _)| c.id() == id), "{id} is in the list but not in the code");
    }
}

#[test]
fn the_control_pages_are_as_generated() {
    for (lang, file) in page::PAGES {
        let found = fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
        let expected = page::page(lang);
        let line = found.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
        let same = found == expected;
        assert!(
            same,
            "{file} differs from the list, first in line {line:?} (from 0): `cargo xtask controls`"
        );
    }
    // No row lacks its Chinese text: each id is there, and no cell of the Chinese page contains an English
    // sentence.
    let chinese = page::page(page::Lang::Zh);
    for (control, title) in Control::ALL {
        assert_eq!(chinese.matches(&format!("| `{control}` |")).count(), 1, "{control}");
        assert!(!chinese.contains(title), "{control}");
    }
    for row in chinese.lines().filter(|l| l.starts_with("| `KF-")) {
        let cells: Vec<_> = row.split(" | ").collect();
        let [_, requirement, _, act] = cells[..] else { panic!("{row}") };
        let has_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(has_chinese(requirement) && has_chinese(act), "{row}");
    }
}

/// Every source file of the crates and of `keyferry`, except the list of controls.
fn sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![Path::new(ROOT).join("crates"), Path::new(ROOT).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() && !entry.ends_with("target") && !entry.ends_with("control/list") {
                folders.push(entry);
            } else if entry.extension().is_some_and(|e| e == "rs") {
                sources.push((entry.display().to_string(), fs::read_to_string(entry).unwrap()));
            }
        }
    }
    sources
}

#[test]
fn every_control_can_refuse() {
    // A control that no code uses is a promise without a check.
    let code: String = sources().into_iter().map(|(_, text)| text).collect();
    let rooms = fs::read_dir(Path::new(ROOT).join("crates/core/src/words/control/list")).unwrap();
    let list: String = rooms.map(|room| fs::read_to_string(room.unwrap().path()).unwrap()).collect();
    let mut counted = 0;
    for line in list.lines().filter(|l| l.contains("= \"KF-")) {
        let name = line.trim().split(' ').next().unwrap();
        let used = [format!("Control::{name}"), format!("=> {name},")].iter().any(|text| code.contains(text));
        assert!(used, "{name} is never used");
        counted += 1;
    }
    assert_eq!(counted, Control::ALL.len());
}

/// The only permitted wildcard arm: a text without a translation is used unchanged.
const NAMES_ITSELF: &str = r#"other => bi!("{other}", "{other}")"#;

/// Wildcard arms, in any form, that have a `bi!` for all variants that no earlier arm named.
fn texts_of_whatever_is_left(text: &str) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for (at, _) in text.match_indices("bi!") {
        let arm = text[..at].trim_end();
        let arm = arm.strip_suffix('{').unwrap_or(arm).trim_end();
        let Some(before) = arm.strip_suffix("=>").map(str::trim_end) else { continue };
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let rest = before.trim_end_matches(word);
        let begins_arm = rest.trim_end().ends_with(['{', '}', ',', ')', ']', ';', '/']);
        if rest.len() < before.len() && begins_arm {
            let end = text[at..].find(')').map_or(text.len(), |end| at + end + 1);
            found.push(text[rest.len()..end].to_owned());
        }
    }
    found
}

#[test]
fn a_text_for_whatever_is_left_is_seen() {
    for arm in [
        "_ => bi!(x)",
        "_ =>\n  bi!(x)",
        "_=>bi!(x)",
        "_ => {\n bi!(x)\n}",
        "other => bi!(x)",
        "o2 => { bi!(x) }",
    ] {
        for before in ["match e {", "match e { A => bi!(y),", "match e { A => { bi!(y) }"] {
            assert_eq!(texts_of_whatever_is_left(&format!("{before}\n{arm} }}")).len(), 1, "{before} {arm}");
        }
    }
    for arm in [
        "C::Other => bi!(x)",
        "Self::A(other) => bi!(x)",
        "\"a\" => bi!(x)",
        "x if x > 1 => bi!(x)",
        "let y = bi!(x)",
    ] {
        assert!(texts_of_whatever_is_left(&format!("match e {{ {arm} }}")).is_empty(), "{arm}");
    }
}

/// In a match written by hand, a forgotten variant can fall into a wildcard arm and get another variant's
/// text.
#[test]
fn every_refusal_is_a_row() {
    let mut tables = 0;
    for (file, text) in sources() {
        tables += text.lines().filter(|l| l.ends_with("refusals! {")).count();
        let left: Vec<_> =
            texts_of_whatever_is_left(&text).into_iter().filter(|arm| *arm != NAMES_ITSELF).collect();
        assert!(left.is_empty(), "{file} has one text for all remaining cases: {left:?}");
        let by_hand = text.lines().filter(|l| l.contains("impl") && l.contains("Explain for "));
        let by_hand: Vec<_> = by_hand.filter(|l| !l.trim().ends_with("for $name {")).collect();
        assert!(by_hand.is_empty(), "{file} explains by hand: {by_hand:?}");
    }
    assert!(tables >= 60, "{tables}");
}
