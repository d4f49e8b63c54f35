//! `ceremony/audit/assurance.md` matches the sources: each control has a row and a claim, and evidence that exists and names it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use keyferry_core::Control;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// One row of a table.
struct Row {
    id: String,
    claim: String,
    why: String,
    /// A test, and the refusal that its body names instead of the control.
    evidence: Vec<(String, Option<String>)>,
    red: String,
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The texts in backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<_> = line.trim().trim_matches('|').split(" | ").map(str::trim).collect();
    let [id, claim, why, evidence, red] = cells[..] else { panic!("not five cells: {line}") };
    let evidence = evidence.split("; ").map(|one| match &quoted(one)[..] {
        [test] => (test.clone(), None),
        [test, refusal] if one.contains(" by ") => (test.clone(), Some(refusal.clone())),
        _ => panic!("{id}: {one}"),
    });
    let evidence = evidence.collect();
    Row { id: quoted(id).concat(), claim: claim.into(), why: why.into(), evidence, red: red.into() }
}

/// The page's sections, each with its heading and rows.
fn sections(page: &str) -> Vec<(String, Vec<Row>)> {
    let parts = page.split("\n## ").skip(1);
    parts
        .map(|part| {
            let rows = part.lines().filter(|l| l.starts_with("| `KF-")).map(row).collect();
            (part.lines().next().unwrap_or_default().to_owned(), rows)
        })
        .collect()
}

/// The text of the test function with that name and an attribute `#[test]`, if there is one.
fn body<'s>(source: &'s str, name: &str) -> Option<&'s str> {
    let at = source.find(&format!("fn {name}("))?;
    let line = source[..at].rfind('\n').map_or(0, |n| n + 1);
    let mut attributes = source[..line].lines().rev().take_while(|l| l.trim_start().starts_with(['#', '/']));
    if !attributes.any(|l| l.trim() == "#[test]") {
        return None;
    }
    let end = format!("\n{}}}\n", &source[line..at]);
    Some(&source[at..source[at..].find(&end).map_or(source.len(), |n| at + n)])
}

/// A test's body, with the table of cases that it uses.
fn with_helpers(source: &str, body: &str) -> String {
    let table = body.contains(" cases()").then(|| source.split_once("fn cases()").map(|(_, rest)| rest));
    let table = table.flatten().and_then(|rest| rest.split("\n}\n").next());
    format!("{body}{}", table.unwrap_or_default())
}

/// The list of controls, one file for each area.
fn control_list() -> String {
    let folder = Path::new(ROOT).join("crates/core/src/words/control/list");
    fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// The name of a control in the code, by its id.
fn constants() -> BTreeMap<String, String> {
    let list = control_list();
    let lines = list.lines().filter_map(|l| l.trim().split_once(" = \"KF-"));
    lines.map(|(name, rest)| (format!("KF-{}", rest.split('"').next().unwrap()), name.to_owned())).collect()
}

/// Why evidence is invalid, if it is.
fn fault(id: &str, constant: &str, test: &str, refusal: Option<&str>) -> Option<String> {
    let Some((file, name)) = test.split_once("::") else {
        return Some(format!("{id}: {test} names no test"));
    };
    let Ok(source) = fs::read_to_string(Path::new(ROOT).join(file)) else {
        return Some(format!("{id}: there is no {file}"));
    };
    let Some(body) = body(&source, name) else { return Some(format!("{id}: {file} has no test {name}")) };
    let text = with_helpers(&source, body);
    let named = match refusal {
        Some(refusal) => text.contains(refusal),
        None => text.contains(&format!("Control::{constant}")) || text.contains(id),
    };
    (!named).then(|| format!("{id}: {test} names neither the control nor {refusal:?}"))
}

#[test]
fn each_control_has_a_claim_and_evidence() {
    let (page, constants) = (read("ceremony/audit/assurance.md"), constants());
    let rows: Vec<Row> = sections(&page).into_iter().flat_map(|(_, rows)| rows).collect();
    let mut faults = Vec::new();
    for (control, title) in Control::ALL {
        let mine: Vec<_> = rows.iter().filter(|r| r.id == control.id()).collect();
        let [row] = mine[..] else {
            faults.push(format!("{control}: {} rows", mine.len()));
            continue;
        };
        if row.claim != *title {
            faults.push(format!("{control}: the page claims {:?}, the code {title:?}", row.claim));
        }
        if row.why.len() < 15 {
            faults.push(format!("{control}: no reason"));
        }
        assert!(!row.evidence.is_empty(), "{control}");
        let of = |(test, refusal): &(String, Option<String>)| {
            fault(control.id(), &constants[control.id()], test, refusal.as_deref())
        };
        faults.extend(row.evidence.iter().filter_map(of));
    }
    faults.extend(
        rows.iter().filter(|r| !constants.contains_key(&r.id)).map(|r| format!("{} is not a control", r.id)),
    );
    assert!(faults.is_empty(), "ceremony/audit/assurance.md:\n{}", faults.join("\n"));
}

#[test]
fn each_promise_has_controls_and_says_what_it_does_not_promise() {
    let sections = sections(&read("ceremony/audit/assurance.md"));
    let design = read("DESIGN.md");
    let promises = design.split("\n## 1. Promises").nth(1).unwrap().split("\n## ").next().unwrap();
    let count =
        promises.lines().filter(|l| l.split_once(". ").is_some_and(|(n, _)| n.parse::<u8>().is_ok())).count();
    assert!(count >= 7, "{count} promises in DESIGN.md");
    for n in 1..=count {
        let found = sections.iter().find(|(heading, _)| heading.starts_with(&format!("Promise {n}: ")));
        let (heading, rows) = found.unwrap_or_else(|| panic!("promise {n} is missing"));
        assert!(!rows.is_empty(), "{heading}: no control");
    }
    let page = read("ceremony/audit/assurance.md");
    for part in page.split("\n## ").skip(1) {
        assert!(part.contains("Not promised: "), "{}", part.lines().next().unwrap_or_default());
    }
}

/// Each control was seen red, and can be seen red again: it has an entry, and each test of its entries is among the evidence.
#[test]
fn each_control_was_seen_red_and_has_an_entry() {
    let table = read("xtask/src/red.txt");
    let mut tests: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in table.split("\n\n") {
        let lines: Vec<_> = entry.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).collect();
        let Some(id) = lines.first() else { continue };
        // These belong to the table of commands, files and properties, whose own test compares in both directions.
        if lines.iter().any(|l| l.starts_with("cells ")) {
            continue;
        }
        let test = lines.iter().find_map(|l| l.strip_prefix("test ")).unwrap();
        tests.entry(id).or_default().push(test.rsplit([':', ' ']).next().unwrap());
    }
    let ids: BTreeSet<_> = Control::ALL.iter().map(|(c, _)| c.id()).collect();
    assert!(tests.keys().all(|id| ids.contains(id)), "red.txt breaks an unknown control");
    let mut faults = Vec::new();
    for row in sections(&read("ceremony/audit/assurance.md")).into_iter().flat_map(|(_, rows)| rows) {
        if row.red != "seen" {
            faults.push(format!("{} was not seen red: {}", row.id, row.red));
        }
        let broken = tests.get(&*row.id).map(Vec::as_slice).unwrap_or_default();
        if broken.is_empty() {
            faults.push(format!("{} has no entry in xtask/src/red.txt", row.id));
        }
        let known = |t: &&&str| row.evidence.iter().any(|(e, _)| e.ends_with(&format!("::{t}")));
        let unknown = broken.iter().filter(|t| !known(t));
        faults.extend(unknown.map(|t| format!("{}: {t} of red.txt is not in its evidence", row.id)));
    }
    assert!(faults.is_empty(), "ceremony/audit/assurance.md:\n{}", faults.join("\n"));
}

/// This test can fail: invalid evidence is detected.
#[test]
fn evidence_that_is_none_is_found_out() {
    let of = |test: &str, refusal| fault("KF-ART-05", "ART_CANONICAL", test, refusal);
    let strict = "crates/core/tests/checks.rs::artefacts_are_strict";
    assert_eq!(of(strict, None), None);
    assert_eq!(of(strict, Some("Control::ART_FORMAT")), None);
    for (test, refusal) in [
        ("crates/core/tests/checks.rs::artefacts_are_nice", None),
        ("crates/core/tests/nowhere.rs::artefacts_are_strict", None),
        ("crates/core/tests/checks.rs::refused", None),
        ("crates/core/tests/checks.rs::time_decides_to_the_second", None),
        (strict, Some("NoSuchRefusal")),
        ("artefacts_are_strict", None),
    ] {
        assert!(of(test, refusal).is_some(), "{test} {refusal:?}");
    }
}
