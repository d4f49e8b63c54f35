//! The offline station: checks parameters, generates key material, wraps it, and records what it did.
//!
//! It has no network code: it depends only on `keyferry-core`, `keyferry-slip39`, `keyferry-transport` and `keyferry-sandbox`. Key material
//! leaves this process only wrapped, or as the file that `generate` writes. The modules:
//!
//! - `args`: the command line; `context`: the values that the commands share.
//! - `command`: one module for each command.
//! - `listed`: lists of keys, which are cut off if they are long.
//! - `inputs`: the plan and the parameters, read and checked; `rng`, `os_rng`: the source of randomness; `entropy`: people's
//!   contributions to it.
//! - `backup`: shares on their way to custodians and back, and the record's facts about them.
//! - `posture`: the state of this machine, and whether it meets the requirements.
//! - `compared`: the question that asks people to compare the external files.
//! - `confine`: the privileges that the process drops before a secret exists, and the memory that holds secrets.
//! - `descriptors`: the descriptors that were open when the program began.
//! - `program`: the program's own digest, how it was built, and its crates.

mod args;
mod backup;
mod command;
mod compared;
mod confine;
mod context;
mod descriptors;
mod entropy;
mod error;
mod inputs;
mod listed;
mod os_rng;
mod posture;
mod program;
mod rng;

use std::ffi::OsString;
use std::process::ExitCode;

use keyferry_core::scrub::scrub_whole_stack;
use keyferry_core::{Explain, bi, self_test};
use keyferry_sandbox::Sandbox;
use keyferry_transport::console::exit_code;
use keyferry_transport::{Console, harden};

pub use error::OfflineError;
use os_rng::SysRng;

/// Runs the program on a command line and returns its exit code (0 done, 1 refused, 2 usage, 3 I/O).
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<_> = args.into_iter().collect();
    // List the descriptors before anything is opened: later the list would include the program's own files.
    let descriptors = descriptors::Descriptors::at_start();
    // Harden the process just as early; a failure is reported once there is a console.
    let hardened = harden();
    let typed = args.clone();
    let args = match args::Args::parse(args) {
        Ok(args) => args,
        Err(error) => return args::explain_usage(&typed, &error),
    };
    let console = console(&args);
    if cfg!(any(keyferry_wiping_disabled, keyferry_network_attempt)) {
        console.line(context::PROGRAM);
        console.say(&bi!("  NEVER FOR A REAL KEY.", "  切勿用于真实密钥。"));
    }
    let done = hardened.map_err(Into::into).and_then(|()| start(args.command, console, descriptors));
    // Wipes remains of typed shares and of keys that finished calls left on the stack. Their depth depends on the
    // path through the program, so the whole stack is wiped.
    scrub_whole_stack();
    match done {
        Ok(()) => exit_code(Ok(())),
        Err(error) => {
            match &error {
                // Some keys succeeded, and the result, which also names the keys that failed, was already
                // printed.
                OfflineError::Preflight(_) => console.refuse_text(&error),
                OfflineError::Keys(keys) if keys.printed => console.refuse_text(&error),
                _ => console.refuse(&error),
            }
            exit_code(Err(error.class()))
        }
    }
}

/// The requested console. In commands that read typed secrets, no question reads beyond its own line.
fn console(args: &args::Args) -> Console {
    let console = Console::asked(args.lang.as_deref(), args.json, args.verbose);
    if args.command.types_secrets() { console.guarded() } else { console }
}

/// Starts the command. Before anything is opened, the process gives up the system calls that it does not need, and the
/// self-test must pass.
fn start(
    command: args::Command,
    console: Console,
    descriptors: descriptors::Descriptors,
) -> Result<(), OfflineError> {
    let sandbox = if command.wraps() { Sandbox::new().threads() } else { Sandbox::new() };
    let confinement = sandbox.enter();
    let context = context::Context { console, confinement, descriptors };
    self_test::run(&mut SysRng)?;
    command::run(command, &context)
}
