//! Garbage never kills the server: it always gets an answer, or the connection is closed.

use std::io::Write as _;
use std::net::TcpStream;

use keyferry_emulator_tencent::{MAX_BODY, MAX_HEADERS};
use keyferry_tencent::Action;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::client::{FIPS, NOBODY, SHARED};

fn alive() -> bool {
    SHARED.code(FIPS, "GenerateRandom", r#"{"NumberOfBytes": 1}"#) == "ok"
}

#[test]
fn garbage_instead_of_http() {
    let long = "A".repeat(2 * MAX_HEADERS);
    let header = format!("POST / HTTP/1.1\r\nHost: h\r\nX: {long}\r\n\r\n");
    let pieces: [&[u8]; 9] = [
        b"\0\0\0\0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        header.as_bytes(),
    ];
    for bytes in pieces {
        let _ = SHARED.raw_tcp(bytes);
        assert!(alive());
    }
}

#[test]
fn clients_that_hang_up() {
    for bytes in [&b""[..], b"POST / HT", b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf"] {
        let mut stream = TcpStream::connect(SHARED.addr).unwrap();
        stream.write_all(bytes).unwrap();
        drop(stream);
        assert!(alive());
    }
}

#[test]
fn a_body_that_is_announced_too_large_is_not_read() {
    let head = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", MAX_BODY + 1);
    assert!(SHARED.raw_tcp(head.as_bytes()).contains("RequestSizeLimitExceeded"));
    let head = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", u64::MAX / 2);
    assert!(SHARED.raw_tcp(head.as_bytes()).contains("RequestSizeLimitExceeded"));
}

#[test]
fn a_chunked_body_that_grows_too_large() {
    let mut bytes = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = [b"100000\r\n".as_slice(), &[b' '; 0x10_0000], b"\r\n"].concat();
    for _ in 0..11 {
        bytes.extend_from_slice(&chunk);
    }
    let answer = SHARED.raw_tcp(&bytes);
    // The server may close the connection while we still write; it only has to stay alive.
    assert!(answer.is_empty() || answer.contains("RequestSizeLimitExceeded"), "{answer}");
    assert!(alive());
}

#[test]
fn deep_and_broken_json() {
    for body in
        ["[".repeat(100_000), "{\"a\":".repeat(100_000), "{\"KeyId\":\"\\ud800\"}".into(), "\u{0}".into()]
    {
        assert_eq!(SHARED.code(FIPS, "DescribeKey", &body), "InvalidParameter");
    }
}

/// Names and values that actions know, mixed with unknown ones.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!(NOBODY)),
        Just(json!("AA==")),
        Just(json!("RSAES_OAEP_SHA_256")),
        Just(json!("RSA_2048")),
        Just(json!(2)),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((".{0,8}", inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn body() -> impl Strategy<Value = Value> {
    let names = [
        "KeyId",
        "Alias",
        "Type",
        "KeyUsage",
        "Description",
        "Tags",
        "WrappingAlgorithm",
        "WrappingKeySpec",
        "EncryptedKeyMaterial",
        "ImportToken",
        "ValidTo",
        "Plaintext",
        "CiphertextBlob",
        "EncryptionContext",
        "NumberOfBytes",
        "Limit",
        "Offset",
        "MemberAccount",
        "Stray",
    ];
    proptest::collection::btree_map(
        proptest::sample::select(names.to_vec()).prop_map(String::from),
        value(),
        0..6,
    )
    .prop_map(|members| Value::Object(members.into_iter().collect()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// `raw` checks status, content type, envelope and request id.
    #[test]
    fn every_body_gets_an_envelope(action in proptest::sample::select(Action::ALL.to_vec()), body in body()) {
        let reply = SHARED.raw("ap-fuzzing", action.as_str(), body.to_string().as_bytes());
        prop_assert_ne!(reply.pointer("/Error/Code").and_then(Value::as_str), Some("InternalError"));
    }

    #[test]
    fn every_text_gets_an_envelope(action in proptest::sample::select(Action::ALL.to_vec()), body in ".{0,100}") {
        SHARED.raw("ap-fuzzing", action.as_str(), body.as_bytes());
    }

    /// Right names with arbitrary values: these get past the parameter checks more often.
    #[test]
    fn imports_of_anything_are_refused(material in "[A-Za-z0-9+/=]{0,400}", token in "[A-Za-z0-9+/=]{0,140}", to: u64) {
        let body = json!({"EncryptedKeyMaterial": material, "ImportToken": token, "KeyId": NOBODY, "ValidTo": to});
        prop_assert_eq!(SHARED.code(FIPS, "ImportKeyMaterial", &body.to_string()), "ResourceUnavailable.CmkNotFound");
    }
}
