//! Checks that a stick pulled out 0 to 10 seconds after `wrap` ended with exit code 0 has everything.

use std::time::Duration;

use super::super::boot::{self, Ending, Job, User};
use super::super::sticks::{Format, Stick};
use super::super::verdict::{Check, check};
use super::{Bench, fat_stick};
use crate::run::Stop;

const SCRIPT: &str = include_str!("pulled.sh");

/// Two machines with ten sticks each, because a controller has no more ports.
const ROUNDS: [(&str, [&str; 10]); 2] = [
    ("pulled-1", ["A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9"]),
    ("pulled-2", ["B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9"]),
];

/// Milliseconds between the moments at which two sticks are pulled, so that all are spread evenly from 0 to 10 seconds.
const STEP: u64 = 526;

pub(super) fn run(bench: Bench<'_>) -> Result<Vec<Check>, Stop> {
    let mut bad = Vec::new();
    let mut count = 0_u64;
    for (name, labels) in ROUNDS {
        let folder = boot::prepare(name)?;
        let make = |label: &&'static str| Stick::make(bench.kit, &folder, label, Format::Vfat);
        let sticks = labels.iter().map(make).collect::<Result<Vec<_>, Stop>>()?;
        let pulled = labels.iter().zip(count..).map(|(label, n)| (*label, Duration::from_millis(n * STEP)));
        let script = format!("sticks='{}'\n{SCRIPT}", labels.join(" "));
        let pulled = pulled.collect();
        let job = Job { ending: Ending::Reset, pulled, ..Job::new(name, script, User::Root, sticks) };
        let done = boot::run(bench.kit, bench.program, job)?;
        for stick in &done.sticks {
            let Check { what, verdict } = fat_stick(bench.kit, &done, stick)?;
            bad.extend(verdict.err().map(|why| format!("{what}: {why}")));
            count += 1;
        }
    }
    let verdict = if bad.is_empty() { Ok(()) } else { Err(bad.join("\n        ")) };
    Ok(vec![check(format!("{count} FAT sticks, pulled 0 to 10 s after exit 0, are whole"), verdict)])
}
