//! Runs one command of a station as a person does: it is typed, watched, and answered when it asks.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use keyferry_core::{Class, Control};
use keyferry_tencent::Credentials;
use keyferry_transport::Console;

use super::RehearseError;
use super::programs::{Isolation, Programs};
use super::shares::ShareFiles;

/// A command that prints nothing for this long counts as hung.
const PATIENCE: Duration = Duration::from_secs(120);
/// The indentation of a station's text below its command line.
const INDENT: &str = "    ";

/// The room: both stations and the service between them.
pub(super) struct Stations {
    pub(super) console: Console,
    pub(super) programs: Programs,
    pub(super) isolation: Isolation,
    pub(super) endpoint: String,
    pub(super) credentials: Credentials,
    pub(super) lang: Option<String>,
}

/// The program that runs a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Online,
    Offline,
    /// This program itself.
    Auditor,
}

/// Reads what the station has said so far and decides whether to type `Yes`.
pub(super) type Consent<'a> = &'a mut dyn FnMut(&str) -> bool;

/// The input that is typed into a station.
pub(super) struct Answer<'a> {
    pub(super) consent: Consent<'a>,
    /// After a `Yes`: the shares, as soon as they exist.
    pub(super) shares: Option<&'a ShareFiles>,
}

/// The result of a command.
#[derive(Debug)]
pub(super) struct Done {
    /// The command line, as a person types it.
    pub(super) command: String,
    /// Its messages on standard error.
    pub(super) said: String,
    /// Its result, on standard output.
    pub(super) result: String,
    pub(super) took: Duration,
}

impl Stations {
    /// Shows the command line, runs it in `folder`, shows what it says, and answers its question.
    pub(super) fn run(
        &self,
        who: Who,
        args: &[&str],
        folder: &Path,
        answer: Option<Answer<'_>>,
    ) -> Result<Done, RehearseError> {
        let (command, shown) = self.command(who, args, folder)?;
        let stdin = if answer.is_some() { Stdio::piped() } else { Stdio::null() };
        self.watch(command, shown, folder, stdin, answer)
    }

    /// The command line, as a person types it.
    pub(super) fn line(&self, who: Who, args: &[&str], folder: &Path) -> Result<String, RehearseError> {
        Ok(self.command(who, args, folder)?.1)
    }

    /// Runs the command in `folder` in this process's terminal: people read, type and answer themselves.
    pub(super) fn run_in_terminal(
        &self,
        who: Who,
        args: &[&str],
        folder: &Path,
    ) -> Result<Done, RehearseError> {
        let (mut command, shown) = self.command(who, args, folder)?;
        let silent =
            |e: std::io::Error| RehearseError::Silent { command: shown.clone(), reason: e.to_string() };
        let started = Instant::now();
        let status = command.current_dir(folder).status().map_err(silent)?;
        let took = started.elapsed();
        if status.success() {
            return Ok(Done { command: shown, said: String::new(), result: String::new(), took });
        }
        // People have already read its refusal on the terminal.
        let (control, class) = (Control::FILE_OTHER, class(status.code()));
        Err(RehearseError::Step { command: shown, control, class, code: status.code() })
    }

    /// Runs a command whose result is only for this program.
    pub(super) fn run_unseen(&self, who: Who, args: &[&str], folder: &Path) -> Result<Done, RehearseError> {
        let (mut command, shown) = self.command(who, args, folder)?;
        let silent =
            |e: std::io::Error| RehearseError::Silent { command: shown.clone(), reason: e.to_string() };
        let started = Instant::now();
        let output = command.current_dir(folder).stdin(Stdio::null()).output().map_err(silent)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (said, result) = (text(&output.stderr), text(&output.stdout));
        Ok(Done { command: shown, said, result, took: started.elapsed() })
    }

    /// Like [`run`](Self::run), but the command reads the scanner's lines about the pictures in `seen` from its standard input.
    pub(super) fn run_after_scanner(
        &self,
        who: Who,
        args: &[&str],
        folder: &Path,
        seen: &Path,
    ) -> Result<Done, RehearseError> {
        let (command, shown) = self.command(who, args, folder)?;
        let shown = format!("keyferry-scan {} | {shown}", seen.display());
        let silent = |reason: &str| RehearseError::Silent { command: shown.clone(), reason: reason.into() };
        let scanner = self.programs.scanner.as_ref().ok_or_else(|| silent("no scanner"))?;
        let mut scan = Command::new(&scanner.path);
        scan.arg(seen).current_dir(folder).env_clear();
        let mut scan = scan
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| silent(&e.to_string()))?;
        let lines = scan.stdout.take().ok_or_else(|| silent("no pipe"))?;
        let done = self.watch(command, shown.clone(), folder, lines.into(), None);
        // The scanner ends when nobody reads its lines any more.
        let _ = scan.wait();
        done
    }

    fn watch(
        &self,
        mut command: Command,
        shown: String,
        folder: &Path,
        stdin: Stdio,
        answer: Option<Answer<'_>>,
    ) -> Result<Done, RehearseError> {
        self.console.line(&format!("    $ {shown}"));
        let silent = |reason: String| RehearseError::Silent { command: shown.clone(), reason };
        command.current_dir(folder).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().map_err(|e| silent(e.to_string()))?;
        let mut watch =
            Watch { console: self.console, said: String::new(), result: String::new(), printed: 0 };
        watch.follow(&mut child, answer).map_err(&silent)?;
        let status = child.wait().map_err(|e| silent(e.to_string()))?;
        let took = started.elapsed();
        watch.finish();
        self.console.line(&format!("{INDENT}({} ms)", took.as_millis()));
        let Watch { said, result, .. } = watch;
        if status.success() {
            return Ok(Done { command: shown, said, result, took });
        }
        let (control, class) = (control(&said), class(status.code()));
        Err(RehearseError::Step { command: shown, control, class, code: status.code() })
    }

    /// The command with its environment, and the line that a person would type.
    fn command(&self, who: Who, args: &[&str], folder: &Path) -> Result<(Command, String), RehearseError> {
        let (path, name) = match who {
            Who::Online => (self.programs.online.path.clone(), "keyferry-online"),
            Who::Offline => (self.programs.offline.path.clone(), "keyferry-offline"),
            Who::Auditor => {
                let own = std::env::current_exe();
                (own.map_err(|_| RehearseError::Program(folder.join("keyferry")))?, "keyferry")
            }
        };
        let prefix = if who == Who::Offline { self.isolation.prefix() } else { &[] };
        let lang: Vec<&str> = self.lang.iter().flat_map(|l| ["--lang", l]).collect();
        let args = args.iter().chain(&lang);
        let shown: Vec<&str> = prefix.iter().chain(&[name]).chain(args.clone()).copied().collect();
        let mut command = match prefix {
            [unshare, rest @ ..] => {
                let mut command = Command::new(unshare);
                command.args(rest).arg(path);
                command
            }
            [] => Command::new(path),
        };
        command.args(args);
        self.set_environment(&mut command, who);
        Ok((command, shown.join(" ")))
    }

    /// Each station gets only its own variables: the offline one never sees a credential.
    fn set_environment(&self, command: &mut Command, who: Who) {
        command.env_clear();
        for name in ["PATH", "LANG", "LC_ALL", "LC_MESSAGES"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        if who == Who::Online {
            command
                .env("KEYFERRY_ENDPOINT", &self.endpoint)
                .env("TENCENTCLOUD_SECRET_ID", &self.credentials.secret_id)
                .env("TENCENTCLOUD_SECRET_KEY", self.credentials.secret_key.expose());
        }
    }
}

/// A station's two outputs.
#[derive(Clone, Copy, Debug)]
enum Output {
    Said,
    Result,
}

/// The output of a running station so far.
struct Watch {
    console: Console,
    said: String,
    result: String,
    /// Bytes of `said` that have been shown.
    printed: usize,
}

impl Watch {
    /// Reads until both outputs are closed; a station that hangs is killed.
    fn follow(&mut self, child: &mut Child, mut answer: Option<Answer<'_>>) -> Result<(), String> {
        let heard = listen(child);
        let mut stdin = child.stdin.take();
        let (mut said, mut result) = (Vec::new(), Vec::new());
        let mut shares = None;
        loop {
            match heard.recv_timeout(PATIENCE) {
                Ok((Output::Said, bytes)) => said.extend(bytes),
                Ok((Output::Result, bytes)) => result.extend(bytes),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("silent for {} s; stopped", PATIENCE.as_secs()));
                }
            }
            self.said = String::from_utf8_lossy(&said).into_owned();
            self.print_lines();
            if self.asks()
                && let (Some(open), Some(answer)) = (&mut stdin, answer.take())
            {
                // Shows the question first, then the answer.
                self.print_rest();
                let yes = (answer.consent)(&self.said);
                type_into(open, if yes { b"Yes\n" } else { b"No\n" });
                shares = answer.shares.filter(|_| yes);
                if shares.is_none() {
                    stdin = None;
                }
            }
            // The station asks for the shares once all of them are written, so more output follows.
            if let (Some(open), Some(lines)) = (&mut stdin, shares.and_then(ShareFiles::lines)) {
                type_into(open, lines.as_bytes());
                stdin = None;
            }
        }
        self.result = String::from_utf8_lossy(&result).into_owned();
        Ok(())
    }

    /// Whether the last line is a question that waits for an answer.
    fn asks(&self) -> bool {
        let last = self.said.rsplit('\n').next().unwrap_or_default();
        last.contains("Yes") && last.ends_with(' ')
    }

    /// Shows the whole lines that have not been shown yet.
    fn print_lines(&mut self) {
        let fresh = self.said.get(self.printed..).unwrap_or_default();
        let Some(end) = fresh.rfind('\n') else { return };
        for line in fresh.get(..end).unwrap_or_default().lines() {
            self.console.line(&format!("{INDENT}{line}"));
        }
        self.printed += end + 1;
    }

    /// Shows an incomplete last line.
    fn print_rest(&mut self) {
        let rest = self.said.get(self.printed..).unwrap_or_default();
        if !rest.is_empty() {
            self.console.line(&format!("{INDENT}{rest}"));
        }
        self.printed = self.said.len();
    }

    /// Shows the remaining output, and the result.
    fn finish(&mut self) {
        self.print_rest();
        for line in self.result.lines() {
            self.console.line(&format!("{INDENT}{line}"));
        }
    }
}

/// Both outputs on one channel, as they arrive.
fn listen(child: &mut Child) -> Receiver<(Output, Vec<u8>)> {
    fn pump(mut from: impl Read + Send + 'static, what: Output, to: Sender<(Output, Vec<u8>)>) {
        std::thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok(n @ 1..) = from.read(&mut buffer) {
                let bytes = buffer.get(..n).unwrap_or_default().to_vec();
                if to.send((what, bytes)).is_err() {
                    return;
                }
            }
        });
    }
    let (sender, heard) = channel();
    if let Some(stderr) = child.stderr.take() {
        pump(stderr, Output::Said, sender.clone());
    }
    if let Some(stdout) = child.stdout.take() {
        pump(stdout, Output::Result, sender);
    }
    heard
}

fn type_into(stdin: &mut ChildStdin, text: &[u8]) {
    // If the station has ended in the meantime, its own output says why.
    let _ = stdin.write_all(text);
}

/// The control id in the station's own refusal.
fn control(said: &str) -> Control {
    let id = said.rsplit_once("[KF-").and_then(|(_, rest)| rest.split_once(']')).map(|(id, _)| id);
    let id = id.map(|id| format!("KF-{id}")).unwrap_or_default();
    Control::ALL.iter().map(|(c, _)| *c).find(|c| c.id() == id).unwrap_or(Control::FILE_OTHER)
}

const fn class(code: Option<i32>) -> Class {
    match code {
        Some(1) => Class::Refused,
        Some(2) => Class::Usage,
        Some(4) => Class::Remote,
        _ => Class::Io,
    }
}
