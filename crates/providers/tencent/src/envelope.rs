//! The `{"Response": {…, "RequestId"}}` envelope, read with caps and written for the emulator.
//!
//! Refuses, with typed errors, oversized input, anything that is not an envelope, and a reply without a usable
//! request id. Never panics.

use core::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::ErrorCode;
use crate::one_line::one_line;

/// Longest reply that is read; the largest real one is a page of 200 keys, which is much shorter.
pub const MAX_REPLY: usize = 1 << 20;

/// Longest request id accepted: a UUID has 36 characters.
const MAX_REQUEST_ID: usize = 64;

/// Longest message kept for display.
const MAX_MESSAGE: usize = 1024;

/// What the service answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<T> {
    /// The action was done.
    Success {
        /// The action's own reply.
        value: T,
        /// The service's id of this call.
        request_id: String,
    },
    /// The service refused.
    Refused(ServiceError),
}

/// A refusal by the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// The vendor's code.
    pub code: ErrorCode,
    /// The vendor's message: one line, capped, without control characters. Never to be parsed.
    pub message: String,
    /// The service's id of this call.
    pub request_id: String,
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (request id {})", self.code, self.message, self.request_id)
    }
}

impl std::error::Error for ServiceError {}

/// The bytes are not a reply from the service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Longer than [`MAX_REPLY`]; holds the length.
    TooLong(usize),
    /// Not a JSON object with a `Response` object in it.
    NotAnEnvelope,
    /// `RequestId` is missing, empty, overlong or not plain ASCII.
    BadRequestId,
    /// A success whose members do not fit this action; contains line and column, never the text.
    BadBody {
        /// Line of the reply where reading stopped.
        line: usize,
        /// Column in that line.
        column: usize,
    },
    /// A value could not be written as JSON.
    Unwritable,
}

impl fmt::Display for EnvelopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(n) => write!(f, "the reply has {n} bytes, more than {MAX_REPLY}"),
            Self::NotAnEnvelope => f.write_str("the reply is not a JSON envelope with a Response object"),
            Self::BadRequestId => f.write_str("the reply carries no usable RequestId"),
            Self::BadBody { line, column } => {
                write!(f, "the reply does not fit the action (line {line}, column {column})")
            }
            Self::Unwritable => f.write_str("the value cannot be written as JSON"),
        }
    }
}

impl std::error::Error for EnvelopeError {}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    #[serde(rename = "Response")]
    response: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Probe {
    error: Option<ErrorBody>,
    request_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody {
    code: String,
    message: String,
}

/// Reads a reply to the action whose reply type is `T`.
///
/// # Errors
/// [`EnvelopeError`] when the bytes are not a reply; a refusal by the service is [`Reply::Refused`], not an
/// error.
pub fn parse_reply<T: DeserializeOwned>(bytes: &[u8]) -> Result<Reply<T>, EnvelopeError> {
    if bytes.len() > MAX_REPLY {
        return Err(EnvelopeError::TooLong(bytes.len()));
    }
    // Read twice, so that secrets in a successful reply go straight into their own types and not through a
    // JSON tree.
    let probe: Envelope<Probe> = serde_json::from_slice(bytes).map_err(|_| EnvelopeError::NotAnEnvelope)?;
    let request_id =
        probe.response.request_id.filter(|id| is_request_id(id)).ok_or(EnvelopeError::BadRequestId)?;
    if let Some(error) = probe.response.error {
        let code = ErrorCode::parse(&error.code);
        let message = one_line(&error.message, MAX_MESSAGE);
        return Ok(Reply::Refused(ServiceError { code, message, request_id }));
    }
    let whole: Envelope<T> = serde_json::from_slice(bytes)
        .map_err(|e| EnvelopeError::BadBody { line: e.line(), column: e.column() })?;
    Ok(Reply::Success { value: whole.response, request_id })
}

/// Whether a log, a transcript and a terminal can show the text as a request id.
fn is_request_id(text: &str) -> bool {
    (1..=MAX_REQUEST_ID).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Writes a success.
///
/// # Errors
/// [`EnvelopeError::Unwritable`] when `value` is not a JSON object.
pub fn success<T: Serialize>(value: &T, request_id: &str) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    #[derive(Serialize)]
    struct Success<'a, T> {
        #[serde(flatten)]
        value: &'a T,
        #[serde(rename = "RequestId")]
        request_id: &'a str,
    }
    let envelope = Envelope { response: Success { value, request_id } };
    // Sized up front, so that growing does not leave copies of a plaintext behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
    serde_json::to_writer(&mut *bytes, &envelope).map_err(|_| EnvelopeError::Unwritable)?;
    Ok(bytes)
}

/// Writes a refusal.
///
/// # Errors
/// [`EnvelopeError::Unwritable`] only in theory: text can always be written.
pub fn refusal(code: &ErrorCode, message: &str, request_id: &str) -> Result<Vec<u8>, EnvelopeError> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Refusal<'a> {
        error: ErrorBody,
        request_id: &'a str,
    }
    let error = ErrorBody { code: code.as_str().to_owned(), message: message.to_owned() };
    serde_json::to_vec(&Envelope { response: Refusal { error, request_id } })
        .map_err(|_| EnvelopeError::Unwritable)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{DescribeKeyReply, GenerateRandomReply, ImportKeyMaterialReply};

    #[test]
    fn success_round_trip() {
        let value = GenerateRandomReply { plaintext: "c2VjcmV0".into() };
        let bytes = success(&value, "id-1").unwrap();
        assert_eq!(bytes.as_slice(), br#"{"Response":{"Plaintext":"c2VjcmV0","RequestId":"id-1"}}"#);
        match parse_reply::<GenerateRandomReply>(&bytes).unwrap() {
            Reply::Success { value, request_id } => {
                assert_eq!((value.plaintext.expose(), request_id.as_str()), ("c2VjcmV0", "id-1"));
            }
            Reply::Refused(e) => panic!("{e}"),
        }
    }

    #[test]
    fn an_empty_success_and_unknown_members() {
        let bytes = success(&ImportKeyMaterialReply {}, "id-2").unwrap();
        assert_eq!(bytes.as_slice(), br#"{"Response":{"RequestId":"id-2"}}"#);
        let newer = br#"{"Response":{"DeprecatedWarning":"soon","New":[1],"RequestId":"id-2"},"More":0}"#;
        assert!(matches!(parse_reply::<ImportKeyMaterialReply>(newer), Ok(Reply::Success { .. })));
    }

    #[test]
    fn refusal_round_trip_and_taming() {
        let bytes = refusal(&ErrorCode::TokenExpired, "过期\u{1b}[2J\u{202e}\n", "id-3").unwrap();
        match parse_reply::<ImportKeyMaterialReply>(&bytes).unwrap() {
            Reply::Refused(e) => {
                assert_eq!(e.code, ErrorCode::TokenExpired);
                assert_eq!(e.message, "过期 [2J  ");
                assert_eq!(e.request_id, "id-3");
            }
            Reply::Success { .. } => panic!("a refusal was taken for a success"),
        }
    }

    #[test]
    fn what_is_no_reply() {
        let parse = |bytes: &[u8]| parse_reply::<GenerateRandomReply>(bytes).unwrap_err();
        assert_eq!(parse(&vec![b' '; MAX_REPLY + 1]), EnvelopeError::TooLong(MAX_REPLY + 1));
        for bytes in
            ["", "<html>", "[]", "{}", r#"{"Response":1}"#, r#"{"Response":{"Error":{},"RequestId":"a"}}"#]
        {
            assert_eq!(parse(bytes.as_bytes()), EnvelopeError::NotAnEnvelope, "{bytes}");
        }
        for id in [r#""""#, "null", r#""a b""#, r#""\u001b""#, &format!("\"{}\"", "x".repeat(65))] {
            let text = format!(r#"{{"Response":{{"RequestId":{id}}}}}"#);
            assert_eq!(parse(text.as_bytes()), EnvelopeError::BadRequestId, "{id}");
        }
        assert!(matches!(parse(br#"{"Response":{"RequestId":"a"}}"#), EnvelopeError::BadBody { .. }));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let text = format!(r#"{{"Response":{{"RequestId":"a","X":{}"#, "[".repeat(200_000));
        assert_eq!(
            parse_reply::<GenerateRandomReply>(text.as_bytes()).unwrap_err(),
            EnvelopeError::NotAnEnvelope
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_reply::<DescribeKeyReply>(&bytes);
        }

        #[test]
        fn no_text_in_the_envelope_panics(code in ".{0,200}", message in ".{0,200}", id in ".{0,80}") {
            let bytes = refusal(&ErrorCode::parse(&code), &message, &id).unwrap();
            let _ = parse_reply::<DescribeKeyReply>(&bytes);
        }
    }
}
