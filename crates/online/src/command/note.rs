//! `note`: what people have to say, into the record; no request is sent.

use keyferry_core::Station;
use keyferry_transport::note;

use super::Finished;
use crate::args::Note;
use crate::context::Context;

/// Runs `note`.
///
/// # Errors
/// [`Error`](crate::Error) when nothing was noted.
pub fn run(context: &Context, args: &Note) -> Finished {
    let (clock, console) = (context.clock(), context.console());
    note::add(&args.transcript, &args.by, args.text.as_deref(), Station::Online, clock, console)?;
    Ok(None)
}
