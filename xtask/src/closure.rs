//! `cargo xtask closure`: compares every crate inside the offline program with `ceremony/audit/closure.md`, where people wrote why each is
//! there.
//!
//! Everything in the table except the reasons is determined automatically, so a new version, build script or use of `unsafe` is seen in
//! review.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::metadata::{self, Crate};
use crate::run::{self, Stop};
use crate::ship::OFFLINE;

pub(crate) const LIST: &str = "ceremony/audit/closure.md";
/// Maximum number of crates inside the offline program; two versions of one crate count as two.
const MOST: usize = 60;
/// Crates that must never be in the offline program, whatever the list says.
const BANNED: [&str; 21] = [
    "ureq",
    "hyper",
    "tokio",
    "socket2",
    "mio",
    "rustls",
    "native-tls",
    "reqwest",
    "cc",
    "keyferry-online",
    "keyferry-emulator-kit",
    "keyferry-emulator-tencent",
    "keyferry-service",
    "keyferry-tencent",
    "keyferry-scan",
    "keyferry-hsm",
    "cryptoki",
    "cryptoki-sys",
    "libloading",
    "rxing",
    "image",
];

const HEAD: &str = "\
# The crates inside keyferry-offline

This page lists every crate of `cargo tree -p keyferry-offline -e normal`, with the reason that a
person wrote in review. `cargo xtask closure` determines all other columns, and compares this page
with the program in both directions. `cargo xtask closure --bless` writes these columns again, keeps
the reasons, and refuses a crate without one: first write its row, `| name | | | | | | why |`.

* **build script**: what its `build.rs` does. `version` asks the Rust compiler for its version;
  `probe` checks whether the compiler accepts a few lines of Rust. No build script compiles or links
  C, and nothing but these answers reaches the program.
* **unsafe**: whether its sources contain an `unsafe` block, function or implementation.
* **macro**: runs only inside the compiler.

";
const COLUMNS: &str = "| crate | version | kept by | build script | unsafe | macro | why it is there |\n|---|---|---|---|---|---|---|\n";

pub(crate) fn closure(args: &[String]) -> Result<(), Stop> {
    let bless = match args {
        [] => false,
        [flag] if flag == "--bless" => true,
        _ => return Err(Stop::usage("usage: cargo xtask closure [--bless]")),
    };
    let crates = metadata::crates(OFFLINE)?;
    allowed(&crates)?;
    let path = run::root().join(LIST);
    let list = fs::read_to_string(&path).map_err(|e| Stop::failed(format!("{LIST}: {e}")))?;
    let table = table(&crates, &reasons(&list))?;
    if bless {
        fs::write(&path, &table).map_err(|e| Stop::failed(format!("{LIST}: {e}")))?;
    } else {
        compare(&table, &list)?;
    }
    println!("{} crates, at most {MOST}; each in {LIST}", crates.len());
    Ok(())
}

/// Refuses banned crates, C libraries and too many crates, whatever reasons the list has.
pub(crate) fn allowed(crates: &[Crate]) -> Result<(), Stop> {
    if let Some(banned) = crates.iter().find(|c| BANNED.contains(&c.name.as_str())) {
        let name = &banned.name;
        return Err(Stop::failed(format!("{name} is inside {OFFLINE}: see `cargo tree -i {name}`")));
    }
    if let Some(c) = crates.iter().find(|c| c.links.is_some()) {
        return Err(Stop::failed(format!("{} links C: {}", c.name, c.links.as_deref().unwrap_or_default())));
    }
    if crates.len() > MOST {
        return Err(Stop::failed(format!(
            "{} crates are inside {OFFLINE}; at most {MOST} may be",
            crates.len()
        )));
    }
    Ok(())
}

/// The reason in each row of the list, by the crate's name.
fn reasons(list: &str) -> BTreeMap<String, String> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split('|').map(str::trim);
        let (name, why) = (cells.next()?, cells.next_back()?);
        (!why.is_empty()).then(|| (name.trim_matches('`').to_owned(), why.to_owned()))
    };
    list.lines().filter_map(row).collect()
}

fn table(crates: &[Crate], reasons: &BTreeMap<String, String>) -> Result<String, Stop> {
    let without: Vec<&str> =
        crates.iter().filter(|c| !reasons.contains_key(&c.name)).map(|c| c.name.as_str()).collect();
    if !without.is_empty() {
        let advice = format!("write why into {LIST}, one row for each crate: | name | | | | | | why |");
        return Err(Stop::failed(format!("new inside {OFFLINE}: {}\n{advice}", without.join(", "))));
    }
    let rows = crates.iter().map(|c| {
        let why = reasons.get(&c.name).map_or("", String::as_str);
        let (script, code) = (build_script(c), code(&c.folder));
        let is_macro = if c.is_macro { "yes" } else { "" };
        let (name, version, by) = (&c.name, &c.version, kept_by(c));
        format!("| `{name}` | {version} | {by} | {script} | {code} | {is_macro} | {why} |\n")
    });
    Ok(format!("{HEAD}{COLUMNS}{}", rows.collect::<String>()))
}

/// The account or organisation that keeps the repository.
fn kept_by(c: &Crate) -> &str {
    if c.is_ours() {
        return "us";
    }
    let path = c.repository.split_once("://").map_or("", |(_, rest)| rest);
    path.split('/').nth(1).unwrap_or("")
}

/// How the build script uses the compiler: it probes the compiler, asks for its version, or does not run it at all.
fn build_script(c: &Crate) -> &'static str {
    if !c.has_build_script {
        return "";
    }
    let script = fs::read_to_string(c.folder.join("build.rs")).unwrap_or_default();
    let probes =
        ["autocfg", "can_compile", "compile_probe", "--emit"].iter().any(|word| script.contains(word));
    match (probes, script.contains("RUSTC")) {
        (true, _) => "probe",
        (false, true) => "version",
        (false, false) => "no compiler",
    }
}

/// Whether the sources in a folder contain `unsafe` code, outside comments.
fn code(folder: &Path) -> &'static str {
    let is_unsafe = |text: &str| {
        let code = text.lines().map(|l| l.split("//").next().unwrap_or_default());
        code.flat_map(|l| l.split("unsafe").skip(1).map(str::trim_start).collect::<Vec<_>>())
            .any(|after| ["{", "fn ", "impl", "extern"].iter().any(|word| after.starts_with(word)))
    };
    let mut folders = vec![folder.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs")
                && fs::read_to_string(&path).is_ok_and(|text| is_unsafe(&text))
            {
                return "yes";
            }
        }
    }
    ""
}

fn compare(found: &str, list: &str) -> Result<(), Stop> {
    if found == list {
        return Ok(());
    }
    let missing = |a: &str, b: &str, sign: &str| {
        let rows = a.lines().filter(|l| !b.lines().any(|other| other == *l));
        rows.map(|l| format!("{sign} {l}\n")).collect::<String>()
    };
    let changes = missing(list, found, "-") + &missing(found, list, "+");
    Err(Stop::failed(format!("{changes}review, then `cargo xtask closure --bless` writes {LIST}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_up(name: &str, version: &str) -> Crate {
        Crate {
            name: name.to_owned(),
            version: version.to_owned(),
            licence: "MIT".to_owned(),
            repository: "https://github.com/someone/thing".to_owned(),
            description: String::new(),
            checksum: None,
            folder: "/nonexistent".into(),
            is_macro: false,
            links: None,
            has_build_script: false,
            dependencies: std::collections::BTreeSet::new(),
        }
    }

    #[test]
    fn reasons_are_kept_and_a_crate_without_one_is_refused() {
        let crates = [made_up("a", "1.0.0"), made_up("b", "2.0.0")];
        let list = "| `a` | 0.9.0 | x | | | | why a |\n| b | | | | | | why b |\n";
        let written = table(&crates, &reasons(list)).unwrap();
        assert!(written.contains("| `a` | 1.0.0 | someone |  |  |  | why a |\n"));
        assert_eq!(table(&crates, &reasons(&written)).unwrap(), written);
        assert!(compare(&written, &written).is_ok());
        // An extra row, a missing row and a different version are all refused.
        assert!(compare(&written, &(written.clone() + "| `c` | 1 | x | | | | y |\n")).is_err());
        assert!(compare(&table(&crates[..1], &reasons(&written)).unwrap(), &written).is_err());
        assert!(compare(&written, &written.replace("1.0.0", "1.0.1")).is_err());
        assert!(table(&[made_up("c", "1.0.0")], &reasons(&written)).is_err());
    }

    #[test]
    fn too_many_crates_networks_and_c_are_refused_whatever_the_list_says() {
        let many = |n: usize| (0..n).map(|i| made_up(&format!("c{i}"), "1.0.0")).collect::<Vec<_>>();
        assert!(allowed(&many(MOST)).is_ok());
        assert!(allowed(&many(MOST + 1)).is_err());
        assert!(allowed(&[made_up("tokio", "1.0.0")]).is_err());
        assert!(allowed(&[Crate { links: Some("z".to_owned()), ..made_up("z-sys", "1.0.0") }]).is_err());
    }
}
