//! The service's side of TC3: reads `Authorization`, checks scope, time and signature. Used by the emulator.
//!
//! Follows the client's own `SignedHeaders`, requires `content-type` and `host`, and accepts each value as sent or in
//! lower case, because the vendor's SDK and documentation differ there: `ceremony/spec/tencent-kms.md` §2.1.
//!
//! The vendor's Node SDK takes the service's name from the endpoint, up to the first dot, and signs the host without its port: so
//! against a server on loopback it signs service `127` and host `127.0.0.1`. Both are accepted here.

use core::fmt;

use hmac::Mac;
use keyferry_core::Timestamp;

use super::{ALGORITHM, Signable, TERMINATOR, UNSIGNED_PAYLOAD, day, sha256_hex};
use crate::{Credentials, ErrorCode, SERVICE};

/// How far a client's clock may be off, either way: `ceremony/spec/tencent-kms.md` §2.1.
pub const MAX_SKEW_SECONDS: u64 = 300;

/// The most headers that a client may sign.
const MAX_SIGNED_HEADERS: usize = 32;

/// The most characters of another service's name that a message repeats.
const MAX_SERVICE: usize = 64;

/// A request as it arrived.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The raw query, without `?`.
    pub query: &'a str,
    /// A header's value by lower-case name; `None` when absent **or sent more than once**.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The exact bytes of the body.
    pub body: &'a [u8],
}

/// Why a request is not accepted as coming from its alleged sender.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {
    /// `Authorization` is missing or malformed, or has another algorithm or a scope with a wrong ending.
    BadAuthorization,
    /// The credential scope names this other service; at most 64 plain characters of its name.
    OtherService(String),
    /// `SignedHeaders` is malformed, leaves out `content-type` or `host`, or names a header that was not sent.
    BadSignedHeaders,
    /// `X-TC-Timestamp` is missing or not a number of seconds.
    BadTimestamp,
    /// The SecretId is empty or contains characters that no SecretId has.
    BadSecretId,
    /// Nobody has this SecretId.
    UnknownSecretId,
    /// The time of signing is more than [`MAX_SKEW_SECONDS`] off.
    Expired,
    /// The session token is missing, unexpected or wrong.
    BadToken,
    /// The signature is not that of these bytes, or its date is not the day of its timestamp.
    BadSignature,
}

impl AuthError {
    /// The vendor's code for it.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::BadAuthorization | Self::OtherService(_) | Self::BadSignedHeaders | Self::BadTimestamp => {
                ErrorCode::AuthInvalidAuthorization
            }
            Self::BadSecretId => ErrorCode::AuthInvalidSecretId,
            Self::UnknownSecretId => ErrorCode::AuthSecretIdNotFound,
            Self::Expired => ErrorCode::AuthSignatureExpire,
            Self::BadToken => ErrorCode::AuthTokenFailure,
            Self::BadSignature => ErrorCode::AuthSignatureFailure,
        }
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherService(name) => {
                return write!(f, "the credential scope names service `{name}`, not `{SERVICE}`");
            }
            Self::BadAuthorization => "the Authorization header is missing or malformed",
            Self::BadSignedHeaders => "SignedHeaders must be sent headers, content-type and host among them",
            Self::BadTimestamp => "X-TC-Timestamp is missing or malformed",
            Self::BadSecretId => "the SecretId is malformed",
            Self::UnknownSecretId => "the SecretId is not found",
            Self::Expired => {
                "the signature expired: the timestamp differs from the server's by more than 5 minutes"
            }
            Self::BadToken => "the session token does not belong to the credentials",
            Self::BadSignature => "the signature does not fit the request",
        })
    }
}

impl std::error::Error for AuthError {}

/// Checks that a request was signed now, by someone who holds the secret key of its SecretId.
///
/// # Errors
/// [`AuthError`], the first reason found: form, SecretId, time, session token, signature.
pub fn verify<'a>(
    request: &Received<'a>,
    credentials_of: impl FnOnce(&str) -> Option<&'a Credentials>,
    now: Timestamp,
) -> Result<&'a Credentials, AuthError> {
    let header = (request.header)("authorization").ok_or(AuthError::BadAuthorization)?;
    let authorization = Authorization::parse(header)?;
    check_service(request, authorization.service)?;
    let headers = signed_headers(request, authorization.signed_headers)?;
    let timestamp = timestamp(request)?;
    let credentials = credentials_of(authorization.secret_id).ok_or(AuthError::UnknownSecretId)?;
    if now.seconds_until(timestamp).unsigned_abs() > MAX_SKEW_SECONDS {
        return Err(AuthError::Expired);
    }
    check_token(request, credentials)?;
    if authorization.date != day(timestamp) {
        return Err(AuthError::BadSignature);
    }
    let signable = Signable {
        method: request.method,
        query: request.query,
        headers,
        payload_hash: payload_hash(request),
        timestamp,
        service: authorization.service,
    };
    check_signature(&signable, credentials, &authorization.signature)?;
    Ok(credentials)
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    secret_id: &'a str,
    date: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: [u8; 32],
}

impl<'a> Authorization<'a> {
    fn parse(text: &'a str) -> Result<Self, AuthError> {
        const BAD: AuthError = AuthError::BadAuthorization;
        let rest = text.strip_prefix(ALGORITHM).and_then(|rest| rest.strip_prefix(' ')).ok_or(BAD)?;
        let mut parts = rest.split(',').map(str::trim);
        let mut part = |name: &str| parts.next().and_then(|p| p.strip_prefix(name)).ok_or(BAD);
        let credential = part("Credential=")?;
        let signed_headers = part("SignedHeaders=")?;
        let signature = unhex(part("Signature=")?).ok_or(BAD)?;
        if parts.next().is_some() {
            return Err(BAD);
        }
        let (secret_id, date, service) = scope(credential)?;
        Ok(Self { secret_id, date, service, signed_headers, signature })
    }
}

/// Splits `<SecretId>/<DATE>/<SERVICE>/tc3_request`.
fn scope(credential: &str) -> Result<(&str, &str, &str), AuthError> {
    let mut parts = credential.split('/');
    let id = parts.next().unwrap_or_default();
    let (Some(date), Some(service), Some(TERMINATOR), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(AuthError::BadAuthorization);
    };
    let well_formed = (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    if well_formed { Ok((id, date, service)) } else { Err(AuthError::BadSecretId) }
}

/// The service's own name, or the endpoint up to its first dot.
fn check_service(request: &Received<'_>, service: &str) -> Result<(), AuthError> {
    let host = (request.header)("host").unwrap_or_default();
    let mut named = [host, without_port(host)].into_iter().filter_map(|host| host.split('.').next());
    if service == SERVICE || (!service.is_empty() && named.any(|label| label == service)) {
        return Ok(());
    }
    let plain = service.chars().map(|c| if c.is_ascii_graphic() { c } else { '?' });
    Err(AuthError::OtherService(plain.take(MAX_SERVICE).collect()))
}

/// The host in a `Host` header, without its port.
#[must_use]
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn signed_headers<'a>(request: &Received<'a>, list: &'a str) -> Result<Vec<(&'a str, &'a str)>, AuthError> {
    let names: Vec<&str> = list.split(';').take(MAX_SIGNED_HEADERS + 1).collect();
    let sorted = names.windows(2).all(|pair| pair.first() < pair.last());
    let insisted = ["content-type", "host"].iter().all(|name| names.contains(name));
    if names.len() > MAX_SIGNED_HEADERS || !sorted || !insisted {
        return Err(AuthError::BadSignedHeaders);
    }
    names
        .into_iter()
        .map(|name| {
            (request.header)(name).map(|value| (name, value.trim())).ok_or(AuthError::BadSignedHeaders)
        })
        .collect()
}

/// Unix seconds in plain digits.
fn timestamp(request: &Received<'_>) -> Result<Timestamp, AuthError> {
    let text = (request.header)("x-tc-timestamp").ok_or(AuthError::BadTimestamp)?;
    if text.is_empty() || text.len() > 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AuthError::BadTimestamp);
    }
    let seconds = text.parse().map_err(|_| AuthError::BadTimestamp)?;
    Timestamp::from_unix(seconds).map_err(|_| AuthError::BadTimestamp)
}

fn check_token(request: &Received<'_>, credentials: &Credentials) -> Result<(), AuthError> {
    let fits = match (&credentials.token, (request.header)("x-tc-token")) {
        (None, sent) => sent.is_none_or(str::is_empty),
        (Some(token), Some(sent)) => token.same_as(sent),
        (Some(_), None) => false,
    };
    if fits { Ok(()) } else { Err(AuthError::BadToken) }
}

fn payload_hash(request: &Received<'_>) -> String {
    match (request.header)("x-tc-content-sha256") {
        Some(UNSIGNED_PAYLOAD) => sha256_hex(UNSIGNED_PAYLOAD.as_bytes()),
        _ => sha256_hex(request.body),
    }
}

/// Tries the values as sent, then all in lower case; and the host with its port, then without. Each comparison takes constant
/// time.
fn check_signature(
    signable: &Signable<'_>,
    credentials: &Credentials,
    signature: &[u8; 32],
) -> Result<(), AuthError> {
    let lower: Vec<String> = signable.headers.iter().map(|(_, value)| value.to_lowercase()).collect();
    let lowered = signable.headers.iter().zip(&lower).map(|((name, _), value)| (*name, value.as_str()));
    let fits = |headers: &[(&str, &str)]| {
        let headers = headers.to_vec();
        let signable = Signable { headers, payload_hash: signable.payload_hash.clone(), ..*signable };
        signable.mac(&credentials.secret_key).verify_slice(signature).is_ok()
    };
    for values in [signable.headers.clone(), lowered.collect()] {
        let portless = |(name, value)| (name, if name == "host" { without_port(value) } else { value });
        let other = values.iter().copied().map(portless).collect::<Vec<_>>();
        if fits(&values) || fits(&other) {
            return Ok(());
        }
    }
    Err(AuthError::BadSignature)
}

/// 64 lower-case hex digits.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
