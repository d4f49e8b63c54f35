//! A test's second process: the test program runs itself again for one attempt, with or without the sandbox.
#![allow(clippy::disallowed_types)]

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

const ATTEMPT: &str = "KEYFERRY_TEST_ATTEMPT";

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// The call failed with this error number.
    Failed(i32),
    /// A signal with this number ended the process.
    Killed(i32),
}

impl From<ExitStatus> for Outcome {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(0), _) => Self::Done,
            (Some(code), _) => Self::Failed(code),
            (None, signal) => Self::Killed(signal.unwrap()),
        }
    }
}

/// The name of the attempt that this process has to make, if it is a second process.
pub(crate) fn attempt() -> Option<String> {
    std::env::var(ATTEMPT).ok()
}

/// Starts the test `child` of this program in `dir`.
pub(crate) fn start(name: &str, dir: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child", "--exact", "--ignored", "--nocapture", "--test-threads", "1"]);
    command.env(ATTEMPT, name).current_dir(dir).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::null()).spawn().unwrap()
}

/// Ends the second process with the result of the attempt.
pub(crate) fn finish(result: Result<(), i32>) -> ! {
    std::process::exit(result.err().unwrap_or(0))
}

/// Makes a raw system call, as hostile code would.
#[allow(unsafe_code)] // Libraries do not wrap these calls, so they are made directly; each gets valid or null pointers.
pub(crate) fn call(number: libc::c_long, arguments: [usize; 6]) -> Result<i64, i32> {
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: the tests pass null, small numbers, or addresses of values that live through the call.
    let got = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if got < 0 { Err(std::io::Error::last_os_error().raw_os_error().unwrap()) } else { Ok(got) }
}
