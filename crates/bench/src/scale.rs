//! `keyferry bench --scale`: the shipped offline station, run as a whole with 1 to 100,000 keys; time and peak memory.
//!
//! Files are kept in a file system in memory if there is one, because otherwise the disk would be measured. Each size has one
//! extra run, during which its memory is watched, because watching costs time.

use keyferry_core::artefact::names;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyferry_core::{Fingerprint, Timestamp, WrappingAlgorithm, bi};
use keyferry_transport::console::Progress;
use keyferry_transport::{Access, Console, check_room, write_new};

use super::error::BenchError;
use super::figures::{Effort, LeftOut, Scale};
use super::fixture::Fixture;
use super::folder::Folder;
use super::statistics::{Estimate, count};

/// Numbers of keys; the last is the maximum for a plan.
pub(super) const SIZES: [usize; 6] = [1, 10, 100, 1_000, 10_000, 100_000];
/// The largest size of `--quick`.
const QUICK: usize = 100;
/// A size whose first run would probably take longer than this is left out, and so are larger sizes.
const LONGEST: Duration = Duration::from_secs(300);
/// Bytes per key of plan, parameters and everything that `wrap` writes.
const BYTES_A_KEY: u64 = 6_000;
/// The interval at which a run's memory is read.
const WATCH: Duration = Duration::from_micros(200);

/// The program to run, the folder of its files, the time budget and the present time.
struct Runs<'a> {
    station: &'a Path,
    base: PathBuf,
    effort: Effort,
    now: Timestamp,
}

/// Every size, either measured or with the reason why it was left out.
pub(super) fn curve(station: &Path, effort: Effort, now: Timestamp, console: &Console) -> Vec<Scale> {
    let memory = PathBuf::from("/dev/shm");
    let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let runs = Runs { station, base, effort, now };
    let mut progress = console.progress(bi!("sizes", "规模"), SIZES.len());
    let mut all: Vec<Scale> = Vec::with_capacity(SIZES.len());
    for keys in SIZES {
        let stopped = all.last().is_some_and(|last| last.left_out == Some(LeftOut::TooLong));
        let before = all.last().and_then(|last| Some((last.keys, last.ms?.median())));
        all.push(runs.size(keys, if stopped { None } else { before }, stopped));
        step(&mut progress, all.last());
    }
    all
}

fn step(progress: &mut Progress, last: Option<&Scale>) {
    match last {
        Some(Scale { left_out: Some(LeftOut::Failed), .. }) => progress.fail(),
        _ => progress.step(),
    }
}

impl Runs<'_> {
    fn size(&self, keys: usize, before: Option<(usize, f64)>, stopped: bool) -> Scale {
        let expected = before.map(|(fewer, ms)| ms * count(keys) / count(fewer.max(1)));
        let too_long = stopped || expected.is_some_and(|ms| ms > LONGEST.as_secs_f64() * 1e3);
        if self.effort == Effort::Quick && keys > QUICK {
            return Scale::left_out(keys, LeftOut::Quick);
        }
        if too_long {
            return Scale::left_out(keys, LeftOut::TooLong);
        }
        match self.measure(keys) {
            Ok(measured) => measured,
            Err(BenchError::File(_)) => Scale::left_out(keys, LeftOut::NoRoom),
            Err(_) => Scale::left_out(keys, LeftOut::Failed),
        }
    }

    fn measure(&self, keys: usize) -> Result<Scale, BenchError> {
        let folder = Folder::new(&self.base)?;
        let probe = folder.path().join("room");
        check_room(&[(&probe, BYTES_A_KEY * keys as u64)])?;
        let digest = prepare(folder.path(), keys, self.now)?;
        let mut peak_bytes = None;
        self.run(folder.path(), &digest, |child| {
            while child.try_wait().is_ok_and(|ended| ended.is_none()) {
                peak_bytes = peak_bytes.max(peak(child));
                std::thread::sleep(WATCH);
            }
        })?;
        let mut times = Vec::new();
        for _ in 0..self.rounds(keys) {
            times.push(self.run(folder.path(), &digest, |_| ())?.as_secs_f64() * 1e3);
        }
        let runs = times.len();
        let ms = Estimate::of(times).ok_or(BenchError::Fixture)?.rounded(2);
        Ok(Scale { keys, runs, ms: Some(ms), peak_bytes, left_out: None })
    }

    const fn rounds(&self, keys: usize) -> usize {
        match (self.effort, keys) {
            (Effort::Quick, _) => 3,
            (Effort::Default, 0..=100) => 11,
            (Effort::Default, 101..=1_000) => 5,
            (Effort::Default, 1_001..=10_000) => 3,
            (Effort::Default, _) => 1,
            (Effort::Full, 0..=1_000) => 21,
            (Effort::Full, 1_001..=10_000) => 9,
            (Effort::Full, _) => 3,
        }
    }

    /// Runs the whole program once and returns its duration; `meanwhile` may watch the process.
    fn run(
        &self,
        folder: &Path,
        digest: &Fingerprint,
        meanwhile: impl FnOnce(&mut Child),
    ) -> Result<Duration, BenchError> {
        let medium = folder.join("medium");
        std::fs::create_dir(&medium).map_err(|_| BenchError::Process)?;
        let mut command = Command::new(self.station);
        command.args(["wrap", "--plan", names::PLAN, "--parameters", names::PARAMETERS, "--out", "medium"]);
        command.arg("--expect-digest").arg(digest.to_string()).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let mut child = command.spawn().map_err(|_| BenchError::Process)?;
        meanwhile(&mut child);
        let ended = child.wait().map_err(|_| BenchError::Process)?;
        let took = started.elapsed();
        let whole = ended.success() && medium.join(names::CIPHERTEXT).is_file();
        std::fs::remove_dir_all(&medium).map_err(|_| BenchError::Process)?;
        if whole { Ok(took) } else { Err(BenchError::Process) }
    }
}

/// Writes the plan and the parameters; returns the digest to expect.
fn prepare(folder: &Path, keys: usize, now: Timestamp) -> Result<Fingerprint, BenchError> {
    let fixture = Fixture::new(keys, WrappingAlgorithm::default(), now)?;
    write_new(&folder.join(names::PLAN), &fixture.plan, Access::Everyone)?;
    write_new(&folder.join(names::PARAMETERS), &fixture.parameters, Access::Everyone)?;
    Ok(fixture.digest())
}

/// The highest resident memory so far of a running process.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}
