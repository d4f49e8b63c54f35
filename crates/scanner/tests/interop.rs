//! Other readers, zbarimg and OpenCV, read the same text lines from rendered symbols.
//!
//! zbarimg is in Debian's package zbar-tools. OpenCV comes from PyPI: `cargo xtask readers` installs it and names its Python in
//! `KEYFERRY_OPENCV_PYTHON`. If one is missing, the test says that it was skipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // pixels and modules, all small

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use keyferry_transport::frame::{Level, block_capacity, digit_capacity};
use support::{Dice, draw, frame_text_of, modules, png};

/// A rendered symbol in a file, and its text.
struct Shown {
    path: PathBuf,
    text: String,
}

/// Full symbols of versions 10 to 25, with 4 pixels per module, as `show` draws them.
fn shown(folder: &Path) -> Vec<Shown> {
    let one = |version: u8| {
        let mut dice = Dice::new(7_000 + u64::from(version));
        let full = block_capacity(version, Level::L).unwrap();
        let mut text = frame_text_of(full, &mut dice);
        // Only version 21 is filled to its last bit. OpenCV 5.0 cannot read a symbol that has no room for the terminator.
        if Some(text.len()) == digit_capacity(version, Level::L) {
            text = frame_text_of(full - 1, &mut dice);
        }
        let symbol = modules(&text, version);
        let side = (symbol.side as u32 + 8) * 4;
        let (low, high) = (16.0, (side - 16) as f32);
        let corners = [(low, low), (high, low), (high, high), (low, high)];
        let mut canvas = vec![255.0; (side * side) as usize];
        draw(&mut canvas, side as usize, &symbol, &corners, 0.0, 255.0);
        let pixels: Vec<u8> = canvas.iter().map(|p| *p as u8).collect();
        let path = folder.join(format!("{version}.png"));
        std::fs::write(&path, png(&pixels, side, side)).unwrap();
        Shown { path, text }
    };
    (10..=25).map(one).collect()
}

fn lines(command: &mut Command, shown: &[Shown]) -> Option<Vec<String>> {
    let output = command.args(shown.iter().map(|s| &s.path)).output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

fn expected(shown: &[Shown]) -> Vec<String> {
    shown.iter().map(|s| s.text.clone()).collect()
}

#[test]
fn keyferry_scan_gives_the_lines() {
    let folder = tempfile::tempdir().unwrap();
    let shown = shown(folder.path());
    let own = lines(&mut Command::new(env!("CARGO_BIN_EXE_keyferry-scan")), &shown).unwrap();
    assert_eq!(own, expected(&shown));
    assert_eq!(own.len(), 16);
}

#[test]
fn zbarimg_gives_the_same_lines() {
    let folder = tempfile::tempdir().unwrap();
    let shown = shown(folder.path());
    let Some(zbar) = lines(Command::new("zbarimg").args(["--quiet", "--raw"]), &shown) else {
        println!("SKIPPED, NOT PASSED: zbarimg is not installed (Debian: zbar-tools)");
        return;
    };
    assert_eq!(zbar, expected(&shown));
}

#[test]
fn opencv_gives_the_same_lines() {
    let Some(python) = std::env::var_os("KEYFERRY_OPENCV_PYTHON") else {
        println!("SKIPPED, NOT PASSED: `cargo xtask readers` runs this with OpenCV");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let shown = shown(folder.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opencv.py");
    let read = lines(Command::new(python).arg(script), &shown).unwrap();
    assert_eq!(read, expected(&shown));
}
