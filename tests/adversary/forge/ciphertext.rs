//! `ciphertext.json` for any `parameters.json`, with material that the attacker knows.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use super::json::{Json, text};
use super::{digest, key, time};

/// The material that the attacker tries to bring into every key.
pub(crate) const KNOWN: [u8; 32] = *b"material that the attacker knows";

/// A ciphertext that is bound to these parameters.
pub(crate) fn of_known_material(parameters: &str, scratch: &Path) -> String {
    let digest = digest::of(parameters);
    let parameters: Value = serde_json::from_str(parameters).unwrap();
    let wrapped_at = time::from_now(0);
    let head = Head {
        parameters: digest::unhex(&digest),
        purpose: member(&parameters, "purpose"),
        wrapped_at: time::unix(&wrapped_at),
    };
    let keys = parameters["keys"].as_array().unwrap().iter().map(|key| head.entry(key, scratch));
    Json::Object(vec![
        ("format", text("keyferry/ciphertext/2")),
        ("purpose", text(head.purpose.as_str())),
        ("source", text("station")),
        ("seeded", Json::Bool(false)),
        ("ceremony", text(member(&parameters, "ceremony"))),
        ("parameters_sha256", text(digest)),
        ("wrapped_at", text(wrapped_at)),
        ("keys", Json::List(keys.collect())),
    ])
    .artefact()
}

pub(crate) fn member(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

pub(crate) fn commitment(material: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(material).unwrap();
    mac.update(b"keyferry/commitment/1");
    digest::hex(&mac.finalize().into_bytes())
}

/// What all entries of a file have in common.
struct Head {
    parameters: Vec<u8>,
    purpose: String,
    wrapped_at: i64,
}

impl Head {
    fn entry(&self, key: &Value, scratch: &Path) -> Json {
        let text_of = |name: &str| text(member(key, name));
        let public = member(key, "public_key");
        let method = |method: &str, value: String| {
            Json::Object(vec![("method", text(method)), ("value", text(value))])
        };
        let fingerprint = digest::of(STANDARD.decode(&public).unwrap());
        let block = key::wrap(&public, &KNOWN, scratch);
        let binding = self.binding(key, &fingerprint, &block);
        Json::Object(vec![
            ("alias", text_of("alias")),
            ("provider", text_of("provider")),
            ("region", text_of("region")),
            ("key_id", text_of("key_id")),
            ("algorithm", text_of("algorithm")),
            ("wrapping_key_sha256", text(fingerprint)),
            ("material", Json::Object(vec![("kind", text("aes")), ("bytes", Json::Number(32))])),
            ("wrapped_material", text(block)),
            ("kcv", method("AES-ECB-ZERO", key::kcv(&KNOWN))),
            ("commitment", method("HMAC-SHA-256", commitment(&KNOWN))),
            ("binding", text(binding)),
        ])
    }

    fn binding(&self, key: &Value, fingerprint: &str, block: &str) -> String {
        let of = |name: &str| member(key, name);
        let kcv = ("AES-ECB-ZERO".to_owned(), key::kcv(&KNOWN));
        let entry = Bound {
            names: ["alias", "provider", "region", "key_id", "algorithm"].map(of),
            fingerprint: fingerprint.to_owned(),
            block: block.to_owned(),
            kcv,
            commitment: commitment(&KNOWN),
        };
        entry.digest(&self.parameters, &self.purpose, "station", self.wrapped_at)
    }
}

/// The values that an entry's binding covers.
struct Bound {
    names: [String; 5],
    fingerprint: String,
    block: String,
    kcv: (String, String),
    commitment: String,
}

impl Bound {
    fn digest(&self, parameters: &[u8], purpose: &str, source: &str, wrapped_at: i64) -> String {
        let mut fields: Vec<Vec<u8>> = vec![
            b"keyferry/ciphertext-binding/2".to_vec(),
            parameters.to_vec(),
            purpose.into(),
            source.into(),
            vec![0],
            wrapped_at.to_be_bytes().to_vec(),
        ];
        fields.extend(self.names.iter().map(|name| name.clone().into_bytes()));
        fields.push(digest::unhex(&self.fingerprint));
        fields.extend([b"aes".to_vec(), 32_u64.to_be_bytes().to_vec()]);
        fields.push(STANDARD.decode(&self.block).unwrap());
        fields.extend([&self.kcv.0, &self.kcv.1, &self.commitment].map(|text| text.clone().into_bytes()));
        let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        digest::of_fields(&fields)
    }
}

/// The same file with every binding computed again after an edit of its header or an entry. It does not
/// support seeded material.
pub(crate) fn bound_again(ciphertext: &str) -> String {
    let file: Value = serde_json::from_str(ciphertext).unwrap();
    let parameters = digest::unhex(&member(&file, "parameters_sha256"));
    let (purpose, source) = (member(&file, "purpose"), member(&file, "source"));
    let wrapped_at = time::unix(&member(&file, "wrapped_at"));
    let mut edited = ciphertext.to_owned();
    for key in file["keys"].as_array().unwrap() {
        let bound = Bound {
            names: ["alias", "provider", "region", "key_id", "algorithm"].map(|name| member(key, name)),
            fingerprint: member(key, "wrapping_key_sha256"),
            block: member(key, "wrapped_material"),
            kcv: (member(&key["kcv"], "method"), member(&key["kcv"], "value")),
            commitment: member(&key["commitment"], "value"),
        };
        let binding = bound.digest(&parameters, &purpose, &source, wrapped_at);
        edited = edited.replace(&member(key, "binding"), &binding);
    }
    edited
}
