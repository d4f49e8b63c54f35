//! Running other programs from the repository's root, with headings, times and one way to stop.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Why xtask stops: the whole message for the developer, and the exit code.
#[derive(Debug)]
pub(crate) struct Stop {
    message: String,
    code: u8,
}

impl Stop {
    /// A check or a program failed.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// The command line was wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// The reason, in one or more lines.
    pub(crate) fn message(&self) -> &str {
        self.message.trim_end()
    }

    /// Prints the reason on standard error.
    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("{}", self.message.trim_end());
        ExitCode::from(self.code)
    }
}

/// The repository's root: that of the checkout from which cargo runs us. If two checkouts share a target folder, it may
/// differ from the one in which we were compiled.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let own = own.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        own.parent().map_or_else(|| ".".into(), Path::to_owned)
    });
    &ROOT
}

/// The folder in which cargo builds.
pub(crate) fn target_dir() -> PathBuf {
    // Joining an absolute path replaces the root, which is also how cargo reads the variable.
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// A command in the repository's root.
pub(crate) fn command<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// The cargo that runs us.
pub(crate) fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()), args);
    // The variables that `cargo run` sets for xtask itself would make the inner builds look changed.
    for (name, _) in std::env::vars_os() {
        let own = name.to_string_lossy();
        if own.starts_with("CARGO_PKG_") || own.starts_with("CARGO_MANIFEST_") || own == "CARGO_CRATE_NAME" {
            command.env_remove(name);
        }
    }
    command
}

/// Prints the command, runs it, and stops unless it succeeds.
pub(crate) fn check(command: &mut Command) -> Result<(), Stop> {
    let line = shown(command);
    println!("$ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Stop::failed(format!("failed: {line} ({status})"))),
        Err(e) => Err(Stop::failed(format!("could not run: {line} ({e})"))),
    }
}

/// Runs silently and returns standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, Stop> {
    let line = shown(command);
    let done = command.stderr(Stdio::inherit()).output();
    let done = done.map_err(|e| Stop::failed(format!("could not run: {line} ({e})")))?;
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    } else {
        Err(Stop::failed(format!("failed: {line} ({})", done.status)))
    }
}

/// Makes a folder and its parents.
pub(crate) fn create_folder(path: &Path) -> Result<(), Stop> {
    std::fs::create_dir_all(path).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))
}

/// Whether the command runs and succeeds; nothing is shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|s| s.success())
}

/// The command line, with the environment that was set for it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    // Flags are separated by a control character.
    let set = command.get_envs().filter_map(|(k, v)| Some(format!("{}={}", k.display(), v?.display())));
    let set = set.map(|variable| variable.replace('\u{1f}', " "));
    let words = std::iter::once(program).chain(command.get_args()).map(|w| w.display().to_string());
    set.chain(words).collect::<Vec<_>>().join(" ")
}

/// The steps of one run and how long each took.
pub(crate) struct Steps {
    done: Vec<(&'static str, Duration)>,
    /// The steps that could not be run here, with the reasons.
    skipped: Vec<String>,
}

impl Steps {
    pub(crate) const fn new() -> Self {
        Self { done: Vec::new(), skipped: Vec::new() }
    }

    /// Runs one step under its heading.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        println!("\n== {name}");
        let started = Instant::now();
        let done = work().map_err(|stop| Stop { message: format!("{name}: {}", stop.message), ..stop });
        let took = started.elapsed();
        self.done.push((name, took));
        if done.is_ok() {
            println!("   ok, {:.1} s", took.as_secs_f64());
        }
        done
    }

    /// Runs one step that may return what it skipped and why. The summary ends with these.
    pub(crate) fn step_or_skip(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<Option<String>, Stop>,
    ) -> Result<(), Stop> {
        let mut skipped = None;
        self.step(name, || work().map(|what| skipped = what))?;
        self.skipped.extend(skipped);
        Ok(())
    }

    /// Every step with its time, then what was skipped.
    pub(crate) fn summary(&self) {
        println!();
        for (name, took) in &self.done {
            println!("{:>8.1} s  {name}", took.as_secs_f64());
        }
        let all: Duration = self.done.iter().map(|(_, took)| *took).sum();
        println!("{:>8.1} s  in all", all.as_secs_f64());
        for what in &self.skipped {
            println!("skipped: {what}");
        }
    }
}
