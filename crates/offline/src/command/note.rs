//! `note`: adds people's remarks to the record. Touches no secret.

use keyferry_core::Station;
use keyferry_transport::note;

use crate::args::Note;
use crate::context::Context;
use crate::error::OfflineError;
use crate::rng::os_salts;

pub(crate) fn run(args: &Note, context: &Context) -> Result<(), OfflineError> {
    let (text, plan) = (args.text.as_deref(), args.plan.as_deref());
    let request = note::Request { path: &args.transcript, by: &args.by, text, plan };
    Ok(note::add(&request, Station::Offline, context, os_salts(), &context.console)?)
}
