//! Reads back cell by cell what `show` draws in a terminal: the whole symbol is inside the window and on its own
//! background.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::cast_possible_truncation)]

use keyferry_core::Explain;
use keyferry_transport::console::Window;
use keyferry_transport::frame::{FrameEncoder, Level};
use keyferry_transport::show::Version;
use keyferry_transport::show::symbol::Symbol;
use keyferry_transport::show::terminal::{Fit, cut, width, wrap};
use proptest::prelude::*;

/// The half rows of the window: `None` where nothing was drawn, otherwise whether the half row is dark.
struct Drawn {
    columns: usize,
    halves: Vec<Option<bool>>,
}

impl Drawn {
    /// Understands exactly the escape sequences that `show` sends, and fails on any other.
    fn read(text: &str, window: Window) -> Self {
        let (columns, mut halves) = (window.columns, vec![None; window.columns * window.rows * 2]);
        let (mut row, mut column, mut colours, mut reversed) = (0, 0, false, false);
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(sequence) = rest.strip_prefix("\x1b[") {
                let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                match (&sequence[..end], &sequence[end..=end]) {
                    (place, "H") => {
                        let (r, c) = place.split_once(';').unwrap();
                        (row, column) = (r.parse::<usize>().unwrap() - 1, c.parse::<usize>().unwrap() - 1);
                    }
                    ("0;38;5;16;48;5;231", "m") => (colours, reversed) = (true, false),
                    ("7", "m") => reversed = true,
                    ("27", "m") => reversed = false,
                    ("0", "m") => colours = false,
                    other => panic!("{other:?}"),
                }
                rest = &sequence[end + 1..];
                continue;
            }
            assert!(colours, "drawn in the theme's colours");
            assert!(row < window.rows - 1 && column < columns, "{row} {column} outside of {window:?}");
            let lower = match c {
                ' ' => reversed,
                '▄' => !reversed,
                other => panic!("{other:?}"),
            };
            halves[2 * row * columns + column] = Some(reversed);
            halves[(2 * row + 1) * columns + column] = Some(lower);
            column += 1;
            rest = &rest[c.len_utf8()..];
        }
        Self { columns, halves }
    }

    fn at(&self, x: usize, y: usize) -> Option<bool> {
        self.halves[y * self.columns + x]
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_window_shows_a_whole_symbol_or_says_why_not(
        columns in 1usize..260, rows in 1usize..120, length in 20usize..6000, scale in 1usize..5,
        most in proptest::option::of(1u8..=40),
    ) {
        let (window, most) = (Window { columns, rows }, most.and_then(Version::new));
        let fit = match Fit::new(length, window, scale, most) {
            Ok(fit) => fit,
            Err(error) => {
                prop_assert_eq!(error.control().id(), "KF-SHOW-02");
                prop_assert!(columns.min(2 * (rows - 1)) / scale < 23);
                return Ok(());
            }
        };
        prop_assert!(most.is_none_or(|m| fit.version <= m) && fit.scale >= scale && (1..=4).contains(&fit.quiet));
        let payload: Vec<u8> = (0..length).map(|n| (n * 31 % 251) as u8).collect();
        let Ok(encoder) = FrameEncoder::new(&payload, fit.version.bytes(Level::L).unwrap()) else { return Ok(()) };
        prop_assert_eq!(fit.whole, encoder.blocks() == 1);
        let symbol = Symbol::encode(&encoder.line(0), fit.version, Level::L).unwrap();
        let drawn = Drawn::read(&fit.draw(&symbol), window);
        let side = (symbol.size() + 2 * fit.quiet) * fit.scale;
        for y in 0..side {
            for x in 0..side {
                let module = symbol.is_dark_within(fit.quiet, x / fit.scale, y / fit.scale);
                prop_assert_eq!(drawn.at(fit.left + x, 2 * fit.top + y), Some(module));
            }
        }
        if let Some((left, wide)) = fit.panel {
            prop_assert!(left >= fit.left + side && left + wide <= columns);
        }
    }

    #[test]
    fn texts_are_cut_and_wrapped_by_columns(text in "[a-z 中文，·←]{0,80}", columns in 2usize..40) {
        prop_assert!(width(&cut(&text, columns)) <= columns);
        let lines = wrap(&text, columns);
        prop_assert!(lines.iter().all(|l| width(l) <= columns));
        let squeeze = |s: &str| s.chars().filter(|c| *c != ' ').collect::<String>();
        prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
    }
}

/// DESIGN.md and the guide mention these windows.
#[test]
fn well_known_windows() {
    let fit = |columns, rows, bytes| Fit::new(bytes, Window { columns, rows }, 1, None).unwrap();
    assert_eq!(fit(80, 24, 1068).version.number(), 6);
    assert_eq!(fit(120, 40, 1068).version.number(), 14);
    let one = fit(130, 64, 1068);
    assert!(one.whole && one.version.number() == 24);
    let large = fit(400, 200, 100_000);
    assert!(!large.whole && large.version == Version::V25 && large.scale == 3);
}

#[test]
fn a_window_of_another_size_keeps_the_version_while_it_fits() {
    let fit = Fit::new(50_000, Window { columns: 120, rows: 40 }, 1, None).unwrap();
    let wider = fit.again(Window { columns: 200, rows: 90 }).unwrap();
    assert_eq!((wider.version, wider.scale), (fit.version, 2));
    assert_eq!(fit.again(Window { columns: 80, rows: 24 }), None);
}
