//! A refused import is explained to its user: in the log line and in `GET /imports`, while the reply on the wire stays the
//! same.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use getrandom::SysRng;
use keyferry_core::WrappingAlgorithm::{self, RsaesOaepSha1, RsaesOaepSha256, RsaesPkcs1V15};
use keyferry_tencent::wire::ImportKeyMaterialRequest;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::{Oaep, PublicKey};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use crate::client::{FIPS, NOBODY, Server, random, raw_rsa, wrap};

/// The pages that explain every cause to people.
const PAGES: [&str; 2] = [
    include_str!("../../../../../ceremony/spec/oaep.md"),
    include_str!("../../../../../ceremony/spec/oaep.zh-CN.md"),
];

/// A server and a key with parameters.
struct Ready {
    server: Server,
    key_id: String,
    token: String,
    public_key: String,
}

impl Ready {
    fn new(algorithm: WrappingAlgorithm) -> Self {
        let server = Server::start(None);
        let key_id = server.external(FIPS);
        let (token, public_key) = fetch(&server, &key_id, algorithm);
        Self { server, key_id, token, public_key }
    }

    fn key(&self) -> PublicKey {
        PublicKey::from_public_key_der(&BASE64_STANDARD.decode(&self.public_key).unwrap()).unwrap()
    }

    /// Imports a string unchanged as the ciphertext; returns the causes as people see them.
    fn causes(&self, text: &str, token: &str) -> Vec<String> {
        let request = ImportKeyMaterialRequest {
            encrypted_key_material: text.into(),
            import_token: token.into(),
            key_id: self.key_id.clone(),
            valid_to: None,
        };
        let error = self.server.call(FIPS, &request).unwrap_err();
        let last = self.last();
        assert_eq!(last["outcome"], error.code.as_str());
        assert_eq!(last["key_id"], json!(self.key_id));
        let codes = last["causes"].as_array().unwrap().iter().map(|cause| {
            // The client sees none of it.
            assert!(!error.message.contains(cause["en"].as_str().unwrap()), "{error:?}");
            assert!(!cause["zh"].as_str().unwrap().is_ascii(), "{cause}");
            cause["code"].as_str().unwrap().to_owned()
        });
        let codes: Vec<String> = codes.collect();
        let line = self.server.lines.lock().unwrap().last().unwrap().clone();
        let shown = line.to_string();
        assert!(shown.is_ascii(), "{shown}");
        for code in &codes {
            for page in PAGES {
                assert!(page.contains(&format!("`{code}`")), "no page explains {code}");
            }
            assert!(
                shown.contains(&format!("; {code}: ")) && line.to_json().contains(code.as_str()),
                "{shown}"
            );
        }
        codes
    }

    fn last(&self) -> Value {
        let imports = self.server.admin("GET", "/imports", &Value::Null);
        imports["imports"].as_array().unwrap().last().unwrap().clone()
    }

    fn block(&self, block: &[u8]) -> Vec<String> {
        self.causes(&BASE64_STANDARD.encode(block), &self.token)
    }
}

fn fetch(server: &Server, key_id: &str, algorithm: WrappingAlgorithm) -> (String, String) {
    let reply = server.fetch(FIPS, key_id, algorithm).unwrap();
    (reply.import_token.expose().to_owned(), reply.public_key)
}

#[test]
fn another_padding_is_named() {
    let material = random(32);
    for algorithm in WrappingAlgorithm::ALL {
        let ready = Ready::new(algorithm);
        let key = ready.key();
        let mgf = |hash: bool| match (algorithm, hash) {
            (RsaesPkcs1V15, _) => "oaep-hash",
            (_, true) => "oaep-mgf",
            (_, false) => "oaep-hash",
        };
        let is = |expected: WrappingAlgorithm| algorithm == expected;
        let blocks = [
            (
                key.encrypt(&mut SysRng, Oaep::<Sha256, Sha1>::new_with_mgf_hash(), &material),
                mgf(is(RsaesOaepSha256)),
            ),
            (
                key.encrypt(&mut SysRng, Oaep::<Sha1, Sha256>::new_with_mgf_hash(), &material),
                mgf(is(RsaesOaepSha1)),
            ),
            (key.encrypt(&mut SysRng, Oaep::<Sha384>::new(), &material), mgf(false)),
            (key.encrypt(&mut SysRng, Oaep::<Sha512, Sha1>::new_with_mgf_hash(), &material), mgf(false)),
            (key.encrypt(&mut SysRng, Oaep::<Sha256>::new_with_label(*b"kms"), &material), "oaep-label"),
            (
                key.encrypt(&mut SysRng, Oaep::<Sha256, Sha1>::new_with_mgf_hash_and_label(*b"k"), &material),
                "oaep-label",
            ),
        ];
        for (block, cause) in blocks {
            assert_eq!(ready.block(&block.unwrap()), [cause], "{algorithm}");
        }
        for first in [0, 1] {
            let mut bare = [&[0; 224], &material[..]].concat();
            bare[224] = first;
            assert_eq!(ready.block(&raw_rsa(&key, &bare)), ["no-padding"], "{algorithm} {first}");
        }
        for other in WrappingAlgorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            let cause = if other == RsaesPkcs1V15 { "pkcs1" } else { "oaep-hash" };
            assert_eq!(
                ready.block(&wrap(other, &ready.public_key, &material)),
                [cause],
                "{algorithm} {other}"
            );
        }
        ready
            .server
            .import(FIPS, &ready.key_id, &wrap(algorithm, &ready.public_key, &material), &ready.token, None)
            .unwrap();
        assert_eq!((&ready.last()["outcome"], &ready.last()["causes"]), (&json!("ok"), &json!([])));
    }
}

#[test]
fn another_public_key_or_token_is_named() {
    let material = random(32);
    let mut ready = Ready::new(RsaesOaepSha256);
    let (old_token, old_key) = (ready.token.clone(), ready.public_key.clone());
    (ready.token, ready.public_key) = fetch(&ready.server, &ready.key_id, RsaesOaepSha256);
    let old = wrap(RsaesOaepSha256, &old_key, &material);
    assert_eq!(ready.block(&old), ["public-key-of-an-earlier-fetch"]);
    let text = |block: &[u8]| BASE64_STANDARD.encode(block);
    assert_eq!(
        ready.causes(&text(&old), &old_token),
        ["token-of-an-earlier-fetch", "public-key-of-an-earlier-fetch"]
    );
    let good = wrap(RsaesOaepSha256, &ready.public_key, &material);
    assert_eq!(ready.causes(&text(&good), &old_token), ["token-of-an-earlier-fetch"]);
    // Two keys may be given the same wrapping key pair, so this fetches until it gets a pair that the first
    // key never had.
    let other = ready.server.external(FIPS);
    let (other_token, other_key) = std::iter::repeat_with(|| fetch(&ready.server, &other, RsaesOaepSha1))
        .find(|(_, key)| *key != ready.public_key && *key != old_key)
        .unwrap();
    let foreign = wrap(RsaesOaepSha1, &other_key, &material);
    assert_eq!(ready.block(&foreign), ["public-key-of-another-key", "oaep-hash"]);
    assert_eq!(ready.causes(&text(&good), &other_token), ["token-of-another-key"]);
    assert_eq!(ready.causes(&text(&good), &text(b"none")), ["token-unknown"]);
    ready.server.advance(86_400);
    assert_eq!(ready.causes(&text(&good), &ready.token), ["token-expired"]);
}

#[test]
fn what_is_inside_or_around_is_named() {
    let ready = Ready::new(RsaesOaepSha256);
    let material = random(32);
    let hex: String = material.iter().map(|b| format!("{b:02x}")).collect();
    let line: Vec<u8> = [&material[..], b"\n"].concat();
    let base64 = BASE64_STANDARD.encode(&material);
    let wrapped = |inside: &[u8]| wrap(RsaesOaepSha256, &ready.public_key, inside);
    for (inside, cause) in [
        (hex.as_bytes(), "hex-inside"),
        (format!("{hex}\n").as_bytes(), "hex-inside"),
        (base64.as_bytes(), "base64-inside"),
        (format!("{base64}\n").as_bytes(), "base64-inside"),
        (&line[..], "line-break-inside"),
        (&material[..16], "length"),
        (&[7; 48][..], "length"),
        (&[][..], "length"),
    ] {
        assert_eq!(ready.block(&wrapped(inside)), [cause]);
    }
    let good = wrapped(&material);
    let mut reversed = good.clone();
    reversed.reverse();
    assert_eq!(ready.block(&reversed), ["reversed"]);
    let mut damaged = good.clone();
    damaged[200] ^= 1;
    assert_eq!(ready.block(&damaged), ["opens-under-nothing"]);
    assert_eq!(ready.block(&good[..255]), ["ciphertext-length"]);
    let text = BASE64_STANDARD.encode(&good);
    let hex: String = good.iter().map(|b| format!("{b:02x}")).collect();
    let broken: String =
        text.as_bytes().chunks(64).map(|line| format!("{}\n", std::str::from_utf8(line).unwrap())).collect();
    for (text, cause) in [
        (BASE64_STANDARD.encode(&text), "base64-twice"),
        (BASE64_STANDARD.encode(hex), "base64-of-hex"),
        (broken, "base64-line-breaks"),
        (BASE64_URL_SAFE.encode([255; 256]), "base64-url-safe"),
        ("?".to_owned(), "not-base64"),
    ] {
        assert_eq!(ready.causes(&text, &ready.token), [cause]);
    }
}

#[test]
fn nothing_else_gets_a_cause() {
    let ready = Ready::new(RsaesOaepSha256);
    let server = &ready.server;
    assert!(server.import(FIPS, NOBODY, &[1; 256], &ready.token, None).is_err());
    assert_eq!(ready.last()["causes"], json!([]), "the key does not exist");
    server
        .import(
            FIPS,
            &ready.key_id,
            &wrap(RsaesOaepSha256, &ready.public_key, &random(32)),
            &ready.token,
            None,
        )
        .unwrap();
    let other = wrap(RsaesOaepSha256, &ready.public_key, &random(32));
    assert_eq!(ready.block(&other), ["another-material"]);
    server.admin("POST", "/reset", &json!({}));
    assert_eq!(server.admin("GET", "/imports", &Value::Null)["imports"], json!([]));
}
