//! `show`: a file that crosses, or the test page, as QR symbols. Both stations show alike; the work is transport's.

use keyferry_transport::show::{self, Look, Output};

use super::Finished;
use crate::args::Show;
use crate::context::Context;

/// Runs `show`.
///
/// # Errors
/// [`Error`](crate::Error) when the file may not be shown, or the output does not take it.
pub fn run(context: &Context, args: &Show) -> Finished {
    let output =
        Output::of(args.png.as_deref(), args.svg.as_deref(), args.html.as_deref(), args.print.as_deref());
    let look = Look { output, version: args.qr_version, fps: args.fps };
    show::run(context.console(), args.file.as_deref(), &look)?;
    Ok(None)
}
