//! `keyferry bench`: how fast this machine wraps, compared with other implementations, as a table, a file and a page.
//!
//! Its material is made for the measurement and thrown away; nobody's keys are touched. The clock is `Instant`, because this
//! crate's purpose is to measure time.

mod args;
mod batch;
mod compare;
mod error;
mod figures;
pub mod fixture;
mod folder;
mod machine;
mod measure;
mod outputs;
mod page;
mod plot;
mod process;
mod qr;
#[cfg(test)]
mod sample;
mod scale;
mod statistics;
mod suite;
mod text;
mod text_tables;
mod words;

use std::path::Path;
use std::time::{Duration, Instant};

use keyferry_core::{Timestamp, WrappingAlgorithm, artefact, bi};
use keyferry_transport::Console;

use compare::Comparison;
use figures::{Effort, Group, Missing, Report};
use machine::{Build, Machine};
use measure::{Ticker, in_turn};
use outputs::Outputs;
use suite::{Inputs, Key};

pub use args::{Bench, BenchPart, BenchQr};
pub use error::BenchError;

/// Measures, shows the table, and writes the requested files; `now` is the date of the report.
///
/// # Errors
/// [`BenchError`]: a file is in the way, an older report is not well formed, or a step refused its own input.
pub fn run(args: &Bench, now: Timestamp, console: &Console) -> Result<(), BenchError> {
    if let Some(BenchPart::Qr(part)) = &args.part {
        qr::run(part, console);
        return Ok(());
    }
    // All inputs are checked before the long measurement starts.
    let old = args.compare.as_deref().map(outputs::read_report).transpose()?;
    let outputs = args.out.as_deref().map(Outputs::reserve).transpose()?;
    let programs = args.bin_dir.as_deref();
    let report = match args.scale {
        true => scaled(args, programs, now, console),
        false => measure(Plan::of(args), programs, now, console)?,
    };
    let comparison = old.map(|old| Comparison::of(&old, &report));
    if let Some(outputs) = outputs {
        outputs.write(&report, comparison.as_ref(), console)?;
    }
    show(&report, comparison.as_ref(), console)
}

/// The time planned for each part of a run.
struct Plan {
    effort: Effort,
    /// The time for each of the six wrap groups.
    wrap: Duration,
    steps: Duration,
    process: Duration,
    /// The time for each size; a large size takes as long as three rounds.
    batch: Duration,
    sizes: &'static [usize],
}

impl Plan {
    const fn of(args: &Bench) -> Self {
        let seconds = Duration::from_millis;
        if args.full {
            Self {
                effort: Effort::Full,
                wrap: seconds(15_000),
                steps: seconds(20_000),
                process: seconds(20_000),
                batch: seconds(6_000),
                sizes: &[1, 10, 100, 1_000, 10_000, 100_000],
            }
        } else if args.quick {
            Self {
                effort: Effort::Quick,
                wrap: seconds(600),
                steps: seconds(1_500),
                process: seconds(1_500),
                batch: seconds(300),
                sizes: &[1, 10, 100, 1_000],
            }
        } else {
            Self {
                effort: Effort::Default,
                wrap: seconds(3_500),
                steps: seconds(5_000),
                process: seconds(6_000),
                batch: seconds(1_000),
                sizes: &[1, 10, 100, 1_000, 10_000],
            }
        }
    }

    /// The approximate total, for the progress line.
    fn in_all(&self) -> Duration {
        let sizes = u32::try_from(self.sizes.len()).unwrap_or(1);
        self.wrap * 6 + self.steps + self.process + self.batch * sizes
    }
}

fn measure(
    plan: Plan,
    programs: Option<&Path>,
    now: Timestamp,
    console: &Console,
) -> Result<Report, BenchError> {
    let started = Instant::now();
    let mut report = Report::new(now, plan.effort, Machine::look(), Build::look());
    introduce(&report, console);
    let mut ticker = Ticker::new(console, plan.in_all());
    // This runs first, because anything before it would raise the memory peak.
    report.batch = batch::curve(plan.sizes, plan.batch, report.taken_at, &mut ticker)?;
    report.build.digest_program();
    if report.batch.iter().all(|b| b.peak_bytes.is_none()) {
        report.left_out.push(Missing::Memory);
    }
    let inputs = Inputs::new(report.taken_at)?;
    wrapping(&mut report, &inputs, plan.wrap, &mut ticker)?;
    process::compare(&mut report, programs, plan.process, &mut ticker);
    let mut steps = inputs.steps();
    let times = in_turn(&mut steps, plan.steps, &mut ticker)?;
    report.groups.push(Group::of("steps", &steps, &times, false));
    ticker.finish();
    report.took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(report)
}

/// Measures only the offline station, with 1 to 100,000 keys.
fn scaled(args: &Bench, programs: Option<&Path>, now: Timestamp, console: &Console) -> Report {
    let started = Instant::now();
    let mut report = Report::new(now, Plan::of(args).effort, Machine::look(), Build::look());
    introduce(&report, console);
    report.build.digest_program();
    match process::station(programs) {
        Some(station) => {
            report.station_sha256 = process::digest_of(&station);
            report.scale = scale::curve(&station, report.effort, now, console);
        }
        None => report.left_out.push(Missing::Station),
    }
    report.took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    report
}

fn wrapping(
    report: &mut Report,
    inputs: &Inputs,
    budget: Duration,
    ticker: &mut Ticker,
) -> Result<(), BenchError> {
    let peers = keyferry_peers::all();
    if !cfg!(feature = "c") {
        report.left_out.push(Missing::PeersInC);
    }
    for key in Key::BOTH {
        for algorithm in WrappingAlgorithm::ALL {
            let mut contenders = suite::wrapping(algorithm, key, inputs.material(), &peers)?;
            let times = in_turn(&mut contenders, budget, ticker)?;
            let id = format!("wrap/{algorithm}/{}", key.name());
            report.groups.push(Group::of(&id, &contenders, &times, true));
        }
    }
    Ok(())
}

/// Shows people the machine and the build before they wait.
fn introduce(report: &Report, console: &Console) {
    let (machine, build) = (&report.machine, &report.build);
    let version = build.version.as_str();
    console.say(&bi!("keyferry {version}  bench", "keyferry {version}  性能测量"));
    console.row(&bi!("machine", "机器"), words::machine(machine).get(console.lang()));
    let features: Vec<&str> = machine.features.iter().map(text::Text::as_str).collect();
    console.row(&bi!("features", "指令集"), &features.join(" "));
    console.row(&bi!("kernel", "内核"), machine.kernel.as_str());
    let profile = format!("{}, {}, {}", build.rustc.as_str(), build.target.as_str(), build.profile.as_str());
    console.row(&bi!("build", "构建"), &profile);
    for warning in machine::warnings(machine, build) {
        console.row(&bi!("ATTENTION", "注意"), warning.get(console.lang()));
    }
}

fn show(report: &Report, comparison: Option<&Comparison>, console: &Console) -> Result<(), BenchError> {
    if let Some(warning) = comparison.and_then(Comparison::warning) {
        console.row(&bi!("ATTENTION", "注意"), warning.get(console.lang()));
    }
    if let Some(comparison) = comparison {
        console.row(&bi!("drift", "漂移"), comparison.caution().get(console.lang()));
    }
    if console.json() {
        match comparison {
            // Prints the exact bytes of `bench.json`, so that redirected output can be used for a later comparison.
            None => {
                console.product(String::from_utf8_lossy(&artefact::to_bytes(report)?).trim_end());
            }
            Some(c) => {
                console.result(&serde_json::json!({"report": report, "comparison": c.to_json()}));
            }
        }
        return Ok(());
    }
    let lang = console.lang();
    let compared = comparison.map(|c| text_tables::comparison(c, lang)).unwrap_or_default();
    for line in text_tables::lines(report, lang).into_iter().chain(compared) {
        console.product(&line);
    }
    Ok(())
}
