//! `keyferry`: rehearse a ceremony, emulate the service, verify, sign and report a record, measure a machine.

mod args;
mod clock;
mod emulate;
mod error;

use std::process::ExitCode;

use clap::Parser;
use keyferry_core::{Explain, self_test};
use keyferry_transport::console::exit_code;
use keyferry_transport::harden;

/// Wipes freed memory, because the emulator holds imported material.
#[cfg(not(keyferry_wiping_disabled))]
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    // This comes first, before a key or a credential is read; the result is reported once there is a console.
    let hardened = harden();
    let typed: Vec<_> = std::env::args_os().collect();
    let args = match args::Args::try_parse_from(&typed) {
        Ok(args) => args,
        Err(error) => return args::explain_usage(&typed, &error),
    };
    let console = args.common.console();
    let hardened = hardened.map_err(error::Error::from);
    let tested = hardened.and_then(|()| Ok(self_test::run(&mut getrandom::SysRng)?));
    match tested.and_then(|()| args.command.run(&console, &args.common)) {
        Ok(()) => exit_code(Ok(())),
        Err(error) => {
            if error.is_reported() {
                console.refuse_text(&error);
            } else {
                console.refuse(&error);
            }
            exit_code(Err(error.class()))
        }
    }
}
