//! `cargo xtask red`: removes each check in `red.txt` from a copy of the sources and expects the named test to fail.
//!
//! A test that was never seen to fail may be unable to fail. Every test must first pass in the unbroken copy.
//!
//! The copy is built once. At each entry it has a switch, the word `RED`: the switch tests whether a file exists that only this command
//! makes, because a variable would not reach the programs that a test starts in an empty environment. An entry without the word is
//! edited and built when its turn comes. The broken source and the programs must compile: a test whose program could not be built fails
//! without having tested anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use self::choice::Choice;
use crate::hsm;
use crate::run::{self, Stop};

mod choice;

const TABLE: &str = include_str!("red.txt");

/// In an entry, this word means a condition that is true while the entry is active.
const SWITCH: &str = "RED";

/// Time limit for one test and its build; a broken program may never end.
const PATIENCE: &str = "1h";

/// One broken check.
struct Entry<'t> {
    number: usize,
    control: &'t str,
    file: &'t str,
    edits: Vec<(String, String)>,
    /// The arguments of `cargo test`.
    target: &'t str,
    test: &'t str,
    /// Each is printed by the test on its own line, after `red: `.
    cells: Vec<String>,
}

/// The result of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    /// With everything that cargo printed.
    Failed(String),
    /// Something did not compile, the test does not exist, or it did not end; in cargo's words.
    NotRun(String),
}

/// Runs all entries, or those that the arguments choose.
pub(crate) fn red(args: &[String]) -> Result<(), Stop> {
    let all = parse(TABLE)?;
    let choice = Choice::parse(args, &all)?;
    let copy = Copy::make(&all)?;
    hsm::prepare();
    let mut seen = choice.seen(run::target_dir().join("red/seen"));
    let (mut chosen, before) = choice.of(&all, &seen);
    // Target by target, with the slowest builds last: TLS, then every program.
    let online = |e: &Entry<'_>| e.target.starts_with("-p keyferry-online ");
    chosen.sort_by_key(|e| (programs(e.target).len(), online(e), e.target, e.file));
    let (mut done, mut others) = (0, Vec::new());
    for entries in chosen.chunk_by(|a, b| a.target == b.target) {
        let green = green(&copy, entries)?;
        for entry in entries {
            let started = Instant::now();
            let said = match green.contains(entry.test) {
                true => said(entry, &copy.broken(entry)?),
                false => "NOT GREEN before anything was broken".to_owned(),
            };
            done += 1;
            let line = format!("{:<14} {said}: {} ({})", entry.control, entry.test, entry.file);
            println!("[{done:>3}/{}] {line}, {} s", chosen.len(), started.elapsed().as_secs());
            if said == RED {
                seen.add(entry)?;
            } else {
                others.push(line);
            }
        }
    }
    if before > 0 {
        println!("{before} were seen red by earlier runs");
    }
    sum_up(&chosen, &others)
}

const RED: &str = "red";

fn said(entry: &Entry<'_>, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed(output) => entry.lacking(output).unwrap_or_else(|| RED.to_owned()),
        Outcome::Passed => "STAYED GREEN".to_owned(),
        Outcome::NotRun(why) => format!("DID NOT RUN ({why})"),
    }
}

fn sum_up(chosen: &[&Entry<'_>], others: &[String]) -> Result<(), Stop> {
    let controls: BTreeSet<_> = chosen.iter().map(|e| e.control).collect();
    println!(
        "{} of {} broken checks of {} controls were seen red",
        chosen.len() - others.len(),
        chosen.len(),
        controls.len()
    );
    if others.is_empty() {
        return Ok(());
    }
    Err(Stop::failed(format!("{} were not:\n{}", others.len(), others.join("\n"))))
}

/// The tests of one target's entries that pass while nothing is broken.
fn green<'t>(copy: &Copy, entries: &[&Entry<'t>]) -> Result<BTreeSet<&'t str>, Stop> {
    let Some(target) = entries.first().map(|e| e.target) else { return Ok(BTreeSet::new()) };
    let wanted: BTreeSet<_> = entries.iter().map(|e| e.test).collect();
    let tests: Vec<_> = wanted.iter().copied().collect();
    let mut green = BTreeSet::new();
    for (test, outcome) in tests.iter().zip(copy.test(target, &tests)?) {
        match outcome {
            Outcome::Passed => _ = green.insert(*test),
            other => println!("not green: {test}: {other:?}"),
        }
    }
    println!("cargo test {target}: {} of {} pass unbroken", green.len(), wanted.len());
    Ok(green)
}

/// A copy of the tracked files in a separate folder, with switches and with its own build.
struct Copy {
    tree: PathBuf,
    off: PathBuf,
}

impl Copy {
    /// Copies only what changed since the last time, so that little is rebuilt.
    fn make(entries: &[Entry<'_>]) -> Result<Self, Stop> {
        let folder = run::target_dir().join("red");
        let this = Self { tree: folder.join("tree"), off: folder.join("off") };
        // A switch left over from an interrupted run.
        let _ = fs::remove_dir_all(&this.off);
        run::create_folder(&this.off)?;
        let switched = switched(entries, &this.off)?;
        let list =
            run::command("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output();
        let list = list.map_err(|e| Stop::failed(format!("git ls-files: {e}")))?.stdout;
        for name in String::from_utf8_lossy(&list).split('\0').filter(|n| !n.is_empty()) {
            let (from, to) = (run::root().join(name), this.tree.join(name));
            let Ok(bytes) = fs::read(&from) else { continue };
            let bytes = switched.get(name).map_or(bytes.as_slice(), |text| text.as_bytes());
            if fs::read(&to).ok().as_deref() != Some(bytes) {
                write(&to, bytes)?;
            }
        }
        Ok(this)
    }

    /// Breaks the check, runs its test, and restores it.
    fn broken(&self, entry: &Entry<'_>) -> Result<Outcome, Stop> {
        let (path, broken) = if entry.has_switch() {
            (self.off.join(entry.number.to_string()), String::new())
        } else {
            let path = self.tree.join(entry.file);
            let whole = read(&path)?;
            (path, entry.apply(&whole, "")?)
        };
        let whole = fs::read(&path).ok();
        write(&path, broken.as_bytes())?;
        let done = self.test(entry.target, &[entry.test]);
        match whole {
            Some(whole) => write(&path, &whole)?,
            None => fs::remove_file(&path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))?,
        }
        Ok(done?.pop().unwrap_or_else(|| Outcome::NotRun("no test".to_owned())))
    }

    /// The result of each of these tests of a target.
    fn test(&self, target: &str, tests: &[&str]) -> Result<Vec<Outcome>, Stop> {
        for program in programs(target) {
            let (_, failed) = self.cargo(&["build", "-p", program, "--bins"])?;
            if let Some(why) = failed {
                return Ok(vec![Outcome::NotRun(why); tests.len()]);
            }
        }
        let words: Vec<&str> = ["test"].into_iter().chain(target.split(' ')).collect();
        let (output, failed) = self.cargo(&[words.as_slice(), &["--", "--exact"], tests].concat())?;
        let why = failed.unwrap_or_else(|| "unknown test".to_owned());
        let outcome = |test: &&str| {
            let begin = format!("test {test} ");
            let lines: Vec<&str> = output.lines().filter(|l| l.starts_with(&begin)).collect();
            match (lines.iter().any(|l| l.ends_with("FAILED")), lines.iter().any(|l| l.ends_with("ok"))) {
                (true, _) => Outcome::Failed(output.clone()),
                (false, true) => Outcome::Passed,
                (false, false) => Outcome::NotRun(why.clone()),
            }
        };
        Ok(tests.iter().map(outcome).collect())
    }

    /// Runs cargo in the copy: its output, and its first error if it failed.
    fn cargo(&self, args: &[&str]) -> Result<(String, Option<String>), Stop> {
        let mut cargo = run::cargo(args);
        // Deliberate failures need not be recorded.
        cargo.env("PROPTEST_FAILURE_PERSISTENCE", "off").env("RUST_BACKTRACE", "0");
        cargo.env("CARGO_TERM_COLOR", "never");
        // Without these packages, the tests of third-party modules would be skipped silently.
        cargo.env(hsm::KIT, hsm::kit());
        let build = run::target_dir().join("red/build");
        // Uses the programs of this copy. If a test built them itself, inside a test's environment, it would compile half of TLS again.
        cargo.env("KEYFERRY_PROGRAMS", build.join("debug"));
        cargo.env("CARGO_TARGET_DIR", build).current_dir(&self.tree);
        let output = patiently(&cargo).stdin(Stdio::null()).output();
        let output = output.map_err(|e| Stop::failed(format!("timeout, of coreutils: {e}")))?;
        let errors = String::from_utf8_lossy(&output.stderr);
        let mut said = errors.lines().skip_while(|l| !l.starts_with("error")).map(str::trim);
        let first = said.next().unwrap_or("it did not end in time");
        let place = said.next().unwrap_or_default();
        let failed = (!output.status.success()).then(|| format!("{first} {place}"));
        Ok((String::from_utf8_lossy(&output.stdout).into_owned(), failed))
    }
}

/// The programs that a target's tests start from its folder: for the root package, the stations and the scanner.
fn programs(target: &str) -> &'static [&'static str] {
    match target {
        "-p keyferry --test e2e" => &["keyferry-offline", "keyferry-online", "keyferry-scan", "keyferry-hsm"],
        _ if target.starts_with("-p keyferry ") => &["keyferry-offline", "keyferry-online"],
        _ => &[],
    }
}

/// The same command; if it takes too long, it is ended together with everything that it started.
fn patiently(command: &Command) -> Command {
    let mut timeout = Command::new("timeout");
    timeout.args(["--kill-after=5", PATIENCE]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => timeout.env(name, value),
            None => timeout.env_remove(name),
        };
    }
    command.get_current_dir().map(|folder| timeout.current_dir(folder));
    timeout
}

impl Entry<'_> {
    /// The cells that are not red although they should be.
    fn lacking(&self, output: &str) -> Option<String> {
        let is_red =
            |cell: &&String| output.lines().any(|l| l.trim_start().starts_with(&format!("red: {cell}:")));
        let lacking: Vec<_> = self.cells.iter().filter(|cell| !is_red(cell)).map(String::as_str).collect();
        (!lacking.is_empty()).then(|| format!("STAYED GREEN IN PART ({})", lacking.join("; ")))
    }

    /// Whether every edit of the entry has a switch.
    fn has_switch(&self) -> bool {
        self.edits.iter().all(|(_, to)| to.contains(SWITCH))
    }

    /// A file's text with the edits, and with `switch` in place of the word `RED`.
    fn apply(&self, text: &str, switch: &str) -> Result<String, Stop> {
        self.edits.iter().try_fold(text.to_owned(), |text, (from, to)| {
            if text.matches(from.as_str()).count() == 1 {
                return Ok(text.replacen(from.as_str(), &to.replace(SWITCH, switch), 1));
            }
            Err(Stop::failed(format!(
                "{}: {from:?} does not occur exactly once in {}",
                self.control, self.file
            )))
        })
    }
}

/// The files with switches, with all their switches; each switch is a file in `off` named after the number of its entry.
fn switched<'t>(entries: &[Entry<'t>], off: &Path) -> Result<BTreeMap<&'t str, String>, Stop> {
    let mut texts = BTreeMap::new();
    for entry in entries.iter().filter(|e| e.has_switch()) {
        let switch = format!("std::path::Path::new({:?}).exists()", off.join(entry.number.to_string()));
        let text = match texts.remove(entry.file) {
            Some(text) => text,
            None => read(&run::root().join(entry.file))?,
        };
        texts.insert(entry.file, entry.apply(&text, &switch)?);
    }
    Ok(texts)
}

fn read(path: &Path) -> Result<String, Stop> {
    fs::read_to_string(path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))
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
            let (number, edits) = (entries.len(), Vec::new());
            let (target, test, cells) = ("", "", Vec::new());
            entries.push(Entry { number, control: line, file: "", edits, target, test, cells });
            continue;
        }
        let entry = entries.last_mut().ok_or_else(bad)?;
        match line.split_at_checked(2) {
            Some(("- ", from)) => entry.edits.push((text(from), String::new())),
            Some(("+ ", to)) => entry.edits.last_mut().ok_or_else(bad)?.1 = text(to),
            _ if line == "+" => {}
            _ => match line.split_once(' ') {
                Some(("in", file)) => entry.file = file,
                Some(("cells", text)) => entry.cells.extend(cells(text).ok_or_else(bad)?),
                Some(("test", args)) => (entry.target, entry.test) = args.rsplit_once(' ').ok_or_else(bad)?,
                _ => return Err(bad()),
            },
        }
    }
    Ok(entries)
}

/// `PROGRAM COMMAND, COMMAND × FILE × PROPERTY`: a cell for each command.
fn cells(text: &str) -> Option<Vec<String>> {
    let (commands, column) = text.split_once(" × ")?;
    let (program, commands) = commands.split_once(' ')?;
    Some(commands.split(", ").map(|command| format!("{program} {command} × {column}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_still_fits_the_sources() {
        let entries = parse(TABLE).ok().unwrap();
        assert!(!entries.is_empty());
        let off = switched(&entries, Path::new("off"));
        assert!(off.is_ok(), "{}", off.map_or_else(|stop| stop.message().to_owned(), |_| String::new()));
        for entry in entries {
            let text = fs::read_to_string(run::root().join(entry.file)).unwrap();
            assert!(!entry.edits.is_empty() && entry.target.starts_with("-p "), "{}", entry.control);
            assert!(
                entry.has_switch() || entry.edits.iter().all(|(_, to)| !to.contains(SWITCH)),
                "{}",
                entry.control
            );
            for (from, to) in &entry.edits {
                assert_eq!(text.matches(from.as_str()).count(), 1, "{}: {from}", entry.control);
                assert_ne!(from, to);
            }
        }
    }
}
