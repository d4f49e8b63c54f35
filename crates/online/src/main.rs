//! `keyferry-online`: see the library's documentation.

use std::process::ExitCode;

fn main() -> ExitCode {
    match keyferry_online::run(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(class) => ExitCode::from(class.exit_code()),
    }
}
