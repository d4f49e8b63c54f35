//! The commands in `ceremony/audit/formats.md` give the same results as the programs for files of both versions: canonical form, words,
//! keys, KCV, commitment, binding, escrow, chain.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::print_stderr)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyferry_core::artefact::parse;
use keyferry_core::transcript::{SaidIn, Withheld};
use keyferry_core::*;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The page's indented block that contains `piece`: there must be exactly one.
fn block(piece: &str) -> String {
    let found: Vec<_> = blocks("formats.md").into_iter().filter(|block| block.contains(piece)).collect();
    assert_eq!(found.len(), 1, "{piece}");
    found.into_iter().next().unwrap()
}

/// The indented blocks of a page; some blocks are empty, because each line of a paragraph begins a new one.
fn blocks(page: &str) -> Vec<String> {
    let page = fs::read_to_string(Path::new(ROOT).join("ceremony/audit").join(page)).unwrap();
    let mut blocks = vec![String::new()];
    for line in page.lines() {
        match line.strip_prefix("    ") {
            Some(line) => *blocks.last_mut().unwrap() += &format!("{line}\n"),
            None if line.is_empty() => blocks.last_mut().unwrap().push('\n'),
            None => blocks.push(String::new()),
        }
    }
    blocks
}

/// What a script prints in a folder; `None` if it fails.
fn said(script: &str, folder: &Path, variables: &[(&str, &str)]) -> Option<String> {
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("set -eo pipefail\n{script}")])
        .current_dir(folder)
        .envs(variables.iter().copied());
    let run = bash.output().unwrap();
    run.status.success().then(|| String::from_utf8(run.stdout).unwrap())
}

/// Folders with the files of one ceremony each: all of 0.1, and one of today.
fn ceremonies() -> Vec<tempfile::TempDir> {
    let root = Path::new(ROOT);
    let records = fs::read_dir(root.join("tests/data/0.1")).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<Vec<(PathBuf, &str)>> = records
        .filter(|shape| shape.join("record").is_dir())
        .map(|shape| {
            let record = ["plan.toml", "parameters.json", "ciphertext.json", "transcript.jsonl"];
            let files = record.into_iter().map(|name| (shape.join("record").join(name), name));
            files.chain([(shape.join("session.json"), "session.json")]).collect()
        })
        .collect();
    assert_eq!(all.len(), 9);
    let seed = |folder: &str, name: &str| root.join("fuzz/seeds").join(folder).join(name);
    all.push(vec![
        (seed("parameters", "rehearsal-2.json"), "parameters.json"),
        (seed("ciphertext", "rehearsal-2.json"), "ciphertext.json"),
        (seed("session", "rehearsal-2.json"), "session.json"),
        (seed("transcript", "rehearsal-2.jsonl"), "transcript.jsonl"),
    ]);
    all.into_iter()
        .map(|files| {
            let folder = tempfile::tempdir().unwrap();
            for (from, to) in &files {
                fs::copy(from, folder.path().join(to)).unwrap();
            }
            let words = root.join("crates/core/src/words/bip39/english.txt");
            fs::copy(words, folder.path().join("english.txt")).unwrap();
            folder
        })
        .collect()
}

fn no_python() -> bool {
    let without = Command::new("python3").arg("--version").output().is_err();
    if without {
        eprintln!("SKIPPED: python3 is not installed; commands of formats.md were not run");
    }
    without
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{}: {from}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn form_words_and_bindings_of_every_ceremony() {
    if no_python() {
        return;
    }
    let (canonical, words, binds) = (block("cmp <("), block("& 2047"), block("DOES NOT BIND"));
    for folder in ceremonies() {
        let folder = folder.path();
        for name in ["ciphertext.json", "parameters.json", "session.json"] {
            let script = canonical.replace("ciphertext.json", name);
            assert_eq!(said(&script, folder, &[]).as_deref(), Some(""), "{name}");
        }
        let digest = Fingerprint::of(&fs::read(folder.join("parameters.json")).unwrap());
        let printed = said(&words, folder, &[]).unwrap();
        assert_eq!(printed.split_whitespace().collect::<Vec<_>>(), digest.words(Lang::En));

        let file = folder.join("ciphertext.json");
        let keys = parse::<Ciphertext>(&fs::read(&file).unwrap()).unwrap().0.keys;
        let all = |word: &str| keys.iter().map(|key| format!("{} {word}\n", key.alias)).collect::<String>();
        assert_eq!(said(&binds, folder, &[]).unwrap(), all("binds"));
        edit(&file, "\"parameters_sha256\": \"", "\"parameters_sha256\": \"00");
        assert_eq!(said(&binds, folder, &[]).unwrap(), all("DOES NOT BIND"));
        edit(&file, "\n", "\n\n");
        assert_eq!(said(&canonical, folder, &[]), None);
    }
}

#[test]
fn keys_tokens_and_chains_of_every_ceremony() {
    let (keys, tokens, chain) = (block("pkey -pubin"), block("grep -v"), block("printf '0%.0s'"));
    for folder in ceremonies() {
        let folder = folder.path();
        let parameters = parse::<Parameters>(&fs::read(folder.join("parameters.json")).unwrap()).unwrap().0;
        let printed = said(&keys, folder, &[]).unwrap();
        for entry in &parameters.keys {
            assert!(printed.contains(&Fingerprint::of(entry.public_key.as_bytes()).to_string()), "{printed}");
        }
        assert_eq!(printed.matches("(2048 bit)").count(), parameters.keys.len(), "{printed}");

        let session = parse::<Session>(&fs::read(folder.join("session.json")).unwrap()).unwrap().0;
        let printed = said(&tokens, folder, &[]).unwrap();
        for secret in session.secrets {
            assert!(printed.contains(secret.key_id.as_str()));
            assert!(!printed.contains(secret.import_token.unwrap().expose()));
        }

        let file = folder.join("transcript.jsonl");
        let head = Transcript::verify(&fs::read(&file).unwrap()).unwrap().unwrap().head();
        assert_eq!(said(&chain, folder, &[]).unwrap(), format!("{head}\n"));
        edit(&file, "\"station\":\"online\"", "\"station\":\"offline\"");
        assert!(said(&chain, folder, &[]).unwrap().starts_with("broken: {\"seq\":1,"));
    }
}

#[test]
fn escrows_of_both_versions_open_and_give_what_they_committed_to() {
    if no_python() {
        return;
    }
    let (open, kcvs, commitment) =
        (block("DOES NOT OPEN"), block("-sm4-ecb"), block("printf keyferry/commitment/1"));
    // A command that ends in a pipe continues on the next line.
    let kcvs = kcvs.replace("|\n", "|");
    let kcvs: Vec<&str> = kcvs.lines().filter(|line| !line.is_empty()).collect();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut opened = 0;
    for seed in ["rehearsal.json", "rehearsal-2.json"] {
        let bytes = fs::read(Path::new(ROOT).join("fuzz/seeds/escrow").join(seed)).unwrap();
        fs::write(folder.join("escrow.json"), &bytes).unwrap();
        let escrow = parse::<Escrow>(&bytes).unwrap().0;
        // The key with which the seeds are sealed: fuzz/src/lib.rs.
        let printed = said(&open, folder, &[("E", &"90".repeat(32))]).unwrap();
        assert_eq!(printed.lines().count(), escrow.keys.len());
        for (line, entry) in printed.lines().zip(&escrow.keys) {
            let material = line.strip_prefix(&format!("{} ", entry.alias)).unwrap();
            let last = |script: &str| said(script, folder, &[("K", material)]).unwrap();
            assert!(
                last(&commitment).trim().ends_with(&entry.commitment.unwrap().to_string()),
                "{seed}: {line}"
            );
            if let Some(kcv) = entry.kcv {
                let script = match kcv.method {
                    KcvMethod::Aes => kcvs[0].replace("256", &entry.material.length.bits().to_string()),
                    KcvMethod::Sm4 => kcvs[1].to_owned(),
                    KcvMethod::Hmac => kcvs[2].to_owned(),
                };
                assert_eq!(last(&script).replace(' ', "").trim(), kcv.value.to_string(), "{seed}: {line}");
            }
            opened += 1;
        }
        let other = said(&open, folder, &[("E", &"91".repeat(32))]).unwrap();
        assert_eq!(other.matches("DOES NOT OPEN").count(), escrow.keys.len());
    }
    assert_eq!(opened, 5);
}

#[test]
fn a_withheld_name_is_the_commitment_of_the_page() {
    if no_python() {
        return;
    }
    let expected =
        serde_json::to_value(Withheld::of(&"t-1".parse().unwrap(), SaidIn::Custodian, &[0x5a; 32], "王小明"))
            .unwrap();
    let variables =
        [("CEREMONY", "t-1"), ("MEMBER", "custodian"), ("SALT", &*"5a".repeat(32)), ("TEXT", "王小明")];
    let printed = said(&block("keyferry/said/1"), Path::new(ROOT), &variables).unwrap();
    assert_eq!(expected["commitment"], printed.trim());
}

#[test]
fn the_chinese_page_has_the_same_commands_and_rows() {
    let commands = |page| -> Vec<String> {
        blocks(page).iter().map(|block| block.trim().to_owned()).filter(|block| !block.is_empty()).collect()
    };
    assert!(commands("formats.md").len() >= 14);
    assert_eq!(commands("formats.zh-CN.md"), commands("formats.md"));
    // A table row begins with its subject: the name of a file or of a member is not translated.
    let rows = |page: &str| -> Vec<String> {
        let text = fs::read_to_string(Path::new(ROOT).join("ceremony/audit").join(page)).unwrap();
        let first =
            text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next().map(str::to_owned));
        first
            .filter(|cell| cell.starts_with('`') && cell.ends_with('`'))
            .map(|cell| cell.replace('、', ", "))
            .collect()
    };
    assert!(rows("formats.md").len() > 100);
    assert_eq!(rows("formats.zh-CN.md"), rows("formats.md"));
}
