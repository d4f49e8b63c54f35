//! `cargo xtask fuzz`: runs the parsers under libFuzzer, each for a few minutes.

use std::fs;

use crate::run::{self, Stop};

pub(crate) fn fuzz(args: &[String]) -> Result<(), Stop> {
    let (minutes, named) = match args {
        [flag, n, rest @ ..] if flag == "--minutes" => {
            (n.parse::<u32>().map_err(|_| Stop::usage("--minutes takes a whole number"))?, rest)
        }
        rest => (1, rest),
    };
    ensure()?;
    let every = run::output(&mut fuzz_command(&["list"]))?;
    let every: Vec<&str> = every.lines().collect();
    if let Some(unknown) = named.iter().find(|n| !every.contains(&n.as_str())) {
        return Err(Stop::usage(format!("{unknown} is not a target; the targets are: {}", every.join(" "))));
    }
    let targets = if named.is_empty() { every } else { named.iter().map(String::as_str).collect() };
    targets.into_iter().try_for_each(|target| run_target(target, minutes))
}

fn run_target(target: &str, minutes: u32) -> Result<(), Stop> {
    println!("\n== {target}");
    let corpus = format!("fuzz/corpus/{target}");
    fs::create_dir_all(run::root().join(&corpus)).map_err(|e| Stop::failed(format!("{corpus}: {e}")))?;
    let (seeds, time) = (format!("fuzz/seeds/{target}"), format!("-max_total_time={}", minutes * 60));
    let quiet = "-print_final_stats=1";
    run::check(&mut fuzz_command(&["run", target, &corpus, &seeds, "--", &time, quiet]))
}

/// Fuzzing needs a nightly compiler, which rustup's own `cargo` selects by name (`+nightly`).
fn fuzz_command(args: &[&str]) -> std::process::Command {
    let mut command = run::command("cargo", ["+nightly", "fuzz"]);
    // The cargo that runs us sets these, and they override `+nightly` for the compilers.
    for name in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    command.args(args);
    command
}

fn ensure() -> Result<(), Stop> {
    if !run::succeeds(&mut run::command("cargo", ["+nightly", "--version"])) {
        return Err(Stop::failed("a nightly toolchain is missing: run `rustup toolchain install nightly`"));
    }
    if run::succeeds(&mut fuzz_command(&["--version"])) {
        return Ok(());
    }
    run::check(&mut run::cargo(["install", "cargo-fuzz", "--locked"]))
}
