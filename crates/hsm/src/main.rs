//! `keyferry-hsm`: the program at the computer that an HSM is connected to.

use std::process::ExitCode;

/// Freed memory is wiped: PINs, and what dependencies free.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    keyferry_hsm::run(std::env::args_os())
}
