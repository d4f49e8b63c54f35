//! `keyferry rehearse`: the whole ceremony on one computer, with both real stations, against an embedded emulator.
//!
//! One ceremony for each wrapping algorithm, each with a key in an SM region and one in a FIPS region. Every step is the command
//! line that a person would type, and the words are compared as people compare them: those that one station showed with those
//! that the other shows. If a ceremony fails, the others still run. Files cross on a medium, which both stations see, or by QR
//! code (`qr`). With a person's own plan (`own`) there is one ceremony, and people may type its answers themselves
//! (`practice`).

mod args;
mod ceremony;
mod compare;
mod error;
mod folder;
mod own;
mod people;
mod plan;
mod practice;
mod programs;
mod qr;
mod shares;
mod station;
mod summary;

use std::sync::Arc;
use std::time::Instant;

use keyferry_core::{Fingerprint, Timestamp, WrappingAlgorithm, bi, hex};
use keyferry_emulator_tencent::{Config, EmulatorError, Running};
use keyferry_tencent::Credentials;
use keyferry_transport::Console;

use ceremony::Ceremony;
use own::Own;
use plan::Draft;
use programs::{Isolation, Programs};
use station::Stations;
use summary::Summary;

pub use args::Rehearse;
pub use error::{Error, RehearseError};

/// Holds the rehearsal; `now` is the clock of the emulator and of the summary.
///
/// # Errors
/// [`Error`]: the plan is refused, a program is missing, or a ceremony did not succeed.
pub fn run(
    args: &Rehearse,
    now: fn() -> Timestamp,
    console: &Console,
    lang: Option<&str>,
) -> Result<(), Error> {
    let started = Instant::now();
    let own = args.plan.as_deref().map(|plan| Own::read(plan, now(), console)).transpose()?;
    if args.interactive {
        practice::check_terminal(console)?;
    }
    let programs = Programs::find(args.bin_dir.as_deref(), args.qr)?;
    let out = folder::prepare(&args.out)?;
    let isolation = Isolation::probe();
    let credentials = invent_credentials()?;
    let emulator = emulate(credentials.clone(), args.seed, own.as_ref(), now)?;
    let stations = Stations {
        console: *console,
        programs,
        isolation,
        endpoint: format!("http://{}", emulator.addr()),
        credentials,
        lang: lang.map(str::to_owned),
    };
    introduce(&stations, args.seed, &out);
    let expected = own.as_ref().map_or(2 * WrappingAlgorithm::ALL.len(), |own| own.plan.keys().len());
    let mut summary = Summary::new(&stations, args.seed, expected, now());
    let algorithms = own.as_ref().map_or(WrappingAlgorithm::ALL.to_vec(), |own| vec![own.plan.algorithm()]);
    for algorithm in algorithms {
        hold(algorithm, own.as_ref(), &stations, (args, &out), &mut summary)?;
    }
    emulator.stop();
    summary.finish(started.elapsed());
    summary.show(console);
    summary.write(&out)?;
    console.row(&bi!("folder", "文件夹"), &out.display().to_string());
    if console.json() {
        console.result(&summary.to_json());
    } else {
        console.product(summary.verdict().get(console.lang()));
    }
    Ok(summary.outcome()?)
}

/// Holds one ceremony. A failure is shown and counted, and does not stop the next ceremony.
fn hold(
    algorithm: WrappingAlgorithm,
    own: Option<&Own>,
    stations: &Stations,
    (args, out): (&Rehearse, &std::path::Path),
    summary: &mut Summary,
) -> Result<(), Error> {
    let console = &stations.console;
    console.line("");
    console.say(&bi!("──── ceremony with {algorithm} ────", "──── 使用 {algorithm} 的仪式 ────"));
    let name = if own.is_some() { "ceremony" } else { algorithm.as_str() };
    let desks = folder::desks(out, name, args.qr)?;
    let draft = own.map_or_else(|| Draft::of(algorithm, &desks), |own| own.draft(&desks, console))?;
    let mut ceremony = Ceremony::new(stations, draft, args.seed, desks, args.interactive)?;
    let held = ceremony.hold();
    summary.steps.append(&mut ceremony.steps);
    summary.crossed.append(&mut ceremony.crossed);
    match held {
        Ok(keys) => summary.keys.extend(keys),
        Err(error) => {
            console.refuse_key(algorithm.as_str(), &error);
            summary.fail(algorithm, error);
        }
    }
    Ok(())
}

fn emulate(
    credentials: Credentials,
    seed: Option<Fingerprint>,
    own: Option<&Own>,
    now: fn() -> Timestamp,
) -> Result<Running, EmulatorError> {
    let mut config = Config::new(vec![credentials], Arc::new(now));
    config.region_editions = own.into_iter().flat_map(Own::editions).collect();
    // This stream differs from that of the key material, although both come from the same published seed.
    config.rng_seed =
        seed.map(|s| *Fingerprint::of_fields(&[b"keyferry/rehearsal-emulator/1", s.as_bytes()]).as_bytes());
    keyferry_emulator_tencent::spawn(config)
}

/// Credentials for this run only; they protect nothing, but are handled like real ones.
fn invent_credentials() -> Result<Credentials, RehearseError> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| RehearseError::Randomness)?;
    let (id, key) = bytes.split_at(12);
    Ok(Credentials::new(format!("AKIDrehearsal{}", hex::encode(id)), hex::encode(key)))
}

fn introduce(stations: &Stations, seed: Option<Fingerprint>, out: &std::path::Path) {
    let console = &stations.console;
    console.say(&bi!(
        "keyferry {}  REHEARSAL: everything here is practice",
        "keyferry {}  演练：以下全部内容仅供练习",
        env!("CARGO_PKG_VERSION")
    ));
    console.row(&bi!("emulator", "模拟器"), &stations.endpoint);
    for program in stations.programs.all() {
        console
            .row(&bi!("program", "程序"), &format!("{}  sha256 {}", program.path.display(), program.sha256));
    }
    console.row(&bi!("isolation", "隔离"), stations.isolation.describe().get(console.lang()));
    if let Some(seed) = seed {
        console.row(&bi!("seed", "种子"), &seed.to_string());
    }
    console.row(&bi!("folder", "文件夹"), &out.display().to_string());
    console.say(&bi!(
        "  online station: KEYFERRY_ENDPOINT={} and TENCENTCLOUD_SECRET_ID, _SECRET_KEY of this run\n  offline station: an environment without any of them",
        "  在线工作站：KEYFERRY_ENDPOINT={} 以及本次运行的 TENCENTCLOUD_SECRET_ID、_SECRET_KEY\n  离线工作站：环境中没有上述任何变量",
        stations.endpoint
    ));
}
