//! `cargo xtask house`: checks the code's structure against DESIGN §2: no circular imports, no long files, no file name twice in a crate, a small
//! root, vendors only in
//! their own crates; and that Chinese texts use one term for one thing.

mod circles;
mod imports;
mod names;
mod terms;
mod vendor_rooms;

use std::path::{Path, PathBuf};

use crate::run::{self, Stop};

/// Maximum number of lines in a file before its tests.
const MOST_LINES: usize = 400;
/// Maximum number of lines in the root package, which is only a table of commands.
const MOST_ROOT: usize = 700;

/// One source file of a product.
pub(super) struct Source {
    /// The path from the checkout's root, such as `crates/core/src/lib.rs`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    /// The text before `#[cfg(test)]`; empty for a file that only has tests.
    pub(super) fn product(&self) -> &str {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return "";
        }
        self.text.split("\n#[cfg(test)]").next().unwrap_or_default()
    }

    /// The path up to and including `src`: files with the same path up to there may import each other.
    pub(super) fn package(&self) -> &str {
        let end = self.path.find("src/").map_or(0, |at| at + 3);
        self.path.get(..end).unwrap_or_default()
    }
}

pub(crate) fn house(args: &[String]) -> Result<(), Stop> {
    if !args.is_empty() {
        return Err(Stop::usage("cargo xtask house"));
    }
    let sources = read(run::root())?;
    println!("{:>6} lines before tests, {} files", lines(&sources), sources.len());
    for (package, count) in packages(&sources) {
        println!("{count:>6}  {package}");
    }
    let mut faults = faults(&sources);
    faults.extend(terms::faults(&sources, &pages(run::root())?));
    faults.iter().for_each(|fault| println!("FAIL    {fault}"));
    if faults.is_empty() { Ok(()) } else { Err(Stop::failed("the code does not follow the house rules")) }
}

/// Every violation, in words.
fn faults(sources: &[Source]) -> Vec<String> {
    let mut faults = long_files(sources);
    let root: usize = sources.iter().filter(|s| s.package() == "src").map(|s| count(s.product())).sum();
    if root > MOST_ROOT {
        faults.push(format!("src has {root} lines; a table of commands has at most {MOST_ROOT}"));
    }
    faults.extend(circles::faults(sources));
    faults.extend(names::faults(sources));
    faults.extend(vendor_rooms::faults(sources));
    faults
}

fn long_files(sources: &[Source]) -> Vec<String> {
    let long = sources.iter().filter(|source| count(source.product()) > MOST_LINES);
    long.map(|s| {
        format!("{} has {} lines before its tests; at most {MOST_LINES}", s.path, count(s.product()))
    })
    .collect()
}

fn packages(sources: &[Source]) -> std::collections::BTreeMap<&str, usize> {
    let mut packages = std::collections::BTreeMap::new();
    for source in sources {
        *packages.entry(source.package()).or_default() += count(source.product());
    }
    packages
}

fn lines(sources: &[Source]) -> usize {
    sources.iter().map(|source| count(source.product())).sum()
}

fn count(text: &str) -> usize {
    text.lines().count()
}

/// Every Rust file below a `src` of the workspace.
fn read(root: &Path) -> Result<Vec<Source>, Stop> {
    let mut found = Vec::new();
    for folder in ["src", "crates", "xtask/src"] {
        walk(root, &root.join(folder), &mut found)?;
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The Chinese pages.
fn pages(root: &Path) -> Result<Vec<Source>, Stop> {
    let mut found = Vec::new();
    for folder in ["", "ceremony/operate", "ceremony/audit", "ceremony/spec"] {
        for path in entries(&root.join(folder))? {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            if name.ends_with(".zh-CN.md") {
                let text =
                    std::fs::read_to_string(&path).map_err(|e| Stop::failed(format!("{name}: {e}")))?;
                found.push(Source { path: name, text });
            }
        }
    }
    Ok(found)
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<Source>) -> Result<(), Stop> {
    for path in entries(folder)? {
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                walk(root, &path, found)?;
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            if name.starts_with("src/") || name.contains("/src/") {
                let text =
                    std::fs::read_to_string(&path).map_err(|e| Stop::failed(format!("{name}: {e}")))?;
                found.push(Source { path: name, text });
            }
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let list = std::fs::read_dir(folder).map_err(|e| Stop::failed(format!("{}: {e}", folder.display())))?;
    Ok(list.filter_map(|entry| Some(entry.ok()?.path())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_in_order() {
        let sources = read(run::root()).unwrap_or_default();
        assert!(sources.len() > 500, "{} files", sources.len());
        let faults = faults(&sources);
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }

    #[test]
    fn one_thing_has_one_chinese_term() {
        let (sources, pages) =
            (read(run::root()).unwrap_or_default(), pages(run::root()).unwrap_or_default());
        assert!(pages.len() >= 10, "{} pages", pages.len());
        let faults = terms::faults(&sources, &pages);
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }

    #[test]
    fn a_long_file_and_a_large_root_are_seen() {
        let source = |path: &str, lines| Source { path: path.into(), text: "//! x\n".repeat(lines) };
        let fine = [source("crates/a/src/b.rs", MOST_LINES), source("src/main.rs", 300)];
        assert_eq!(faults(&fine), [""; 0]);
        let long = [source("crates/a/src/b.rs", MOST_LINES + 1)];
        assert_eq!(faults(&long).len(), 1);
        let large = [source("src/a.rs", 400), source("src/b.rs", 301)];
        assert_eq!(faults(&large).len(), 1);
        let tested = Source {
            path: "src/a.rs".into(),
            text: format!("fn a() {{}}\n#[cfg(test)]\n{}", "\n".repeat(500)),
        };
        assert_eq!(faults(&[tested]), [""; 0]);
    }
}
