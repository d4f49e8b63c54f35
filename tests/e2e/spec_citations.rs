//! Every section of the provider's fact sheet that a source cites exists, and so does every page that a source names by its path.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use keyferry_tencent::{Action, Request, wire::*};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

const SHEET: &str = "ceremony/spec/tencent-kms.md";

/// Names for documents that are not in this repository. Sources give the path of a page instead.
const UNPUBLISHED: [&str; 6] =
    ["fact sheet", "fact-sheet", "seed document", "sheet §", "lessons.md", "measurements.md"];

/// Reads every file below the root with one of these extensions, except build results and this file.
fn files(extensions: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(ROOT)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && (!name.starts_with('.') || name == ".ci") {
                folders.push(path);
            } else if path.extension().is_some_and(|e| extensions.iter().any(|wanted| e == *wanted))
                && !path.ends_with(file!())
            {
                found.push((path.clone(), fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

/// Joins the lines of a text, without comment markers, because a phrase may be wrapped.
fn running(text: &str) -> String {
    let marks = ["//!", "///", "//", "#"];
    let bare = |line: &str| {
        let line = line.trim();
        marks.iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line).trim().to_owned()
    };
    text.lines().map(bare).collect::<Vec<_>>().join(" ")
}

/// The number at the start of a text, such as 5 or 5.3; the full stop of a sentence does not count.
fn number(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// The sections in a list such as "§2.1, §9.2 and §5", if the text begins with one.
fn list(mut text: &str) -> Vec<String> {
    let mut sections = Vec::new();
    while let Some(rest) = text.strip_prefix('§') {
        let section = number(rest);
        sections.push(section.to_owned());
        text = &rest[section.len()..];
        for separator in [", ", " and ", " to ", " or "] {
            text = text.strip_prefix(separator).unwrap_or(text);
        }
    }
    sections
}

/// The sections that each mention of the fact sheet names.
fn citations(text: &str) -> Vec<Vec<String>> {
    let text = running(text);
    let after = text.match_indices(SHEET).map(|(at, _)| &text[at + SHEET.len()..]);
    after.map(|rest| list(rest.trim_start_matches(['`', ')', ' ']))).collect()
}

/// The numbers of the fact sheet's headings.
fn headings(sheet: &str) -> BTreeSet<String> {
    let titles = sheet.lines().filter(|line| line.starts_with("## ") || line.starts_with("### "));
    titles.map(|line| number(line.trim_start_matches(['#', ' '])).to_owned()).collect()
}

/// Why a source is refused.
fn faults(text: &str, headings: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for cited in citations(text) {
        if cited.is_empty() {
            faults.push(format!("{SHEET} is cited without a section"));
        }
        let missing = cited.iter().filter(|section| !headings.contains(*section));
        faults.extend(missing.map(|section| format!("{SHEET} has no section {section}")));
    }
    let running = running(text).to_lowercase();
    let named = UNPUBLISHED.iter().filter(|name| running.contains(**name));
    faults.extend(named.map(|name| format!("{name:?} names no page of this repository: cite {SHEET} §N")));
    faults
}

/// Whether a path leads to a page, from the root or from a folder above the source.
fn leads_to_a_page(source: &Path, path: &str) -> bool {
    source.ancestors().take_while(|folder| folder.starts_with(ROOT)).any(|folder| folder.join(path).exists())
}

/// The pages that a source names with their folders.
fn pages(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"./_-".contains(c));
    words.filter(|word| word.ends_with(".md") && word.contains('/')).collect()
}

#[test]
fn every_section_that_a_source_cites_exists() {
    let sheet = fs::read_to_string(Path::new(ROOT).join(SHEET)).unwrap();
    let headings = headings(&sheet);
    let sources = files(&["rs", "py", "toml"]);
    let cited: usize = sources.iter().map(|(_, text)| citations(text).len()).sum();
    assert!(cited > 0, "nothing cites {SHEET}: this test looks in the wrong place");
    println!("{cited} citations of {} sections", headings.len());
    let found: Vec<_> = sources
        .iter()
        .flat_map(|(path, text)| {
            faults(text, &headings).into_iter().map(|f| format!("{}: {f}", path.display()))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_section_that_a_page_cites_exists() {
    let sheet = fs::read_to_string(Path::new(ROOT).join(SHEET)).unwrap();
    let headings = headings(&sheet);
    assert!(headings.len() > 40, "{headings:?}");
    let own = sheet.match_indices('§').map(|(at, sign)| number(&sheet[at + sign.len()..]).to_owned());
    let others = files(&["md"]).into_iter().flat_map(|(_, text)| citations(&text)).flatten();
    let missing: Vec<_> =
        own.chain(others).filter(|section| !section.is_empty() && !headings.contains(section)).collect();
    assert!(missing.is_empty(), "{SHEET} has no sections {missing:?}");
}

/// The text of a section, without its heading; if the heading has two hash signs, also the text of its subsections.
fn section<'s>(sheet: &'s str, heading: &str) -> &'s str {
    let text = sheet.split_once(&format!("\n{heading} ")).unwrap().1;
    let end = if heading.starts_with("###") { "\n##" } else { "\n## " };
    text.split(end).next().unwrap()
}

/// The rows of the tables in a text, cell by cell, without their headers.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = text.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    cells.filter(|cells| !cells.iter().all(|cell| cell.starts_with("---")) && !cells.contains(&"own codes"))
}

#[test]
fn the_error_codes_of_the_sheet_are_those_of_the_code() {
    let read = |path: &str| fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    let (sheet, code) = (read(SHEET), read("crates/providers/tencent/src/code.rs"));
    let mut known = BTreeSet::new();
    for row in rows(section(&sheet, "### 7.2")).filter(|row| row[0].ends_with(".`")) {
        for name in row[1].split(", ") {
            let whole = format!("\"{}{name}\"", row[0].trim_matches('`'));
            assert!(code.contains(&whole), "§7.2 has {whole}, which the code does not list");
            known.insert(name);
        }
    }
    assert!(known.len() > 25, "{known:?}");
    let actions: Vec<_> = rows(section(&sheet, "## 6.")).filter(|row| row.len() == 4).collect();
    assert!(actions.len() > 12, "{actions:?}");
    for row in actions {
        for name in row[3].split(", ").filter(|name| !name.is_empty()) {
            assert!(known.contains(name), "§6 names {name} for {}, which is not in §7.2", row[0]);
        }
    }
}

/// An action's parameters as the sheet writes them, the required ones with a star.
fn parameters<R: Request>() -> (Action, BTreeSet<String>) {
    let star = |required: bool| if required { "*" } else { "" };
    (R::ACTION, R::FIELDS.iter().map(|field| format!("{}{}", field.name, star(field.required))).collect())
}

macro_rules! of_each {
    ($($request:ident)+) => { [$(parameters::<$request>()),+] };
}

/// The parameters in a cell: members in brackets belong to the preceding one, and a dagger is an abbreviation.
fn in_cell(cell: &str) -> BTreeSet<String> {
    let outside = cell.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
    let names = outside.collect::<String>().replace('\\', "").replace('†', "MemberAccount");
    names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn the_parameters_of_the_sheet_are_those_of_the_code() {
    let sheet = fs::read_to_string(Path::new(ROOT).join(SHEET)).unwrap();
    let rows: Vec<_> = rows(section(&sheet, "## 6.")).collect();
    let actions = of_each! {
        GetParametersForImportRequest ImportKeyMaterialRequest DeleteImportedKeyMaterialRequest CreateKeyRequest
        DescribeKeyRequest DescribeKeysRequest ListKeyDetailRequest EnableKeyRequest DisableKeyRequest
        ScheduleKeyDeletionRequest CancelKeyDeletionRequest UpdateAliasRequest EncryptRequest DecryptRequest
        GenerateRandomRequest GetServiceStatusRequest GetRegionsRequest ListAlgorithmsRequest ListKeysRequest
        EnableKeysRequest DisableKeysRequest UpdateKeyDescriptionRequest GenerateDataKeyRequest ReEncryptRequest
        GetKeyRotationStatusRequest EnableKeyRotationRequest DisableKeyRotationRequest ArchiveKeyRequest
        CancelKeyArchiveRequest
    };
    assert_eq!(actions.len(), Action::ALL.len());
    for (action, parameters) in actions {
        let mine: Vec<_> = rows.iter().filter(|row| row[0] == action.as_str()).collect();
        let [row] = mine[..] else { panic!("§6 has {} rows of {action}", mine.len()) };
        assert_eq!(in_cell(row[1]), parameters, "§6 and the code differ in {action}");
    }
}

#[test]
fn the_signatures_of_the_sheet_are_those_of_the_tests() {
    let read = |path: &str| fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    let sheet = read(SHEET);
    for (heading, tests, count) in [
        ("### 2.3", "crates/providers/tencent/src/tc3/tests.rs", 9),
        ("### 2.5", "crates/providers/tencent/src/older.rs", 2),
    ] {
        let tests = read(tests);
        let quoted = section(&sheet, heading).split('`').skip(1).step_by(2);
        let vectors: Vec<_> = quoted.filter(|text| text.len() == 64 || text.ends_with('=')).collect();
        assert_eq!(vectors.len(), count, "{heading}: {vectors:?}");
        for vector in vectors {
            assert!(tests.contains(vector), "{heading}: no test has {vector}");
        }
    }
}

#[test]
fn every_page_that_a_source_names_exists() {
    let sources = files(&["rs", "py", "toml"]);
    let named = sources.iter().flat_map(|(source, text)| pages(text).into_iter().map(move |p| (source, p)));
    let (found, missing): (Vec<_>, Vec<_>) = named.partition(|(source, page)| leads_to_a_page(source, page));
    assert!(!found.is_empty(), "no source names a page: this test looks in the wrong place");
    assert!(missing.is_empty(), "missing pages: {missing:?}");
}

/// These tests can fail: each kind of wrong citation is found.
#[test]
fn a_wrong_citation_is_found() {
    let headings = headings("# Title\n\n## 2. Two\n\n### 2.1 One\n\n### 2.10 Ten\n");
    assert_eq!(headings, ["2", "2.1", "2.10"].map(str::to_owned).into());
    for good in [
        format!("//! As `{SHEET}` §2.1 says."),
        format!("//! See {SHEET} §2.1, §2.10 and §2. More"),
        format!("//! See `{SHEET}`\n//! §2.1"),
        "//! The share sheet, and a seed.".to_owned(),
    ] {
        assert_eq!(faults(&good, &headings), [""; 0], "{good}");
    }
    for bad in [
        format!("//! See `{SHEET}` §2.2."),
        format!("//! See `{SHEET}` §2.1 and §3."),
        format!("//! See `{SHEET}`."),
        "//! As in the fact\n    //! sheet §2".to_owned(),
        "// The Seed document's step 3".to_owned(),
        "//! Alive (sheet §2)".to_owned(),
    ] {
        assert!(!faults(&bad, &headings).is_empty(), "{bad}");
    }
    let here = Path::new(ROOT).join("tests/any.rs");
    assert_eq!(pages("//! `ceremony/a.md`, b.md; see x/y.md)."), ["ceremony/a.md", "x/y.md"]);
    assert!(leads_to_a_page(&here, SHEET) && !leads_to_a_page(&here, "reference/nowhere.md"));
}
