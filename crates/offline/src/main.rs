//! `keyferry-offline`: the program on the isolated machine.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyferry_offline::run(std::env::args_os())
}
