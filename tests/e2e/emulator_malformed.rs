//! Malformed requests to the shipped emulator: each is answered or its connection is closed, nothing panics, and the emulator
//! keeps serving.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use crate::support::kms::Kms;
use crate::support::*;
use keyferry_tencent::{Action, Credentials, tc3};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::json;

const REGION: &str = "ap-singapore";
const REQUESTS: usize = 1_000;

/// A request that the service would accept.
fn good(host: &str, action: Action, body: &str) -> Vec<u8> {
    let credentials = Credentials::new(SECRET_ID, SECRET_KEY);
    let body_bytes = body.as_bytes();
    let call =
        tc3::Call { action, region: Some(REGION), language: "en-US", host, body: body_bytes, now: now() };
    let mut text = "POST / HTTP/1.1\r\n".to_owned();
    for (name, value) in tc3::sign(&call, &credentials) {
        text.push_str(&format!("{name}: {}\r\n", value.expose()));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    text.into_bytes()
}

fn below(rng: &mut ChaCha20Rng, end: usize) -> usize {
    rng.next_u32() as usize % end.max(1)
}

/// Makes a request malformed in one of many ways. The body may be wrong under a valid signature: such requests get furthest.
fn malformed(rng: &mut ChaCha20Rng, host: &str, key_id: &str) -> Vec<u8> {
    let action = Action::ALL[below(rng, Action::ALL.len())];
    let bodies = [
        format!("{{\"KeyId\": \"{key_id}\"}}"),
        format!("{{\"KeyId\": \"{key_id}\", \"KeyId\": \"{key_id}\"}}"),
        "{\"KeyId\": 7, \"Limit\": -1, \"ValidTo\": 1e400}".to_owned(),
        format!("{{\"KeyIds\": [{}null]}}", "\"x\",".repeat(below(rng, 300))),
        "[".repeat(below(rng, 3_000)),
        format!("{{\"Plaintext\": \"{}\"}}", "\u{5bc6}".repeat(below(rng, 5_000))),
        "\u{feff}{}".to_owned(),
        String::new(),
    ];
    let body = &bodies[below(rng, bodies.len())];
    let mut bytes = good(host, action, body);
    match rng.next_u32() % 9 {
        0 => {}
        1 => bytes.truncate(below(rng, bytes.len())),
        2 => (0..=below(rng, 8)).for_each(|_| {
            let at = below(rng, bytes.len());
            bytes[at] = rng.next_u32().to_le_bytes()[0];
        }),
        3 => {
            let at = below(rng, bytes.len());
            let junk: Vec<u8> = (0..below(rng, 400)).map(|_| rng.next_u32().to_le_bytes()[0]).collect();
            bytes.splice(at..at, junk);
        }
        4 => {
            let from = below(rng, bytes.len());
            let to = from + below(rng, bytes.len() - from);
            bytes.drain(from..to);
        }
        5 => {
            // A line is doubled or removed.
            let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
            let at = below(rng, lines.len());
            if rng.next_u32().is_multiple_of(2) {
                lines.insert(at, lines[at]);
            } else {
                lines.remove(at);
            }
            bytes = lines.concat();
        }
        6 => {
            let text = String::from_utf8(bytes).unwrap();
            let wrong =
                ["Content-Length: 99999999999999999999", "Content-Length: 7", "Transfer-Encoding: chunked"];
            bytes = text
                .replacen("Content-Length: ", &format!("{}\r\nX: ", wrong[below(rng, wrong.len())]), 1)
                .into();
        }
        7 => {
            let text = String::from_utf8(bytes).unwrap();
            let method = [
                "GET / ",
                "PUT / ",
                "POST //?a=%zz&&=",
                "CONNECT a:1 ",
                "POST http://[::1/ ",
                "\u{1}POST / ",
            ];
            bytes = text.replacen("POST / ", method[below(rng, method.len())], 1).into();
        }
        _ => bytes = (0..below(rng, 2_000)).map(|_| rng.next_u32().to_le_bytes()[0]).collect(),
    }
    bytes
}

/// Everything that came back until the server closed the connection.
fn send(host: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(600))).unwrap();
    // The server may close the connection in the middle of the request.
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    if let Err(e) = stream.read_to_end(&mut answer) {
        assert_ne!(e.kind(), std::io::ErrorKind::WouldBlock, "neither answered nor disconnected: {bytes:?}");
    }
    answer
}

#[test]
fn a_thousand_malformed_requests() {
    let dir = tempfile::tempdir().unwrap();
    let said = dir.path().join("stderr");
    let mut command = emulate();
    command.args(["--log", "json"]).stderr(Stdio::from(File::create(&said).unwrap()));
    let emulator = EmulatorProcess::of(command);
    let host = emulator.endpoint.trim_start_matches("http://").to_owned();
    let kms = Kms::new(&emulator.endpoint, REGION);
    let key_id = kms.create_external("there-before");
    let rng = &mut ChaCha20Rng::from_seed([4; 32]);
    let (mut answered, mut hung_up) = (0, 0);
    for n in 0..REQUESTS {
        let answer = send(&host, &malformed(rng, &host, &key_id));
        let text = String::from_utf8_lossy(&answer);
        assert!(!text.contains("InternalError"), "request {n}: {text}");
        if answer.is_empty() {
            hung_up += 1
        } else {
            answered += 1
        }
        if n % 50 == 0 {
            assert_eq!(kms.call(Action::GenerateRandom, &json!({"NumberOfBytes": 1})).map(|_| ()), Ok(()));
        }
    }
    // Both results occurred, so the requests were not all refused at the first byte.
    assert!(answered > REQUESTS / 2 && hung_up > 0, "{answered} answered, {hung_up} disconnected");
    // None of them changed anything, and the existing key is still served.
    assert!(matches!(&*kms.state(&key_id), "PendingImport" | "PendingDelete" | "Disabled"));
    drop(emulator);
    let said = fs::read_to_string(&said).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    let lines: Vec<serde_json::Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > answered / 2, "{} lines of log", lines.len());
    for line in &lines {
        assert!(
            line["outcome"].is_string() && line["millis"].is_u64() && line["request_id"].is_string(),
            "{line}"
        );
    }
}
