//! The differential run: keyferry's padding and RSAEP against `rsa`, AWS-LC and OpenSSL, case by case.
//!
//! A case is derived from a seed and its number: both are printed with every difference, and the same seed produces the same
//! keys, messages and padding again. Only a peer's own wrapping uses the peer's own generator. All keys and messages are
//! generated here and thrown away.
//!
//! Started by `cargo xtask differential`. Exit code 0: no differences, and every kind was compared; 1 otherwise; 2 usage.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a developer's tool talks to the terminal

mod case;
mod count;
mod keys;
mod probe;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use getrandom::SysRng;
use keyferry_core::{Fingerprint, hex};
use rand_core::TryRng;

use crate::case::Case;
use crate::count::Counts;
use crate::keys::KeyPair;
use crate::probe::Prober;

/// Number of keys in the pool: each run makes new ones.
const KEYS: u64 = 32;
/// Number of cases that a thread takes at a time.
const BATCH: u64 = 64;
/// How many differences are printed; all are counted.
const SHOWN: u64 = 20;

struct Run {
    seed: [u8; 32],
    cases: u64,
    next: AtomicU64,
    differences: AtomicU64,
    broken: AtomicBool,
    keys: Vec<KeyPair>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((cases, seed)) = parse(&args) else {
        eprintln!("usage: keyferry-differential [--cases N] [--seed HEX64]");
        return ExitCode::from(2);
    };
    let started = Instant::now();
    eprintln!("seed {}, {cases} cases; making {KEYS} keys", hex::encode(&seed));
    let Some(keys) = keys::pool(&seed, KEYS) else {
        eprintln!("no keys: the generation failed");
        return ExitCode::FAILURE;
    };
    let run = Run {
        seed,
        cases,
        next: AtomicU64::new(0),
        differences: AtomicU64::new(0),
        broken: AtomicBool::new(false),
        keys,
    };
    let counts = run.on_all_cores(started);
    run.report(&counts, started)
}

/// `--cases N` (20,000) and `--seed HEX64` (new).
fn parse(args: &[String]) -> Option<(u64, [u8; 32])> {
    let (mut cases, mut seed) = (20_000, [0; 32]);
    SysRng.try_fill_bytes(&mut seed).ok()?;
    for pair in args.chunks(2) {
        match pair {
            [name, value] if name == "--cases" => cases = value.replace(['_', ','], "").parse().ok()?,
            // 32 bytes in hex, as a fingerprint is written.
            [name, value] if name == "--seed" => seed = *value.parse::<Fingerprint>().ok()?.as_bytes(),
            _ => return None,
        }
    }
    Some((cases, seed))
}

impl Run {
    fn on_all_cores(&self, started: Instant) -> Counts {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| self.work(started))).collect();
            workers.into_iter().fold(Counts::default(), |mut all, worker| {
                match worker.join() {
                    Ok(counts) => all.merge(counts),
                    Err(_) => self.broken.store(true, Ordering::Relaxed),
                }
                all
            })
        })
    }

    fn work(&self, started: Instant) -> Counts {
        let mut counts = Counts::default();
        let Ok(mut prober) = Prober::new(&self.keys) else {
            self.broken.store(true, Ordering::Relaxed);
            return counts;
        };
        loop {
            let first = self.next.fetch_add(BATCH, Ordering::Relaxed);
            if first >= self.cases {
                return counts;
            }
            for number in first..self.cases.min(first + BATCH) {
                if let Err(what) = prober.probe(&mut Case::draw(&self.seed, number, KEYS), &mut counts) {
                    self.differs(number, &what);
                }
            }
            if (first / BATCH).is_multiple_of(256) && first > 0 {
                eprintln!("{first} cases, {:.0} s", started.elapsed().as_secs_f64());
            }
        }
    }

    fn differs(&self, number: u64, what: &str) {
        if self.differences.fetch_add(1, Ordering::Relaxed) < SHOWN {
            eprintln!("DIFFERENCE: seed {}, case {number}: {what}", hex::encode(&self.seed));
        }
    }

    /// Prints the table for people, and one line of JSON for scripts.
    fn report(&self, counts: &Counts, started: Instant) -> ExitCode {
        let differences = self.differences.load(Ordering::Relaxed);
        let seconds = started.elapsed().as_secs_f64();
        let empty = counts.empty();
        eprint!("{counts}");
        eprintln!("{} cases, {differences} differences, {seconds:.1} s", self.cases);
        for name in &empty {
            eprintln!("NOTHING COUNTED: {name}");
        }
        let peers: Vec<String> =
            keyferry_peers::all().iter().map(|p| format!("{:?}:{:?}", p.name(), p.version())).collect();
        println!(
            "{{\"seed\":\"{}\",\"cases\":{},\"keys\":{KEYS},\"differences\":{differences},\"seconds\":{seconds:.1},\
             \"peers\":{{{}}},\"counts\":{}}}",
            hex::encode(&self.seed),
            self.cases,
            peers.join(","),
            counts.json()
        );
        let good = differences == 0 && empty.is_empty() && !self.broken.load(Ordering::Relaxed);
        if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
