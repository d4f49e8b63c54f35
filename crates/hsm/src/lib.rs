//! The HSM station: key material is made in a PKCS#11 token and leaves it only wrapped.
//!
//! The maker's module is third-party code that no audit of keyferry covers. It runs in a child process. This program starts the child from
//! its own file, sends it one request at a time, and verifies everything that it can: for example, it checks the padding by opening a
//! wrapped throw-away key here. No key material is ever in this process or in the child's replies. The modules:
//!
//! - `args`, `context`, `command`: the program; one module for each command.
//! - `protocol`: requests and replies; `host`: the program's end of the pipes; `module`: each call with the type of its answer.
//! - `child`: the other process, the only place that names the PKCS#11 library.
//! - `token`, `pin`: which token, and the login; `key`: attributes and check values; `public`: wrapping keys and blocks.
//! - `throwaway`, `probe`, `bench`: what a module really does, and how fast; `refused`: why `wrap` stops; `held`: why `rewrap` stops.
//!
//! `traps.md` in this crate lists what modules do wrong, each with its guard and its test.

mod advice;
mod args;
mod bench;
mod child;
mod command;
mod context;
mod error;
mod held;
mod host;
mod key;
mod module;
mod pin;
mod probe;
mod protocol;
mod public;
mod refused;
mod throwaway;
mod token;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use keyferry_core::{Explain, self_test};
use keyferry_transport::console::exit_code;
use keyferry_transport::{Console, harden};

use error::HsmError;

/// Runs the program on a command line and returns its exit code (0 done, 1 refused, 2 usage, 3 I/O).
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let typed: Vec<_> = args.into_iter().collect();
    if typed.get(1).is_some_and(|first| first == child::CHILD) && typed.len() == 2 {
        return child::run();
    }
    // This comes first; the result is reported once there is a console.
    let hardened = harden();
    let args = match args::Args::try_parse_from(&typed) {
        Ok(args) => args,
        Err(error) => return args::explain_usage(&typed, &error),
    };
    let console = Console::asked(args.lang.as_deref(), args.json, args.verbose).guarded();
    match hardened.map_err(Into::into).and_then(|()| start(args.command, console)) {
        Ok(()) => exit_code(Ok(())),
        Err(error) => {
            console.refuse(&error);
            exit_code(Err(error.class()))
        }
    }
}

fn start(command: args::Command, console: Console) -> Result<(), HsmError> {
    self_test::run(&mut getrandom::SysRng)?;
    let context = context::Context { console };
    match command {
        args::Command::Inspect(args) => command::inspect::run(&args, &context),
        args::Command::Probe(args) => command::probe::run(&args, &context),
        args::Command::Bench(args) => command::bench::run(&args, &context),
        args::Command::Wrap(args) => command::wrap::run(&args, &context),
        args::Command::Rewrap(args) => command::rewrap::run(&args, &context),
    }
}
