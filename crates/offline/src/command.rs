//! One module for each command.

mod about;
mod drill;
mod encrypt;
mod generate;
mod inspect;
mod machine;
mod note;
mod preflight;
mod receive;
mod show;
mod wrap;

use crate::args::Command;
use crate::context::Context;
use crate::error::OfflineError;

/// Runs the parsed command.
pub(crate) fn run(command: Command, context: &Context) -> Result<(), OfflineError> {
    match command {
        Command::Preflight(args) => preflight::run(&args, context),
        Command::Inspect(args) => inspect::run(&args, context),
        Command::Wrap(args) => wrap::run(&args, context),
        Command::Rewrap(args) => wrap::rewrap(&args, context),
        Command::Drill(args) => drill::run(&args, context),
        Command::Generate(args) => generate::run(&args, context),
        Command::Encrypt(args) => encrypt::run(&args, context),
        Command::Note(args) => note::run(&args, context),
        Command::Show(args) => show::run(&args, context),
        Command::Receive(args) => receive::run(&args, context),
        Command::About => about::run(context),
    }
}
