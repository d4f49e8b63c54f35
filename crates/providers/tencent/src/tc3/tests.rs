//! The vectors of `ceremony/spec/tencent-kms.md` §2.3, every kind of tampering, and arbitrary header text.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const NOW: i64 = 1_700_000_000;
const BODY_A: &str = r#"{"KeyId": "1ff78c0d-c54b-11e9-9cc9-5254006d0810", "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}"#;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

fn example() -> Credentials {
    Credentials::new("AKIDEXAMPLE0123456789", "EXAMPLEsecretKEY9876543210")
}

fn signature(s: &Signable<'_>) -> String {
    hex(&s.mac(&example().secret_key).finalize().into_bytes())
}

#[test]
fn vector_a_with_every_intermediate() {
    let s = Signable::post("kms.tencentcloudapi.com", BODY_A.as_bytes(), at(NOW));
    assert_eq!(day(s.timestamp), "2023-11-14");
    assert_eq!(s.payload_hash, "622c510c6691235773eb4672957d8f499cabc65b5b82c7aee86616dec68f4aa0");
    assert_eq!(
        sha256_hex(s.canonical_request().as_bytes()),
        "1c658e73e5c4e6d48a5609acdbdca69f40fabce2fd3c505b563504ea24adaf34"
    );
    assert_eq!(
        hex(s.signing_key(&example().secret_key).as_slice()),
        "6700cf7193fafb7377ec8cd0ad59dffcbba61b07880da0d629b4a5579938f1a8"
    );
    let signature = "196aa53e3fa0387ffcb85a5c2fbb516cd77e996a97bf966e02178a666add79d5";
    assert_eq!(
        s.authorization(&example()),
        format!(
            "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE0123456789/2023-11-14/kms/tc3_request, \
             SignedHeaders=content-type;host, Signature={signature}"
        )
    );
}

#[test]
fn vectors_b_c_d_e_h() {
    let b = Signable::post("http://127.0.0.1:8080", BODY_A.as_bytes(), at(NOW));
    assert_eq!(signature(&b), "02fde9c6408790fe87db57fbfafa49d599f119c7544c1737e13b5022ed250d32");
    let c = Signable::post("127.0.0.1:8080", b"{}", at(NOW));
    assert_eq!(signature(&c), "5aa0baba30e211344ae0a764625ed885228442d21658a85309431a575a893411");
    let body_d = br#"{"Alias": "a1", "Type": 2, "Description": "\u5bc6\u94a5"}"#;
    let d = Signable::post("127.0.0.1:8080", body_d, at(NOW));
    assert_eq!(signature(&d), "04d77ff5114ea6bfa3965d497640be5fae6504c660a78406177dfb5480783728");
    let e = Signable::get("127.0.0.1:8080", "NumberOfBytes=16", at(NOW));
    assert_eq!(signature(&e), "9386eac98660902a0d9d3c205c3a77f229ce62a291586b8711170c1bdcef8102");
    let h = Signable::post("127.0.0.1:8080", b"any", at(NOW)).with_unsigned_payload();
    assert_eq!(signature(&h), "424a4674822f36f6a106609397e3427659da193be84d59aa2abda20a7c7fb1ca");
}

/// A request as it arrives, with owned parts that a test can corrupt.
#[derive(Clone)]
struct Arrival {
    method: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Arrival {
    fn post(host: &str, body: &[u8], credentials: &Credentials) -> Self {
        let call = Call {
            action: Action::DescribeKey,
            region: Some("ap-singapore"),
            language: "en-US",
            host,
            body,
            now: at(NOW),
        };
        let mut headers: BTreeMap<String, String> = sign(&call, credentials)
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value.expose().to_owned()))
            .collect();
        headers.insert("host".into(), host.into());
        Self { method: "POST".into(), query: String::new(), headers, body: body.to_vec() }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    fn edit(mut self, name: &str, from: &str, to: &str) -> Self {
        let value = self.headers.get_mut(name).unwrap();
        assert!(value.contains(from), "{value}");
        *value = value.replacen(from, to, 1);
        self
    }

    fn verify(&self, known: &Credentials, now: i64) -> Result<(), AuthError> {
        let header = |name: &str| self.headers.get(name).map(String::as_str);
        let request =
            Received { method: &self.method, query: &self.query, header: &header, body: &self.body };
        verify(&request, |id| (id == known.secret_id).then_some(known), at(now)).map(|_| ())
    }
}

fn good() -> Arrival {
    Arrival::post("127.0.0.1:8080", b"{}", &example())
}

#[test]
fn what_was_signed_verifies() {
    assert_eq!(good().verify(&example(), NOW), Ok(()));
    assert_eq!(good().verify(&example(), NOW + 300), Ok(()));
    assert_eq!(good().verify(&example(), NOW - 300), Ok(()));
    let unsigned = Signable::post("127.0.0.1:8080", b"", at(NOW)).with_unsigned_payload();
    let arrival = good()
        .set("authorization", &unsigned.authorization(&example()))
        .set("x-tc-content-sha256", UNSIGNED_PAYLOAD);
    assert_eq!(arrival.verify(&example(), NOW), Ok(()));
}

#[test]
fn every_tampering_fails() {
    let refused = |arrival: Arrival, why: AuthError| assert_eq!(arrival.verify(&example(), NOW), Err(why));
    refused(Arrival { body: b"{ ".to_vec(), ..good() }, AuthError::BadSignature);
    refused(Arrival { method: "GET".into(), ..good() }, AuthError::BadSignature);
    refused(Arrival { query: "a=b".into(), ..good() }, AuthError::BadSignature);
    refused(good().set("host", "127.0.0.1:8081"), AuthError::BadSignature);
    refused(good().set("content-type", "text/plain"), AuthError::BadSignature);
    refused(good().set("x-tc-timestamp", "1700000001"), AuthError::BadSignature);
    refused(good().set("x-tc-content-sha256", UNSIGNED_PAYLOAD), AuthError::BadSignature);
    refused(good().edit("authorization", "2023-11-14", "2023-11-15"), AuthError::BadSignature);
    refused(good().edit("authorization", "AKIDEXAMPLE", "AKIDANOTHER"), AuthError::UnknownSecretId);
    refused(good().edit("authorization", "Credential=AKID", "Credential=\u{e9}"), AuthError::BadSecretId);
    refused(good().edit("authorization", "/kms/", "/cvm/"), AuthError::OtherService("cvm".into()));
    refused(good().edit("authorization", "/kms/", "//"), AuthError::OtherService(String::new()));
    refused(good().edit("authorization", "/kms/", "/127/"), AuthError::BadSignature);
    refused(good().edit("authorization", "tc3_request", "tc4_request"), AuthError::BadAuthorization);
    refused(good().edit("authorization", "TC3", "TC4"), AuthError::BadAuthorization);
    refused(good().edit("authorization", "content-type;host", "host"), AuthError::BadSignedHeaders);
    refused(good().edit("authorization", "content-type;host", "content-type"), AuthError::BadSignedHeaders);
    refused(
        good().edit("authorization", "content-type;host", "host;content-type"),
        AuthError::BadSignedHeaders,
    );
    refused(good().edit("authorization", ";host", ";host;x-absent"), AuthError::BadSignedHeaders);
    refused(good().edit("authorization", "Signature=", "Signature=00"), AuthError::BadAuthorization);
    refused(good().set("x-tc-timestamp", "1,7e9"), AuthError::BadTimestamp);
    refused(good().set("x-tc-token", "stray"), AuthError::BadToken);
    for name in ["authorization", "x-tc-timestamp", "host", "content-type"] {
        let mut arrival = good();
        arrival.headers.remove(name);
        assert!(arrival.verify(&example(), NOW).is_err(), "{name}");
    }
    let other_key = Credentials::new(example().secret_id, "EXAMPLEsecretKEY9876543211");
    assert_eq!(good().verify(&other_key, NOW), Err(AuthError::BadSignature));
}

#[test]
fn one_bit_of_the_signature() {
    let arrival = good();
    let text = arrival.headers.get("authorization").unwrap().clone();
    let start = text.find("Signature=").unwrap() + 10;
    for position in start..text.len() {
        let digit = if text.as_bytes()[position] == b'0' { "1" } else { "0" };
        let mut spoilt = text.clone();
        spoilt.replace_range(position..=position, digit);
        assert_eq!(
            arrival.clone().set("authorization", &spoilt).verify(&example(), NOW),
            Err(AuthError::BadSignature)
        );
    }
}

#[test]
fn five_minutes_either_way() {
    assert_eq!(good().verify(&example(), NOW + 301), Err(AuthError::Expired));
    assert_eq!(good().verify(&example(), NOW - 301), Err(AuthError::Expired));
}

#[test]
fn session_tokens() {
    let temporary = example().with_token("TOK");
    let arrival = Arrival::post("127.0.0.1:8080", b"{}", &temporary);
    assert_eq!(arrival.verify(&temporary, NOW), Ok(()));
    assert_eq!(arrival.clone().set("x-tc-token", "TOL").verify(&temporary, NOW), Err(AuthError::BadToken));
    assert_eq!(good().verify(&temporary, NOW), Err(AuthError::BadToken));
}

/// Signed like the vendor's Node SDK: the endpoint up to its first dot as the service, and the host without its port.
#[test]
fn the_node_variant() {
    for (endpoint, signed, service) in [
        ("127.0.0.1:8080", "127.0.0.1", "127"),
        ("127.0.0.1:8080", "127.0.0.1:8080", "127"),
        ("localhost:8080", "localhost", "localhost:8080"),
        ("localhost:8080", "localhost", "localhost"),
        ("kms.x:8080", "kms.x", "kms"),
    ] {
        let signable = Signable { service, ..Signable::post(signed, b"{}", at(NOW)) };
        let arrival = good().set("host", endpoint).set("authorization", &signable.authorization(&example()));
        assert_eq!(arrival.verify(&example(), NOW), Ok(()), "{endpoint} {signed} {service}");
        let elsewhere = arrival.set("host", "192.0.2.1:8080").verify(&example(), NOW);
        assert!(elsewhere.is_err(), "{endpoint} {signed} {service}");
    }
}

/// The vendor's documentation signs three headers, with values in lower case: `ceremony/spec/tencent-kms.md` §2.1.
#[test]
fn the_documents_variant() {
    let signable = Signable {
        method: "POST",
        query: "",
        headers: vec![
            ("content-type", "application/json; charset=utf-8"),
            ("host", "127.0.0.1:8080"),
            ("x-tc-action", "describekey"),
        ],
        payload_hash: sha256_hex(b"{}"),
        timestamp: at(NOW),
        service: SERVICE,
    };
    let arrival = good()
        .set("authorization", &signable.authorization(&example()))
        .set("content-type", "application/json; charset=utf-8")
        .set("x-tc-action", "DescribeKey");
    assert_eq!(arrival.verify(&example(), NOW), Ok(()));
    assert_eq!(
        arrival.set("x-tc-action", "DisableKey").verify(&example(), NOW),
        Err(AuthError::BadSignature)
    );
}

/// The headers of a real tccli call (`ceremony/spec/tencent-kms.md` §2.2), with a scheme in its host. They are signed again here,
/// because the key of that call is not known.
#[test]
fn the_shape_that_tccli_sends() {
    let body =
        br#"{"EncryptedKeyMaterial": "AA+/=", "ImportToken": "tok", "KeyId": "kid", "ValidTo": 2147443200}"#;
    assert_eq!(body.len(), 94);
    let credentials = Credentials::new("AKIDcfg", "key");
    let signable = Signable::post("http://127.0.0.1:18081", body, at(1_795_457_104));
    let authorization = signable.authorization(&credentials);
    assert!(authorization.starts_with(
        "TC3-HMAC-SHA256 Credential=AKIDcfg/2026-11-23/kms/tc3_request, SignedHeaders=content-type;host, Signature="
    ));
    let arrival = Arrival {
        method: "POST".into(),
        query: String::new(),
        headers: BTreeMap::new(),
        body: body.to_vec(),
    }
    .set("user-agent", "python-requests/2.34.2")
    .set("accept-encoding", "gzip, deflate")
    .set("accept", "*/*")
    .set("connection", "keep-alive")
    .set("x-tc-traceid", "c50f145c-89a3-4349-ba68-fae2849a5685")
    .set("content-type", "application/json")
    .set("host", "http://127.0.0.1:18081")
    .set("x-tc-action", "ImportKeyMaterial")
    .set("x-tc-requestclient", "SDK_PYTHON_3.1.192; _CLI_3.1.189.1")
    .set("x-tc-timestamp", "1795457104")
    .set("x-tc-version", "2019-01-18")
    .set("x-tc-region", "ap-shanghai")
    .set("x-tc-language", "zh-CN")
    .set("authorization", &authorization)
    .set("content-length", "94");
    assert_eq!(arrival.verify(&credentials, 1_795_457_104), Ok(()));
}

#[test]
fn the_headers_of_a_call() {
    let arrival = Arrival::post("h", b"{}", &example().with_token("TOK"));
    let names: Vec<&str> = arrival.headers.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "authorization",
            "content-type",
            "host",
            "x-tc-action",
            "x-tc-language",
            "x-tc-region",
            "x-tc-timestamp",
            "x-tc-token",
            "x-tc-version"
        ]
    );
}

proptest! {
    #[test]
    fn sign_then_verify(
        id in "[!-+\\--.0-~]{1,64}", key in "\\PC{1,90}", host in "[!-~]{1,40}",
        body in proptest::collection::vec(any::<u8>(), 0..300), flip in any::<prop::sample::Index>(),
    ) {
        let credentials = Credentials::new(id, key);
        let mut arrival = Arrival::post(&host, &body, &credentials);
        prop_assert_eq!(arrival.verify(&credentials, NOW), Ok(()));
        if !body.is_empty() {
            arrival.body[flip.index(body.len())] ^= 1;
            prop_assert_eq!(arrival.verify(&credentials, NOW), Err(AuthError::BadSignature));
        }
    }

    #[test]
    fn no_header_text_panics(authorization in ".{0,200}", time in ".{0,20}", host in ".{0,40}", token in ".{0,40}") {
        let arrival = good().set("authorization", &authorization).set("host", &host).set("x-tc-token", &token);
        prop_assert!(arrival.verify(&example(), NOW).is_err());
        prop_assert!(good().set("x-tc-timestamp", &time).verify(&example(), NOW).is_err() || time == "1700000000");
    }

    #[test]
    fn no_credential_text_panics(credential in "\\PC{0,80}", names in "[a-z;-]{0,80}", signature in "[0-9a-f]{60,68}") {
        let text = format!("TC3-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}");
        prop_assert!(good().set("authorization", &text).verify(&example(), NOW).is_err());
    }
}
