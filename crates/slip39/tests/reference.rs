//! Shares made by us are recovered by the reference implementation of SLIP-0039, written by its authors, and vice versa. `cargo
//! xtask shares [--cases N]` installs it and runs these tests.
//!
//! Without it, the tests cannot run; they are reported as ignored, not as passed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]
#![allow(unreachable_pub, dead_code)]

mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use keyferry_slip39::*;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;
use support::*;

/// The Python installation with the reference implementation, the number of cases in each direction, and the
/// seed.
fn setting() -> (String, usize, u64) {
    let read =
        |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name}: run `cargo xtask shares`"));
    let seed = read("KEYFERRY_SHARES_SEED").parse().unwrap();
    (read("KEYFERRY_SHARES_PYTHON"), read("KEYFERRY_SHARES_CASES").parse().unwrap(), seed)
}

/// The lines that the other implementation prints.
fn partner(python: &str, args: &[String], input: String) -> Vec<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/shares.py");
    let mut child = Command::new(python)
        .arg(script)
        .args(args)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let done = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(done.status.success());
    String::from_utf8(done.stdout).unwrap().lines().map(String::from).collect()
}

fn text(hex: &str) -> String {
    String::from_utf8(unhex(hex)).unwrap()
}

#[test]
#[ignore = "needs the reference implementation: cargo xtask shares"]
fn ours_combines_what_the_reference_splits() {
    let (python, cases, seed) = setting();
    let lines = partner(&python, &["make".into(), cases.to_string(), seed.to_string()], String::new());
    assert!(cases > 0 && lines.len() == cases);
    let mut seen = BTreeMap::new();
    for line in &lines {
        let fields: Vec<String> = line.split('\t').map(String::from).collect();
        let found =
            combine(&fields[2..], &text(&fields[1])).unwrap_or_else(|e| panic!("seed {seed}: {line}: {e}"));
        assert_eq!(hex(found.expose()), fields[0], "seed {seed}");
        let name = Share::parse(&fields[2]).unwrap().name();
        let kind = (found.expose().len() * 8, name.extendable, name.iteration_exponent);
        *seen.entry(kind).or_insert(0) += 1;
    }
    println!("reference to ours: {cases} of {cases}; (bits, extendable, exponent): {seen:?}");
}

fn below(rng: &mut ChaCha20Rng, n: usize) -> usize {
    rng.next_u32() as usize % n
}

fn scheme(rng: &mut ChaCha20Rng) -> Scheme {
    let groups: Vec<GroupSpec> = (0..[1, 1, 1, 2, 3, 5, 16][below(rng, 7)])
        .map(|_| {
            let count = [1, 2, 3, 5, 8, 16][below(rng, 6)];
            let threshold =
                if count == 1 { 1 } else { 2 + u8::try_from(below(rng, usize::from(count) - 1)).unwrap() };
            GroupSpec { threshold, count }
        })
        .collect();
    let threshold = u8::try_from(1 + below(rng, groups.len())).unwrap();
    let exponent = u8::try_from(below(rng, 3)).unwrap();
    let scheme = Scheme::new(threshold, &groups).unwrap().with_iteration_exponent(exponent).unwrap();
    scheme.with_extendable(below(rng, 2) == 1)
}

fn some<'a, T>(rng: &mut ChaCha20Rng, from: &'a [T], count: usize) -> Vec<&'a T> {
    let mut all: Vec<&T> = from.iter().collect();
    (0..count)
        .map(|_| {
            let at = below(rng, all.len());
            all.swap_remove(at)
        })
        .collect()
}

#[test]
#[ignore = "needs the reference implementation: cargo xtask shares"]
fn the_reference_combines_what_ours_splits() {
    let (python, cases, seed) = setting();
    let rng = &mut rng(seed);
    let mut input = String::new();
    for _ in 0..cases {
        let mut bytes = vec![0; 16 << below(rng, 2)];
        rng.fill_bytes(&mut bytes);
        let length = [0, 0, 1, 8, 63, 64, 80][below(rng, 7)];
        let passphrase: String =
            (0..length).map(|_| char::from(32 + u8::try_from(below(rng, 95)).unwrap())).collect();
        let scheme = scheme(rng);
        let secret = Secret::from_bytes(&bytes).unwrap();
        let groups = split(&secret, &scheme, &Passphrase::new(&passphrase).unwrap(), rng).unwrap();
        input += &format!("{}\t{}", hex(&bytes), hex(passphrase.as_bytes()));
        for group in some(rng, &groups, usize::from(scheme.group_threshold())) {
            for share in some(rng, group, usize::from(group[0].place().member_threshold)) {
                input += &format!("\t{}", share.words().as_str());
            }
        }
        input.push('\n');
    }
    let answers = partner(&python, &["combine".into()], input);
    assert!(cases > 0 && answers.len() == cases);
    let wrong: Vec<&String> = answers.iter().filter(|a| *a != "ok").collect();
    assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
    println!("ours to reference: {cases} of {cases}");
}

/// Both implementations get the same selections, most of which are wrong: both recover the same secret, or
/// both refuse.
#[test]
#[ignore = "needs the reference implementation: cargo xtask shares"]
fn both_refuse_the_same() {
    let (python, cases, seed) = setting();
    let lines = partner(&python, &["judge".into(), cases.to_string(), seed.to_string()], String::new());
    assert!(cases > 0 && lines.len() == cases);
    let (mut stricter, mut seen) = (0, BTreeMap::<String, [usize; 2]>::new());
    for line in &lines {
        let fields: Vec<String> = line.split('\t').map(String::from).collect();
        let ours = combine(&fields[2..], "");
        let verdict = ours.as_ref().map_or("-".to_owned(), |s| hex(s.expose()));
        seen.entry(fields[1].clone()).or_default()[usize::from(verdict == "-")] += 1;
        // This is our only rule beyond the standard: we refuse a share that says it belongs to the fifth of three groups.
        let beyond = ours
            .as_ref()
            .is_err_and(|e| matches!(e.downcast_ref::<ShareError>(), Some(ShareError::GroupIndex { .. })));
        if beyond && fields[0] != "-" {
            stricter += 1;
            continue;
        }
        assert_eq!(
            verdict,
            fields[0],
            "seed {seed}: {line}: {:?}",
            ours.map(|_| ()).map_err(|e| e.to_string())
        );
    }
    println!(
        "judged alike: {} of {cases}, ours stricter: {stricter}; mistake: [recovered, refused] {seen:?}",
        cases - stricter
    );
}
