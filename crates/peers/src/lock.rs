//! Versions from the workspace's lock file, because Rust crates do not report theirs at run time.

const LOCK: &str = include_str!("../../../Cargo.lock");

/// The locked version of a crate; `?` if the lock file does not name it.
pub(crate) fn version(name: &str) -> &'static str {
    let mut lines = LOCK.lines();
    let wanted = format!("name = \"{name}\"");
    let found = lines.find(|line| *line == wanted).and_then(|_| lines.next());
    found.and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"')).unwrap_or("?")
}
