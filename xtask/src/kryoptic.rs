//! Kryoptic, a PKCS#11 token in Rust from crates.io, built under `target/hsm/kryoptic`: the strictest of the modules that are tried.
//!
//! It is no part of our lock file and of no step in CI, because its build compiles a hundred crates.
#![allow(clippy::indexing_slicing)] // of JSON read, where what is not there is null

use std::path::PathBuf;

use serde_json::Value;

use crate::run::{self, Stop};
use crate::tools;

/// The version that the pages name.
const VERSION: &str = "1.5.4";
/// Which of its features: those that need no newer OpenSSL than Debian 12 has, linked dynamically.
const FEATURES: &str = "minimal,kryoptic-lib/dynamic";
/// The variable that tells the tests where the module is.
pub(crate) const VARIABLE: &str = "KEYFERRY_KRYOPTIC";

/// The module, if it was built before.
pub(crate) fn built() -> Option<PathBuf> {
    Some(module()).filter(|module| module.exists())
}

fn folder() -> PathBuf {
    run::target_dir().join("hsm").join("kryoptic")
}

fn module() -> PathBuf {
    folder().join("target/debug/libkryoptic_pkcs11.so")
}

/// Builds the module, once; about a minute.
pub(crate) fn ensure() -> Result<(), Stop> {
    if built().is_some() {
        return Ok(());
    }
    tools::kryoptic()?;
    let manifest = fetched()?;
    let mut build =
        run::cargo(["build", "--quiet", "--locked", "--no-default-features", "--features", FEATURES]);
    build.arg("--manifest-path").arg(manifest).arg("--target-dir").arg(folder().join("target"));
    run::check(build.env_remove("RUSTFLAGS"))
}

/// Has cargo download the crate with its dependencies; where its manifest is then.
fn fetched() -> Result<PathBuf, Stop> {
    let folder = folder().join("fetch");
    run::create_folder(&folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n[workspace]\n\
         [dependencies]\nkryoptic = {{ version = \"={VERSION}\", default-features = false }}\n"
    );
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|e| Stop::failed(format!("{}: {e}", path.display())))
    };
    write("Cargo.toml", &manifest)?;
    write("src/lib.rs", "")?;
    let mut metadata = run::cargo(["metadata", "--format-version", "1", "--manifest-path"]);
    let metadata = run::output(metadata.arg(folder.join("Cargo.toml")))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|e| Stop::failed(e.to_string()))?;
    let mut packages = metadata["packages"].as_array().into_iter().flatten();
    let path =
        packages.find(|package| package["name"] == "kryoptic").and_then(|k| k["manifest_path"].as_str());
    path.map(PathBuf::from).ok_or_else(|| Stop::failed("cargo metadata names no kryoptic"))
}
