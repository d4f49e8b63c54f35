//! `keyferry-offline`: the program on the isolated machine.

use std::process::ExitCode;

/// Freed memory is wiped: also what dependencies free, such as the intermediates of their arithmetic.
#[cfg(not(keyferry_wiping_disabled))]
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    keyferry_offline::run(std::env::args_os())
}
