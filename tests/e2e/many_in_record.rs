//! A record of many keys: twice the keys take twice the work, and neither the screen nor the page grows with
//! them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::path::Path;

use crate::support::many::{many, write};
use crate::support::record::*;
use crate::support::*;
use keyferry_audit::record::{Audit, Expect, Folder};
use keyferry_core::{Control, tally};

/// Maximum number of lines that a command prints, however many keys there are.
const SCREEN: usize = 450;
/// Maximum size of a page in bytes.
const PAGE: usize = 1_500_000;

/// The number of look-ups of an audit.
fn looked(keys: usize) -> u64 {
    let folder = many(keys);
    let before = tally::visited();
    let audit = Audit::of(&folder, &Expect::default());
    assert!(audit.refusals.is_empty(), "{:?}", &audit.refusals[..1]);
    assert_eq!(
        audit.planned(audit.record.as_ref().unwrap()).filter(|(_, found)| found.is_some()).count(),
        keys
    );
    tally::visited() - before
}

#[test]
fn twice_the_keys_are_twice_the_work() {
    let (one, two) = (looked(200), looked(400));
    println!("200 keys: {one}; 400 keys: {two}");
    assert!(one > 200 && two <= 2 * one + 100, "{one}, {two}");
}

/// The number of lines on both output streams of a command.
fn lines(run: &Run) -> usize {
    run.out.lines().count() + run.err.lines().count()
}

fn command(args: &[&str], dir: &Path) -> Run {
    run(program("keyferry").args(args).current_dir(dir))
}

#[test]
fn a_screen_has_the_first_keys_and_v_has_all() {
    let dir = tempfile::tempdir().unwrap();
    write(&many(700), &dir.path().join("record"));
    for args in [&["verify", "record"][..], &["verify", "record/transcript.jsonl"]] {
        let short = command(args, dir.path());
        short.ok();
        assert!(lines(&short) <= SCREEN, "{args:?}: {}", lines(&short));
        assert!(short.out.contains("-v shows all") || short.err.contains("-v shows all"), "{short:?}");
        let whole = command(&[args, &["-v"]].concat(), dir.path());
        whole.ok();
        assert!((whole.out + &whole.err).contains("k699"));
    }
    let json = command(&["verify", "--json", "record"], dir.path());
    let json_lines = json.out.lines().count();
    let parsed = json.ok().json();
    let (keys, events) =
        (parsed["keys"].as_array().unwrap().len(), parsed["events"].as_array().unwrap().len());
    assert_eq!((keys, events as u64), (700, parsed["lines"].as_u64().unwrap()));
    assert!(json_lines <= keys + events + 150, "one line for each: {json_lines}");
}

/// Every key is refused, so that there are as many reasons as keys.
#[test]
fn a_screen_does_not_grow_with_the_refusals() {
    let dir = tempfile::tempdir().unwrap();
    let mut folder = many(600);
    let text = transcript(&folder);
    // Without the proofs, no key is complete.
    let small = Folder { transcript: Some(text.into_bytes()), ..folder.clone() };
    folder.transcript = rechained(&small, |event| {
        if let keyferry_core::Event::Proved { round_trip, .. } = event {
            *round_trip = false;
        }
    })
    .transcript;
    write(&folder, &dir.path().join("record"));
    let refused = command(&["verify", "record"], dir.path());
    refused.refused(1, Control::VERIFY_KEY);
    assert!(lines(&refused) <= SCREEN, "{}", lines(&refused));
    let report = command(&["report", "record", "--out", "report.html"], dir.path());
    report.refused(1, Control::VERIFY_KEY);
    assert!(lines(&report) <= SCREEN, "{}", lines(&report));
    let page = fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert!(page.len() < PAGE && page.contains("report.reasons.csv") && page.contains("report.keys.csv"));
}

#[test]
fn a_page_shows_the_first_keys_and_its_files_have_all() {
    let dir = tempfile::tempdir().unwrap();
    write(&many(700), &dir.path().join("record"));
    let report = ["report", "--json", "record", "--out", "report.html", "--md", "report.md"];
    let made = command(&report, dir.path());
    let json = made.ok().json();
    assert_eq!(json["requests"].as_array().unwrap().len(), 1400);
    let page = fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert!(page.len() < PAGE, "{}", page.len());
    keyferry_transport::html::well_formed(&page).unwrap();
    assert!(page.contains("<details>") && page.contains("300 of 700 rows are shown"), "{page:.2000}");
    assert!(page.contains(">k299<") && !page.contains(">k300<"));
    let csv = fs::read_to_string(dir.path().join("report.keys.csv")).unwrap();
    assert_eq!(csv.lines().count(), 701);
    let rows: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("report.rows.json")).unwrap()).unwrap();
    assert_eq!(rows["tables"]["keys"].as_array().unwrap().len(), 700);
    assert_eq!(rows["tables"]["keys"][699]["alias"], "k699");
    assert_eq!(rows["tables"]["requests"].as_array().unwrap().len(), 1400);
    for file in json["attached"].as_array().unwrap() {
        let bytes = fs::read(dir.path().join(file["file"].as_str().unwrap())).unwrap();
        let digest = keyferry_core::Fingerprint::of(&bytes).to_string();
        assert_eq!(file["sha256"], digest);
        assert!(page.contains(&digest), "the page names each file with its digest");
    }
    // Once more, with one of the names taken: nothing else appears.
    fs::remove_file(dir.path().join("report.html")).unwrap();
    fs::remove_file(dir.path().join("report.md")).unwrap();
    let before = fs::read_dir(dir.path()).unwrap().count();
    command(&report, dir.path()).refused(1, Control::FILE_EXISTS);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), before);
}

/// For measurements by hand: writes a record with `KEYFERRY_MANY_KEYS` keys to the folder
/// `KEYFERRY_MANY_FOLDER`.
#[test]
#[ignore = "writes a record of any size"]
fn a_record_to_measure_with() {
    let keys = std::env::var("KEYFERRY_MANY_KEYS").unwrap().parse().unwrap();
    write(&many(keys), Path::new(&std::env::var("KEYFERRY_MANY_FOLDER").unwrap()));
}
