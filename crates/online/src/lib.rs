//! The online station: creates keys, exports import parameters, imports ciphertext and proves the result.
//!
//! It works through the trait [`Service`]: the provider's service at its HTTPS [`Endpoint`], or, in a rehearsal, an emulator on
//! loopback. Only one file (`providers`) depends on the provider. Import tokens stay in `session.json` here; credentials come from
//! the environment or the vendor's own files and never from a command line. Each key is handled on its own, so that one failure does
//! not hide the others.
//!
//! # Examples
//! ```
//! use keyferry_online::Endpoint;
//! let endpoint: Endpoint = "https://kms.example".parse()?;
//! assert_eq!(endpoint.host(), "kms.example");
//! # Ok::<(), keyferry_online::EndpointError>(())
//! ```
pub mod access;
pub mod args;
pub mod command;
pub mod common_flags;
pub mod confirm;
pub mod consent;
pub mod context;
pub mod error;
pub mod health;
pub mod journal;
pub mod key;
pub mod place;
mod providers;
pub mod record;
mod views;
mod work;

use std::ffi::OsString;

use clap::{CommandFactory, Parser};
use getrandom::SysRng;
use keyferry_core::{Class, Explain, self_test};
use keyferry_transport::{harden, help};

pub use access::AccessError;
pub use context::{Context, Open};
pub use error::{
    ConfirmError, Error, EscrowNotHere, HeadError, JournalError, LifeError, OtherPlan, PlaceError,
    RebuildError, Unserved, UsageError,
};
pub use health::HealthError;
pub use key::KeyError;
pub use keyferry_core::{Endpoint, EndpointError};
pub use keyferry_service::{NotReady, Refusal, Service};

use args::{Args, Command};

/// The program's name and version, as the record and the service see them.
pub const PROGRAM: &str = concat!("keyferry-online ", env!("CARGO_PKG_VERSION"));

/// Runs one command line and prints everything that people must know.
///
/// # Errors
/// The [`Class`] of what went wrong, which is the exit code; it has been reported already.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<(), Class> {
    run_over(args, Box::new(providers::open))
}

/// Like [`run`], but the caller opens the service, as tests do.
///
/// # Errors
/// The same as for [`run`].
pub fn run_over(args: impl IntoIterator<Item = OsString>, open: Open) -> Result<(), Class> {
    // This comes first, before a credential is read; the result is reported once there is a console.
    let hardened = harden();
    let typed: Vec<OsString> = args.into_iter().collect();
    let args = match Args::try_parse_from(&typed) {
        Ok(args) => args,
        Err(error) => return usage(&typed, &error),
    };
    let console = args.common.console();
    let hardened = hardened.map_err(Error::from);
    let tested = hardened.and_then(|()| Ok(self_test::run(&mut SysRng)?));
    let failed = tested.and_then(|()| Context::new(console, &args.common, open)).and_then(|context| {
        match &args.command {
            Command::CreateKey(args) => command::create_key::run(&context, args),
            Command::Export(args) => command::export::run(&context, args),
            Command::Import(args) => command::import::run(&context, args),
            Command::Status(args) => command::status::run(&context, args),
            Command::CheckAccess(args) => command::check_access::run(&context, args),
            Command::RebuildJournal(args) => command::rebuild_journal::run(&context, args),
            Command::DeleteMaterial(args) => command::life::delete_material(&context, args),
            Command::ScheduleDeletion(args) => command::life::schedule(&context, args),
            Command::CancelDeletion(args) => command::life::cancel(&context, args),
            Command::Enable(args) => command::life::enable(&context, args),
            Command::Disable(args) => command::life::disable(&context, args),
            Command::Note(args) => command::note::run(&context, args),
            Command::Random(args) => command::random::run(&context, args),
            Command::Show(args) => command::show::run(&context, args),
            Command::Receive(args) => command::receive::run(&context, args),
        }
    });
    match failed {
        Ok(None) => Ok(()),
        Ok(Some(class)) => Err(class),
        Err(error) => {
            console.refuse(&error);
            Err(error.class())
        }
    }
}

/// Help and version go to standard output; anything else that clap says is a usage error.
fn usage(typed: &[OsString], error: &clap::Error) -> Result<(), Class> {
    if let Some(shown) = help::show(typed, error, Args::command(), &args::page::PAGE) {
        return shown;
    }
    help::console(typed).refuse(&UsageError::from_clap(error, &args::page::PAGE));
    Err(Class::Usage)
}
