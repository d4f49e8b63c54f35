//! Which entries a run includes, and the file that records those that were seen red.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use super::Entry;
use crate::run::Stop;

/// The selection made by the arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Choice<'a> {
    /// Only entries with cells in the table of borders.
    cells: bool,
    /// Without the entries that were red in an earlier run.
    resume: bool,
    /// Only entries of these controls; if the list is empty, the entries of all controls.
    controls: Vec<&'a str>,
}

impl<'a> Choice<'a> {
    pub(super) fn parse(args: &'a [String], all: &[Entry<'_>]) -> Result<Self, Stop> {
        let mut this = Self::default();
        for arg in args {
            match arg.as_str() {
                "--cells" => this.cells = true,
                "--resume" => this.resume = true,
                id if all.iter().any(|e| e.control == id) => this.controls.push(id),
                id => return Err(Stop::usage(format!("{id} has no entry in xtask/src/red.txt"))),
            }
        }
        Ok(this)
    }

    /// The selected entries, and how many were left out because they were already seen red.
    pub(super) fn of<'e, 't>(&self, all: &'e [Entry<'t>], seen: &Seen) -> (Vec<&'e Entry<'t>>, usize) {
        let wanted = |e: &&Entry<'_>| {
            (self.controls.is_empty() || self.controls.contains(&e.control))
                && (!self.cells || !e.cells.is_empty())
        };
        let wanted: Vec<_> = all.iter().filter(wanted).collect();
        let count = wanted.len();
        let left: Vec<_> = wanted.into_iter().filter(|e| !self.resume || !seen.contains(e)).collect();
        let seen = count - left.len();
        (left, seen)
    }

    /// The results of earlier runs; a run without `--resume` discards them.
    pub(super) fn seen(&self, path: PathBuf) -> Seen {
        if !self.resume {
            let _ = fs::remove_file(&path);
        }
        let entries = fs::read_to_string(&path).unwrap_or_default().lines().map(str::to_owned).collect();
        Seen { path, entries }
    }
}

/// A file with a line for each entry that was seen red.
#[derive(Debug)]
pub(super) struct Seen {
    path: PathBuf,
    entries: BTreeSet<String>,
}

impl Seen {
    fn contains(&self, entry: &Entry<'_>) -> bool {
        self.entries.contains(&key(entry))
    }

    pub(super) fn add(&mut self, entry: &Entry<'_>) -> Result<(), Stop> {
        let file = OpenOptions::new().create(true).append(true).open(&self.path);
        let done = file.and_then(|mut file| writeln!(file, "{}", key(entry)));
        self.entries.insert(key(entry));
        done.map_err(|e| Stop::failed(format!("{}: {e}", self.path.display())))
    }
}

/// Everything in an entry except its number, on one line: so an edited entry counts as not seen.
fn key(entry: &Entry<'_>) -> String {
    let Entry { number: _, control, file, edits, target, test, cells } = entry;
    format!("{:?}", (control, file, edits, target, test, cells))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    const TABLE: &str = "\
KF-A-01\nin a.rs\n- a\n+ b\ntest -p x --lib t\n
KF-A-01\nin a.rs\n- a\n+ c\ntest -p x --lib t\ncells p c × F × P\n
KF-B-01\nin a.rs\n- a\n+ d\ntest -p x --lib t\n";

    fn numbers(args: &[&str], path: PathBuf) -> (Vec<usize>, usize) {
        let args: Vec<_> = args.iter().map(|a| (*a).to_owned()).collect();
        let all = parse(TABLE).ok().unwrap();
        let choice = Choice::parse(&args, &all).ok().unwrap();
        let (chosen, seen) = choice.of(&all, &choice.seen(path));
        (chosen.iter().map(|e| e.number).collect(), seen)
    }

    #[test]
    fn a_run_takes_what_is_named_and_a_resumed_one_what_is_left() {
        let folder = std::env::temp_dir().join(format!("keyferry-red-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("seen");
        let numbers = |args: &[&str]| numbers(args, path.clone());
        assert_eq!(numbers(&[]), (vec![0, 1, 2], 0));
        assert_eq!(numbers(&["KF-A-01"]), (vec![0, 1], 0));
        assert_eq!(numbers(&["--cells"]), (vec![1], 0));
        assert_eq!(numbers(&["--cells", "KF-B-01"]), (vec![], 0));
        let all = parse(TABLE).ok().unwrap();
        Seen { path: path.clone(), entries: BTreeSet::new() }.add(&all[1]).ok().unwrap();
        assert_eq!(numbers(&["--resume"]), (vec![0, 2], 1));
        assert_eq!(numbers(&["--resume", "--cells"]), (vec![], 1));
        let mut edited = parse(TABLE).ok().unwrap();
        edited[1].edits[0].1 = "e".to_owned();
        assert!(!Choice { resume: true, ..Choice::default() }.seen(path.clone()).contains(&edited[1]));
        // A run without `--resume` discards the results of earlier runs.
        assert_eq!(numbers(&[]), (vec![0, 1, 2], 0));
        assert_eq!(numbers(&["--resume"]), (vec![0, 1, 2], 0));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_control_without_an_entry_is_refused() {
        let all = parse(TABLE).ok().unwrap();
        assert!(Choice::parse(&["KF-C-01".to_owned()], &all).is_err());
    }
}
