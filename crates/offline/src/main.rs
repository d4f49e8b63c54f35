//! `keyferry-offline`: the program on the isolated machine.

use std::process::ExitCode;

/// Wipes all freed memory, including that of dependencies, such as the intermediate values of their
/// arithmetic.
#[cfg(not(keyferry_wiping_disabled))]
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    keyferry_offline::run(std::env::args_os())
}
