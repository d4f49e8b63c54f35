//! Envelope, headers, signatures, order of checks, languages, the log, and starting and stopping.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use keyferry_core::Timestamp;
use keyferry_emulator_tencent::{Config, EmulatorError};
use keyferry_tencent::action::OTHER_ACTIONS;
use keyferry_tencent::older::{Form, Method};
use keyferry_tencent::tc3::Signable;
use keyferry_tencent::{Action, Credentials};
use serde_json::Value;

use crate::client::{FIPS, NOON, SHARED, Server, code_of, credentials, envelope, random, wrap};

type Headers = Vec<(&'static str, String)>;

/// A `GenerateRandom` that would succeed, with its headers changed.
fn with(change: impl FnOnce(&mut Headers)) -> Value {
    let mut headers = SHARED.headers(FIPS, "GenerateRandom", BODY);
    change(&mut headers);
    envelope(&SHARED.post(&headers, BODY))
}

const BODY: &[u8] = br#"{"NumberOfBytes": 16}"#;

fn set(headers: &mut Headers, name: &str, value: &str) {
    headers.iter_mut().find(|(n, _)| *n == name).unwrap().1 = value.to_owned();
}

fn without(name: &str) -> String {
    code_of(&with(|headers| headers.retain(|(n, _)| *n != name)))
}

fn setting(name: &str, value: &str) -> String {
    code_of(&with(|headers| set(headers, name, value)))
}

#[test]
fn headers_by_their_refusals() {
    assert_eq!(code_of(&with(|_| ())), "ok");
    assert_eq!(without("x-tc-version"), "MissingParameter");
    assert_eq!(setting("x-tc-version", "2018-01-01"), "NoSuchVersion");
    assert_eq!(without("x-tc-action"), "MissingParameter");
    assert_eq!(setting("x-tc-action", "MakeCoffee"), "InvalidAction");
    assert_eq!(without("x-tc-region"), "UnsupportedRegion");
    assert_eq!(setting("x-tc-region", "Guangzhou"), "UnsupportedRegion");
    assert_eq!(without("authorization"), "AuthFailure.InvalidAuthorization");
    assert_eq!(setting("authorization", "Basic eA=="), "AuthFailure.InvalidAuthorization");
    assert_eq!(without("x-tc-timestamp"), "AuthFailure.InvalidAuthorization");
    assert_eq!(setting("x-tc-timestamp", &(NOON - 301).to_string()), "AuthFailure.SignatureExpire");
    assert_eq!(setting("x-tc-timestamp", &(NOON - 1).to_string()), "AuthFailure.SignatureFailure");
    assert_eq!(setting("content-type", "multipart/form-data"), "InvalidRequest");
    assert_eq!(setting("content-type", "application/json; charset=utf-8"), "AuthFailure.SignatureFailure");
}

fn signed_by(who: &Credentials, more: Option<(&'static str, String)>) -> String {
    let host = SHARED.addr.to_string();
    let signable = Signable::post(&host, BODY, Timestamp::from_unix(NOON).unwrap());
    code_of(&with(|headers| {
        set(headers, "authorization", &signable.authorization(who));
        headers.extend(more);
    }))
}

#[test]
fn credentials_by_their_refusals() {
    let token = |text: &str| Some(("x-tc-token", text.to_owned()));
    assert_eq!(signed_by(&credentials(), None), "ok");
    assert_eq!(signed_by(&Credentials::new("AKIDnobody", "x"), None), "AuthFailure.SecretIdNotFound");
    assert_eq!(signed_by(&Credentials::new("AKIDtest", "x"), None), "AuthFailure.SignatureFailure");
    let temporary = Credentials::new("AKIDtemporary", "other");
    assert_eq!(signed_by(&temporary, token("SESSION")), "ok");
    assert_eq!(signed_by(&temporary, token("OTHER")), "AuthFailure.TokenFailure");
    assert_eq!(signed_by(&temporary, None), "AuthFailure.TokenFailure");
}

#[test]
fn a_changed_body_or_query_does_not_pass() {
    let headers = SHARED.headers(FIPS, "GenerateRandom", BODY);
    assert_eq!(
        code_of(&envelope(&SHARED.post(&headers, br#"{"NumberOfBytes": 17}"#))),
        "AuthFailure.SignatureFailure"
    );
}

#[test]
fn authentication_comes_before_the_action_and_the_action_before_parameters() {
    assert_eq!(
        code_of(&with(|headers| {
            set(headers, "x-tc-action", "MakeCoffee");
            set(headers, "authorization", "none");
        })),
        "AuthFailure.InvalidAuthorization"
    );
    assert_eq!(SHARED.code(FIPS, "MakeCoffee", "{"), "InvalidAction");
    assert_eq!(SHARED.code("", "GenerateRandom", "{"), "UnsupportedRegion");
    assert_eq!(SHARED.code(FIPS, "GenerateRandom", "{"), "InvalidParameter");
}

#[test]
fn actions_that_exist_elsewhere_get_an_answer_of_their_own() {
    for action in OTHER_ACTIONS {
        let reply = SHARED.raw(FIPS, action, b"{}");
        assert_eq!(code_of(&reply), "UnsupportedOperation", "{action}");
        assert!(reply["Error"]["Message"].as_str().unwrap().contains(action));
    }
    for action in Action::ALL {
        assert_ne!(SHARED.code(FIPS, action.as_str(), "{}"), "UnsupportedOperation", "{action}");
    }
}

#[test]
fn parameters_missing_unknown_and_ill_typed() {
    let code = |body: &str| SHARED.code(FIPS, "GenerateRandom", body);
    assert_eq!(code("{}"), "MissingParameter");
    assert_eq!(code(r#"{"NumberOfBytes": 16, "Colour": 1}"#), "UnknownParameter");
    assert_eq!(code(r#"{"NumberOfBytes": "16"}"#), "InvalidParameter");
    assert_eq!(code(r#"{"NumberOfBytes": -1}"#), "InvalidParameter");
    assert_eq!(code(r#"{"NumberOfBytes": 1.5}"#), "InvalidParameter");
    assert_eq!(code("[]"), "InvalidParameter");
    assert_eq!(code(""), "InvalidParameter");
}

#[test]
fn languages() {
    let message = |language: &str| {
        let reply = with(|headers| {
            set(headers, "x-tc-action", "MakeCoffee");
            set(headers, "x-tc-language", language);
        });
        reply["Error"]["Message"].as_str().unwrap().to_owned()
    };
    assert!(
        message("en-US")
            .contains("`MakeCoffee` is invalid or not found in service `kms` and version `2019-01-18`")
    );
    for language in ["zh-CN", "", "fr-FR"] {
        assert!(message(language).contains("接口"), "{language}");
    }
}

/// The request that tccli sends, byte for byte, if its endpoint has a scheme: `ceremony/spec/tencent-kms.md`
/// §2.2, §9.2.
#[test]
fn a_host_header_with_a_scheme_in_it() {
    let host = format!("http://{}", SHARED.addr);
    let signable = Signable::post(&host, BODY, Timestamp::from_unix(NOON).unwrap());
    let request = |host: &str| {
        let head = format!(
            "POST / HTTP/1.1\r\nUser-Agent: python-requests/2.34.2\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\n\
             Connection: keep-alive\r\nX-TC-TraceId: c50f145c-89a3-4349-ba68-fae2849a5685\r\n\
             Content-Type: application/json\r\nHost: {host}\r\nX-TC-Action: GenerateRandom\r\n\
             X-TC-RequestClient: SDK_PYTHON_3.1.192; _CLI_3.1.189.1\r\nX-TC-Timestamp: {NOON}\r\n\
             X-TC-Version: 2019-01-18\r\nX-TC-Region: ap-shanghai\r\nX-TC-Language: zh-CN\r\n\
             Authorization: {}\r\nContent-Length: {}\r\n\r\n",
            signable.authorization(&credentials()),
            BODY.len()
        );
        SHARED.raw_tcp(&[head.as_bytes(), BODY].concat())
    };
    let answer = request(&host);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"Plaintext\""), "{answer}");
    assert!(answer.contains("content-type: application/json\r\n"), "{answer}");
    assert!(request(&SHARED.addr.to_string()).contains("SignatureFailure"));
}

#[test]
fn get_and_unsigned_payload() {
    let (host, at) = (SHARED.addr.to_string(), Timestamp::from_unix(NOON).unwrap());
    let get = Signable::get(&host, "NumberOfBytes=16", at).authorization(&credentials());
    let head = |query: &str| {
        format!(
            "GET /?{query} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             X-TC-Action: GenerateRandom\r\nX-TC-Timestamp: {NOON}\r\nX-TC-Version: 2019-01-18\r\n\
             X-TC-Region: ap-shanghai\r\nAuthorization: {get}\r\n\r\n"
        )
    };
    assert!(SHARED.raw_tcp(head("NumberOfBytes=16").as_bytes()).contains("\"Plaintext\""));
    assert!(SHARED.raw_tcp(head("NumberOfBytes=17").as_bytes()).contains("SignatureFailure"));

    let unsigned = Signable::post(&host, b"", at).with_unsigned_payload().authorization(&credentials());
    let reply = with(|headers| {
        set(headers, "authorization", &unsigned);
        headers.push(("x-tc-content-sha256", "UNSIGNED-PAYLOAD".to_owned()));
    });
    assert_eq!(code_of(&reply), "ok");
}

/// A URL has no body: most of the vendor's SDKs send a GET with one of the older signatures without a media type.
#[test]
fn an_older_get_needs_no_media_type() {
    let host = SHARED.addr.to_string();
    for kind in
        ["", "Content-Type: application/json\r\n", "Content-Type: application/x-www-form-urlencoded\r\n"]
    {
        let query = older_query("GET", &host);
        let head = format!("GET /?{query} HTTP/1.1\r\nHost: {host}\r\n{kind}\r\n");
        let answer = SHARED.raw_tcp(head.as_bytes());
        assert!(answer.contains("\"Plaintext\""), "{kind}: {answer}");
        let body = older_query("POST", &host);
        let head =
            format!("POST / HTTP/1.1\r\nHost: {host}\r\n{kind}Content-Length: {}\r\n\r\n{body}", body.len());
        let answer = SHARED.raw_tcp(head.as_bytes());
        assert_eq!(answer.contains("\"Plaintext\""), kind.contains("form"), "{kind}: {answer}");
    }
}

/// Signed with HmacSHA256, with a line feed after the signature, as the vendor's Ruby SDK writes it.
fn older_query(method: &str, host: &str) -> String {
    let mut fields: Vec<(String, zeroize::Zeroizing<String>)> = [
        ("Action", "GenerateRandom".to_owned()),
        ("Nonce", "7".to_owned()),
        ("NumberOfBytes", "16".to_owned()),
        ("Region", FIPS.to_owned()),
        ("SecretId", "AKIDtest".to_owned()),
        ("SignatureMethod", "HmacSHA256".to_owned()),
        ("Timestamp", NOON.to_string()),
        ("Version", "2019-01-18".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into()))
    .collect();
    let form = Form { method, host, fields: &fields };
    let signature = form.sign(Method::HmacSha256, &credentials().secret_key) + "\n";
    fields.push(("Signature".to_owned(), signature.into()));
    let escaped = |text: &str| -> String {
        let byte =
            |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
        text.bytes().map(byte).collect()
    };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    pairs.join("&")
}

#[test]
fn regions_that_nobody_names_are_refused() {
    for region in ["ap-sinqapore", "gz", "cn-guangzhou"] {
        assert_eq!(SHARED.code(region, "ListKeys", "{}"), "UnsupportedRegion", "{region}");
        assert_eq!(SHARED.code(region, "CreateKey", r#"{"Alias": "a"}"#), "UnsupportedRegion", "{region}");
    }
    let server = Server::start_with(NOON, |config| {
        config.region_editions.insert("ap-x".to_owned(), keyferry_tencent::Edition::Sm);
    });
    let regions = server.raw("", "GetRegions", b"{}");
    let regions: Vec<&str> =
        regions["Regions"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
    assert!(regions.contains(&"ap-x") && regions.len() > 5, "{regions:?}");
    for region in regions {
        assert_eq!(server.code(region, "ListKeys", "{}"), "ok", "{region}");
    }
}

#[test]
fn another_service_is_named() {
    let host = SHARED.addr.to_string();
    let signable = Signable::post(&host, BODY, Timestamp::from_unix(NOON).unwrap());
    let authorization = signable.authorization(&credentials()).replace("/kms/", "/cvm/");
    let reply = with(|headers| set(headers, "authorization", &authorization));
    assert_eq!(code_of(&reply), "AuthFailure.InvalidAuthorization");
    let message = reply["Error"]["Message"].as_str().unwrap();
    assert!(message.contains("names service `cvm`, not `kms`"), "{message}");
}

#[test]
fn other_methods_and_paths() {
    for (line, code) in [
        ("PUT / HTTP/1.1", "UnsupportedProtocol"),
        ("DELETE / HTTP/1.1", "UnsupportedProtocol"),
        ("POST /v2 HTTP/1.1", "InvalidRequest"),
    ] {
        let answer = SHARED.raw_tcp(format!("{line}\r\nHost: h\r\nContent-Length: 0\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains(code), "{line}: {answer}");
    }
    let form = "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b";
    assert!(SHARED.raw_tcp(form.as_bytes()).contains("AuthFailure.InvalidAuthorization"));
}

#[test]
fn the_log_tells_what_happened_and_no_secret() {
    let server = Server::start(None);
    let key_id = server.external(FIPS);
    let parameters = server.fetch(FIPS, &key_id, keyferry_core::WrappingAlgorithm::RsaesOaepSha256).unwrap();
    let wrapped =
        wrap(keyferry_core::WrappingAlgorithm::RsaesOaepSha256, &parameters.public_key, &random(32));
    server.import(FIPS, &key_id, &wrapped, parameters.import_token.expose(), None).unwrap();
    let blob = server.encrypt(FIPS, &key_id, b"hunter2hunter2").unwrap();
    server.decrypt(FIPS, &blob).unwrap();
    server.code("ap-x ok", "Make Coffee\tok", "{}");

    let lines = server.lines.lock().unwrap().clone();
    let told: Vec<(&str, Option<&str>, &str)> =
        lines.iter().map(|l| (l.action.as_str(), l.key_id.as_deref(), l.outcome.as_str())).collect();
    let id = Some(key_id.as_str());
    assert_eq!(
        told[..5],
        [
            ("CreateKey", id, "ok"),
            ("GetParametersForImport", id, "ok"),
            ("ImportKeyMaterial", id, "ok"),
            ("Encrypt", id, "ok"),
            ("Decrypt", id, "ok")
        ]
    );
    let text: String = lines.iter().map(|line| format!("{line}\n{line:?}\n")).collect();
    let plaintext = "aHVudGVyMmh1bnRlcjI=";
    for secret in
        [parameters.import_token.expose(), plaintext, "hunter2", "test-secret-key", "Signature=", &blob]
    {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(text.contains("ap-x?ok Make?Coffee?ok - InvalidAction"));
    assert!(text.contains(FIPS) && lines.iter().all(|line| line.time.unix() == NOON));
}

#[test]
fn a_seed_makes_runs_repeatable() {
    let run = || {
        let server = Server::start(Some([7; 32]));
        let key_id = server.external(FIPS);
        let reply = server.fetch(FIPS, &key_id, keyferry_core::WrappingAlgorithm::RsaesOaepSha256).unwrap();
        (key_id, reply.import_token.expose().to_owned(), reply.public_key)
    };
    assert_eq!(run(), run());
}

fn config(listen: SocketAddr) -> Config {
    let clock = || Timestamp::from_unix(NOON).unwrap();
    Config { listen, ..Config::new(vec![credentials()], Arc::new(clock)) }
}

#[test]
fn only_loopback_and_only_with_credentials() {
    for addr in ["0.0.0.0:0", "192.0.2.1:80", "[::]:0", "[::ffff:192.0.2.1]:80"] {
        let refused = keyferry_emulator_tencent::bind(config(addr.parse().unwrap())).err();
        assert!(matches!(refused, Some(EmulatorError::NotLoopback(_))), "{addr}: {refused:?}");
    }
    let nobody = Config { credentials: Vec::new(), ..config(([127, 0, 0, 1], 0).into()) };
    assert!(matches!(keyferry_emulator_tencent::bind(nobody).err(), Some(EmulatorError::NoCredentials)));
    let taken = keyferry_emulator_tencent::bind(config(SHARED.addr)).err();
    assert!(matches!(taken, Some(EmulatorError::Bind(..))), "{taken:?}");
}

#[test]
fn stopping_frees_the_port() {
    let running = keyferry_emulator_tencent::spawn(config(([127, 0, 0, 1], 0).into())).unwrap();
    let addr = running.addr();
    assert!(TcpListener::bind(addr).is_err());
    running.stop();
    assert!(TcpListener::bind(addr).is_ok());
}
