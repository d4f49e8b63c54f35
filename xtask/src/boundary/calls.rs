//! The network system calls that a program makes, counted by `strace`.

use std::path::Path;
use std::process::Command;

use crate::run::{self, Stop};

/// Refuses if a command of the offline program makes a network call, or if the online program, which is made to connect, is
/// not seen to make one.
pub(super) fn check(offline: &Path, online: &Path, scratch: &Path) -> Result<(), Stop> {
    let plan = run::root().join("ceremony/operate/plan.sample.toml");
    // Nothing listens there; the attempt is enough.
    let mut control = traced(online, scratch)?;
    control.args(["status", "--all-regions"]);
    control.env("KEYFERRY_ENDPOINT", "http://127.0.0.1:9");
    control.env("TENCENTCLOUD_SECRET_ID", "none").env("TENCENTCLOUD_SECRET_KEY", "none");
    let seen = network_calls(&mut control, scratch)?;
    if !seen.iter().any(|line| line.contains("socket(")) {
        return Err(Stop::failed("the check is blind: it sees no network call by the online program"));
    }
    println!("{} status: {} network calls", online.display(), seen.len());
    let material = scratch.join("material.bin");
    let key = run::root().join("crates/core/tests/data/rsa2048.pem");
    let wrapped = scratch.join("wrapped.bin");
    let path = |p: &Path| p.display().to_string();
    let commands: [Vec<String>; 4] = [
        ["self"].map(str::to_owned).into(),
        ["generate", "--bits", "256", "--out", &path(&material)].map(str::to_owned).into(),
        [
            "encrypt",
            "--public-key",
            &path(&key),
            "--material",
            &path(&material),
            "--algorithm",
            "RSAES_OAEP_SHA_256",
            "--out",
            &path(&wrapped),
        ]
        .map(str::to_owned)
        .into(),
        ["inspect", "--plan", &path(&plan), "--parameters", &path(&material)].map(str::to_owned).into(),
    ];
    for command in &commands {
        let seen = network_calls(traced(offline, scratch)?.args(command), scratch)?;
        let name = command.first().map_or("", String::as_str);
        if !seen.is_empty() {
            return Err(Stop::failed(format!("{} {name} makes {}", offline.display(), seen.join("\n"))));
        }
        println!("{} {name}: 0 network calls", offline.display());
    }
    if wrapped.exists() { Ok(()) } else { Err(Stop::failed("the traced commands did not do their work")) }
}

fn traced(program: &Path, scratch: &Path) -> Result<Command, Stop> {
    let _ = std::fs::remove_file(log(scratch));
    let mut strace = run::command("strace", ["-f", "-qq", "-e", "trace=network", "-o"]);
    strace.arg(log(scratch)).arg(program).current_dir(scratch).env("XDG_STATE_HOME", scratch);
    Ok(strace)
}

fn log(scratch: &Path) -> std::path::PathBuf {
    scratch.join("calls.txt")
}

/// The lines of the trace that are calls: `-e` keeps signals and exits in it too.
fn network_calls(command: &mut Command, scratch: &Path) -> Result<Vec<String>, Stop> {
    let done = command.output().map_err(|e| Stop::failed(format!("strace: {e}")))?;
    let log = std::fs::read_to_string(log(scratch)).map_err(|e| {
        Stop::failed(format!("strace wrote nothing ({e}): {}", String::from_utf8_lossy(&done.stderr)))
    })?;
    Ok(calls(&log))
}

fn calls(log: &str) -> Vec<String> {
    log.lines()
        .filter(|l| l.contains('(') && !l.contains("+++") && !l.contains("---"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_from_signals_and_exits() {
        let log = "12 socket(AF_INET, SOCK_STREAM, 0) = 3\n12 --- SIGPIPE {si_signo=SIGPIPE} ---\n12 +++ exited with 0 +++\n";
        assert_eq!(calls(log), ["12 socket(AF_INET, SOCK_STREAM, 0) = 3"]);
    }
}
