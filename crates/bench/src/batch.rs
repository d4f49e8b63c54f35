//! The batch curve: the offline station's time and memory per key, for 1 to 100,000 keys.
//!
//! It covers the whole path without files and people: the plan and the parameters are parsed and checked, material is
//! generated, wrapped and confirmed, and the ciphertext is assembled and written. Sizes ascend and this part runs first, so
//! the peak of the process's resident memory belongs to the current size.

use std::hint::black_box;
use std::time::{Duration, Instant};

use getrandom::SysRng;
use keyferry_core::{CeremonyPlan, KeyMaterial, Origin, Parameters, Timestamp, WrappingAlgorithm, artefact};

use super::BenchError;
use super::figures::Batch;
use super::fixture::Fixture;
use super::machine::resident;
use super::measure::Ticker;
use super::statistics::{Estimate, count};

/// Growth below this cannot be distinguished from the effects of the page cache and of the kernel's rounding.
const VISIBLE: u64 = 512 * 1024;
/// Minimum number of rounds for each size, unless a round takes longer than [`LONG`].
const LEAST_ROUNDS: usize = 3;
const LONG: Duration = Duration::from_secs(3);

/// Measures every size, each for `budget`.
pub(super) fn curve(
    sizes: &[usize],
    budget: Duration,
    now: Timestamp,
    ticker: &mut Ticker,
) -> Result<Vec<Batch>, BenchError> {
    // One run comes first, so that code and tables are in memory before memory is counted.
    ceremony(&Fixture::new(1, WrappingAlgorithm::default(), now)?)?;
    let before = resident().map(|(_, present)| present);
    let mut points = Vec::with_capacity(sizes.len());
    for &keys in sizes {
        points.push(point(keys, budget, now, before, ticker)?);
    }
    Ok(points)
}

fn point(
    keys: usize,
    budget: Duration,
    now: Timestamp,
    before: Option<u64>,
    ticker: &mut Ticker,
) -> Result<Batch, BenchError> {
    let fixture = Fixture::new(keys, WrappingAlgorithm::default(), now)?;
    let (begun, mut times) = (Instant::now(), Vec::new());
    loop {
        let started = Instant::now();
        black_box(ceremony(&fixture)?);
        let took = started.elapsed();
        times.push(took.as_secs_f64() * 1e9 / count(keys));
        ticker.tick();
        let enough = times.len() >= LEAST_ROUNDS || took > LONG;
        if (enough && begun.elapsed() >= budget) || times.len() >= 2000 {
            break;
        }
    }
    let peak = resident().map(|(peak, _)| peak);
    let grown = peak.zip(before).map(|(peak, before)| peak.saturating_sub(before)).filter(|b| *b >= VISIBLE);
    Ok(Batch {
        keys,
        rounds: times.len(),
        ns_per_key: Estimate::of(times).ok_or(BenchError::Fixture)?.rounded(1),
        peak_bytes: peak,
        bytes_per_key: grown.and_then(|bytes| bytes.checked_div(keys as u64)),
    })
}

/// Does everything between the input files and the output file; returns its length.
fn ceremony(fixture: &Fixture) -> Result<usize, BenchError> {
    let plan = CeremonyPlan::parse(&fixture.plan)?;
    let (parameters, digest) = artefact::parse::<Parameters>(&fixture.parameters)?;
    let checked = parameters.check(digest, &plan, fixture.now)?;
    let mut entries = Vec::with_capacity(checked.entries().len());
    for entry in checked.entries() {
        let material = KeyMaterial::generate(entry.material().length, &mut SysRng)?;
        entries.push(checked.wrap(entry, &material, &mut SysRng)?);
    }
    if entries.len() != plan.keys().len() {
        return Err(BenchError::Fixture);
    }
    let ciphertext = checked.ciphertext(entries, Origin::station(false, fixture.now))?;
    Ok(artefact::to_bytes(&ciphertext)?.len())
}
