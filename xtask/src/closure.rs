//! `cargo xtask closure`: every crate inside the offline program, against a list that people reviewed.

use std::collections::BTreeSet;
use std::fs;

use crate::run::{self, Stop};

const LIST: &str = "ceremony/closure.txt";
const HEADER: &str = "\
# Every crate that keyferry-offline is built from: `cargo tree -p keyferry-offline -e normal`, names only.
# A crate that is not here fails `cargo xtask closure`. After review: `cargo xtask closure --bless`.
";
/// Never in the offline program, whatever the list says.
const BANNED: [&str; 14] = [
    "ureq",
    "hyper",
    "tokio",
    "socket2",
    "mio",
    "rustls",
    "native-tls",
    "reqwest",
    "keyferry-online",
    "keyferry-emulator",
    "keyferry-kms-api",
    "keyferry-scan",
    "rxing",
    "image",
];

pub(crate) fn closure(args: &[String]) -> Result<(), Stop> {
    let bless = match args {
        [] => false,
        [flag] if flag == "--bless" => true,
        _ => return Err(Stop::usage("usage: cargo xtask closure [--bless]")),
    };
    let tree =
        run::output(&mut run::cargo("tree -p keyferry-offline -e normal --prefix none --locked".split(' ')))?;
    let found = names(&tree);
    for name in &found {
        println!("{name}");
    }
    if let Some(banned) = BANNED.iter().find(|b| found.contains(**b)) {
        return Err(Stop::failed(format!(
            "{banned} is inside keyferry-offline: see `cargo tree -i {banned}`"
        )));
    }
    let path = run::root().join(LIST);
    if bless {
        let text = found.iter().fold(HEADER.to_owned(), |text, name| text + name + "\n");
        return fs::write(&path, text).map_err(|e| Stop::failed(format!("{LIST}: {e}")));
    }
    let list = fs::read_to_string(&path).map_err(|e| Stop::failed(format!("{LIST}: {e}")))?;
    compare(&found, &allowed(&list))
}

/// The first word of each line of `cargo tree`.
fn names(tree: &str) -> BTreeSet<&str> {
    tree.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

/// The list without its comments.
fn allowed(list: &str) -> BTreeSet<&str> {
    list.lines().map(|l| l.split('#').next().unwrap_or_default().trim()).filter(|l| !l.is_empty()).collect()
}

fn compare(found: &BTreeSet<&str>, allowed: &BTreeSet<&str>) -> Result<(), Stop> {
    let new = found.difference(allowed).map(|name| format!("{name} is new inside keyferry-offline"));
    let gone = allowed.difference(found).map(|name| format!("{name} is listed, but no longer inside"));
    let wrong: Vec<String> = new.chain(gone).collect();
    if wrong.is_empty() {
        println!("{} crates, each in {LIST}", found.len());
        return Ok(());
    }
    let advice = format!("review, then `cargo xtask closure --bless` writes {LIST}");
    Err(Stop::failed(format!("{}\n{advice}", wrong.join("\n"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tree_and_list_are_compared_both_ways() {
        let tree = "keyferry-offline v0.1.0 (/x)\nsha2 v0.11.0\nserde v1.0.0 (*)\nserde_derive v1.0.0 (proc-macro)\n";
        let found = names(tree);
        let list = "# why\nkeyferry-offline\nserde # text in\nserde_derive\nsha2\n";
        assert!(compare(&found, &allowed(list)).is_ok());
        assert!(compare(&found, &allowed(&list.replace("sha2\n", ""))).is_err());
        assert!(compare(&found, &allowed(&format!("{list}rand\n"))).is_err());
    }
}
