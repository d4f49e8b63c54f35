//! `cargo xtask test`: everything that a change must pass, with the cheapest checks first.
//!
//! Everything is compiled once: each step asks cargo for the same packages and features. Steps that wait for a network, or for programs
//! other than the compiler, run in parallel with the others.

use crate::aside::Aside;
use crate::run::{self, Steps, Stop};
use crate::{boundary, fast, missing, residue, test_build, tools};

pub(crate) fn test(args: &[String]) -> Result<(), Stop> {
    if !args.is_empty() {
        return Err(Stop::usage("cargo xtask test takes no arguments; `cargo test` takes a filter"));
    }
    let mut steps = Steps::new();
    let done = all(&mut steps);
    steps.summary();
    done
}

fn all(steps: &mut Steps) -> Result<(), Stop> {
    let cargo = |line: &str| run::check(&mut run::cargo(line.split(' ')));
    steps.step("tools", || {
        tools::ensure()?;
        tools::openssl_headers()
    })?;
    let fetched = Aside::start("fetch")?;
    steps.step("format", || cargo("fmt --all -- --check"))?;
    // Benches too, so this is also the step in which they compile.
    steps
        .step("lints", || cargo(&format!("clippy {} --all-targets -- -D warnings", test_build::SELECTION)))?;
    steps.step("documentation", || {
        let mut doc = run::cargo(format!("doc --no-deps {}", test_build::SELECTION).split(' '));
        run::check(doc.env("RUSTDOCFLAGS", "-Dwarnings"))
    })?;
    steps.step("build of the tests", || run::check(&mut test_build::test("--no-run")?))?;
    steps.step("offline station as it ships", || fast::for_tests().map(drop))?;
    steps.step("external tools", || fetched.finish().map(drop))?;
    let others = Aside::start("others")?;
    steps.step("tests", || run::check(&mut test_build::test_of_programs("")?))?;
    steps.step("residue in memory", || residue::residue(&[]))?;
    steps.step("offline boundary", || boundary::boundary(&[]))?;
    steps.step_or_skip("third-party programs, and the virtual machine", || others.finish())?;
    // `fuzz` is a separate workspace, so no step above covers its lock file; its checks already ran as tests.
    steps.step("fuzz lock file", || {
        run::output(&mut run::cargo(["tree", "--locked", "--manifest-path", "fuzz/Cargo.toml"])).map(drop)
    })?;
    steps.step("dependencies", deny)?;
    steps.step("clean tree", clean_tree)
}
/// Checks licences, bans and sources against `deny.toml`. Installing cargo-deny takes longer than all tests, so it is optional.
fn deny() -> Result<(), Stop> {
    if !run::succeeds(&mut run::cargo(["deny", "--version"])) {
        println!("skipped: cargo-deny is not installed (`cargo install cargo-deny --locked`)");
        return Ok(());
    }
    run::check(&mut run::cargo("deny --workspace --locked check bans licenses sources".split(' ')))
}

/// Checks that tests leave nothing behind. Only in CI: a developer's tree is rarely clean anyway.
fn clean_tree() -> Result<(), Stop> {
    if !missing::in_ci() {
        println!("skipped: CI is not \"true\"");
        return Ok(());
    }
    let changed = run::output(&mut run::command("git", ["status", "--porcelain"]))?;
    if changed.is_empty() {
        Ok(())
    } else {
        Err(Stop::failed(format!("the tests changed the tree:\n{changed}")))
    }
}
