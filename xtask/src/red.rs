//! `cargo xtask red`: takes each check of `red.txt` out of a copy of the sources and expects the named test to fail.
//!
//! A test that was never seen red may be one that cannot fail. Every test has to pass in the unbroken copy first; a copy that does
//! not compile, or a test that passes although its check is gone, is a failure.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{self, Stop};

const TABLE: &str = include_str!("red.txt");

/// One broken check.
struct Entry<'t> {
    control: &'t str,
    file: &'t str,
    edits: Vec<(String, String)>,
    test: Vec<&'t str>,
}

/// What came of a test.
#[derive(PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    /// It did not compile, or no such test ran.
    NotRun,
}

/// Runs all entries, or those of the controls that are named.
pub(crate) fn red(args: &[String]) -> Result<(), Stop> {
    let all = parse(TABLE)?;
    if let Some(unknown) = args.iter().find(|id| !all.iter().any(|e| e.control == **id)) {
        return Err(Stop::usage(format!("{unknown} has no entry in xtask/src/red.txt")));
    }
    let chosen: Vec<_> =
        all.iter().filter(|e| args.is_empty() || args.iter().any(|id| id == e.control)).collect();
    let copy = Copy::make()?;
    let mut green = BTreeSet::new();
    for entry in &chosen {
        if green.insert(&entry.test) && copy.test(entry)? != Outcome::Passed {
            return Err(Stop::failed(format!(
                "not green before anything was broken: {}",
                entry.test.join(" ")
            )));
        }
    }
    println!("{} tests pass in the unbroken copy", green.len());
    let mut wrong = 0;
    for entry in &chosen {
        let outcome = copy.broken(entry, || copy.test(entry))??;
        let said = match outcome {
            Outcome::Failed => "red",
            Outcome::Passed => "STAYED GREEN",
            Outcome::NotRun => "DID NOT RUN",
        };
        println!("{:<16} {said:<13} {} ({})", entry.control, entry.test.last().unwrap_or(&""), entry.file);
        wrong += usize::from(outcome != Outcome::Failed);
    }
    let controls: BTreeSet<_> = chosen.iter().map(|e| e.control).collect();
    println!(
        "{} of {} broken checks of {} controls were seen red",
        chosen.len() - wrong,
        chosen.len(),
        controls.len()
    );
    if wrong == 0 { Ok(()) } else { Err(Stop::failed(format!("{wrong} were not"))) }
}

/// The tracked files in a folder of their own, with a build of its own.
struct Copy(PathBuf);

impl Copy {
    /// Copies what changed since the last time, and nothing else, so that little is built again.
    fn make() -> Result<Self, Stop> {
        let folder = run::target_dir().join("red/tree");
        let list =
            run::command("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output();
        let list = list.map_err(|e| Stop::failed(format!("git ls-files: {e}")))?.stdout;
        for name in String::from_utf8_lossy(&list).split('\0').filter(|n| !n.is_empty()) {
            let (from, to) = (run::root().join(name), folder.join(name));
            let Ok(bytes) = fs::read(&from) else { continue };
            if fs::read(&to).ok().as_deref() != Some(&bytes) {
                write(&to, &bytes)?;
            }
        }
        Ok(Self(folder))
    }

    /// Breaks the check, runs `then`, and mends it again.
    fn broken<T>(&self, entry: &Entry<'_>, then: impl FnOnce() -> T) -> Result<T, Stop> {
        let path = self.0.join(entry.file);
        let whole =
            fs::read_to_string(&path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))?;
        let mut text = whole.clone();
        for (from, to) in &entry.edits {
            if text.matches(from.as_str()).count() != 1 {
                return Err(Stop::failed(format!(
                    "{}: {from:?} is not exactly once in {}",
                    entry.control, entry.file
                )));
            }
            text = text.replacen(from.as_str(), to, 1);
        }
        write(&path, text.as_bytes())?;
        let done = then();
        write(&path, whole.as_bytes())?;
        Ok(done)
    }

    fn test(&self, entry: &Entry<'_>) -> Result<Outcome, Stop> {
        let mut cargo = run::cargo(["test", "--color=never"]);
        let (name, target) =
            entry.test.split_last().ok_or_else(|| Stop::failed("an entry without a test"))?;
        cargo.args(target).args(["--", "--exact", name]);
        cargo.env("CARGO_TARGET_DIR", run::target_dir().join("red/build"));
        // What failed on purpose need not be written down.
        cargo.env("PROPTEST_FAILURE_PERSISTENCE", "off").env("RUST_BACKTRACE", "0").current_dir(&self.0);
        let output = output(&mut cargo)?;
        let says = |end: &str| {
            output.lines().any(|l| l.starts_with("test ") && l.contains(name) && l.ends_with(end))
        };
        Ok(match (says("FAILED"), says("ok")) {
            (true, _) => Outcome::Failed,
            (false, true) => Outcome::Passed,
            (false, false) => Outcome::NotRun,
        })
    }
}

fn output(command: &mut Command) -> Result<String, Stop> {
    let output = command.output().map_err(|e| Stop::failed(format!("cargo: {e}")))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let folder = path.parent().unwrap_or(path);
    let done = fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes));
    done.map_err(|e| Stop::failed(format!("{}: {e}", path.display())))
}

fn parse(table: &str) -> Result<Vec<Entry<'_>>, Stop> {
    let text = |t: &str| t.replace("\\n", "\n");
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for line in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let bad = || Stop::failed(format!("xtask/src/red.txt: {line}"));
        if line.starts_with("KF-") {
            entries.push(Entry { control: line, file: "", edits: Vec::new(), test: Vec::new() });
            continue;
        }
        let entry = entries.last_mut().ok_or_else(bad)?;
        match line.split_at_checked(2) {
            Some(("- ", from)) => entry.edits.push((text(from), String::new())),
            Some(("+ ", to)) => entry.edits.last_mut().ok_or_else(bad)?.1 = text(to),
            _ if line == "+" => {}
            _ => match line.split_once(' ') {
                Some(("in", file)) => entry.file = file,
                Some(("test", args)) => entry.test = args.split(' ').collect(),
                _ => return Err(bad()),
            },
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_still_fits_the_sources() {
        let entries = parse(TABLE).ok().unwrap();
        assert!(!entries.is_empty());
        for entry in entries {
            let text = fs::read_to_string(run::root().join(entry.file)).unwrap();
            assert!(!entry.edits.is_empty() && entry.test.len() >= 4, "{}", entry.control);
            for (from, to) in &entry.edits {
                assert_eq!(text.matches(from.as_str()).count(), 1, "{}: {from}", entry.control);
                assert_ne!(from, to);
            }
        }
    }
}
