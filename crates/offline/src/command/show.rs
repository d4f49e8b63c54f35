//! `show`: shows a file that crosses the gap, or the test page, as QR symbols. Both stations show in the same
//! way; the crate `transport` does the work.

use keyferry_transport::show;

use crate::args::Show;
use crate::context::Context;
use crate::error::OfflineError;

pub(crate) fn run(args: &Show, context: &Context) -> Result<(), OfflineError> {
    Ok(show::run(&context.console, args.file.as_deref(), &args.look)?)
}
