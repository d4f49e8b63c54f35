//! The facts about its own build that the program can report: compiler, target, profile, flags. No fact differs
//! between identical builds.
#![allow(missing_docs, clippy::print_stdout)] // Cargo listens on standard output.

use std::process::Command;

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let rustc = Command::new(variable("RUSTC")).arg("--version").output();
    let rustc = rustc.map(|done| String::from_utf8_lossy(&done.stdout).trim().to_owned()).unwrap_or_default();
    let profile = format!("{}, opt-level {}", variable("PROFILE"), variable("OPT_LEVEL"));
    for (name, value) in [
        ("RUSTC", rustc),
        ("TARGET", variable("TARGET")),
        ("PROFILE", profile),
        ("RUSTFLAGS", without_folders(&variable("CARGO_ENCODED_RUSTFLAGS"))),
    ] {
        println!("cargo::rustc-env=KEYFERRY_{name}={value}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=KEYFERRY_REVISION");
}

/// The flags, without those that name the folders of this build: the program must not depend on them.
fn without_folders(encoded: &str) -> String {
    let flags = encoded.split('\u{1f}').filter(|flag| !flag.starts_with("--remap-path-prefix="));
    flags.collect::<Vec<_>>().join(" ")
}
