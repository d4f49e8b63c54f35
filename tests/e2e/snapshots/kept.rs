//! The snapshot files: compared with what the programs write now, or written again on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Set to `snapshots` by `cargo xtask bless`.
const BLESS: &str = "KEYFERRY_BLESS";

/// What was seen: a text for each file in one folder, by the file's name.
pub(super) type Seen = BTreeMap<String, String>;

/// Makes the text of every case, a few at a time. The order of the cases does not matter.
pub(super) fn in_parallel<T: Sync>(cases: &[T], make: impl Fn(&T) -> (String, String) + Sync) -> Seen {
    let (next, seen) = (Mutex::new(cases.iter()), Mutex::new(Seen::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = { next.lock().unwrap().next() } {
                    let (name, text) = make(case);
                    let before = seen.lock().unwrap().insert(name.clone(), text);
                    assert!(before.is_none(), "two cases are called {name}");
                }
            });
        }
    });
    seen.into_inner().unwrap()
}

/// Compares a folder below `tests/snapshots` with what was seen. There are exactly `count` cases, each has its file, and each file its case.
#[track_caller]
pub(super) fn compare(folder: &str, count: usize, seen: &Seen) {
    assert_eq!(seen.len(), count, "cases of {folder}");
    let root = root(folder);
    if std::env::var_os(BLESS).is_some_and(|what| what == "snapshots") {
        return bless(&root, seen);
    }
    let faults = faults(&root, seen);
    assert!(
        faults.is_empty(),
        "{} of {count} texts of {folder} differ from the reviewed ones; read them, then run `cargo xtask bless`:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// The current text of a file, for a case that cannot be run on this machine.
pub(super) fn kept(folder: &str, name: &str) -> String {
    fs::read_to_string(root(folder).join(name)).unwrap_or_default()
}

fn root(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(folder)
}

fn faults(root: &Path, seen: &Seen) -> Vec<String> {
    let mut faults: Vec<String> = seen
        .iter()
        .filter_map(|(name, text)| match fs::read_to_string(root.join(name)) {
            Err(_) => Some(format!("{name}: has no file")),
            Ok(kept) => (kept != *text).then(|| format!("{name}:\n{}", difference(&kept, text))),
        })
        .collect();
    let orphans = files(root).into_iter().filter(|name| !seen.contains_key(name));
    faults.extend(orphans.map(|name| format!("{name}: no case makes this file")));
    faults
}

fn bless(root: &Path, seen: &Seen) {
    for name in files(root).iter().filter(|name| !seen.contains_key(*name)) {
        fs::remove_file(root.join(name)).unwrap();
    }
    for (name, text) in seen {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            fs::write(path, text).unwrap();
        }
    }
}

/// The names of all files below a folder.
fn files(root: &Path) -> BTreeSet<String> {
    let (mut found, mut folders) = (BTreeSet::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries: Vec<PathBuf> =
            fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

/// The lines that only one of the two has.
fn difference(kept: &str, seen: &str) -> String {
    let only = |sign: &str, of: &str, other: &str| -> String {
        let other: BTreeSet<&str> = other.lines().collect();
        of.lines().filter(|line| !other.contains(line)).map(|line| format!("  {sign} {line}\n")).collect()
    };
    let lines = only("-", kept, seen) + &only("+", seen, kept);
    if lines.is_empty() { "  the same lines in another order, or more of them\n".to_owned() } else { lines }
}

fn seen(cases: &[(&str, &str)]) -> Seen {
    cases.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_changed_text_a_missing_file_and_an_orphan_are_faults() {
    let dir = tempfile::tempdir().unwrap();
    let both = seen(&[("a.txt", "one\ntwo\n"), ("b/c.txt", "three\n")]);
    assert_eq!(faults(dir.path(), &both).len(), 2, "no files yet");
    bless(dir.path(), &both);
    assert_eq!(faults(dir.path(), &both), [""; 0]);
    let changed = seen(&[("a.txt", "one\nzwei\n"), ("b/c.txt", "three\n")]);
    assert_eq!(faults(dir.path(), &changed), ["a.txt:\n  - two\n  + zwei\n"]);
    let one = seen(&[("a.txt", "one\ntwo\n")]);
    assert_eq!(faults(dir.path(), &one), ["b/c.txt: no case makes this file"]);
    bless(dir.path(), &one);
    assert_eq!(faults(dir.path(), &one), [""; 0]);
    assert!(!dir.path().join("b/c.txt").exists());
}

#[test]
#[should_panic(expected = "cases of nothing")]
fn no_cases_are_a_fault() {
    compare("nothing", 1, &Seen::new());
}
