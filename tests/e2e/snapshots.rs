//! What people see, whole: help pages, refusals and screens, each in a file below `tests/snapshots` that reads as documentation.
//!
//! A file has the command as it was typed, its exit code and every line it wrote, in English and in Chinese. A changed text fails here until
//! somebody has read the new one: `cargo xtask bless` writes the files again, and the difference is reviewed like code.
//! What no two runs share has a placeholder of the same width; [`masked`] lists them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr
)]

mod help;
mod kept;
mod masked;
mod refusals;
mod screens;
