//! The front door: READMEs are short and true, their screens are real, links resolve, and the CI snippet runs as pasted.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::kms::Kms;
use crate::support::*;
use keyferry_core::{Control, PostureCheck, WrappingAlgorithm};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Each page in English and Chinese.
const PAGES: [[&str; 2]; 5] = [
    ["README.md", "README.zh-CN.md"],
    ["ceremony/operate/guide.md", "ceremony/operate/guide.zh-CN.md"],
    ["ceremony/spec/emulator.md", "ceremony/spec/emulator.zh-CN.md"],
    ["ceremony/spec/oaep.md", "ceremony/spec/oaep.zh-CN.md"],
    ["ceremony/operate/machine.md", "ceremony/operate/machine.zh-CN.md"],
];

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

/// The fenced blocks of this kind, in order.
fn blocks(text: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}");
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == fence {
            blocks.push(lines.by_ref().take_while(|l| *l != "```").map(|l| format!("{l}\n")).collect());
        }
    }
    blocks
}

#[test]
fn the_ci_snippet_runs_as_pasted() {
    runs_as_pasted("ceremony/spec/emulator.md");
}

#[test]
fn the_chinese_ci_snippet_runs_as_pasted() {
    runs_as_pasted("ceremony/spec/emulator.zh-CN.md");
}

/// Every `sh` block in one shell, in the checkout. The block for `tccli` runs if that is installed; `cargo xtask vendor` always runs it.
fn runs_as_pasted(file: &str) {
    let blocks = blocks(&page(file), "sh");
    let tccli = Command::new("sh").args(["-c", "command -v tccli"]).output().unwrap().status.success();
    let (of_tccli, rest): (Vec<_>, Vec<_>) = blocks.iter().partition(|b| b.starts_with("tccli "));
    assert_eq!((of_tccli.len(), rest.len()), (1, 4), "{file}");
    let pasted: String = blocks.iter().filter(|b| tccli || !b.starts_with("tccli ")).cloned().collect();
    // A pasted line that fails ends the script, and the emulator ends with it.
    let script = format!("set -euo pipefail\ntrap 'kill $(jobs -p) || true' EXIT\n{pasted}");
    let (code, out, err) = bash(&script);
    assert_eq!(code, Some(0), "{file}:\n{out}\n{err}");
    assert_eq!(out.matches("PendingImport  EXTERNAL").count(), 4, "two keys, twice:\n{out}");
    for said in ["\"per_second\":100", "\"offset_seconds\":86400", "\"Alias\":\"practice-sm\""] {
        assert!(out.contains(said), "{said} is not in\n{out}");
    }
}

/// Exit code, standard output and standard error of a script that sees only the programs under test and nothing from the developer's
/// shell.
fn bash(script: &str) -> (Option<i32>, String, String) {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let path = format!("{}:{}", bin_dir().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(ROOT).env_clear();
    command.env("PATH", path).env("LANG", "C.UTF-8").env("HOME", home.path()).env("TMPDIR", home.path());
    // Files, not pipes: a program that outlived the script would keep a pipe open.
    command.stdin(Stdio::null());
    command.stdout(fs::File::create(at("out")).unwrap()).stderr(fs::File::create(at("err")).unwrap());
    let status = command.status().unwrap();
    let read = |name: &str| fs::read_to_string(at(name)).unwrap();
    (status.code(), read("out"), read("err"))
}

#[test]
fn both_languages_have_the_same_commands() {
    for [english, chinese] in PAGES {
        let (english, chinese) = (commands(&page(english)), commands(&page(chinese)));
        assert!(!english.is_empty());
        assert_eq!(english, chinese);
    }
}

/// What a reader types: `sh` blocks, and the command lines of `text` blocks; without comments and `--lang zh`.
fn commands(text: &str) -> Vec<String> {
    let [pasted, shown] = ["sh", "text"].map(|kind| blocks(text, kind).concat());
    let pasted = pasted.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
    let bare = |line: &str| line.split("  #").next().unwrap().replace(" --lang zh", "").trim_end().to_owned();
    pasted.chain(shown.lines().filter(|l| is_typed(l))).map(bare).collect()
}

/// Whether a line is a command line or its continuation, and not output, which begins with the program's version.
fn is_typed(line: &str) -> bool {
    let starts = ["$ ", "keyferry", "cargo ", "target/", "export ", "    --"];
    starts.iter().any(|start| line.starts_with(start)) && !line.contains(env!("CARGO_PKG_VERSION"))
}

#[test]
fn readmes_have_at_most_100_lines() {
    for name in PAGES[0] {
        assert!(page(name).lines().count() <= 100, "{name} is too long");
    }
}

/// Pages with tables that a command writes or that a test reads row by row. The rest of these pages is no wider than other pages.
const WIDE_TABLES: [&str; 10] = [
    "ceremony/audit/assurance.md",
    "ceremony/audit/closure.md",
    "ceremony/audit/formats.md",
    "ceremony/audit/formats.zh-CN.md",
    "ceremony/operate/controls.md",
    "ceremony/operate/controls.zh-CN.md",
    "ceremony/operate/hsm.md",
    "ceremony/operate/hsm.zh-CN.md",
    concat!("ceremony/spec/", "tencent-kms.md"),
    "crates/hsm/traps.md",
];

#[test]
fn every_page_has_at_most_100_columns() {
    let pages = every_page();
    assert!(pages.len() > 30, "{pages:?}");
    let wide: Vec<_> = pages.iter().flat_map(|name| wide_lines(name, &page(name))).collect();
    assert!(wide.is_empty(), "{}", wide.join("\n"));
    for name in WIDE_TABLES {
        assert!(!wide_lines("", &page(name)).is_empty(), "{name} has no wide table: remove it from the list");
    }
}

/// Every Markdown file of the checkout, by its path from there, except build results.
fn every_page() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(ROOT)];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path.strip_prefix(ROOT).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

fn wide_lines(name: &str, text: &str) -> Vec<String> {
    let exempt = |line: &str| line.starts_with('|') && WIDE_TABLES.contains(&name);
    let wide = text.lines().enumerate().filter(|(_, line)| columns(line) > 100 && !exempt(line));
    wide.map(|(n, line)| format!("{name}:{}: {} columns", n + 1, columns(line))).collect()
}

#[test]
fn a_line_that_is_too_wide_is_found() {
    let chinese = "\u{8bcd}".repeat(50);
    let text = format!("{}\n{chinese}\n{chinese}a\n| {chinese} |\n", "x".repeat(101));
    let found = |name: &str| wide_lines(name, &text).len();
    assert_eq!((found("README.md"), found(WIDE_TABLES[0])), (3, 2));
}

/// Columns on a terminal: Chinese characters and full-width punctuation take two.
fn columns(line: &str) -> usize {
    let wide = |c: char| WIDE.iter().any(|range| range.contains(&c));
    line.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

const WIDE: [RangeInclusive<char>; 3] =
    ['\u{2e80}'..='\u{a4cf}', '\u{fe30}'..='\u{fe6f}', '\u{ff00}'..='\u{ff60}'];

#[test]
fn readmes_state_version_and_limits_in_the_first_ten_lines() {
    let version = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
    let [english, chinese] = PAGES[0].map(|name| page(name).lines().take(10).collect::<Vec<_>>().join(" "));
    let limits = ["never run against the live service", "No real camera or printer", "not been audited"];
    says(&english, &format!("**Status: {version}, "), &limits);
    says(
        &chinese,
        &format!("**状态：{version} 版"),
        &["从未在真实服务上运行", "真实的摄像头或打印机", "未经审计"],
    );
}

fn says(text: &str, status: &str, limits: &[&str]) {
    for said in limits.iter().chain([&status]) {
        assert!(text.contains(said), "{said} is not in: {text}");
    }
}

/// A row for each check of `preflight`, and no row for one that does not exist.
#[test]
fn the_pages_on_the_machine_say_how_each_check_passes() {
    for name in ["ceremony/operate/machine.md", "ceremony/operate/machine.zh-CN.md"] {
        let rows = page(name)
            .lines()
            .filter(|l| l.starts_with("| `") && l.contains('-'))
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let first = rows.iter().map(|row| row.split('|').nth(1).unwrap());
        let named: BTreeSet<&str> = first.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
        let checks: BTreeSet<&str> = PostureCheck::ALL.iter().map(|check| check.name()).collect();
        let packages = [
            "openssl",
            "coreutils",
            "dosfstools",
            "exfatprogs",
            "fbterm",
            "kmscon",
            "fonts-noto-cjk",
            "v4l-utils",
            "less",
        ];
        let named: BTreeSet<&str> = named.into_iter().filter(|name| !packages.contains(name)).collect();
        assert_eq!(named, checks, "{name}");
    }
}

#[test]
fn links_resolve() {
    let pages = every_page();
    for name in PAGES.concat() {
        assert!(pages.iter().any(|page| page == name), "{name}");
        assert!(!links(&page(name)).is_empty(), "{name}");
    }
    for name in &pages {
        links(&page(name)).iter().for_each(|link| resolves(name, link));
    }
}

fn links(text: &str) -> Vec<String> {
    text.split("](").skip(1).map(|rest| rest[..rest.find(')').unwrap()].to_owned()).collect()
}

/// Checks that the file exists, and that it has the heading.
fn resolves(from: &str, link: &str) {
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    let from = Path::new(ROOT).join(from);
    let target: PathBuf = if file.is_empty() { from.clone() } else { from.parent().unwrap().join(file) };
    assert!(target.is_file(), "{}: {link} leads nowhere", from.display());
    if !heading.is_empty() {
        let text = fs::read_to_string(&target).unwrap();
        let found = text.lines().filter(|l| l.starts_with('#')).any(|l| slug(l) == heading);
        assert!(found, "{}: {link} names no heading", from.display());
    }
}

/// A heading's name in a link: lower case, punctuation dropped, a hyphen for each space.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-');
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn readmes_name_controls_that_exist_and_the_same_ones() {
    let [english, chinese] = PAGES[0].map(|name| control_ids(&page(name)));
    assert!(english.len() >= 4);
    assert_eq!(english, chinese);
    for id in english {
        assert!(Control::ALL.iter().any(|(control, _)| control.id() == id), "{id} is not a control");
    }
}

/// The control ids in backquotes, without abbreviations such as `KF-…`.
fn control_ids(text: &str) -> BTreeSet<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|q| q.starts_with("KF-") && !q.ends_with('…')).map(str::to_owned).collect()
}

/// README.md's statement about `openssl` is true; each control's own tests show that keyferry refuses the same.
#[test]
fn openssl_accepts_what_the_readme_says() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    write("public.der", SPKI);
    write("private.pem", PRIVATE_PEM.as_bytes());
    write("newline", &[&[7; 32][..], b"\n"].concat());
    write("base64", b"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n");
    let oaep = ["-pkeyopt", "rsa_padding_mode:oaep"];
    for material in ["newline", "base64"] {
        let public = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "public.der"];
        openssl(&[&public[..], &oaep, &["-in", material, "-out", "wrapped"]].concat(), dir.path());
        // The result can be decrypted with SHA-1, which nobody requested.
        let private = ["pkeyutl", "-decrypt", "-inkey", "private.pem", "-pkeyopt", "rsa_oaep_md:sha1"];
        openssl(&[&private[..], &oaep, &["-in", "wrapped", "-out", "opened"]].concat(), dir.path());
        let read = |name: &str| fs::read(dir.path().join(name)).unwrap();
        assert_eq!(read("opened"), read(material));
    }
}

/// The README's claim about the service is also true: a second fetch invalidates the ciphertext that was made
/// for the first.
#[test]
fn a_second_fetch_invalidates_the_first_as_the_readme_says() {
    let emulator = EmulatorProcess::start(&["--wrapping-keys", "2"]);
    let kms = Kms::new(&emulator.endpoint, "ap-singapore");
    let key = kms.create_external("second-fetch");
    let fetch = || kms.parameters(&key, WrappingAlgorithm::RsaesOaepSha256);
    let ((public, token), (_, newer)) = (fetch(), fetch());
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("key"), public).unwrap();
    let args = ["encrypt", "--public-key", "key", "--algorithm", "RSAES_OAEP_SHA_256", "--material", "raw"];
    let dir = dir.path();
    run(offline(["generate", "--bits", "256", "--out", "raw"]).current_dir(dir)).ok();
    run(offline(args).args(["--out", "wrapped", "--encoding", "base64"]).current_dir(dir)).ok();
    let wrapped = fs::read_to_string(dir.join("wrapped")).unwrap();
    for token in [token, newer] {
        assert!(kms.import(&key, wrapped.trim(), &token).is_err());
    }
}

#[test]
fn the_screens_are_what_the_programs_print() {
    for (pages, lang) in [(0, &[][..]), (1, &["--lang", "zh"])] {
        let dir = tempfile::tempdir().unwrap();
        let mut command = program("keyferry");
        command.arg("rehearse").args(lang).arg("--out").arg(dir.path().join("rehearsal"));
        let rehearsal = run(command.arg("--bin-dir").arg(bin_dir()));
        let printed: Vec<String> = rehearsal.ok().err.lines().map(without_chance).collect();
        let names = [PAGES[0][pages], PAGES[1][pages]];
        let screens = names.map(|name| blocks(&page(name), "text")).concat();
        let screens: Vec<_> = screens.iter().filter(|block| block.starts_with("$ ")).collect();
        assert_eq!(screens.len(), 3);
        screens.iter().for_each(|screen| was_printed(screen, &printed));
    }
}

/// Every line of the screen appears after its command, in this order; `…` stands for omitted lines.
fn was_printed(screen: &str, printed: &[String]) {
    let (command, lines) = screen.split_once('\n').unwrap();
    let typed = without_chance(command.trim_start_matches("$ "));
    // A rehearsal may put `unshare` before the command.
    let at = printed.iter().position(|l| l.starts_with("$ ") && l.ends_with(&typed));
    let mut rest = printed[at.unwrap_or_else(|| panic!("not run: {typed}"))..].iter();
    for line in lines.lines().filter(|l| l.trim() != "…").map(without_chance) {
        assert!(rest.any(|l| *l == line), "after `{typed}` the programs do not print: {line}");
    }
}

/// A line without the parts that differ from run to run: numbers, times, hexadecimal digits, the words of a digest.
fn without_chance(line: &str) -> String {
    let random = |word: &str| {
        let word = word.trim_matches(['(', ')', ',', ';']);
        word.starts_with("SHA256:") || word.chars().all(|c| c.is_ascii_hexdigit() || "-:.TZ".contains(c))
    };
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |word: &&str| word.parse::<u8>().is_ok_and(|n| (1..=24).contains(&n));
    // In each row of a digest, numbers and words alternate.
    if words.len() >= 8 && words.chunks(2).all(|pair| pair.len() == 2 && number(&pair[0])) {
        return format!("# words: {}", words.len() / 2);
    }
    words.into_iter().map(|word| if random(word) { "#" } else { word }).collect::<Vec<_>>().join(" ")
}
