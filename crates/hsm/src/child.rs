//! The child process: only it loads the module, and it serves one request at a time.
//!
//! Third-party code runs here. So the child has no terminal, no plan and no record; it ends when the program ends; and before it loads
//! the module, it forbids itself every network, unless the plan says that the HSM is reached over one. The module's own output is
//! discarded.

mod attributes;
mod driver;
mod init;
mod names;

use std::fs::File;
use std::io;
use std::process::ExitCode;

use keyferry_transport::harden;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, setrlimit};
use zeroize::Zeroizing;

use crate::protocol::{Refusal, Reply, Request, Text, read_frame, write_frame};
use driver::Driver;

/// The one argument of the child.
pub(crate) const CHILD: &str = "module-process";

/// The memory limit of this process, in bytes. The PKCS#11 library allocates any length that a module claims, without a
/// limit.
const MAX_MEMORY: u64 = 2 * 1024 * 1024 * 1024;

/// Serves requests until the program closes the pipe. The exit code says whether an error ended it.
pub(crate) fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve() -> io::Result<()> {
    harden().map_err(io::Error::other)?;
    setrlimit(Resource::Data, Rlimit { current: Some(MAX_MEMORY), maximum: Some(MAX_MEMORY) })?;
    let (mut requests, mut replies) = pipes()?;
    let mut driver = Driver::new(requests.try_clone()?);
    while let Some(frame) = read_frame(&mut requests)? {
        let request = serde_json::from_slice(&frame).map_err(io::Error::other)?;
        let pin = match request {
            Request::LogIn { pin: true, .. } => read_frame(&mut requests)?.map(Zeroizing::new),
            _ => None,
        };
        let reply = driver.answer(&request, pin.as_deref().map(Vec::as_slice));
        let reply = reply.unwrap_or_else(|refusal| Reply::Refused { refusal });
        write_frame(&mut replies, &serde_json::to_vec(&reply).map_err(io::Error::other)?)?;
    }
    Ok(())
}

/// Ends this process when the program closes the pipe or ends, even while the module does not answer.
/// `PR_SET_PDEATHSIG`, the kernel's own way, does not work here: if Landlock keeps the program from sending signals out
/// of its domain, the kernel does not send this signal either.
fn end_with_the_program(requests: File) -> io::Result<()> {
    let watch = move || {
        let mut pipe = [PollFd::new(&requests, PollFlags::empty())];
        while poll(&mut pipe, None).is_err() {}
        // SIGKILL, so that no handler or destructor of the module runs.
        let _ = kill_process(getpid(), Signal::KILL);
    };
    std::thread::Builder::new().spawn(watch).map(drop)
}

/// Moves the two pipes away from standard input and output, which the module could read and write.
fn pipes() -> io::Result<(File, File)> {
    let requests = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)?;
    let replies = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    Ok((requests.into(), replies.into()))
}

/// A refusal by the child itself.
fn refused(call: &str, why: &str) -> Refusal {
    Refusal { call: Text::cut(call), code: Text::cut(why) }
}
