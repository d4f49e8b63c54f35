//! Complete texts that people see: help pages, refusals and screens, each in a file below `tests/snapshots` that can be read as
//! documentation.
//!
//! A file has the command as typed, its exit code and every line that it wrote, in English and in Chinese. If a text changes, the test
//! fails until somebody has read the new one: `cargo xtask bless` writes the files again, and the difference is reviewed like code. Text
//! that differs between runs has a placeholder of the same width; [`masked`] lists them.
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
