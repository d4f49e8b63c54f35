//! Kryoptic, a PKCS#11 token in Rust from crates.io, built under `target/hsm/kryoptic`: the strictest of the tested modules.
//!
//! It is not in our lock file and not in any CI step, because its build compiles a hundred crates.
#![allow(clippy::indexing_slicing)] // indexing JSON: a missing member is null

use std::path::PathBuf;

use serde_json::Value;

use crate::run::{self, Stop};
use crate::tools;

/// The version that the documentation names.
const VERSION: &str = "1.5.4";
/// The enabled features: those that work with Debian 12's OpenSSL, linked dynamically.
const FEATURES: &str = "minimal,kryoptic-lib/dynamic";
/// The variable that tells the tests where the module is.
pub(crate) const VARIABLE: &str = "KEYFERRY_KRYOPTIC";

/// The module, if it has been built already.
pub(crate) fn built() -> Option<PathBuf> {
    Some(module()).filter(|module| module.exists())
}

fn folder() -> PathBuf {
    run::target_dir().join("hsm").join("kryoptic")
}

fn module() -> PathBuf {
    folder().join("target/debug/libkryoptic_pkcs11.so")
}

/// Builds the module once; this takes about a minute.
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

/// Downloads the crate with its dependencies; returns the path of its manifest.
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
