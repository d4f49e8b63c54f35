//! How much memory the parsers allocate: in total at most a small multiple of their input, and next to nothing for an input
//! beyond its limit. There is only one test, because the counter is shared by the whole process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, unreachable_pub)]

mod support;

use std::alloc::System;

use cap::Cap;
use keyferry_core::artefact::{self, MAX_ARTEFACT};
use keyferry_core::plan::MAX_PLAN;
use keyferry_core::transcript::MAX_TRANSCRIPT;
use keyferry_core::wrapping_key::MAX_KEY_INPUT;
use keyferry_core::*;

/// Counts every byte that is ever requested, freed or not. The sum is an upper bound of the peak, and freeing cannot hide
/// anything.
#[global_allocator]
static ALLOCATED: Cap<System> = Cap::new(System, usize::MAX);

/// A parser that discards its result.
type Parser = fn(&[u8]);

/// Each parser, its cap, and how many bytes it may allocate for each byte of an input within the cap. The plan's number is for the
/// worst TOML texts, such as a key with many dots; real plans stay below 30.
const PARSERS: [(&str, Parser, usize, usize); 8] = [
    ("parameters", |b| drop(artefact::parse::<Parameters>(b)), MAX_ARTEFACT, 16),
    ("session", |b| drop(artefact::parse::<Session>(b)), MAX_ARTEFACT, 16),
    ("ciphertext", |b| drop(artefact::parse::<Ciphertext>(b)), MAX_ARTEFACT, 16),
    ("plan", |b| drop(CeremonyPlan::parse(b)), MAX_PLAN, 160),
    ("transcript", |b| drop(Transcript::verify(b)), MAX_TRANSCRIPT, 16),
    ("key file", |b| drop(WrappingKey::from_file_bytes(b)), MAX_KEY_INPUT, 16),
    ("key DER", |b| drop(WrappingKey::from_der(b)), MAX_KEY_INPUT, 16),
    ("typed digest", typed, 1024, 16),
];

fn typed(bytes: &[u8]) {
    let _ = core::str::from_utf8(bytes).map(Fingerprint::parse_typed);
}

/// Allowed in addition to the multiple: the allocation for an empty input.
const CONSTANT: usize = 64 * 1024;

fn cost(parser: Parser, input: &[u8]) -> usize {
    let before = ALLOCATED.total_allocated();
    parser(input);
    ALLOCATED.total_allocated() - before
}

fn repeated(head: &str, piece: &str, length: usize) -> Vec<u8> {
    (head.to_owned() + &piece.repeat(length / piece.len())).into_bytes()
}

/// Small inputs that promise a lot of content, of about `length` bytes each.
fn hostile(length: usize) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let json =
        ["parameters", "session", "ciphertext"].map(|f| format!("{{\n  \"format\": \"keyferry/{f}/1\",\n  "));
    for head in json.iter().map(String::as_str) {
        for (name, piece) in [
            ("\"keys\": [", "{},"),
            ("\"keys\": [", "[],"),
            ("\"keys\": ", "["),
            ("\"keys\": ", "{\"a\":"),
            ("\"keys\": ", "9"),
            ("\"keys\": 1e", "9"),
            ("\"keys\": [\"", "\\u0041"),
            ("\"keys\": \"", "\\n"),
            ("\"endpoint\": \"", "\\n"),
            ("\"endpoint\": \"", "a"),
            ("\"ceremony\": \"", "\\u0061"),
            ("", "\"\": 0,"),
            ("\"", "a"),
            ("", " "),
        ] {
            all.push(repeated(&format!("{head}{name}"), piece, length));
        }
    }
    let plan = "format = \"keyferry/plan/2\"\n";
    for (name, piece) in [
        ("", "[[key]]\n"),
        ("", "[[key]]\nalias = \"a\"\n"),
        ("key = [", "{},"),
        ("a = ", "["),
        ("a = ", "{a="),
        ("a", ".a"),
        ("a = ", "9"),
        ("a = \"", "\\n"),
        ("a = \"\"\"", "\n"),
        ("", "#\n"),
        ("", "\n"),
        ("", "a=1\n"),
        ("ceremony = \"", "a"),
        ("[", "["),
        ("", "[a]\n"),
        ("", "#\u{202e}\n"),
        ("", "[[key]]\nregion = 0\n"),
        ("key = [", "{region=0},"),
    ] {
        all.push(repeated(&format!("{plan}{name}"), piece, length));
    }
    for piece in [
        "\n",
        "{}\n",
        "[",
        "{\"seq\":",
        "\0",
        "-----BEGIN ",
        "A",
        "QQ==",
        "308",
        "0\u{82}",
        "abandon ",
        "的",
        "一 ",
    ] {
        all.push(repeated("", piece, length));
    }
    all.push(repeated("-----BEGIN PUBLIC KEY-----", "A", length));
    all.push([&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..], &vec![0x30; length]].concat());
    all.push(
        [&[0x30, 0x82, 0x7f, 0xff, 0x30, 0x0d, 0x06, 0x82, 0xff, 0xff][..], &vec![0x82; length]].concat(),
    );
    all
}

/// Files that are accepted, small and large.
fn valid() -> Vec<Vec<u8>> {
    let plan_text = support::plan_text("rehearsal", WrappingAlgorithm::RsaesOaepSha256);
    let plan = CeremonyPlan::parse(plan_text.as_bytes()).unwrap();
    let parameters = support::parameters(&plan);
    let mut all = vec![plan_text.clone().into_bytes(), support::SPKI.to_vec(), many_keys(plan_text)];
    all.push(artefact::to_bytes(&parameters).unwrap().to_vec());
    let mut many = parameters.clone();
    many.keys = (0..500)
        .map(|n| {
            let mut entry = parameters.keys[0].clone();
            entry.alias = format!("k{n}").parse().unwrap();
            entry.key_id = format!("23e80852-1e38-11e9-b129-{n:012}").parse().unwrap();
            entry
        })
        .collect();
    all.push(artefact::to_bytes(&many).unwrap().to_vec());
    all.push(artefact::to_bytes(&support::session(parameters)).unwrap().to_vec());
    let mut chain = Transcript::new("t-1".parse().unwrap());
    let waived = |reason: usize| Event::BackupWaived { reason: "x".repeat(reason).into() };
    let mut line =
        |n| chain.append(Station::Offline, support::at(0), transcript::Act::NOBODYS, waived(n)).unwrap();
    all.push((0..500).map(|n| line(n % 3)).collect::<String>().into_bytes());
    all.push((0..50).map(|_| line(10_000)).collect::<String>().into_bytes());
    all
}

fn many_keys(mut plan: String) -> Vec<u8> {
    for n in 0..500 {
        plan += &format!(
            "[[key]]\nalias = \"n{n}\"\nprovider = \"tencent\"\nregion = \"ap-tokyo\"\nvalid_to = \"never\"\n\
             key_id = \"33e80852-1e38-11e9-b129-{n:012}\"\n"
        );
    }
    plan.into_bytes()
}

/// Bytes without a pattern (from a linear congruential generator).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    let step = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(step).collect()
}

#[test]
fn parsers_allocate_in_proportion() {
    // Build the tables that are built once per process, such as those of the word lists, before measuring.
    PARSERS.iter().for_each(|(_, parser, ..)| parser(b"x"));
    let mut inputs = valid();
    for length in [0, 1_000, 15_000, 300_000] {
        inputs.extend(hostile(length));
        inputs.push(noise(length));
    }
    assert!(inputs.len() > 200);
    let mut worst = Vec::new();
    for (name, parser, max, multiple) in PARSERS {
        let mut most = (0, Vec::new());
        for input in &inputs {
            let cost = cost(parser, input);
            let start = || input.iter().take(60).copied().collect::<Vec<_>>();
            let allowed = if input.len() > max { 4096 } else { CONSTANT + multiple * input.len() };
            let rate = cost.saturating_sub(CONSTANT) * 10 / input.len().max(1);
            if rate > most.0 {
                most = (rate, start());
            }
            if cost > allowed {
                worst.push(format!("{name}: {cost} bytes for {}: {}", input.len(), start().escape_ascii()));
            }
        }
        println!("{name}: at most {}.{} bytes per byte: {}", most.0 / 10, most.0 % 10, most.1.escape_ascii());
    }
    assert!(worst.is_empty(), "{}", worst.join("\n"));
    beyond_the_cap();
}

/// One byte more than the cap, with a beginning that a parser would accept: refused before it is parsed.
fn beyond_the_cap() {
    let mut heads =
        vec!["format = \"keyferry/plan/2\"\n".to_owned(), "-----BEGIN PUBLIC KEY-----".to_owned()];
    // A string with an escape would be copied; a whole line would become an event.
    let escaped = "a".repeat(900) + "\\n";
    for (format, field) in [("parameters", "ceremony"), ("session", "endpoint"), ("ciphertext", "ceremony")] {
        heads.push(format!("{{\n  \"format\": \"keyferry/{format}/1\",\n  \"{field}\": \"{escaped}"));
    }
    let mut chain = Transcript::new("t-1".parse().unwrap());
    let waived = Event::BackupWaived { reason: "x".repeat(500).into() };
    heads.push(chain.append(Station::Offline, support::at(0), transcript::Act::NOBODYS, waived).unwrap());
    for (name, parser, max, _) in PARSERS {
        for head in &heads {
            // Untouched pages of zeros cost no memory.
            let mut input = vec![0; max + 1];
            input[..head.len()].copy_from_slice(head.as_bytes());
            input[max] = b'\n';
            let cost = cost(parser, &input);
            assert!(cost <= 256, "{name} allocates {cost} bytes beyond its cap");
        }
    }
}
