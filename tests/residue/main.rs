//! Nothing secret is left in the offline station's memory when it exits.
//!
//! The station as it ships wraps, encrypts and generates; it is stopped at its exit, and all its writable memory is searched for the
//! material and every intermediate. The same search over a build that does not wipe (`--cfg keyferry_wiping_disabled`) must find
//! some. Outside: registers, the kernel's copies of files and pipes, and memory that was given back to the kernel.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod needles;
mod scan;
#[path = "../support/mod.rs"]
mod support;
mod trace;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyferry_core::*;
use needles::Secrets;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use scan::{Finding, Needle, Scanner};
use support::*;
use trace::{Mapping, memory_at_exit};

const SEED: [u8; 32] = [0x42; 32];
/// Typed after the answer: the station's input buffer, on the heap, keeps it.
const TYPED: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
/// In the environment, hence on the stack.
const EXPORTED: &str = "f9d8c7b6a594837261504f3e2d1c0bfa";
/// How the control is told from a real station, in its version and in every record.
const DOES_NOT_WIPE: &str = "DOES NOT WIPE";
const ALGORITHMS: [WrappingAlgorithm; 3] =
    [WrappingAlgorithm::RsaesOaepSha256, WrappingAlgorithm::RsaesOaepSha1, WrappingAlgorithm::RsaesPkcs1V15];

/// The two programs, each under its variable.
fn station(variable: &str) -> PathBuf {
    std::env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask residue`"))
        .into()
}

fn shipped() -> PathBuf {
    station("KEYFERRY_RESIDUE_SHIPPED")
}

/// Built with `--cfg keyferry_wiping_disabled`.
fn control() -> PathBuf {
    station("KEYFERRY_RESIDUE_CONTROL")
}

/// Searches, and first of all for what must be there.
fn search(what: &str, memory: &[Mapping], secrets: &[Needle], present: &[(&str, &str)]) -> Vec<Finding> {
    for (marker, mapping) in present {
        let marker = [Needle { name: "marker".into(), bytes: marker.as_bytes().into() }];
        let found = Scanner::new(&marker).find(memory);
        assert!(found.iter().any(|f| f.mapping == *mapping), "{what}: the marker is not in {mapping}");
    }
    let bytes: usize = memory.iter().map(|m| m.bytes.len()).sum();
    let found = Scanner::new(secrets).find(memory);
    eprintln!(
        "{what}: {} secrets, {bytes} bytes in {} mappings, {} findings",
        secrets.len(),
        memory.len(),
        found.len()
    );
    found
}

/// Wraps two keys of both lengths and searches for all that is secret of them.
fn wrap(program: &Path, algorithm: WrappingAlgorithm, seeded: bool) -> Vec<Finding> {
    let keys = [("long", "ap-singapore", Some(KEY_ID)), ("short", "ap-guangzhou", Some(OTHER_KEY_ID))];
    let room = Room::with_keys("rehearsal", algorithm, &keys);
    let seed: String = SEED.iter().map(|b| format!("{b:02x}")).collect();
    let mut args =
        vec!["wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium"];
    if seeded {
        args.extend(["--rehearsal-seed", &seed]);
    }
    let typed = format!("Yes\n{TYPED}\n");
    let memory = memory_at_exit(program, &args, room.dir.path(), &typed, EXPORTED);
    let (ciphertext, _) = room.ciphertext();
    let secrets: Vec<_> =
        ciphertext.keys.iter().map(|k| Secrets::of(algorithm, k.wrapped_material.as_bytes())).collect();
    assert_eq!(secrets.iter().map(|s| s.material.len()).collect::<Vec<_>>(), [32, 16]);
    if seeded {
        let first = KeyMaterial::generate(MaterialBits::B256, &mut ChaCha20Rng::from_seed(SEED)).unwrap();
        assert_eq!(first.expose(), secrets[0].material);
    }
    let needles: Vec<_> = secrets.into_iter().flat_map(|s| s.needles).collect();
    let what = format!("wrap, {algorithm}, {}", if seeded { "seeded" } else { "random" });
    search(&what, &memory, &needles, &[(EXPORTED, "[stack]"), (TYPED, "[heap]")])
}

/// Backs one key up, and drills: searches for the material and for every piece of a share, in words and in digits.
fn backup(program: &Path) -> Vec<Finding> {
    let keys = [("long", "ap-singapore", Some(KEY_ID))];
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), &keys);
    let plan = plan
        .replace("scheme = \"none\"\nreason = \"a test\"", "scheme = \"slip39\"\nthreshold = 2\nshares = 3");
    let seed: String = SEED.iter().map(|b| format!("{b:02x}")).collect();
    let args = ["wrap", "--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium"];
    let args = [&args[..], &["--shares", "files=shares", "--rehearsal-seed", &seed]].concat();
    let room = || {
        let room = Room::with_plan(&plan);
        std::fs::create_dir(room.path("shares")).unwrap();
        room
    };
    // A first run, given up when the shares are to be typed, tells what the same seed gives the second one.
    let first = room();
    let mut command = Command::new(program);
    let given_up = run_with(command.args(&args).current_dir(first.dir.path()), "Yes\n");
    given_up.refused(1, Control::SECRET_TYPED);
    let shares: Vec<Vec<String>> =
        (1..=3).map(|n| share_words(&first.path(&format!("shares/share-{n}-of-3.txt")))).collect();
    let lines: Vec<_> = shares.iter().map(|words| words.join(" ") + "\n").collect();
    let second = room();
    let typed = format!("Yes\n{}", lines.concat());
    let wrapped = memory_at_exit(program, &args, second.dir.path(), &typed, EXPORTED);
    let drill = ["drill", "--transcript", "medium/transcript.jsonl"];
    let drilled = memory_at_exit(program, &drill, second.dir.path(), &lines[1..].concat(), EXPORTED);
    let material = KeyMaterial::generate(MaterialBits::B256, &mut ChaCha20Rng::from_seed(SEED)).unwrap();
    let mut needles = needles::of_material(material.expose());
    for (n, words) in shares.iter().enumerate() {
        // The first four words are no secret.
        for (at, piece) in words[4..].windows(4).enumerate() {
            let name = format!("share {}, words {} on", n + 1, at + 5);
            needles.push(Needle { name, bytes: piece.join(" ").into_bytes() });
        }
    }
    let present = [(EXPORTED, "[stack]")];
    let mut found = search("wrap with shares", &wrapped, &needles, &present);
    found.extend(search("drill", &drilled, &needles, &present));
    found
}

/// The words of a share's file, in the order of their numbers.
fn share_words(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let rows = text.lines().filter(|l| l.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    let tokens: Vec<_> = rows.flat_map(str::split_whitespace).collect();
    let mut words: Vec<(usize, String)> =
        tokens.chunks(2).map(|pair| (pair[0].parse().unwrap(), pair[1].to_owned())).collect();
    words.sort();
    assert_eq!(words.len(), 33);
    words.into_iter().map(|(_, word)| word).collect()
}

/// Generates a file, then encrypts it.
fn by_hand(program: &Path, algorithm: WrappingAlgorithm, bits: &str) -> Vec<Finding> {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("key.der"), SPKI).unwrap();
    let generate = ["generate", "--bits", bits, "--out", "material.bin"];
    let generated = memory_at_exit(program, &generate, dir.path(), "", EXPORTED);
    let name = algorithm.as_str();
    let encrypt = ["encrypt", "--public-key", "key.der", "--algorithm", name, "--material", "material.bin"];
    let encrypt = [&encrypt[..], &["--out", "wrapped.bin"]].concat();
    let encrypted = memory_at_exit(program, &encrypt, dir.path(), "", EXPORTED);
    let secrets = Secrets::of(algorithm, &std::fs::read(path("wrapped.bin")).unwrap());
    assert_eq!(std::fs::read(path("material.bin")).unwrap(), secrets.material);
    let present = [(EXPORTED, "[stack]")];
    let mut found = search(&format!("generate, {bits} bits"), &generated, &secrets.needles, &present);
    found.extend(search(
        &format!("encrypt, {algorithm}, {bits} bits"),
        &encrypted,
        &secrets.needles,
        &present,
    ));
    found
}

/// What the program says that it is.
fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn list(found: &[Finding]) -> String {
    found.iter().map(|f| format!("\n  {f}")).collect()
}

#[test]
#[ignore = "needs the shipped station and one that does not wipe: cargo xtask residue"]
fn the_shipped_station_leaves_nothing() {
    assert!(!version(&shipped()).contains(DOES_NOT_WIPE));
    let mut found = Vec::new();
    for algorithm in ALGORITHMS {
        found.extend(wrap(&shipped(), algorithm, true));
        found.extend(wrap(&shipped(), algorithm, false));
        found.extend(by_hand(&shipped(), algorithm, "128"));
        found.extend(by_hand(&shipped(), algorithm, "256"));
    }
    found.extend(backup(&shipped()));
    assert!(found.is_empty(), "left in memory:{}", list(&found));
}

#[test]
#[ignore = "needs the shipped station and one that does not wipe: cargo xtask residue"]
fn a_station_that_does_not_wipe_is_found_out() {
    assert!(version(&control()).contains(DOES_NOT_WIPE), "it could be taken for a real one");
    let found = backup(&control());
    let of_share = |f: &&Finding| f.needle.starts_with("share");
    assert!(found.iter().any(|f| !of_share(&f)) && found.iter().any(|f| of_share(&f)), "{}", list(&found));
    for algorithm in ALGORITHMS {
        let found = wrap(&control(), algorithm, true);
        let names: BTreeSet<_> = found.iter().map(|f| format!("{} in {}", f.needle, f.mapping)).collect();
        eprintln!("  {}", Vec::from_iter(names).join(", "));
        assert!(!found.is_empty(), "{algorithm}");
        assert!(!by_hand(&control(), algorithm, "256").is_empty(), "{algorithm}");
    }
}
