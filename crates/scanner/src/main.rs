//! `keyferry-scan`: reads pictures, video or a camera, and writes text lines.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyferry_scan::run(std::env::args_os())
}
