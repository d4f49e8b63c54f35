//! `cargo xtask test`: what a change must pass, in the order in which failures are cheapest.

use crate::run::{self, Steps, Stop};
use crate::{boundary, readers, residue, shares, ship, tools, vendor, vm, whole};

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
    steps.step("tools", tools::ensure)?;
    steps.step("format", || cargo("fmt --all -- --check"))?;
    // Benches too, so this is also the step in which they compile.
    steps.step("lints", || {
        tools::openssl_headers()?;
        cargo(&format!("clippy {} --all-targets -- -D warnings", whole::SELECTION))
    })?;
    steps.step("documentation", || {
        let mut doc = run::cargo(format!("doc --no-deps {}", whole::SELECTION).split(' '));
        run::check(doc.env("RUSTDOCFLAGS", "-Dwarnings"))
    })?;
    // What the end-to-end tests run.
    steps.step("programs as they ship", || ship::ship(&[]))?;
    steps.step("tests", || run::check(&mut whole::test_of_programs("")?))?;
    steps.step("the vendor's tools", vendor::vendor)?;
    steps.step("other readers of symbols", readers::readers)?;
    steps.step("shares, with the reference implementation", || shares::shares(&[]))?;
    steps.step_or_skip("production in a virtual machine", vm::step)?;
    steps.step("residue in memory", || residue::residue(&[]))?;
    // Its own workspace, so nothing above looks at it; its checks ran among the tests.
    steps.step("fuzz lock file", || {
        run::output(&mut run::cargo(["tree", "--locked", "--manifest-path", "fuzz/Cargo.toml"])).map(drop)
    })?;
    steps.step("offline boundary", || boundary::boundary(&[]))?;
    steps.step("dependencies", deny)?;
    steps.step("clean tree", clean_tree)
}

/// Licences, bans and sources as `deny.toml` has them. Installing cargo-deny takes longer than all tests, so it is optional.
fn deny() -> Result<(), Stop> {
    if !run::succeeds(&mut run::cargo(["deny", "--version"])) {
        println!("skipped: cargo-deny is not installed (`cargo install cargo-deny --locked`)");
        return Ok(());
    }
    run::check(&mut run::cargo("deny --workspace --locked check bans licenses sources".split(' ')))
}

/// Tests leave nothing behind; at a developer's desk the tree is rarely clean anyway.
fn clean_tree() -> Result<(), Stop> {
    if std::env::var("CI").as_deref() != Ok("true") {
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
