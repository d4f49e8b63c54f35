//! `cargo xtask mutants`: changes core on purpose, one place at a time, and expects a test to detect each change.
//!
//! `crates/core/mutants-explained.txt` lists the changes that may survive, with the reason; any other that survives is a failure.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::run::{self, Stop};

const EXPLAINED: &str = "crates/core/mutants-explained.txt";
/// The tests must detect at least this percentage of the mutants that compile.
const SCORE: usize = 95;

pub(crate) fn mutants(args: &[String]) -> Result<(), Stop> {
    if !run::succeeds(&mut run::cargo(["mutants", "--version"])) {
        run::check(&mut run::cargo(["install", "cargo-mutants", "--locked"]))?;
    }
    let out = run::target_dir().join("mutants");
    fs::create_dir_all(&out).map_err(|e| Stop::failed(format!("{}: {e}", out.display())))?;
    let targets = tests()?;
    let mut command = run::cargo(["mutants", "--package", "keyferry-core", "--minimum-test-timeout", "30"]);
    // These apply to building and to running; after `--` they would apply only to running.
    command.arg("--cargo-arg=--lib").args(targets.iter().map(|name| format!("--cargo-arg=--test={name}")));
    command.arg("--output").arg(&out).args(args);
    // Sixteen random cases detect the same mutants as more would. No debug information: it would be linked a thousand times.
    command.env("PROPTEST_CASES", "16").env("CARGO_PROFILE_DEV_DEBUG", "none");
    // Exit code 2 means that some mutants survived, which is checked below; any other failure shows in the numbers.
    let _ = run::check(&mut command);
    judge(&out.join("mutants.out"))
}

/// Core's test targets.
fn tests() -> Result<Vec<String>, Stop> {
    let folder = run::root().join("crates/core/tests");
    let entries = fs::read_dir(&folder).map_err(|e| Stop::failed(format!("{}: {e}", folder.display())))?;
    let names = entries.flatten().filter_map(|entry| {
        let path = entry.path();
        let name = path.file_stem()?.to_str()?.to_owned();
        (path.extension()? == "rs").then_some(name)
    });
    Ok(names.collect::<BTreeSet<_>>().into_iter().collect())
}

fn judge(out: &Path) -> Result<(), Stop> {
    let lines = |name: &str| -> Result<Vec<String>, Stop> {
        let path = out.join(name);
        let text = fs::read_to_string(&path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))?;
        Ok(text.lines().map(without_position).collect())
    };
    let (caught, timeout, missed) = (lines("caught.txt")?, lines("timeout.txt")?, lines("missed.txt")?);
    let noticed = caught.len() + timeout.len();
    let viable = noticed + missed.len();
    let explained = fs::read_to_string(run::root().join(EXPLAINED)).unwrap_or_default();
    let explained: BTreeSet<&str> = explained.lines().filter_map(|l| Some(l.split_once(" — ")?.0)).collect();
    let survived: BTreeSet<&str> = missed.iter().map(String::as_str).collect();
    println!("{noticed} of {viable} mutants were detected ({:.1} %)", percent(noticed, viable));
    let unexplained: Vec<&str> = survived.difference(&explained).copied().collect();
    if !unexplained.is_empty() {
        return Err(Stop::failed(format!(
            "survived, and {EXPLAINED} does not say why:\n{}",
            unexplained.join("\n")
        )));
    }
    if viable == 0 || noticed * 100 < viable * SCORE {
        return Err(Stop::failed(format!("{SCORE} % of the mutants must be detected")));
    }
    let needless: Vec<&str> = explained.difference(&survived).copied().collect();
    if !needless.is_empty() {
        println!("explained, but detected or not run: {}", needless.join("\n"));
    }
    Ok(())
}

/// Turns `file:line:column: what` into `file: what`, so that an explanation stays valid after an edit above it.
fn without_position(line: &str) -> String {
    let mut parts = line.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(_), Some(_), Some(what)) => format!("{file}:{what}"),
        _ => line.to_owned(),
    }
}

#[allow(clippy::cast_precision_loss)] // Thousands.
fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}
