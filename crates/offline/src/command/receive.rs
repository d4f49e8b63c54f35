//! `receive`: a file that the other station shows, from a scanner's lines. The work is transport's.
//!
//! No secret here, but input that anybody could have sent: before the first byte is read, the process can do no more than write into one
//! folder. The scanner is started before all that, since a station that is confined starts no program.

use keyferry_core::Lang;
use keyferry_sandbox::start_piped;
use keyferry_transport::receive::{Input, ReceiveError, Scanner};
use keyferry_transport::{folder_of, receive};

use crate::args::Receive;
use crate::confine;
use crate::context::Context;
use crate::error::OfflineError;

/// Starts the scanner that lies beside this program. Nothing of what it says is read yet.
///
/// It ends when this process does: it sees that nobody reads its lines any more.
pub(crate) fn start_scanner(device: &std::path::Path, lang: Lang) -> Result<Input, ReceiveError> {
    let scanner = Scanner::beside(device, lang)?;
    let lines = start_piped(scanner.path(), scanner.args()).map_err(|e| scanner.refused(&e))?;
    Ok(Input::of(scanner.path(), lines))
}

pub(crate) fn run(args: &Receive, context: &Context) -> Result<(), OfflineError> {
    let open = || match (context.scanner.take(), &args.from) {
        (Some(scanner), _) => Ok(scanner),
        (None, Some(file)) => Input::file(file),
        (None, None) => Input::standard(),
    };
    let confine = || confine::without_secret(folder_of(&args.request.out), context);
    Ok(receive::run(&context.console, &args.request, open, confine)?)
}
