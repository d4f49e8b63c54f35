//! Cargo's data about a program's crates: versions, sources, licences and dependencies; checksums from `Cargo.lock`.
#![allow(clippy::indexing_slicing)] // indexing JSON: a missing member is null

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::run::{self, Stop};

/// One crate of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Its licence as an SPDX expression.
    pub(crate) licence: String,
    /// Its source repository.
    pub(crate) repository: String,
    pub(crate) description: String,
    /// SHA-256 of the package in the registry; `None` for our own.
    pub(crate) checksum: Option<String>,
    /// The folder of its sources.
    pub(crate) folder: PathBuf,
    /// Whether it runs only at build time.
    pub(crate) is_macro: bool,
    /// The C library that it declares to link.
    pub(crate) links: Option<String>,
    pub(crate) has_build_script: bool,
    /// Names and versions of the crates that it depends on within the program.
    pub(crate) dependencies: BTreeSet<(String, String)>,
}

impl Crate {
    pub(crate) fn key(&self) -> (String, String) {
        (self.name.clone(), self.version.clone())
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.name.starts_with("keyferry")
    }
}

/// Every crate that `program` is built from, including itself and derive macros, but without development dependencies.
pub(crate) fn crates(program: &str) -> Result<Vec<Crate>, Stop> {
    let tree = run::cargo(["tree", "-p", program, "-e", "normal", "--prefix", "none", "--locked"]);
    let within = tree_names(&run::output(&mut { tree })?);
    let host = crate::ship::Build::here()?.host;
    let metadata = ["metadata", "--format-version", "1", "--locked", "--filter-platform", &host];
    let metadata: Value = serde_json::from_str(&run::output(&mut run::cargo(metadata))?)
        .map_err(|e| Stop::failed(format!("cargo metadata: {e}")))?;
    let lock = run::root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&lock).map_err(|e| Stop::failed(format!("Cargo.lock: {e}")))?;
    let checksums = checksums(&lock);
    let packages = array(&metadata["packages"]);
    let mut crates: Vec<Crate> = packages.iter().map(package).filter(|c| within.contains(&c.key())).collect();
    let keys: BTreeMap<&str, (String, String)> =
        packages.iter().map(|p| (text(&p["id"]), package(p).key())).collect();
    for node in array(&metadata["resolve"]["nodes"]) {
        let Some(key) = keys.get(text(&node["id"])) else { continue };
        if let Some(found) = crates.iter_mut().find(|c| c.key() == *key) {
            let normal = array(&node["deps"]).iter().filter(|d| is_normal(d));
            let named = normal.filter_map(|d| keys.get(text(&d["pkg"])).cloned());
            found.dependencies = named.filter(|key| within.contains(key)).collect();
            found.checksum = checksums.get(key).cloned();
        }
    }
    crates.sort_by_key(Crate::key);
    Ok(crates)
}

fn is_normal(dependency: &Value) -> bool {
    array(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null())
}

fn package(package: &Value) -> Crate {
    let targets = array(&package["targets"]);
    let has = |kind: &str| targets.iter().any(|t| array(&t["kind"]).iter().any(|k| k == kind));
    let manifest = PathBuf::from(text(&package["manifest_path"]));
    Crate {
        name: text(&package["name"]).to_owned(),
        version: text(&package["version"]).to_owned(),
        licence: text(&package["license"]).replace('/', " OR "),
        repository: text(&package["repository"]).to_owned(),
        description: text(&package["description"]).split_whitespace().collect::<Vec<_>>().join(" "),
        checksum: None,
        folder: manifest.parent().map(PathBuf::from).unwrap_or_default(),
        is_macro: has("proc-macro"),
        links: package["links"].as_str().map(str::to_owned),
        has_build_script: has("custom-build"),
        dependencies: BTreeSet::new(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The name and the version in each line of `cargo tree --prefix none`.
fn tree_names(tree: &str) -> BTreeSet<(String, String)> {
    let pair = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    };
    tree.lines().filter_map(pair).collect()
}

/// The registry's SHA-256 of each package in a lock file.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let field = |block: &str, name: &str| {
        let value =
            block.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"'));
        value.map(str::to_owned)
    };
    let package =
        |block: &str| Some(((field(block, "name")?, field(block, "version")?), field(block, "checksum")?));
    lock.split("[[package]]").filter_map(package).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tree_and_lock_are_read() {
        let tree =
            "keyferry-offline v0.1.0 (/x)\nsyn v2.0.1\nsyn v3.0.0 (*)\nserde_derive v1.0.0 (proc-macro)\n";
        let names: Vec<String> = tree_names(tree).into_iter().map(|(n, v)| n + " " + &v).collect();
        assert_eq!(names, ["keyferry-offline 0.1.0", "serde_derive 1.0.0", "syn 2.0.1", "syn 3.0.0"]);
        let lock = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"ab\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n";
        let found = checksums(lock);
        assert_eq!(found.len(), 1);
        assert_eq!(found[&("a".to_owned(), "1.0.0".to_owned())], "ab");
    }
}
