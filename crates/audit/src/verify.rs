//! `keyferry verify`: checks a whole record from its folder, or only the hash chain of a transcript.

mod args;
mod chain;
mod shares;
mod whole_record;

use keyferry_transport::Console;

use crate::error::Error;

pub use args::Verify;
pub(crate) use whole_record::{outcome, signature};

/// Checks what is at the path: a folder as a record, a file as a transcript.
///
/// # Errors
/// [`Error`]: a file cannot be read, or the record is refused.
pub fn run(args: &Verify, console: &Console) -> Result<(), Error> {
    if args.record.is_dir() { whole_record::run(args, console) } else { chain::run(args, console) }
}
