//! The older signature methods, HmacSHA1 and HmacSHA256: signing, and strict verification.
//!
//! `ceremony/spec/tencent-kms.md` §2.4 and §2.5 describe the algorithm and its vectors.
//!
//! Everything is in one form: parameters, common parameters, and the signature over all other fields, sorted by name. This
//! project's client never uses them (their parameters may be in a URL); the emulator accepts them because SDKs can use
//! them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::digest::block_api::EagerHash;
use hmac::{Hmac, KeyInit, Mac};
use keyferry_core::Timestamp;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::tc3::{AuthError, MAX_SKEW_SECONDS};
use crate::{Credentials, Sensitive};

/// The fields of a form that are not parameters of the action.
pub const COMMON: &[&str] = &[
    "Action",
    "Language",
    "Nonce",
    "Region",
    "RequestClient",
    "SecretId",
    "Signature",
    "SignatureMethod",
    "Timestamp",
    "Token",
    "Version",
];

/// The most fields in a form: 200 keys in a list, and the fields around them.
pub const MAX_FIELDS: usize = 512;

/// Which hash the signature uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `HmacSHA1`, also if no method is named.
    HmacSha1,
    /// `HmacSHA256`.
    HmacSha256,
}

/// A form as it arrived, names and values decoded.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// `POST` or `GET`.
    pub method: &'a str,
    /// The `Host` header exactly as sent.
    pub host: &'a str,
    /// Every field, each name once.
    pub fields: &'a [(String, Zeroizing<String>)],
}

impl<'a> Form<'a> {
    /// A field's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The text that is signed: all fields but the signature, by name; `_` in names counts as `.`.
    fn string_to_sign(&self) -> Zeroizing<String> {
        let mut fields: Vec<(String, &str)> = self
            .fields
            .iter()
            .filter(|(name, _)| name != "Signature")
            .map(|(name, value)| (name.replace('_', "."), value.as_str()))
            .collect();
        fields.sort();
        let length: usize = fields.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
        // Sized up front, so that growing leaves no copies behind.
        let mut text =
            Zeroizing::new(String::with_capacity(self.method.len() + self.host.len() + length + 2));
        text.push_str(self.method);
        text.push_str(self.host);
        text.push_str("/?");
        for (index, (name, value)) in fields.iter().enumerate() {
            if index > 0 {
                text.push('&');
            }
            text.push_str(name);
            text.push('=');
            text.push_str(value);
        }
        text
    }

    /// The signature of these fields, in base64.
    #[must_use]
    pub fn sign(&self, method: Method, secret_key: &Sensitive) -> String {
        let text = self.string_to_sign();
        match method {
            Method::HmacSha1 => {
                BASE64_STANDARD.encode(mac::<Sha1>(secret_key, &text).finalize().into_bytes())
            }
            Method::HmacSha256 => {
                BASE64_STANDARD.encode(mac::<Sha256>(secret_key, &text).finalize().into_bytes())
            }
        }
    }
}

/// Accepts keys of every length, as RFC 2104 requires.
fn mac<H: EagerHash>(secret_key: &Sensitive, text: &str) -> Hmac<H>
where
    Hmac<H>: KeyInit + Mac,
{
    let mut mac = <Hmac<H> as KeyInit>::new_from_slice(secret_key.expose().as_bytes())
        .unwrap_or_else(|_| <Hmac<H> as KeyInit>::new(&Default::default()));
    mac.update(text.as_bytes());
    mac
}

/// Checks that a form was signed now, by someone who holds the secret key of its SecretId.
///
/// # Errors
/// [`AuthError`], the first reason found: method, SecretId, time, session token, signature.
pub fn verify<'a>(
    form: &Form<'_>,
    credentials_of: impl FnOnce(&str) -> Option<&'a Credentials>,
    now: Timestamp,
) -> Result<&'a Credentials, AuthError> {
    let method = match form.get("SignatureMethod") {
        None | Some("HmacSHA1") => Method::HmacSha1,
        Some("HmacSHA256") => Method::HmacSha256,
        Some(_) => return Err(AuthError::BadAuthorization),
    };
    // Ruby's `Base64.encode64`, which the vendor's Ruby SDK and example use, ends with a line feed.
    let given = form.get("Signature").ok_or(AuthError::BadAuthorization)?.trim_ascii_end();
    form.get("Nonce").and_then(digits).ok_or(AuthError::BadAuthorization)?;
    let id = form.get("SecretId").filter(|id| !id.is_empty()).ok_or(AuthError::BadSecretId)?;
    let time = form.get("Timestamp").and_then(digits).and_then(|s| i64::try_from(s).ok());
    let time = time.and_then(|s| Timestamp::from_unix(s).ok()).ok_or(AuthError::BadTimestamp)?;
    let credentials = credentials_of(id).ok_or(AuthError::UnknownSecretId)?;
    if now.seconds_until(time).unsigned_abs() > MAX_SKEW_SECONDS {
        return Err(AuthError::Expired);
    }
    let fits = match (&credentials.token, form.get("Token")) {
        (None, sent) => sent.is_none_or(str::is_empty),
        (Some(token), Some(sent)) => token.same_as(sent),
        (Some(_), None) => false,
    };
    if !fits {
        return Err(AuthError::BadToken);
    }
    // Keyed digests of both are compared, so the time reveals nothing.
    let expected = Sensitive::new(form.sign(method, &credentials.secret_key));
    if expected.same_as(given) { Ok(credentials) } else { Err(AuthError::BadSignature) }
}

/// Plain decimal digits.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn fields(method: &str, more: &[(&str, &str)]) -> Vec<(String, Zeroizing<String>)> {
        let common = [
            ("Action", "GenerateRandom"),
            ("Language", "zh-CN"),
            ("Nonce", "424242"),
            ("NumberOfBytes", "16"),
            ("Region", "ap-guangzhou"),
            ("RequestClient", "X"),
            ("SecretId", "AKIDEXAMPLE0123456789"),
            ("SignatureMethod", method),
            ("Timestamp", "1700000000"),
            ("Version", "2019-01-18"),
        ];
        let all = common.iter().chain(more);
        all.map(|(name, value)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()))).collect()
    }

    fn permanent() -> Credentials {
        Credentials::new("AKIDEXAMPLE0123456789", "EXAMPLEsecretKEY9876543210")
    }

    fn check(
        method: &str,
        fields: &[(String, Zeroizing<String>)],
        who: &Credentials,
        now: i64,
    ) -> Result<(), AuthError> {
        let form = Form { method, host: "127.0.0.1:8080", fields };
        let known = |id: &str| (id == who.secret_id).then_some(who);
        verify(&form, known, Timestamp::from_unix(now).unwrap()).map(|_| ())
    }

    const POST256: &str = "L+nGSCIPdaGw13H5AGWTdO8vYyJ1O+XCFlNcUlV7y1I=";
    const GET1: &str = "PsRwzydLARiZAwHZb8RUwax32ZA=";

    #[test]
    fn vectors_made_with_the_vendor_s_code() {
        let post = fields("HmacSHA256", &[("Signature", POST256)]);
        assert_eq!(check("POST", &post, &permanent(), NOW), Ok(()));
        let get = fields("HmacSHA1", &[("Token", "TOK"), ("Signature", GET1)]);
        assert_eq!(check("GET", &get, &permanent().with_token("TOK"), NOW), Ok(()));
        let ruby = fields("HmacSHA256", &[("Signature", &format!("{POST256}\n"))]);
        assert_eq!(check("POST", &ruby, &permanent(), NOW), Ok(()));
    }

    #[test]
    fn every_field_counts() {
        let who = permanent();
        let good = fields("HmacSHA256", &[("Signature", POST256)]);
        let changed = |name: &str, value: &str| {
            let mut fields = good.clone();
            *fields.iter_mut().find(|(n, _)| n == name).unwrap().1 = value.to_owned();
            check("POST", &fields, &who, NOW)
        };
        for (name, value, error) in [
            ("Action", "ListKeys", AuthError::BadSignature),
            ("Region", "ap-shanghai", AuthError::BadSignature),
            ("NumberOfBytes", "17", AuthError::BadSignature),
            ("Language", "en-US", AuthError::BadSignature),
            ("Version", "2019-01-19", AuthError::BadSignature),
            ("RequestClient", "Y", AuthError::BadSignature),
            ("Nonce", "424243", AuthError::BadSignature),
            ("Nonce", "-1", AuthError::BadAuthorization),
            ("Timestamp", "1700000001", AuthError::BadSignature),
            ("Timestamp", "soon", AuthError::BadTimestamp),
            ("SecretId", "AKIDother", AuthError::UnknownSecretId),
            ("SecretId", "", AuthError::BadSecretId),
            ("SignatureMethod", "HmacSHA1", AuthError::BadSignature),
            ("SignatureMethod", "HmacMD5", AuthError::BadAuthorization),
            ("Signature", "", AuthError::BadSignature),
            ("Signature", GET1, AuthError::BadSignature),
        ] {
            assert_eq!(changed(name, value), Err(error), "{name}={value}");
        }
        assert_eq!(check("GET", &good, &who, NOW), Err(AuthError::BadSignature));
        for name in ["Nonce", "Signature", "Timestamp", "SecretId"] {
            let fewer: Vec<_> = good.iter().filter(|(n, _)| n != name).cloned().collect();
            assert!(check("POST", &fewer, &who, NOW).is_err(), "{name}");
        }
    }

    #[test]
    fn time_and_tokens() {
        let post = fields("HmacSHA256", &[("Signature", POST256)]);
        for (off, expected) in
            [(300, Ok(())), (-300, Ok(())), (301, Err(AuthError::Expired)), (-301, Err(AuthError::Expired))]
        {
            assert_eq!(check("POST", &post, &permanent(), NOW + off), expected, "{off}");
        }
        let temporary = permanent().with_token("TOK");
        assert_eq!(check("POST", &post, &temporary, NOW), Err(AuthError::BadToken));
        let get = fields("HmacSHA1", &[("Token", "TOK"), ("Signature", GET1)]);
        assert_eq!(check("GET", &get, &permanent(), NOW), Err(AuthError::BadToken));
        assert_eq!(check("GET", &get, &permanent().with_token("OTHER"), NOW), Err(AuthError::BadToken));
    }
}
