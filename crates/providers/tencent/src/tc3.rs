//! TC3-HMAC-SHA256 as the vendor's Python SDK does it: signing, and strict verification.
//!
//! `ceremony/spec/tencent-kms.md` §2.1 and §2.3 describe the algorithm and its vectors.
//!
//! We sign only `content-type` and `host`. Action, region and token are **not** part of any TC3 signature, so the
//! channel must protect them: production uses HTTPS.

mod verify;

use core::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use keyferry_core::Timestamp;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use verify::{AuthError, MAX_SKEW_SECONDS, Received, verify, without_port};

use crate::{Action, Credentials, SERVICE, Sensitive, VERSION};

/// The algorithm's name, first word of `Authorization`.
pub const ALGORITHM: &str = "TC3-HMAC-SHA256";

/// Last part of the credential scope.
const TERMINATOR: &str = "tc3_request";

/// The substitute for the body's hash when `X-TC-Content-SHA256` says so.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// `Content-Type` of a POST.
pub const JSON: &str = "application/json";

/// `Content-Type` of a GET, which carries its parameters in the query.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// One call, ready to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The action.
    pub action: Action,
    /// `X-TC-Region`; `None` only if an endpoint implies it.
    pub region: Option<&'a str>,
    /// `X-TC-Language`: `zh-CN` or `en-US`, the language of the service's messages.
    pub language: &'a str,
    /// The `Host` header exactly as it will be sent, port included when there is one.
    pub host: &'a str,
    /// The exact bytes of the JSON body.
    pub body: &'a [u8],
    /// The time of signing; the service allows a difference of 5 minutes either way.
    pub now: Timestamp,
}

/// Signs a POST and returns every header it needs except `Host` and `Content-Length`, which HTTP clients set.
///
/// Values are [`Sensitive`] because one of them may be the session token.
#[must_use]
pub fn sign(call: &Call<'_>, credentials: &Credentials) -> Vec<(&'static str, Sensitive)> {
    let signable = Signable::post(call.host, call.body, call.now);
    let mut headers: Vec<(&'static str, Sensitive)> = vec![
        ("Authorization", signable.authorization(credentials).into()),
        ("Content-Type", JSON.into()),
        ("X-TC-Action", call.action.as_str().into()),
        ("X-TC-Version", VERSION.into()),
        ("X-TC-Timestamp", call.now.unix().to_string().into()),
        ("X-TC-Language", call.language.into()),
    ];
    headers.extend(call.region.map(|region| ("X-TC-Region", region.into())));
    headers.extend(credentials.token.as_ref().map(|token| ("X-TC-Token", token.clone())));
    headers
}

/// What TC3 signs, independent of any HTTP library.
#[derive(Clone, Debug)]
pub struct Signable<'a> {
    /// `POST` or `GET`.
    pub method: &'a str,
    /// The query as sent; empty for POST.
    pub query: &'a str,
    /// Signed headers: lower-case name and value, in the order of `SignedHeaders`.
    pub headers: Vec<(&'a str, &'a str)>,
    /// Lower-case hex of the payload's SHA-256.
    pub payload_hash: String,
    /// `X-TC-Timestamp`.
    pub timestamp: Timestamp,
    /// The service in the credential scope: [`SERVICE`].
    pub service: &'a str,
}

impl<'a> Signable<'a> {
    /// A POST of a JSON body.
    #[must_use]
    pub fn post(host: &'a str, body: &[u8], timestamp: Timestamp) -> Self {
        let headers = vec![("content-type", JSON), ("host", host)];
        let payload_hash = sha256_hex(body);
        Self { method: "POST", query: "", headers, payload_hash, timestamp, service: SERVICE }
    }

    /// A GET with its parameters in the query.
    #[must_use]
    pub fn get(host: &'a str, query: &'a str, timestamp: Timestamp) -> Self {
        let headers = vec![("content-type", FORM), ("host", host)];
        let payload_hash = sha256_hex(b"");
        Self { method: "GET", query, headers, payload_hash, timestamp, service: SERVICE }
    }

    /// The same, with the payload left out of the signature.
    #[must_use]
    pub fn with_unsigned_payload(self) -> Self {
        Self { payload_hash: sha256_hex(UNSIGNED_PAYLOAD.as_bytes()), ..self }
    }

    /// The value of the `Authorization` header.
    #[must_use]
    pub fn authorization(&self, credentials: &Credentials) -> String {
        let (id, date, names) = (&credentials.secret_id, day(self.timestamp), self.signed_headers());
        let service = self.service;
        let signature = hex(&self.mac(&credentials.secret_key).finalize().into_bytes());
        format!(
            "{ALGORITHM} Credential={id}/{date}/{service}/{TERMINATOR}, SignedHeaders={names}, Signature={signature}"
        )
    }

    fn signed_headers(&self) -> String {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        names.join(";")
    }

    fn canonical_request(&self) -> String {
        let mut text = format!("{}\n/\n{}\n", self.method, self.query);
        for (name, value) in &self.headers {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name}:{value}");
        }
        let _ = write!(text, "\n{}\n{}", self.signed_headers(), self.payload_hash);
        text
    }

    fn string_to_sign(&self) -> String {
        let (seconds, date, service) = (self.timestamp.unix(), day(self.timestamp), self.service);
        let hash = sha256_hex(self.canonical_request().as_bytes());
        format!("{ALGORITHM}\n{seconds}\n{date}/{service}/{TERMINATOR}\n{hash}")
    }

    /// The signature as a MAC that is not finalized yet, so that a verifier can compare in constant time.
    fn mac(&self, secret_key: &Sensitive) -> Hmac<Sha256> {
        hmac(self.signing_key(secret_key).as_slice(), &self.string_to_sign())
    }

    /// `HMAC(HMAC(HMAC("TC3" + SecretKey, DATE), "kms"), "tc3_request")`.
    fn signing_key(&self, secret_key: &Sensitive) -> Zeroizing<[u8; 32]> {
        let root = Zeroizing::new(format!("TC3{}", secret_key.expose()));
        let mut key = finish(hmac(root.as_bytes(), &day(self.timestamp)));
        for part in [self.service, TERMINATOR] {
            key = finish(hmac(key.as_slice(), part));
        }
        key
    }
}

fn finish(mac: Hmac<Sha256>) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// RFC 2104: a key is hashed when longer than a block, and then padded with zeros; doing this here makes the call
/// infallible.
fn hmac(key: &[u8], message: &str) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0_u8; 64]);
    let hashed: [u8; 32];
    let short = if key.len() > block.len() {
        hashed = Sha256::digest(key).into();
        hashed.as_slice()
    } else {
        key
    };
    for (to, from) in block.iter_mut().zip(short) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    mac.update(message.as_bytes());
    mac
}

/// The UTC day of a time: RFC 3339 begins with it.
fn day(timestamp: Timestamp) -> String {
    timestamp.to_string().chars().take(10).collect()
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
