//! The developer's commands: `cargo xtask` with `rehearse`, `test`, `residue`, `ship`, `dist`, `boundary`, `closure`, `house`, `words`, `bless`, `controls`, `fuzz`, `mutants`, `red`, `differential`, `shares`, `vendor`, `oaep`, `vm`, `bench`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a developer's tool talks to the terminal

mod aside;
mod bless;
mod boundary;
mod closure;
mod controls;
mod dist;
mod emulator;
mod fast;
mod fuzz;
mod house;
mod hsm;
mod kryoptic;
mod metadata;
mod metrics;
mod missing;
mod mutants;
mod npm;
mod oaep;
mod others;
mod peers;
mod python;
mod readers;
mod red;
mod rehearse;
mod residue;
mod run;
mod scanners;
mod shares;
mod ship;
mod test;
mod test_build;
mod tools;
mod vendor;
mod vm;
mod words;

use std::process::ExitCode;

const USAGE: &str = include_str!("usage.txt");

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = args.split_first().map_or(("", &[][..]), |(c, rest)| (c.as_str(), rest));
    let done = match command {
        "ship" => ship::ship(rest),
        "dist" => dist::dist(rest),
        "fetch" => others::fetch(rest),
        "others" => others::others(rest),
        "rehearse" => rehearse::rehearse(rest),
        "test" => test::test(rest),
        "residue" => residue::residue(rest),
        "boundary" => boundary::boundary(rest),
        "closure" => closure::closure(rest),
        "controls" => controls::controls(rest),
        "fuzz" => fuzz::fuzz(rest),
        "red" => red::red(rest),
        "mutants" => mutants::mutants(rest),
        "differential" => peers::differential(rest),
        "shares" => shares::shares(rest),
        "bless" => bless::bless(rest),
        "house" => house::house(rest),
        "words" => words::words(rest),
        "vm" => vm::vm(rest),
        "vendor" => vendor::vendor().map(missing::said),
        "metrics" => metrics::metrics().map(missing::said),
        "oaep" => oaep::oaep().map(missing::said),
        "readers" => readers::readers(),
        "scanners" => scanners::scanners(rest),
        "bench" => peers::bench(rest),
        _ => Err(run::Stop::usage(USAGE)),
    };
    done.map_or_else(|stop| stop.report(), |()| ExitCode::SUCCESS)
}
