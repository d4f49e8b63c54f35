//! `receive`: a file that the other station shows, from a scanner's lines. Both stations receive alike; the work is transport's.

use keyferry_transport::receive::{self, Input, Request};

use super::Finished;
use crate::args::Receive;
use crate::context::Context;

/// Runs `receive`.
///
/// # Errors
/// [`Error`](crate::Error) when no file that crosses came whole, or it cannot be written.
pub fn run(context: &Context, args: &Receive) -> Finished {
    let request = Request { out: args.out.clone(), expected: args.expect_digest };
    let open = || args.from.as_deref().map_or_else(Input::standard, Input::file);
    receive::run(context.console(), &request, open, || ())?;
    Ok(None)
}
