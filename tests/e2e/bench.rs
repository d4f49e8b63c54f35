//! `keyferry bench` from outside: its files, its refusals, its comparison with itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::process::Command;

use crate::support::*;
use keyferry_core::Control;

/// The program in its own folder, without the stations next to it, so that whole processes do not slow down other
/// tests.
fn bench(args: &[&str], dir: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyferry"));
    command.env_clear().env("LANG", "C.UTF-8").arg("bench").args(args).current_dir(dir);
    command
}

#[test]
fn a_first_look_writes_a_report_and_a_page_and_compares_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let first = run(&mut bench(&["--quick", "--out", "out"], dir.path()));
    first.ok();
    assert!(first.out.contains("wrap, RSAES_OAEP_SHA_256, fresh key"), "{first:?}");
    assert!(first.err.contains("DEBUG BUILD") == cfg!(debug_assertions), "{first:?}");
    let page = fs::read_to_string(dir.path().join("out/bench.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("http:") && !page.contains("<script"));
    let report = fs::read_to_string(dir.path().join("out/bench.json")).unwrap();
    assert!(report.starts_with("{\n  \"format\": \"keyferry/bench/1\""));

    // Taken names are refused before anything is measured, and the old files stay.
    run(&mut bench(&["--quick", "--out", "out"], dir.path())).refused(1, Control::FILE_EXISTS);
    assert_eq!(fs::read_to_string(dir.path().join("out/bench.json")).unwrap(), report);

    let compare = ["--quick", "--json", "--lang", "zh", "--compare", "out/bench.json"];
    let second = run(&mut bench(&compare, dir.path()));
    let json = second.ok().json();
    assert_eq!(json["report"]["format"], "keyferry/bench/1");
    assert_eq!(json["comparison"]["other_machine"], false);
    let changes = json["comparison"]["changes"].as_array().unwrap();
    assert!(changes.len() > 30);
    for change in changes {
        assert!(["faster", "slower", "no-change"].contains(&change["verdict"].as_str().unwrap()));
    }
    damaged_reports_are_refused(dir.path(), &report);
}

/// The shipped station at small numbers of keys; `--quick` leaves the large ones out, and the page says so.
#[test]
fn the_curve_is_of_the_station_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let programs = bin_dir().to_str().unwrap();
    for (lang, left_out) in [("en", "left out by --quick"), ("zh", "--quick 未测量")] {
        let out = format!("out-{lang}");
        let measured = ["--scale", "--quick", "--lang", lang, "--bin-dir", programs, "--out", &out];
        let run = run(&mut bench(&measured, dir.path()));
        run.ok();
        assert_eq!(run.out.matches(left_out).count(), 3, "{run:?}");
        let page = fs::read_to_string(dir.path().join(&out).join("bench.html")).unwrap();
        assert_eq!(page.matches(left_out).count(), 3);
        keyferry_transport::html::well_formed(&page).unwrap();
        let report = fs::read(dir.path().join(&out).join("bench.json")).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
        let sizes = report["scale"].as_array().unwrap();
        let keys: Vec<_> = sizes.iter().map(|size| size["keys"].as_u64().unwrap()).collect();
        assert_eq!(keys, [1, 10, 100, 1_000, 10_000, 100_000]);
        assert!(sizes[..3].iter().all(|size| size["ms"].is_object() || size["ms"].is_array()), "{sizes:?}");
        assert!(sizes[3..].iter().all(|size| size["left_out"] == "quick" && size["ms"].is_null()));
        assert!(report["station_sha256"].is_string());
    }
    // A report without the curve has no member for it.
    let none = run(&mut bench(&["--scale", "--json", "--bin-dir", "."], dir.path()));
    let json = none.ok().json();
    assert_eq!(json["left_out"][0], "station");
    assert!(json.get("scale").is_none());
}

fn damaged_reports_are_refused(dir: &std::path::Path, report: &str) {
    let taken_at = report.find("\"taken_at\"").unwrap();
    let mut unknown = report.to_owned();
    unknown.insert_str(taken_at, "\"mood\": 1,\n  ");
    let low = report.find("\"low\": ").unwrap() + 7;
    let mut beyond = report.to_owned();
    beyond.insert_str(low, "99999");
    for (text, control) in [
        (report[..report.len() / 2].to_owned(), Control::ART_SYNTAX),
        ("null".to_owned(), Control::ART_SYNTAX),
        (report.replace("keyferry/bench/1", "keyferry/bench/2"), Control::ART_FORMAT),
        (unknown, Control::ART_FIELDS),
        (beyond, Control::ART_FIELDS),
        (report.replace("\"cpu\": \"", "\"cpu\": \"\\u001b[2J"), Control::ART_FIELDS),
        (report.replace("\n  ", "\n   "), Control::ART_CANONICAL),
        (report.to_owned() + &" ".repeat(1 << 20), Control::FILE_SIZE),
    ] {
        assert_ne!(text, report);
        fs::write(dir.join("old.json"), text).unwrap();
        let refused = run(&mut bench(&["--quick", "--compare", "old.json"], dir));
        refused.refused(1, control);
        assert_eq!(refused.out, "", "nothing was measured");
    }
    run(&mut bench(&["--compare", "none.json"], dir)).refused(3, Control::FILE_READ);
    run(&mut bench(&["--quick", "--full"], dir)).refused(2, Control::USAGE);
}
