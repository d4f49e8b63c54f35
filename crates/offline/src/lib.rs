//! The offline station: checks parameters, generates key material, wraps it, and records what it did.
//!
//! It has no network code: it depends on `keyferry-core` and `keyferry-transport` alone. Key material leaves this process only
//! wrapped, or as the file that `generate` is asked for. The rooms:
//!
//! - `args`: what can be typed; `context`: what was meant.
//! - `command`: one module a command.
//! - `inputs`: plan and parameters, read and checked; `rng`, `os_rng`: where randomness comes from; `entropy`: what people add to it.
//! - `posture`: what kind of machine this is, and whether that is as required.
//! - `program`: its own digest, how it was made and from what.
//! - `harden`: what the process forbids itself before it reads anything.

mod args;
mod command;
mod context;
mod entropy;
mod error;
mod harden;
mod inputs;
mod os_rng;
mod posture;
mod program;
mod rng;

use std::ffi::OsString;
use std::process::ExitCode;

use keyferry_core::{Explain, bi, self_test};

pub use error::OfflineError;
use os_rng::SysRng;

/// Runs the program on a command line and returns its exit code (0 done, 1 refused, 2 usage, 3 I/O).
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match args::Args::parse(args) {
        Ok(args) => args,
        Err(error) => return args::explain_usage(&error),
    };
    let context = context::Context::new(&args);
    if cfg!(keyferry_wiping_disabled) {
        context.console.line(context::PROGRAM);
        context.console.say(&bi!("  NEVER FOR A REAL KEY.", "  切勿用于真实密钥。"));
    }
    match start(args.command, &context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            match &error {
                // Some keys went well and the result, which names the others, is out.
                OfflineError::Preflight(_) => context.console.refuse_text(&error),
                OfflineError::Keys(keys) if keys.printed => context.console.refuse_text(&error),
                _ => context.console.refuse(&error),
            }
            ExitCode::from(error.class().exit_code())
        }
    }
}

/// Nothing is opened before the process is hardened and has shown that it computes and draws rightly.
fn start(command: args::Command, context: &context::Context) -> Result<(), OfflineError> {
    harden::harden()?;
    self_test::run(&mut SysRng)?;
    command::run(command, context)
}
