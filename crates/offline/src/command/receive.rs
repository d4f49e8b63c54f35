//! `receive`: reads a file that the other station shows, from a scanner's lines. Crate `transport` does the
//! work.
//!
//! This command handles no secret, but it reads input that anybody could have sent. Before it reads the first byte, the process is
//! confined so that it can only write into one folder. The program that reads the camera is a separate one, at the other end of a
//! pipe.

use keyferry_transport::receive::Input;
use keyferry_transport::{folder_of, receive};

use crate::args::Receive;
use crate::confine;
use crate::context::Context;
use crate::error::OfflineError;

pub(crate) fn run(args: &Receive, context: &Context) -> Result<(), OfflineError> {
    let open = || args.from.as_deref().map_or_else(Input::standard, Input::file);
    let confine = || confine::without_secret(folder_of(&args.request.out), context);
    Ok(receive::run(&context.console, &args.request, open, confine)?)
}
