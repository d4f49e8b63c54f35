//! The fuzz targets without libFuzzer: every seed and thousands of mutants, the same in every run, with a stable compiler.
//!
//! A smoke test: it finds only what breaks at once. `cargo xtask fuzz --minutes N` searches further, guided by coverage.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::print_stdout, unreachable_pub)]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::fuzz;

/// Number of mutants for each target.
const MUTANTS: u64 = 6_000;

/// The ingredients of damaged and hostile files.
const PIECES: [&[u8]; 20] = [
    b"\"",
    b"\\u0000",
    b"\n",
    b"\r\n",
    b"{",
    b"}",
    b"[[",
    b"[[key]]\n",
    b",",
    b"null",
    b"-1",
    b"1e999",
    b"\0",
    b"\xff\xfe",
    b"\x30\x82\xff\xff",
    b"=",
    b"====",
    b"-----BEGIN PUBLIC KEY-----",
    b"99999999999999999999",
    "密".as_bytes(),
];

/// SplitMix64, after Steele, Lea and Flood (2014): mutants need no secrecy.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.roll() % (n.max(1) as u64)).unwrap()
    }

    /// Some range within `len`, usually a short one.
    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let longest = if self.below(4) == 0 { len } else { 16 };
        let from = self.below(len + 1);
        from..from + self.below((len - from + 1).min(longest + 1))
    }
}

fn mutant(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut data = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(4) {
        let range = dice.range(data.len());
        match dice.below(9) {
            0 if !data.is_empty() => {
                let at = dice.below(data.len());
                data[at] ^= 1 << dice.below(8);
            }
            1 if !data.is_empty() => {
                let at = dice.below(data.len());
                data[at] = dice.roll().to_le_bytes()[0];
            }
            2 => drop(data.drain(range)),
            3 => data.truncate(range.start),
            4 => {
                let copy = data[range].to_vec();
                let at = dice.below(data.len() + 1);
                drop(data.splice(at..at, copy));
            }
            5 => {
                let other = &seeds[dice.below(seeds.len())];
                let piece = other[dice.range(other.len())].to_vec();
                drop(data.splice(range, piece));
            }
            6 => number(dice, &mut data),
            _ => drop(data.splice(range.start..range.start, PIECES[dice.below(PIECES.len())].to_vec())),
        }
    }
    data
}

/// Replaces a digit or a number with another.
fn number(dice: &mut Dice, data: &mut Vec<u8>) {
    let digits: Vec<usize> = (0..data.len()).filter(|n| data[*n].is_ascii_digit()).collect();
    let Some(at) = digits.get(dice.below(digits.len())).copied() else { return };
    match dice.below(3) {
        0 => drop(data.splice(at..=at, *b"18446744073709551616")),
        _ => data[at] = b"0123456789"[dice.below(10)],
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = root().join("seeds").join(target);
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|f| std::fs::read(f).unwrap()).collect()
}

/// Runs one input; if the target panics, the test's message names the input.
fn taken(name: &str, target: fuzz::Target, data: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| target(data)))
        .unwrap_or_else(|_| panic!("{name} fails on b\"{}\"", data.escape_ascii()))
}

fn smoke(name: &str) {
    let (_, target) = *fuzz::TARGETS.iter().find(|(n, _)| *n == name).unwrap();
    let (seeds, mut dice) = (seeds(name), Dice(1));
    let good = seeds.iter().filter(|s| taken(name, target, s)).count();
    let mutants = (0..MUTANTS).filter(|_| taken(name, target, &mutant(&mut dice, &seeds))).count();
    println!("{name}: accepted {good} of {} seeds and {mutants} of {MUTANTS} mutants", seeds.len());
    // Some mutants must be valid enough to reach the second half of a parser, and the parser must not accept everything.
    assert!(good > 0 && mutants > 0 && (mutants as u64) < MUTANTS);
}

macro_rules! smoke {
    ($($name:ident)+) => {
        $(#[test] fn $name() { smoke(stringify!($name)); })+

        #[test]
        fn no_target_is_left_out() {
            let named = BTreeSet::from([$(stringify!($name).to_owned()),+]);
            let listed = fuzz::TARGETS.map(|(name, _)| name.to_owned());
            assert_eq!(named, BTreeSet::from(listed));
            let files = root().join("fuzz_targets").read_dir().unwrap().map(|f| f.unwrap().path());
            let stem = |f: PathBuf| f.file_stem().unwrap().to_str().unwrap().to_owned();
            // Pictures are left to the scanner's own tests, which damage them.
            let files = files.map(stem).filter(|f| f != "pictures");
            assert_eq!(named, files.collect::<BTreeSet<_>>());
        }
    };
}

smoke! { ciphertext encoding escrow frames openings parameters plan session share spki transcript }
