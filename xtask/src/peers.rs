//! `cargo xtask differential` and `cargo xtask bench`: the comparisons with other implementations, which compile C.

use crate::run::{self, Stop};
use crate::{ship, tools};

/// The benches in `benches/`; any other first argument, except [`MACHINE`], is criterion's filter.
const BENCHES: [&str; 2] = ["core", "constant_time"];
/// `keyferry bench`, with the peers and the offline station as it ships.
const MACHINE: &str = "machine";

/// `--cases N --seed HEX64`, passed on. The bench profile is the release profile with symbols, so one build of the peers serves
/// both.
pub(crate) fn differential(args: &[String]) -> Result<(), Stop> {
    tools::openssl_headers()?;
    let words = "run --profile bench --locked -p keyferry-peers --features c --bin keyferry-differential --";
    run::check(&mut run::cargo(words.split(' ').chain(args.iter().map(String::as_str))))
}

/// All benches, one of them with its arguments, or those of `core` that match a filter.
pub(crate) fn bench(args: &[String]) -> Result<(), Stop> {
    tools::openssl_headers()?;
    match args.split_first() {
        None => BENCHES.iter().try_for_each(|name| one(name, &[])).and_then(|()| machine(&[])),
        Some((name, rest)) if name == MACHINE => machine(rest),
        Some((name, rest)) if BENCHES.contains(&name.as_str()) => one(name, rest),
        Some(_) => one("core", args),
    }
}

fn one(name: &str, rest: &[String]) -> Result<(), Stop> {
    let words = ["bench", "--locked", "--features", "peers", "--bench", name, "--"];
    run::check(&mut run::cargo(words.into_iter().chain(rest.iter().map(String::as_str))))
}

/// The station is built as it ships, so both programs are fully optimised.
fn machine(options: &[String]) -> Result<(), Stop> {
    ship::one(ship::OFFLINE)?;
    let words = "run --profile bench --locked --features peers --bin keyferry -- bench --bin-dir";
    let mut cargo = run::cargo(words.split(' '));
    cargo.arg(ship::folder());
    if options.is_empty() {
        cargo.arg("--full")
    } else {
        cargo.args(options)
    };
    run::check(&mut cargo)
}
