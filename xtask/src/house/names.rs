//! Names of files: no two files of one crate have the same name, because an editor's "go to file" and a stack trace show nothing else.

use std::collections::BTreeMap;

use super::Source;

/// Names that several files of one crate may have, each with its reason.
const SEVERAL: [(&str, &str); 1] =
    [("tests.rs", "the tests of the module whose folder it is in; nobody looks for it by its name")];

/// A command and the module that does its work may share a name: a reader of one looks for the other.
const PAIRS: [(&str, &str); 2] = [
    ("crates/hsm/src/command/bench.rs", "crates/hsm/src/bench.rs"),
    ("crates/hsm/src/command/probe.rs", "crates/hsm/src/probe.rs"),
];

pub(super) fn faults(sources: &[Source]) -> Vec<String> {
    let mut named: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for source in sources {
        let name = name(&source.path);
        if !SEVERAL.iter().any(|(several, _)| *several == name) {
            named.entry((source.package(), name)).or_default().push(&source.path);
        }
    }
    let is_pair = |paths: &[&str]| matches!(paths, [a, b] if PAIRS.iter().any(|(x, y)| (x, y) == (a, b) || (x, y) == (b, a)));
    let same = named.values().filter(|paths| paths.len() > 1 && !is_pair(paths));
    let mut faults: Vec<String> = same
        .map(|paths| format!("these files of one crate have the same name: {}", paths.join(", ")))
        .collect();
    let nested = sources.iter().filter(|s| name(&s.path) == "error.rs" && !is_root(s));
    faults.extend(
        nested.map(|s| {
            format!("{}: only a crate's root has an `error.rs`; name this one after its type", s.path)
        }),
    );
    faults
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a file is directly below `src`.
fn is_root(source: &Source) -> bool {
    source.path.strip_prefix(source.package()) == Some("/error.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> usize {
        let source = |path: &&str| Source { path: (*path).to_owned(), text: String::new() };
        faults(&paths.iter().map(source).collect::<Vec<_>>()).len()
    }

    #[test]
    fn a_name_that_a_crate_has_twice_is_seen() {
        assert_eq!(found(&["crates/a/src/b.rs", "crates/a/src/c/b.rs"]), 1);
        assert_eq!(found(&["crates/a/src/b.rs", "crates/c/src/b.rs"]), 0, "two crates");
        assert_eq!(found(&["crates/a/src/b/tests.rs", "crates/a/src/c/tests.rs"]), 0);
        for (command, work) in PAIRS {
            assert_eq!(found(&[command, work]), 0);
            assert_eq!(found(&[command, work, "crates/hsm/src/x/probe.rs", "crates/hsm/src/x/bench.rs"]), 1);
        }
    }

    #[test]
    fn a_nested_error_file_is_seen() {
        assert_eq!(found(&["crates/a/src/error.rs", "src/error.rs"]), 0);
        assert_eq!(found(&["crates/a/src/b/error.rs"]), 1);
    }
}
