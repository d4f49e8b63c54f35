//! Tests the Rust frames with the test vectors of the specification, and against a second implementation in Python, in both
//! directions.
#![allow(
    // Python is started by the test, not by the program.
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

use std::io::Write;
use std::process::{Command, Stdio};

use keyferry_core::{Fingerprint, hex};
use keyferry_transport::frame::{Frame, FrameEncoder, Reassembler, Step};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// The payload as the page of test vectors defines it: the repeated SHA-256 of the seed, XORed with the
/// position.
fn payload(seed: &str, length: usize) -> Vec<u8> {
    let digest = Fingerprint::of(seed.as_bytes());
    let positions = (0..=u8::MAX).cycle();
    digest.as_bytes().iter().cycle().zip(positions).map(|(b, n)| b ^ n).take(length).collect()
}

#[test]
fn the_published_vectors() {
    let text = std::fs::read_to_string(format!("{ROOT}/ceremony/spec/qr-frames-vectors.json")).unwrap();
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let mut checked = 0;
    for case in vectors["transfers"].as_array().unwrap() {
        let payload = payload(case["payload_seed"].as_str().unwrap(), number(&case["payload_length"]));
        assert_eq!(Fingerprint::of(&payload).to_string(), case["payload_sha256"]);
        let encoder = FrameEncoder::new(&payload, number(&case["longest"])).unwrap();
        assert_eq!(encoder.transfer().to_string(), case["transfer_id"]);
        assert_eq!(encoder.blocks(), number(&case["blocks"]));
        for one in case["frames"].as_array().unwrap() {
            let frame = encoder.frame(u16::try_from(number(&one["index"])).unwrap());
            let line = frame.to_line();
            assert_eq!(frame.block().len(), number(&case["block_length"]));
            assert_eq!(Fingerprint::of(line.as_bytes()).to_string(), one["line_sha256"], "{one}");
            if let Some(published) = one.get("line") {
                assert_eq!(line, *published);
                assert_eq!(Frame::parse_line(published.as_str().unwrap()), Ok(frame));
            }
            checked += 1;
        }
    }
    assert!(checked >= 40, "{checked}");
}

/// Runs the second implementation; `None`, with a message, if there is no Python.
fn python(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/qr/frames.py");
    let mut command = Command::new("python3");
    command.arg("-B").arg(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(e) => {
            eprintln!(
                "SKIPPED: the second implementation of frames was not run, python3 cannot be started: {e}"
            );
            return None;
        }
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    Some(output.stdout)
}

#[test]
fn python_computes_the_published_vectors() {
    let vectors = format!("{ROOT}/ceremony/spec/qr-frames-vectors.json");
    let Some(checked) = python(&["vectors", &vectors], b"") else { return };
    let checked: usize = String::from_utf8(checked).unwrap().trim().parse().unwrap();
    assert!(checked >= 55, "{checked}");
}

/// The payload's length, the longest block, and the first index.
const CASES: [(usize, usize, u16); 7] = [
    (1, 254, 0),
    (254, 254, 9),
    (255, 254, 0),
    (4000, 500, 3),
    (3001, 40, 65_530),
    (520, 2, 200),
    (1030, 4, 300),
];

#[test]
fn python_reads_what_rust_writes() {
    for (length, longest, first) in CASES {
        let payload = payload("rust to python", length);
        let encoder = FrameEncoder::new(&payload, longest).unwrap();
        let lines: String = encoder.lines_from(first).take(encoder.blocks() + 2).map(|l| l + "\n").collect();
        let Some(read) = python(&["decode"], lines.as_bytes()) else { return };
        assert!(read == payload, "{length} bytes in blocks of {longest}: {}", hex::encode(&read));
    }
}

#[test]
fn rust_reads_what_python_writes() {
    for (length, longest, first) in CASES {
        let payload = payload("python to rust", length);
        let count = length.div_ceil(longest) + 2;
        let arguments = ["encode", &longest.to_string(), &first.to_string(), &count.to_string()];
        let Some(lines) = python(&arguments, &payload) else { return };
        let mut reassembler = Reassembler::default();
        let received =
            String::from_utf8(lines).unwrap().lines().find_map(|line| match reassembler.push_line(line) {
                Step::Complete(received) => Some(received.payload),
                _ => None,
            });
        assert_eq!(received, Some(payload));
    }
}
