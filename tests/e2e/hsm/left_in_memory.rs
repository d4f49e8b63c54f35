//! What is left of a key in memory, and where: nothing in the program, and in the module's process only what the module itself keeps.
//!
//! The shipped HSM station wraps one key. The program's writable memory is searched at its exit, and its child's memory each time that
//! the child waits for a request: while the token has the key, after `C_DestroyObject`, and after `C_Finalize`. The material is known
//! from the ciphertext, because this test has the private key. Our own token provides two controls: one copies each key to memory that
//! nobody wipes, where it must be found until the end, and one wipes its keys, which must not be found.
#![allow(clippy::print_stderr)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use keyferry_core::WrappingAlgorithm;

use super::{Maker, PIN, kryoptic, nss, softhsm, token};
use crate::residue::needles::Secrets;
use crate::residue::pair::{Memories, memories};
use crate::residue::scan::{Needle, Scanner};
use crate::residue::trace::Mapping;
use crate::support::*;

/// The station as it ships.
fn shipped() -> PathBuf {
    let variable = "KEYFERRY_RESIDUE_HSM";
    let path = std::env::var_os(variable);
    path.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask residue --hsm`")).into()
}

/// A marker in the environment, hence on the stack of both processes, which the search must find.
const MARKER: &str = "f9d8c7b6a594837261504f3e2d1c0bfa";

/// The times at which the child's memory had eight bytes or more of the material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    with_key: bool,
    destroyed: bool,
    finalized: bool,
    /// Whether the PIN was found at any of these times.
    pin: bool,
}

fn needle(name: &str, text: &str) -> Needle {
    Needle { name: name.into(), bytes: text.as_bytes().into() }
}

/// Names and places of the findings.
fn search(needles: &[Needle], memory: &[Mapping]) -> BTreeSet<String> {
    let found = Scanner::new(needles).find(memory);
    found.iter().map(|f| format!("{} in {}", f.needle, f.mapping)).collect()
}

/// Findings of the material itself. Other remains, mostly of its padding, are printed.
fn has_material(found: &BTreeSet<String>) -> bool {
    found.iter().any(|what| what.starts_with("the material "))
}

/// One run: fails if the program has anything; returns what its child has.
fn wrap(
    maker: &Maker,
    does: &str,
    algorithm: WrappingAlgorithm,
    marker: &str,
) -> (Found, Memories, Vec<Needle>) {
    let plan = plan_text("rehearsal", algorithm, &[("master", "ap-singapore", Some(KEY_ID))]);
    let room = Room::with_plan(&(plan + &maker.hsm_table().replacen("kcv = \"none\"\n", "", 1)));
    let mut station = maker.with_token("wrap");
    station.args(["--plan", "plan.toml", "--parameters", "medium/parameters.json", "--out", "medium"]);
    station.current_dir(room.dir.path()).env("MARKER", marker).env("KEYFERRY_TEST_TOKEN", does);
    let memories = memories(&shipped(), &station, &maker.answers(true));
    let (ciphertext, _) = room.ciphertext();
    let needles = Secrets::of(algorithm, ciphertext.keys[0].wrapped_material.as_bytes()).needles;
    let pin: Vec<_> = maker.pin.map(|pin| needle("the PIN", pin)).into_iter().collect();
    let in_child = |memory: &[Mapping]| search(&needles, memory);
    let [with_key, destroyed, finalized] =
        [&memories.with_key, &memories.destroyed, &memories.finalized].map(|memory| in_child(memory));
    let mut pins = search(&pin, &memories.with_key);
    pins.append(&mut search(&pin, &memories.finalized));
    let name = maker.module.file_name().unwrap().to_string_lossy().into_owned();
    eprintln!("{name} {does} {algorithm}:");
    for (when, found) in
        [("with the key", &with_key), ("destroyed", &destroyed), ("finalized", &finalized), ("PIN", &pins)]
    {
        eprintln!("  {when}: {}", Vec::from_iter(found.iter().map(String::as_str)).join(", "));
    }
    for memory in [&memories.program, &memories.with_key, &memories.finalized] {
        assert!(!search(&[needle("the marker", MARKER)], memory).is_empty() || marker != MARKER, "no marker");
    }
    let found = Found {
        with_key: has_material(&with_key),
        destroyed: has_material(&destroyed),
        finalized: has_material(&finalized),
        pin: !pins.is_empty(),
    };
    (found, memories, [needles, pin].into_iter().flatten().collect())
}

/// A run without planted secrets: the program has nothing at its exit.
#[track_caller]
fn left(maker: &Maker, does: &str, algorithm: WrappingAlgorithm) -> Found {
    let (found, memories, needles) = wrap(maker, does, algorithm, MARKER);
    let in_program = search(&needles, &memories.program);
    assert!(in_program.is_empty(), "in the program: {in_program:?}");
    found
}

fn own(does: &str) -> Option<(Maker, &str)> {
    let module = token::module()?.to_owned();
    Some((Maker { module, token: "ceremony", init: None, pin: Some(token::PIN), conf: None }, does))
}

const NOTHING: Found = Found { with_key: false, destroyed: false, finalized: false, pin: false };

#[test]
#[ignore = "needs the shipped HSM station: cargo xtask residue --hsm"]
fn what_a_module_keeps_is_found_and_what_it_wipes_is_not() {
    let Some((maker, does)) = own("pin,leaves") else { return };
    for algorithm in WrappingAlgorithm::ALL {
        let kept = Found { with_key: true, destroyed: true, finalized: true, ..NOTHING };
        assert_eq!(left(&maker, does, algorithm), kept);
        assert_eq!(left(&maker, "pin", algorithm), Found { with_key: true, ..NOTHING });
    }
    // The search in the program finds material and a PIN if they are there: here both are in the environment.
    let (_, memories, needles) = wrap(&maker, "pin,repeats", WrappingAlgorithm::default(), token::KNOWN);
    assert!(search(&needles, &memories.program).contains("the material in [stack]"));
    let (_, memories, needles) = wrap(&maker, "pin", WrappingAlgorithm::default(), token::PIN);
    assert!(search(&needles, &memories.program).contains("the PIN in [stack]"));
}

#[test]
#[ignore = "needs the shipped HSM station: cargo xtask residue --hsm"]
fn real_modules_leave_what_the_page_says() {
    let dir = tempfile::tempdir().unwrap();
    if let Some(maker) = softhsm(dir.path()) {
        for algorithm in [WrappingAlgorithm::RsaesOaepSha1, WrappingAlgorithm::RsaesPkcs1V15] {
            assert_eq!(left(&maker, "", algorithm), NOTHING);
        }
    }
    // With the other modules, only the program is checked; what the modules keep is printed for the documentation.
    for maker in [nss(), kryoptic(dir.path())].into_iter().flatten() {
        for algorithm in WrappingAlgorithm::ALL {
            left(&maker, "", algorithm);
        }
    }
    assert!(PIN.len() >= 8, "a shorter PIN is not searched for");
}
