//! Nothing secret is left in the offline station's memory when it exits.
//!
//! The shipped station wraps, encrypts and generates; it is stopped at its exit, and all its writable memory is searched for the
//! material and every intermediate value. The same search must find some of them in a build that does not wipe (`--cfg
//! keyferry_wiping_disabled`). Not covered: registers, the kernel's copies of files and pipes, and memory that was returned to the
//! kernel.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

pub(crate) mod needles;
pub(crate) mod pair;
pub(crate) mod scan;
pub(crate) mod trace;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::shares::*;
use crate::support::*;
use keyferry_core::*;
use keyferry_slip39::{Passphrase, Share, ShareSet};
use needles::Secrets;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use scan::{Finding, Needle, Scanner};
use trace::{Mapping, memory_at_exit};

const SEED: [u8; 32] = [0x42; 32];
/// Typed after the answer: the station's input buffer, on the heap, keeps it.
const TYPED: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
/// A marker in the environment, hence on the stack.
const EXPORTED: &str = "f9d8c7b6a594837261504f3e2d1c0bfa";
/// How the control differs from a real station, in its version and in every record.
const DOES_NOT_WIPE: &str = "THAT DOES NOT WIPE ITS MEMORY";
const ALGORITHMS: [WrappingAlgorithm; 3] =
    [WrappingAlgorithm::RsaesOaepSha256, WrappingAlgorithm::RsaesOaepSha1, WrappingAlgorithm::RsaesPkcs1V15];

/// Shares of the material itself, and of an escrow's key.
const BACKED: [&[(&str, &str, Option<&str>)]; 2] = [
    &[("long", "ap-singapore", Some(KEY_ID))],
    &[("long", "ap-singapore", Some(KEY_ID)), ("short", "ap-guangzhou", Some(OTHER_KEY_ID))],
];

/// The two programs, each with its variable.
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

/// Searches, first for the markers that must be there.
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

/// Wraps two keys, one of each length, and searches for everything secret about them.
fn wrap(program: &Path, algorithm: WrappingAlgorithm, seeded: bool) -> Vec<Finding> {
    let keys = [("long", "ap-singapore", Some(KEY_ID)), ("short", "ap-guangzhou", Some(OTHER_KEY_ID))];
    wrap_keys(program, algorithm, seeded, &keys)
}

/// The same with enough keys for worker threads to wrap them, each on its own stack.
fn wrap_many(program: &Path, seeded: bool) -> Vec<Finding> {
    let names: Vec<_> = (0..70).map(|n| (format!("k-{n}"), format!("{n:08x}{}", &KEY_ID[8..]))).collect();
    let keys: Vec<_> = names.iter().map(|(a, id)| (a.as_str(), "ap-singapore", Some(id.as_str()))).collect();
    wrap_keys(program, WrappingAlgorithm::RsaesOaepSha256, seeded, &keys)
}

fn wrap_keys(
    program: &Path,
    algorithm: WrappingAlgorithm,
    seeded: bool,
    keys: &[(&str, &str, Option<&str>)],
) -> Vec<Finding> {
    let room = Room::with_keys("rehearsal", algorithm, keys);
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
    let length = |(_, region, _): &(&str, &str, _)| if *region == "ap-guangzhou" { 16 } else { 32 };
    assert!(secrets.iter().map(|s| s.material.len()).eq(keys.iter().map(length)));
    if seeded {
        let first = KeyMaterial::generate(MaterialLength::B256, &mut ChaCha20Rng::from_seed(SEED)).unwrap();
        assert_eq!(first.expose(), secrets[0].material);
    }
    let needles: Vec<_> = secrets.into_iter().flat_map(|s| s.needles).collect();
    let (n, source) = (keys.len(), if seeded { "seeded" } else { "random" });
    let what = format!("wrap, {n} keys, {algorithm}, {source}");
    search(&what, &memory, &needles, &[(EXPORTED, "[stack]"), (TYPED, "[heap]")])
}

/// Backs keys up, drills and recovers them: searches for the material, for every share in words, digits, numbers and as a value, for the
/// standard's intermediate values, and, if there are several keys, for those of the escrow.
fn backup(program: &Path, keys: &[(&str, &str, Option<&str>)]) -> Vec<Finding> {
    let plan = plan_text("rehearsal", WrappingAlgorithm::default(), keys);
    let plan = plan
        .replace("scheme = \"none\"\nreason = \"a test\"", "scheme = \"slip39\"\nthreshold = 2\nshares = 3");
    let seed: String = SEED.iter().map(|b| format!("{b:02x}")).collect();
    let inputs = ["--plan", "plan.toml", "--parameters", "medium/parameters.json"];
    let wrap =
        [&["wrap"][..], &inputs, &["--out", "medium", "--shares", "files=shares", "--rehearsal-seed", &seed]];
    let wrap = wrap.concat();
    let room = || {
        let room = Room::with_plan(&plan);
        private_folder(&room.path("shares"));
        std::fs::create_dir(room.path("again")).unwrap();
        room
    };
    // A first run, aborted when the shares must be typed, shows which values the same seed produces in the second run.
    let first = room();
    let mut command = Command::new(program);
    let given_up = run_with(command.args(&wrap).current_dir(first.dir.path()), "Yes\n");
    given_up.refused(1, Control::SECRET_TYPED);
    let shares = shares_in(&first.path("shares"));
    let second = room();
    let typed = format!("Yes\n{}", lines(&shares));
    let wrapped = memory_at_exit(program, &wrap, second.dir.path(), &typed, EXPORTED);
    let record = ["--transcript", "medium/transcript.jsonl"];
    let escrow: &[&str] = if keys.len() > 1 { &["--escrow", "medium/escrow.json"] } else { &[] };
    let two = lines(&shares[1..]);
    let drill = [&["drill"][..], &record, escrow].concat();
    let answered = format!("Yes\n{two}");
    let drilled = memory_at_exit(program, &drill, second.dir.path(), &answered, EXPORTED);
    let rewrap = [&["rewrap"][..], &inputs, &["--out", "again"], &record, escrow].concat();
    let typed = format!("Yes\n{two}");
    let rewrapped = memory_at_exit(program, &rewrap, second.dir.path(), &typed, EXPORTED);
    let needles = backup_needles(&second, &shares, escrow.is_empty());
    let present = [(EXPORTED, "[stack]")];
    let of = |what: &str| format!("{what}, {} keys with shares", keys.len());
    let mut found = search(&of("wrap"), &wrapped, &needles, &present);
    found.extend(search(&of("drill"), &drilled, &needles, &present));
    found.extend(search(&of("rewrap"), &rewrapped, &needles, &present));
    found
}

fn backup_needles(room: &Room, shares: &[String], material_itself: bool) -> Vec<Needle> {
    let given = {
        let mut set = ShareSet::new();
        for share in &shares[..2] {
            set.add(Share::parse(share).unwrap()).unwrap();
        }
        set.combine(&Passphrase::default()).unwrap()
    };
    // With a seed, the first draw is the shared secret.
    let drawn = KeyMaterial::generate(MaterialLength::B256, &mut ChaCha20Rng::from_seed(SEED)).unwrap();
    assert_eq!(drawn.expose(), given.expose());
    let mut needles = needles::of_material(given.expose());
    if !material_itself {
        let bytes = std::fs::read(room.path("medium/escrow.json")).unwrap();
        let (escrow, _) = artefact::parse::<Escrow>(&bytes).unwrap();
        let key = EscrowKey::from_material(KeyMaterial::from_bytes(given.expose()).unwrap()).unwrap();
        let opened = escrow.open(&key).unwrap();
        for entry in &escrow.keys {
            needles.extend(needles::of_material(opened.material(entry, &Heap).unwrap().expose()));
            needles.push(needles::of_entry(&escrow, entry, given.expose()));
        }
    }
    for (n, share) in shares.iter().enumerate() {
        let words: Vec<_> = share.split(' ').collect();
        // The first four words are not secret.
        for (at, piece) in words[4..].windows(4).enumerate() {
            let name = format!("share {}, words {} on", n + 1, at + 5);
            needles.push(Needle { name, bytes: piece.join(" ").into_bytes() });
        }
        for spelled in spelled(share).into_iter().filter(|s| s.name != "digits") {
            needles.push(Needle { name: format!("share {}, {}", n + 1, spelled.name), bytes: spelled.bytes });
        }
    }
    for (name, x) in [("the digest and its key", 254), ("the encrypted secret", 255)] {
        needles.push(Needle { name: name.into(), bytes: interpolated(&shares[0], &shares[1], x) });
    }
    needles
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

/// What the program prints for `--version`.
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
    for seeded in [true, false] {
        found.extend(wrap_many(&shipped(), seeded));
    }
    for keys in BACKED {
        found.extend(backup(&shipped(), keys));
    }
    assert!(found.is_empty(), "left in memory:{}", list(&found));
}

#[test]
#[ignore = "needs the shipped station and one that does not wipe: cargo xtask residue"]
fn a_station_that_does_not_wipe_is_found_out() {
    assert!(version(&control()).contains(DOES_NOT_WIPE), "it could be mistaken for a real one");
    for keys in BACKED {
        let found = backup(&control(), keys);
        // The control does not wipe its memory. So the search must find every share in words, and also values in memory that
        // dependencies freed.
        for n in 1..=3 {
            let words = format!("share {n}, words");
            assert!(found.iter().any(|f| f.needle.starts_with(&words)), "{words}: {}", list(&found));
        }
        assert!(found.iter().any(|f| !f.needle.starts_with("share")), "{}", list(&found));
        let names: BTreeSet<_> = found.iter().map(|f| f.needle.split(", words").next().unwrap()).collect();
        eprintln!("  {}", Vec::from_iter(names).join(", "));
    }
    assert!(!wrap_many(&control(), true).is_empty());
    for algorithm in ALGORITHMS {
        let found = wrap(&control(), algorithm, true);
        let names: BTreeSet<_> = found.iter().map(|f| format!("{} in {}", f.needle, f.mapping)).collect();
        eprintln!("  {}", Vec::from_iter(names).join(", "));
        assert!(!found.is_empty(), "{algorithm}");
        assert!(!by_hand(&control(), algorithm, "256").is_empty(), "{algorithm}");
    }
}
