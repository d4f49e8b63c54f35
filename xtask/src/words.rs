//! `cargo xtask words`: the words that plain English avoids, found in comments, in the texts that programs show, and in Markdown.
//!
//! The list of words and their replacements is `words/list.txt`. Quotations are exempt: text in backticks or in double
//! quotation marks, block quotes in Markdown, and the lines from a comment that says "word for word" to the next empty line.

mod list;
mod prose;

use std::collections::BTreeMap;
use std::path::Path;

use self::list::{List, Rule};
use self::prose::{Language, Piece};
use crate::run::{self, Stop};

const USAGE: &str = "cargo xtask words [--count] [PATH…]";

/// One word in one sentence.
struct Hit<'l> {
    /// The path from the checkout's root.
    file: String,
    line: usize,
    found: String,
    rule: &'l Rule,
}

/// Prints every hit, or with `--count` the number in each file; fails if there are any.
pub(crate) fn words(args: &[String]) -> Result<(), Stop> {
    let (options, paths): (Vec<&String>, Vec<&String>) = args.iter().partition(|arg| arg.starts_with("--"));
    if options.iter().any(|option| *option != "--count") {
        return Err(Stop::usage(USAGE));
    }
    let list = List::parse(list::TABLE)?;
    let mut hits = hits(run::root(), &list)?;
    hits.retain(|hit| paths.is_empty() || paths.iter().any(|path| hit.file.starts_with(path.as_str())));
    if options.is_empty() {
        hits.iter().for_each(|hit| println!("{hit}"));
    } else {
        counts(&hits).iter().for_each(|(file, count)| println!("{count:>6}  {file}"));
    }
    println!("{:>6}  hits", hits.len());
    if hits.is_empty() { Ok(()) } else { Err(Stop::failed("some sentences need plainer words")) }
}

impl std::fmt::Display for Hit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: \"{}\": {}", self.file, self.line, self.found, self.rule.instead())
    }
}

fn counts<'h>(hits: &'h [Hit<'_>]) -> BTreeMap<&'h str, usize> {
    let mut counts = BTreeMap::new();
    for hit in hits {
        *counts.entry(hit.file.as_str()).or_default() += 1;
    }
    counts
}

/// The files of the checkout that contain prose.
fn files(root: &Path) -> Result<Vec<(String, Language)>, Stop> {
    let mut files = Vec::new();
    walk(root, root, &mut files)?;
    files.sort();
    Ok(files.into_iter().filter_map(|file| Language::of(&file).map(|language| (file, language))).collect())
}

fn hits<'l>(root: &Path, list: &'l List) -> Result<Vec<Hit<'l>>, Stop> {
    let mut hits = Vec::new();
    for (file, language) in files(root)? {
        let text = std::fs::read_to_string(root.join(&file));
        let text = text.map_err(|e| Stop::failed(format!("{file}: {e}")))?;
        hits.extend(in_text(&file, &prose::pieces(&text, language), list));
    }
    Ok(hits)
}

fn in_text<'l>(file: &str, pieces: &[Piece], list: &'l List) -> Vec<Hit<'l>> {
    let found = pieces.iter().flat_map(|piece| list.found(piece));
    found.map(|(line, found, rule)| Hit { file: file.to_owned(), line, found, rule }).collect()
}

/// Every file below a folder, without build outputs and hidden folders.
fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<(), Stop> {
    let failed = |e| Stop::failed(format!("{}: {e}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "target" || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files)?;
        } else {
            files.push(path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
