//! A small differential run of the program itself, with 20,000 new cases; `cargo xtask differential --cases 1000000` is the full run.

use std::process::Command;

/// Its exit code is 0 only if nothing differed and every kind of case was counted.
#[test]
fn twenty_thousand_new_cases() {
    let status =
        Command::new(env!("CARGO_BIN_EXE_keyferry-differential")).args(["--cases", "20000"]).status();
    assert!(status.is_ok_and(|s| s.success()), "see the seed and the cases above");
}
