//! `keyferry-hsm`: the program on the computer that an HSM is connected to.

use std::process::ExitCode;

/// Wipes freed memory, including PINs and the memory that dependencies free.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    keyferry_hsm::run(std::env::args_os())
}
