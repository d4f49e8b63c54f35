//! `note`: what people have to say, into the record; no request is sent.

use keyferry_core::Station;
use keyferry_transport::{Salts, note};

use super::Finished;
use crate::args::Note;
use crate::context::Context;

/// Runs `note`.
///
/// # Errors
/// [`Error`](crate::Error) when nothing was noted.
pub fn run(context: &Context, args: &Note) -> Finished {
    let (clock, console) = (context.clock(), context.console());
    let (text, plan) = (args.text.as_deref(), args.plan.as_deref());
    let request = note::Request { path: &args.transcript, by: &args.by, text, plan };
    let salts = Salts::new(|| {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).ok().map(|()| salt)
    });
    note::add(&request, Station::Online, clock, salts, console)?;
    Ok(None)
}
