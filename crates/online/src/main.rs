//! `keyferry-online`: see the library's documentation.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyferry_transport::console::exit_code(keyferry_online::run(std::env::args_os()))
}
