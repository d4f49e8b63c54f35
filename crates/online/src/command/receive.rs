//! `receive`: a file that the other station shows, from a scanner's lines. Both stations receive alike; the work is transport's.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use keyferry_core::Lang;
use keyferry_transport::receive::{self, Input, ReceiveError, Request, Scanner};

use super::Finished;
use crate::args::Receive;
use crate::context::Context;

/// Runs `receive`.
///
/// # Errors
/// [`Error`](crate::Error) when no file that crosses came whole, or it cannot be written.
pub fn run(context: &Context, args: &Receive) -> Finished {
    let request = Request { out: args.out.clone(), expected: args.expect_digest };
    let open = || match (&args.camera, &args.from) {
        (Some(device), _) => scan(device, context.console().lang()),
        (None, Some(file)) => Input::file(file),
        (None, None) => Input::standard(),
    };
    receive::run(context.console(), &request, open, || ())?;
    Ok(None)
}

/// The scanner that lies beside this program, running, with an empty environment.
fn scan(device: &Path, lang: Lang) -> Result<Input, ReceiveError> {
    let scanner = Scanner::beside(device, lang)?;
    let mut command = Command::new(scanner.path());
    command.args(scanner.args()).env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|e| scanner.refused(&e))?;
    let lines = child.stdout.take().ok_or_else(|| scanner.refused(&io::ErrorKind::BrokenPipe.into()))?;
    Ok(Input::of(scanner.path(), Running { child, lines }))
}

/// A scanner that ends with whoever reads it.
struct Running {
    child: Child,
    lines: ChildStdout,
}

impl Read for Running {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.lines.read(buffer)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
