//! Files that import each other in a circle. Files in a module's folder are parts of the module, so a file and its parent modules do
//! not form a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::Source;
use super::imports::{Graph, arrows};

/// Circles that are allowed, by their first file, each with its reason. There are none today.
const DEFENDED: [(&str, &str); 0] = [];

pub(super) fn faults(sources: &[Source]) -> Vec<String> {
    let graph = arrows(sources);
    let mut faults = Vec::new();
    for circle in circles(&graph) {
        let mut names: Vec<&str> =
            circle.iter().filter_map(|&i| Some(sources.get(i)?.path.as_str())).collect();
        names.sort_unstable();
        if !DEFENDED.iter().any(|(first, _)| names.first() == Some(first)) {
            faults.push(format!("these files import each other in a circle: {}", names.join(", ")));
        }
    }
    faults
}

/// Every set of two or more files in which each can be reached from every other.
fn circles(graph: &Graph) -> Vec<BTreeSet<usize>> {
    let reach: BTreeMap<usize, BTreeSet<usize>> =
        graph.keys().map(|&from| (from, reached(graph, from))).collect();
    let mut found = BTreeSet::new();
    for (from, to) in &reach {
        let circle: BTreeSet<usize> = to
            .iter()
            .copied()
            .filter(|other| reach.get(other).is_some_and(|back| back.contains(from)))
            .collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

/// Every file that an import leads to, directly or indirectly.
fn reached(graph: &Graph, from: usize) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        for &to in graph.get(&at).into_iter().flatten() {
            if seen.insert(to) {
                next.push(to);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    #[test]
    fn a_circle_is_seen_through_names_modules_and_macros() {
        let ways = [
            "use crate::b::{self, B};",
            "fn f() -> crate::b::B { todo!() }",
            "refusals! { Bad(e: super::b::B) }",
        ];
        for way in ways {
            let lib = source("crates/x/src/lib.rs", "mod a;\nmod b;\n");
            let a = source("crates/x/src/a.rs", &format!("{way}\npub struct A;"));
            let b = source("crates/x/src/b.rs", "use crate::a;\npub struct B(a::A);");
            assert_eq!(faults(&[lib, a, b]).len(), 1, "{way}");
        }
    }

    #[test]
    fn a_name_that_is_exported_again_leads_to_where_it_is_made() {
        let lib = source("crates/x/src/lib.rs", "mod a;\nmod b;\npub use b::B;\n");
        let a = source("crates/x/src/a.rs", "use crate::B;\npub struct A(B);");
        let b = source("crates/x/src/b.rs", "pub struct B;");
        assert_eq!(faults(&[lib, a, b]), [""; 0]);
    }

    #[test]
    fn tests_may_import_what_they_like() {
        let lib = source("crates/x/src/lib.rs", "mod a;\nmod b;\n");
        let a = source("crates/x/src/a.rs", "pub struct A;\n#[cfg(test)]\nmod tests { use crate::b::B; }");
        let b = source("crates/x/src/b.rs", "use super::a::A;\npub struct B(A);");
        assert_eq!(faults(&[lib, a, b]), [""; 0]);
    }
}
