//! `keyferry emulate`: the emulator as a program, for rehearsals by hand and for other people's CI.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyferry_core::Region;
use keyferry_emulator_tencent::{Config, LogLine};
use keyferry_tencent::{Action, Credentials, Edition};
use keyferry_transport::{Access, Console, check_free, write_new};
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::now;
use crate::error::Error;

/// Run a strict Tencent Cloud KMS on loopback, until it is interrupted; -v shows each request
#[derive(Debug, clap::Args)]
pub(crate) struct Emulate {
    /// Loopback address; port 0 means any free port
    #[arg(long, value_name = "127.0.0.1:PORT")]
    listen: SocketAddr,
    /// SecretId to accept; invent one, it protects nothing
    #[arg(long, value_name = "ID")]
    secret_id: String,
    /// SecretKey that belongs to it; invent one too
    #[arg(long, value_name = "KEY")]
    secret_key: String,
    /// Edition of a region if it is not the expected one; adds the region if GetRegions lacks it; may be given several times
    #[arg(long, value_name = "REGION=fips|sm", value_parser = parse_region_edition)]
    region_edition: Vec<(String, Edition)>,
    /// Action that these credentials may not use, such as ScheduleKeyDeletion; may be given several times
    #[arg(long, value_name = "ACTION")]
    deny: Vec<Action>,
    /// New file to which the port is written once requests are answered
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
    /// Second loopback address, for tests: GET /imports (why an import was refused), /state, /counts; GET or POST /clock, /faults, /limit; POST /reset
    #[arg(long, value_name = "127.0.0.1:PORT")]
    admin: Option<SocketAddr>,
    /// New file to which the port of --admin is written
    #[arg(long, value_name = "FILE", requires = "admin")]
    admin_port_file: Option<PathBuf>,
    /// File that keeps the keys when this program ends or is killed; created if missing [default: memory only]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// One line per request on standard error: who asked for what and how it ended, no secrets [default: none; -v means text]
    #[arg(long, value_name = "FORMAT")]
    log: Option<LogFormat>,
    /// Wrapping key pairs that requests share in turn, at least 2
    #[arg(long, value_name = "N", default_value_t = keyferry_emulator_tencent::WRAPPING_KEYS, value_parser = parse_wrapping_keys)]
    wrapping_keys: usize,
}

/// How the emulator's log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people: columns, `-` where there is nothing
    Text,
    /// For programs: one JSON object on each line
    Json,
}

/// A pair takes up to half a second to make and a few KiB to keep.
fn parse_wrapping_keys(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|n| (2..=10_000).contains(n)).ok_or("expected a number from 2 to 10000")
}

fn parse_region_edition(text: &str) -> Result<(String, Edition), &'static str> {
    let expected = "expected a region and its edition, such as ap-guangzhou=sm";
    let (region, edition) = text.split_once('=').ok_or(expected)?;
    let region: Region = region.parse().map_err(|_| expected)?;
    Ok((region.as_str().to_owned(), edition.parse().map_err(|_| expected)?))
}

pub(crate) fn run(args: &Emulate, console: &Console, log: bool) -> Result<(), Error> {
    [&args.port_file, &args.admin_port_file].into_iter().flatten().try_for_each(|path| check_free(path))?;
    let credentials = Credentials::new(args.secret_id.as_str(), args.secret_key.as_str());
    let mut config = Config::new(vec![credentials], Arc::new(now));
    config.listen = args.listen;
    config.admin = args.admin;
    config.state.clone_from(&args.state);
    config.wrapping_keys = args.wrapping_keys;
    config.denied = args.deny.iter().copied().collect();
    config.region_editions = args.region_edition.iter().cloned().collect();
    let console_of_log = *console;
    config.log = match args.log.or(log.then_some(LogFormat::Text)) {
        None => None,
        Some(LogFormat::Text) => Some(Box::new(move |line: &LogLine| console_of_log.line(&line.to_string()))),
        Some(LogFormat::Json) => Some(Box::new(move |line: &LogLine| console_of_log.line(&line.to_json()))),
    };
    let emulator = keyferry_emulator_tencent::bind(config)?;
    let (addr, admin) = (emulator.local_addr(), emulator.admin_addr());
    let mut announced = Ok(());
    let until_stopped = async {
        let stopped = stop_signals();
        // This comes after the handlers, because a program that reads the port may stop this process
        // immediately.
        announced = announce(addr, admin, args, console);
        if announced.is_ok() {
            stopped.await;
        }
    };
    emulator.run(until_stopped)?;
    announced
}

/// Prints a line for each interface, and writes the ports to files for scripts. The system queues connections until the
/// first request is taken.
fn announce(
    addr: SocketAddr,
    admin: Option<SocketAddr>,
    args: &Emulate,
    console: &Console,
) -> Result<(), Error> {
    // The admin port is written first, so that a script that waits for the other file finds both.
    if let (Some(path), Some(admin)) = (&args.admin_port_file, admin) {
        write_port(path, admin)?;
    }
    if let Some(path) = &args.port_file {
        write_port(path, addr)?;
    }
    if console.json() {
        console.result(&serde_json::json!({
            "endpoint": format!("http://{addr}"),
            "admin": admin.map(|admin| format!("http://{admin}")),
        }));
        return Ok(());
    }
    console.product(&format!("keyferry emulator ready on http://{addr}"));
    if let Some(admin) = admin {
        console.product(&format!("keyferry emulator admin on http://{admin}"));
    }
    Ok(())
}

fn write_port(path: &Path, addr: SocketAddr) -> Result<(), Error> {
    Ok(write_new(path, format!("{}\n", addr.port()).as_bytes(), Access::Everyone)?)
}

/// Completes when the process is asked to stop: Ctrl-C, or SIGTERM from a service manager.
fn stop_signals() -> impl Future<Output = ()> {
    // The handlers are registered before the ready line, so that no signal in between is lost.
    let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        let [Ok(mut terminate), Ok(mut interrupt)] = signals else {
            // Without a handler, the signal itself ends the process.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
