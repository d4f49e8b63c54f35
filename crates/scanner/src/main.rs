//! `keyferry-scan`: pictures, video or a camera in, text lines out.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyferry_scan::run(std::env::args_os())
}
