//! The admin interface: what it shows, what it sets, and what it refuses.

use keyferry_core::WrappingAlgorithm::RsaesOaepSha256;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::{FIPS, NOON, Server, random, wrap};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_clock_ages_tokens_and_material_but_no_signature() {
    let server = Server::start(None);
    let key_id = server.external(FIPS);
    let parameters = server.fetch(FIPS, &key_id, RsaesOaepSha256).unwrap();
    let wrapped = wrap(RsaesOaepSha256, &parameters.public_key, &random(32));
    let import =
        |to: Option<u64>| server.import(FIPS, &key_id, &wrapped, parameters.import_token.expose(), to);
    let until = u64::try_from(NOON).unwrap() + 3600;
    import(Some(until)).unwrap();
    let moved = server.admin("POST", "/clock", &json!({"advance_seconds": 3600}));
    assert_eq!(moved["unix"], NOON + 3600);
    assert_eq!(server.describe(FIPS, &key_id).key_state.as_str(), "PendingImport");
    import(None).unwrap();
    server.admin("POST", "/clock", &json!({"advance_seconds": 86_400 - 3600}));
    assert_eq!(import(None).unwrap_err().as_str(), "ResourceUnavailable.TokenExpired");
    server.admin("POST", "/clock", &json!({"real": true}));
    import(None).unwrap();
    server.admin("POST", "/clock", &json!({"skew_seconds": 301}));
    assert_eq!(import(None).unwrap_err().as_str(), "AuthFailure.SignatureExpire");
}

#[test]
fn the_state_shows_digests_and_counts() {
    let server = Server::start(None);
    let key_id = server.external(FIPS);
    let key = || server.admin("GET", "/state", &Value::Null)["regions"][0]["keys"][0].clone();
    let fresh = key();
    assert_eq!((&fresh["KeyId"], &fresh["KeyState"]), (&json!(key_id), &json!("PendingImport")));
    for none in ["MaterialSha256", "BoundSha256", "ParametersValidTo"] {
        assert_eq!(fresh[none], Value::Null, "{none}");
    }
    assert_eq!((&fresh["Imports"], &fresh["Parameters"]), (&json!(0), &json!(0)));
    let material = random(32);
    let parameters = server.fetch(FIPS, &key_id, RsaesOaepSha256).unwrap();
    let wrapped = wrap(RsaesOaepSha256, &parameters.public_key, &material);
    server.import(FIPS, &key_id, &wrapped, parameters.import_token.expose(), None).unwrap();
    let digest = json!(hex(&Sha256::digest(&material)));
    let full = key();
    assert_eq!((&full["MaterialSha256"], &full["BoundSha256"]), (&digest, &digest));
    assert_eq!(full["ParametersValidTo"], NOON + 86_400);
    assert_eq!((&full["Imports"], &full["Parameters"]), (&json!(1), &json!(1)));
    server.delete(FIPS, &key_id).unwrap();
    let empty = key();
    assert_eq!((&empty["MaterialSha256"], &empty["BoundSha256"]), (&Value::Null, &digest));

    let counts = server.admin("GET", "/counts", &Value::Null);
    assert_eq!(counts["actions"]["ImportKeyMaterial"], json!({"ok": 1}));
    server.admin("POST", "/reset", &json!({}));
    assert_eq!(server.admin("GET", "/state", &Value::Null), json!({"regions": []}));
    assert_eq!(server.admin("GET", "/counts", &Value::Null), json!({"actions": {}}));
}

const RANDOM: &str = r#"{"NumberOfBytes": 1}"#;

#[test]
fn faults_before_the_effect() {
    let server = Server::start(None);
    let order = |fault: Value| {
        server.admin("POST", "/faults", &json!({"action": "CreateKey", "region": FIPS, "fault": fault}))
    };
    let create = || server.http(FIPS, "CreateKey", &json!({"Alias": "only-one"}).to_string());
    assert_eq!(order(json!({"kind": "error", "code": "InternalError", "message": "oh"}))["id"], 1);
    assert!(create().unwrap().1.contains("InternalError"));
    order(json!({"kind": "cut"}));
    assert!(create().is_err());
    order(json!({"kind": "status", "status": 502}));
    let (status, page) = create().unwrap();
    assert!(status == 502 && page.starts_with("<html>"), "{status} {page}");
    let started = std::time::Instant::now();
    order(json!({"kind": "delay", "milliseconds": 300}));
    assert!(create().unwrap().1.contains("KeyId"), "none of the earlier faults had an effect");
    assert!(started.elapsed() >= std::time::Duration::from_millis(300));
    assert_eq!(server.admin("GET", "/faults", &Value::Null), json!({"faults": []}));
    assert_eq!(
        server.admin("GET", "/counts", &Value::Null)["actions"]["CreateKey"],
        json!({"InternalError": 1, "cut": 1, "status-502": 1, "ok": 1})
    );
}

#[test]
fn faults_after_the_effect() {
    for kind in ["lost-reply", "cut-midway", "garbled"] {
        let server = Server::start(None);
        server.admin("POST", "/faults", &json!({"action": "*", "fault": {"kind": kind}}));
        let answer = server.http(FIPS, "CreateKey", r#"{"Alias": "a"}"#);
        match (kind, answer) {
            ("garbled", Ok((200, body))) => assert!(serde_json::from_str::<Value>(&body).is_err()),
            ("garbled", other) => panic!("{other:?}"),
            (_, answer) => assert!(answer.is_err(), "{kind}: {answer:?}"),
        }
        let state = server.admin("GET", "/state", &Value::Null);
        assert_eq!(state["regions"][0]["keys"][0]["Alias"], "a", "{kind}");
        assert_eq!(server.http(FIPS, "GenerateRandom", RANDOM).unwrap().0, 200, "once only");
    }
}

/// Half of the reply really arrives.
#[test]
fn cut_midway_sends_half() {
    let server = Server::start(None);
    server.admin("POST", "/faults", &json!({"action": "*", "fault": {"kind": "cut-midway"}}));
    let mut request = String::from("POST / HTTP/1.1\r\n");
    for (name, value) in server.headers(FIPS, "GenerateRandom", RANDOM.as_bytes()) {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("host: {}\r\ncontent-length: {}\r\n\r\n{RANDOM}", server.addr, RANDOM.len());
    let answer = server.raw_tcp(request.as_bytes());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let announced: usize = head.split_once("content-length: ").unwrap().1[..2].parse().unwrap();
    assert!(body.len() * 2 <= announced && body.len() * 2 + 1 >= announced, "{announced}: {body}");
}

#[test]
fn faults_are_listed_and_forgotten_one_by_one() {
    let server = Server::start(None);
    let fault = json!({"action": "Encrypt", "skip": 1, "calls": 2, "fault": {"kind": "cut"}});
    for id in 1..=2 {
        assert_eq!(server.admin("POST", "/faults", &fault)["id"], id);
    }
    server.admin("DELETE", "/faults/1", &Value::Null);
    let mut listed = fault;
    listed["id"] = 2.into();
    listed["left"] = 2.into();
    assert_eq!(server.admin("GET", "/faults", &Value::Null), json!({"faults": [listed]}));
    server.admin("DELETE", "/faults", &Value::Null);
    assert_eq!(server.admin("GET", "/faults", &Value::Null), json!({"faults": []}));
}

#[test]
fn the_limit() {
    let server = Server::start(None);
    assert_eq!(server.admin("GET", "/limit", &Value::Null)["per_second"], Value::Null);
    server.admin("POST", "/limit", &json!({"per_second": 1, "burst": 2}));
    let codes: Vec<String> = (0..3).map(|_| server.code(FIPS, "GenerateRandom", RANDOM)).collect();
    assert_eq!(codes, ["ok", "ok", "RequestLimitExceeded"]);
    server.admin("POST", "/limit", &json!({"per_second": null}));
    assert_eq!(server.code(FIPS, "GenerateRandom", RANDOM), "ok");
}

#[test]
fn what_it_refuses() {
    let server = Server::start(None);
    let status = |method: &str, path: &str, body: &str, header: Option<(&str, &str)>| {
        server.admin_raw(method, path, body, header).0
    };
    for (path, body) in [
        ("/clock", r#"{"set": "tomorrow"}"#),
        ("/clock", r#"{"advance_seconds": 1, "more": 1}"#),
        ("/clock", ""),
        ("/faults", r#"{"action": "Nope", "fault": {"kind": "cut"}}"#),
        ("/faults", r#"{"action": "*", "fault": {"kind": "cut", "x": 1}}"#),
        ("/limit", r#"{"per_second": 0}"#),
        ("/limit", r#"{"per_second": -1}"#),
        ("/reset", r#"{"all": true}"#),
    ] {
        let (status, answer) = server.admin_raw("POST", path, body, None);
        assert!(status == 400 && answer["error"].is_string(), "{path} {body}: {status} {answer}");
    }
    assert_eq!(status("GET", "/nothing", "", None), 404);
    assert_eq!(status("DELETE", "/faults/9", "", None), 404);
    assert_eq!(status("DELETE", "/clock/9", "", None), 404);
    assert_eq!(status("PUT", "/clock", "", None), 405);
    assert_eq!(status("GET", "/clock", "", Some(("Origin", "http://evil.example"))), 403);
    assert_eq!(status("GET", "/clock", "", Some(("Host", "evil.example"))), 403);
    assert_eq!(status("GET", "/clock", "", None), 200);
}
