//! The help page of every command of every program, in both languages.

use super::kept::{compare, in_parallel};
use crate::support::*;

const PROGRAMS: [&str; 5] =
    ["keyferry", "keyferry-online", "keyferry-offline", "keyferry-scan", "keyferry-hsm"];
/// Five programs with 38 commands, and five commands below `keyferry plan` and `keyferry bench`.
const PAGES: usize = 50;

/// The commands that a help page lists.
fn listed(page: &str) -> Vec<String> {
    let commands = page.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let is_row = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    commands.filter(is_row).filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The command words of every help page.
fn pages() -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut open: Vec<Vec<String>> = PROGRAMS.iter().map(|name| vec![(*name).to_owned()]).collect();
    while let Some(words) = open.pop() {
        let page = run(program(&words[0]).args(&words[1..]).arg("--help")).out;
        open.extend(listed(&page).into_iter().map(|word| [&words[..], &[word]].concat()));
        found.push(words);
    }
    found
}

#[test]
fn help_pages_are_as_reviewed() {
    let seen = in_parallel(&pages(), |words| {
        let mut text = String::new();
        for lang in [&[][..], &["--lang", "zh"]] {
            let shown = run(program(&words[0]).args(&words[1..]).args(lang).arg("--help"));
            assert!(shown.ok().err.is_empty(), "{shown:?}");
            text += &format!(
                "$ {} --help\n{}\n",
                [words.join(" "), lang.join(" ")].join(" ").trim_end(),
                shown.out
            );
        }
        (format!("{}.txt", words.join("/")), text.trim_end().to_owned() + "\n")
    });
    compare("help", PAGES, &seen);
}
