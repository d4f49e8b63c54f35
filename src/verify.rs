//! `keyferry verify`: a whole record from its folder alone, or the hash chain of a transcript.

mod chain;
mod folder;
mod shares;

use keyferry_transport::Console;

use crate::args::Verify;
use crate::error::Error;

pub(crate) use folder::{outcome, signature};

pub(crate) fn run(args: &Verify, console: &Console) -> Result<(), Error> {
    if args.record.is_dir() { folder::run(args, console) } else { chain::run(args, console) }
}
