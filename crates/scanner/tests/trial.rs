//! `--test`: a good and a bad camera see the symbols of the test page, and the program advises a version.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // pixels and modules, all small
#![allow(dead_code)] // other tests use the support module too

mod support;

use std::path::Path;
use std::process::{Command, Output};

use keyferry_core::Lang;
use keyferry_scan::{Effort, Luma, decode};
use keyferry_transport::Console;
use keyferry_transport::frame::Level;
use keyferry_transport::show::test_page::{Size, TestSymbol};
use keyferry_transport::show::{self, Look};
use serde_json::Value;

/// The test page as `show --test-page --png FOLDER` writes it.
fn test_page(folder: &Path) {
    let look = Look { output: show::Output::Png(folder.into()), version: None, fps: 8 };
    show::run(&Console::new(Lang::En, true, 0), None, &look).unwrap();
}

/// Makes each picture as a camera sees it: scaled down to a percentage, then blurred by a number of the camera's
/// pixels.
fn photographed(from: &Path, to: &Path, percent: u32, blur: f32) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let picture = image::open(&path).unwrap().into_luma8();
        let side = (picture.width() * percent / 100).max(21);
        let small = image::imageops::resize(&picture, side, side, image::imageops::FilterType::Triangle);
        let blurred = if blur > 0.0 { image::imageops::blur(&small, blur) } else { small };
        blurred.save(to.join(path.file_name().unwrap())).unwrap();
    }
}

fn test(args: &[&str], folder: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_keyferry-scan");
    Command::new(program).args(["--lang", "en", "--test"]).args(args).arg(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", said(output)))
}

#[test]
fn a_clean_page_is_read_whole_and_needs_no_option() {
    let page = tempfile::tempdir().unwrap();
    test_page(page.path());
    let output = test(&[], page.path());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "40\n");
    assert!(
        said(&output).contains("reads every version with a margin: show needs no option"),
        "{}",
        said(&output)
    );
    assert_eq!(said(&output).matches("read in both sizes").count(), 7, "{}", said(&output));
    let json = json(&test(&["--json"], page.path()));
    assert_eq!((&json["use"], &json["reserve"]), (&40.into(), &true.into()), "{json}");
    assert_eq!(json["read"].as_array().unwrap().len(), 7);
}

/// The worse the camera, the smaller the advised version; and every advised version was read.
#[test]
fn a_bad_camera_is_advised_a_smaller_version() {
    let (page, photographs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    test_page(page.path());
    let mut advised = vec![40];
    for (percent, blur) in [(40, 0.8), (25, 1.0), (12, 0.6)] {
        photographed(page.path(), photographs.path(), percent, blur);
        let json = json(&test(&["--json"], photographs.path()));
        let version = json["use"].as_u64().unwrap();
        let row = json["read"].as_array().unwrap().iter().find(|r| r["version"] == version).unwrap();
        assert_eq!((&row["full"], &row["small"]), (&true.into(), &json["reserve"]), "{json}");
        assert!(version <= advised[advised.len() - 1], "{percent} %: {json}");
        println!("{percent} %, blur {blur}: {json}");
        advised.push(version);
    }
    assert!(advised[3] < 25, "{advised:?}");
    let output = test(&[], photographs.path());
    let option = format!("use show --qr-version {}", advised[3]);
    assert!(said(&output).contains(&option), "{}", said(&output));
}

/// A scan at 300 dpi of a sheet with symbols of every size: the small ones cover a hundredth of it.
#[test]
fn on_a_page_the_small_symbols_are_read_too() {
    let (width, height) = (2480, 3508);
    let mut page = image::GrayImage::from_pixel(width, height, image::Luma([255]));
    let (mut left, mut top, mut placed) = (40, 40, Vec::new());
    for (number, scale) in [(30, 7), (40, 4), (25, 6), (6, 9), (10, 7), (15, 5), (20, 4), (6, 6), (10, 5)] {
        let test = TestSymbol { version: show::Version::new(number).unwrap(), size: Size::Full };
        let line = test.line(Level::M);
        let symbol = show::Symbol::encode(&line, test.version, Level::M).unwrap();
        let drawn = image::load_from_memory(&show::png::png(&symbol, scale)).unwrap().into_luma8();
        if left + drawn.width() > width {
            (left, top) = (40, top + 1100);
        }
        image::imageops::overlay(&mut page, &drawn, left.into(), i64::from(top));
        left += drawn.width() + 37;
        placed.push(line);
    }
    let luma = Luma::new(page.into_raw(), width, height).unwrap();
    let reading = decode(luma, Effort::All);
    let read = |line: &&String| reading.symbols.iter().any(|s| s.text == **line);
    let missed: Vec<&str> = placed.iter().filter(|line| !read(line)).map(|line| &line[17..19]).collect();
    assert_eq!(missed, [""; 0], "versions that were not read");
}

#[test]
fn a_page_that_nobody_can_read_is_refused() {
    let (page, photographs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    test_page(page.path());
    photographed(page.path(), photographs.path(), 12, 9.0);
    let output = test(&[], photographs.path());
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{}", said(&output));
    assert!(said(&output).contains("[KF-SCAN-01]: no symbol was read; pictures: 14"), "{}", said(&output));
}

#[test]
fn symbols_of_others_are_not_the_test_page_and_the_test_page_is_no_frame() {
    let folder = tempfile::tempdir().unwrap();
    let symbol = keyferry_transport::show::Symbol::encode(
        "123456789012345678",
        show::Version::new(6).unwrap(),
        keyferry_transport::frame::Level::L,
    );
    std::fs::write(folder.path().join("other.png"), show::png::png(&symbol.unwrap(), 8)).unwrap();
    let output = test(&[], folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("[KF-SCAN-01]: no symbol of the test page was read; other symbols: 1"),
        "{}",
        said(&output)
    );
    let page = tempfile::tempdir().unwrap();
    test_page(page.path());
    let program = env!("CARGO_BIN_EXE_keyferry-scan");
    let lines = Command::new(program).args(["--lang", "en"]).arg(page.path()).output().unwrap();
    assert_eq!((lines.status.code(), lines.stdout.len()), (Some(1), 0), "{}", said(&lines));
    assert!(said(&lines).contains("no keyferry frame among the symbols; symbols: 14"), "{}", said(&lines));
}
