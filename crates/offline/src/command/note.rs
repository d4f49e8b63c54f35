//! `note`: what people have to say, into the record. Touches no secret.

use keyferry_core::Station;
use keyferry_transport::note;

use crate::args::Note;
use crate::context::Context;
use crate::error::OfflineError;

pub(crate) fn run(args: &Note, context: &Context) -> Result<(), OfflineError> {
    let text = args.text.as_deref();
    Ok(note::add(&args.transcript, &args.by, text, Station::Offline, context, &context.console)?)
}
