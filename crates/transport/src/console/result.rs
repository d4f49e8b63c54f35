//! Results on standard output: filtered like all output, and never lost silently.
#![allow(clippy::print_stdout)] // as for the console

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use keyferry_core::{Class, refusals};

use super::Console;
use crate::printable;

/// Set if a result of this process could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

refusals! {
    /// Standard output is full or nobody reads it. Without this error, a monitor or a script would mistake
    /// silence for success.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct NoResult(kind: io::ErrorKind): Io => FILE_OTHER,
        what("the result could not be written to standard output: {kind}", "无法将结果写到标准输出：{kind}"),
        hint("the command's work is done: check its files and its record first, then run it again with a standard output that has space",
             "命令所做的已经完成：请先查看其文件与记录，再用有空间的标准输出重新运行");
}

/// The exit code of the program: 3 if it succeeded but a result could not be written.
#[must_use]
pub fn exit_code(ended: Result<(), Class>) -> ExitCode {
    match ended {
        Ok(()) if LOST.load(Ordering::Relaxed) => ExitCode::from(Class::Io.exit_code()),
        Ok(()) => ExitCode::SUCCESS,
        Err(class) => ExitCode::from(class.exit_code()),
    }
}

impl Console {
    /// Prints the result as JSON on standard output.
    pub fn result(&self, value: &serde_json::Value) {
        self.put(&format!("{}\n", printable::json(value)));
    }

    /// Prints the result for programs as text on standard output; with `--json`, call [`result`](Self::result) instead. A person at a
    /// terminal has already read the same on standard error, so it is not printed again in raw form.
    pub fn result_line(&self, text: &str) {
        if self.has_result_lines() {
            self.product(text);
        }
    }

    /// Whether [`result_line`](Self::result_line) prints anything.
    #[must_use]
    pub fn has_result_lines(&self) -> bool {
        !(io::stdout().is_terminal() && io::stderr().is_terminal())
    }

    /// Prints the text that is the command's purpose on standard output, for people and programs.
    pub fn product(&self, text: &str) {
        self.put(&format!("{}\n", printable::text(text)));
    }

    /// Prints text. The first failure is reported at once, and [`exit_code`] takes it into account.
    pub(super) fn put(&self, text: &str) {
        let mut out = io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Err(e) = written
            && !LOST.swap(true, Ordering::Relaxed)
        {
            self.refuse_text(&NoResult(e.kind()));
        }
    }

    /// Prints one line of a result that continues while somebody reads it. The line is sent at once.
    ///
    /// # Errors
    /// The system's error; `BrokenPipe` if nobody reads any more.
    pub fn stream_line(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }
}
