//! A script's replacement for a person's answers: digests and heads, computed from the current files.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing)] // not every test program uses all of this

use std::fs;
use std::path::{Path, PathBuf};

use keyferry_core::{Fingerprint, Transcript};

/// The options that a station's command line needs so that it asks nothing: the plan's digest if a person would be asked about the plan,
/// and the head of each record that is found if a digest is given. Paths are below `folder`.
pub fn answers(args: &[&str], folder: &Path) -> Vec<String> {
    let value =
        |name: &str| args.iter().skip_while(|arg| **arg != name).nth(1).map(|value| folder.join(value));
    let has = |name: &str| args.contains(&name);
    let mut more = Vec::new();
    let asks_about_plan = has("create-key") || has("export") || has("rebuild-journal");
    if asks_about_plan && !has("--expect-plan") {
        let plan = value("--plan").and_then(|path| fs::read(path).ok());
        more.extend(
            plan.iter().flat_map(|plan| ["--expect-plan".to_owned(), Fingerprint::of(plan).to_string()]),
        );
    }
    if (asks_about_plan || has("--expect-digest")) && !has("--expect-head") {
        let heads = records(args, &value).into_iter().filter_map(|path| head(&path));
        more.extend(heads.flat_map(|head| ["--expect-head".to_owned(), head.to_string()]));
    }
    more
}

/// The records that the command reads: the one that it adds to, and for `rewrap` the one that made the shares.
fn records(args: &[&str], value: &impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let beside = |name: &str| value(name).map(|path| path.with_file_name("transcript.jsonl"));
    let in_folder = || value("--out").map(|path| path.join("transcript.jsonl"));
    let transcript = value("--transcript");
    match args.first().copied().unwrap_or_default() {
        "import" => transcript.or_else(|| beside("--ciphertext")).into_iter().collect(),
        "create-key" | "rebuild-journal" => transcript.into_iter().collect(),
        _ => in_folder().into_iter().chain(transcript).collect(),
    }
}

/// The head of a record's whole lines; `None` if there is no line, or if the file is not a record.
pub fn head(path: &Path) -> Option<Fingerprint> {
    let bytes = fs::read(path).ok()?;
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    Transcript::verify(&bytes[..whole]).ok()?.map(|chain| chain.head())
}
