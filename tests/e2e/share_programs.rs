//! Other programs recover the same secret from our shares: the table in `ceremony/operate/shares.md`, row by row, with the shares of a
//! ceremony with two keys.
//!
//! `cargo xtask shares` installs the programs and runs the tests that are ignored without them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::backup_killed::{MANY, room};
use crate::support::shares::*;
use crate::support::*;
use keyferry_core::*;

/// One row of the table.
#[derive(Debug)]
struct Program {
    name: String,
    version: String,
    language: String,
    /// The result with exactly T shares in whole words, with four letters of each word, and with one share more than T.
    columns: [String; 3],
}

fn programs() -> Vec<Program> {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ceremony/operate/shares.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<String> =
            row.trim_matches('|').split('|').map(|c| c.trim().trim_matches('`').to_owned()).collect();
        let [name, version, language, whole, four, more, _] = &cells[..] else { panic!("{row}") };
        Program {
            name: name.clone(),
            version: version.clone(),
            language: language.clone(),
            columns: [whole.clone(), four.clone(), more.clone()],
        }
    })
    .collect()
}

/// The ceremony, and its three shares in words.
fn ceremony() -> &'static (Room, Vec<String>) {
    static HELD: OnceLock<(Room, Vec<String>)> = OnceLock::new();
    HELD.get_or_init(|| {
        let room = room(&MANY[..2]);
        run_typing(&mut room.wrap(&["--shares", "files=shares"]), &room.path("shares"), "Yes\n", lines).ok();
        let shares = shares_in(&room.path("shares"));
        (room, shares)
    })
}

/// The secret that a program recovers from shares, or nothing if it refuses.
fn recover(program: &Program, shares: &[String]) -> Option<Vec<u8>> {
    let installed = std::env::var("KEYFERRY_SHARE_PROGRAMS");
    let installed =
        PathBuf::from(installed.unwrap_or_else(|_| panic!("run `cargo xtask shares`, which installs them")));
    let script =
        |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/share_programs").join(name);
    let mut command = match program.language.as_str() {
        "JavaScript" => {
            let mut node = Command::new("node");
            node.arg(script("recover.js")).arg(&installed);
            node
        }
        _ => {
            let mut python = Command::new(installed.join("bin/python"));
            // -B: no compiled module next to the sources.
            python.arg("-B").arg(script("recover.py")).arg(&program.name);
            python
        }
    };
    let run = run_with(&mut command, &lines(shares));
    // An exception must come from the program itself, not from a module that is missing.
    let missing = ["ModuleNotFoundError", "ImportError", "Cannot find module"];
    assert!(!missing.iter().any(|m| run.err.contains(m)), "{program:?}: {}", run.err);
    match run.code {
        Some(0) => Some((0..run.out.trim().len() / 2).map(|n| byte(run.out.trim(), n)).collect()),
        _ => None,
    }
}

fn byte(hex: &str, n: usize) -> u8 {
    u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()
}

/// The secret opens the escrow, and every material in it is the one that the record committed to.
fn opens_the_escrow(secret: &[u8], room: &Room) -> bool {
    let (escrow, _) = artefact::parse::<Escrow>(&fs::read(room.path("medium/escrow.json")).unwrap()).unwrap();
    let Ok(material) = KeyMaterial::from_bytes(secret) else { return false };
    let key = EscrowKey::from_material(material).unwrap();
    let Ok(opened) = escrow.open(&key) else { return false };
    assert_eq!(escrow.keys.len(), 2);
    escrow.keys.iter().all(|entry| {
        let material = opened.material(entry, &Heap).unwrap();
        entry.commitment == Some(Commitment::of(&material))
    })
}

#[test]
#[ignore = "needs the other programs: cargo xtask shares"]
fn shares_of_two_keys_are_recovered_by_other_programs() {
    let (room, shares) = ceremony();
    let programs = programs();
    assert!(programs.len() >= 4, "{programs:?}");
    let mut recovered = 0;
    for program in &programs {
        for pair in [[0, 1], [0, 2], [2, 1]] {
            let chosen = pair.map(|n| shares[n].clone());
            let secret = recover(program, &chosen).unwrap_or_else(|| panic!("{program:?} refuses {pair:?}"));
            assert!(opens_the_escrow(&secret, room), "{program:?} {pair:?}");
            recovered += 1;
        }
        assert_eq!(recover(program, &shares[..1]), None, "{program:?} wants two");
        let right = |shares: &[String]| {
            let found = recover(program, shares);
            let right = found.as_deref().map(|secret| opens_the_escrow(secret, room));
            assert_ne!(right, Some(false), "{program:?} recovers another secret");
            if right == Some(true) { "recovers" } else { "refuses" }
        };
        let four: Vec<String> = shares[..2].iter().map(|share| four_letters(share)).collect();
        assert_eq!(["recovers", right(&four), right(shares)], program.columns.each_ref().map(String::as_str));
        println!("{} {} ({})", program.name, program.version, program.language);
    }
    println!("{recovered} recoveries by {} programs", programs.len());
}

fn four_letters(share: &str) -> String {
    share.split(' ').map(|word| &word[..4]).collect::<Vec<_>>().join(" ")
}

/// The page lists the versions that are installed, and a share names the same programs to its holder.
#[test]
fn the_table_names_what_is_installed_and_what_a_share_says() {
    let pins = include_str!("share_programs/requirements.txt");
    let package: serde_json::Value =
        serde_json::from_str(include_str!("share_programs/package.json")).unwrap();
    let (room, _) = ceremony();
    let file = fs::read_to_string(share_file(&room.path("shares"), 1)).unwrap();
    let programs = programs();
    for Program { name, version, language, .. } in &programs {
        match language.as_str() {
            "JavaScript" => assert_eq!(package["dependencies"][name], version.as_str()),
            _ => assert!(pins.lines().any(|pin| pin == format!("{name}=={version}")), "{name} {version}"),
        }
        assert!(file.contains(&format!("{name} {version}")), "{name} {version} in {file}");
    }
    let pinned = pins.lines().filter(|l| !l.starts_with('#')).count();
    assert_eq!(programs.len(), pinned + package["dependencies"].as_object().unwrap().len());
    assert!(file.contains("type exactly 2") && file.contains("escrow.json is kept at: ____"), "{file}");
}
