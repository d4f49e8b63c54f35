//! `traps.md`: each trap has a guard and a test that exists. Some traps are avoided because the program never does the
//! thing in question.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn own() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every test that the page names is a function in the file that it names.
#[test]
fn each_trap_has_a_test_that_exists() {
    let page = std::fs::read_to_string(own().join("traps.md")).unwrap();
    let root = own().parent().unwrap().parent().unwrap();
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter(|row| row.starts_with(char::is_numeric));
    let mut numbers = 0;
    for row in rows {
        let cells: Vec<_> = row.trim_end_matches('|').split(" | ").collect();
        let [number, _, guard, tests] = cells[..] else { panic!("{row}") };
        numbers += 1;
        assert_eq!(number.parse(), Ok(numbers), "{row}");
        assert!(!guard.trim().is_empty() && tests.contains("::"), "{row}");
        for test in tests.trim().split("; ") {
            let (file, name) = test.trim_matches('`').split_once("::").unwrap();
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
            assert!(text.contains(&format!("fn {name}(")), "{file} has no test {name}");
        }
    }
    assert!(numbers >= 25, "{numbers}");
}

/// The sources of the child; only the child talks to a module.
fn child() -> String {
    let folder = own().join("src/child");
    let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

fn named(text: &str, before: &str) -> BTreeSet<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    text.split(before).skip(1).map(word).collect()
}

/// Makers disagree on what `CKM_AES_KEY_WRAP_PAD` means, so it is never requested.
#[test]
fn the_ceremony_names_five_mechanisms() {
    let ciphers = named(&child(), "Cipher::");
    let expected = ["AesEcb", "AesKeyGen", "RsaPkcs", "RsaPkcsOaep", "Sha256"];
    assert_eq!(ciphers, expected.map(str::to_owned).into());
}

/// The maker's tools set up a token, and rules about PINs are their concern.
#[test]
fn no_pin_is_set_and_no_token_initialised() {
    let text = child();
    for call in ["init_token", "init_pin", "set_pin"] {
        assert!(!text.contains(call), "{call}");
    }
    // The control: the calls that are made do appear in this spelling.
    assert!(text.contains(".login(who, "));
}
