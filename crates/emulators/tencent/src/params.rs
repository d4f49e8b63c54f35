//! Reads a body into a request: missing, unknown and ill-typed members are three different refusals.
//!
//! It makes two passes over the bytes, so that secrets go straight into their own types and not through a
//! JSON tree.

use std::collections::BTreeMap;

use keyferry_core::bi;
use keyferry_emulator_kit::name_from_wire;
use keyferry_tencent::{ErrorCode, Request};
use serde::de::IgnoredAny;

use crate::refusal::Refusal;

/// Reads the JSON object of an action's parameters.
pub(crate) fn parse<R: Request>(body: &[u8]) -> Result<R, Refusal> {
    let members: BTreeMap<String, IgnoredAny> = serde_json::from_slice(body).map_err(|_| not_an_object())?;
    for field in R::FIELDS.iter().filter(|field| field.required) {
        if !members.contains_key(field.name) {
            return Err(missing(field.name));
        }
    }
    if let Some(stray) = members.keys().find(|name| R::FIELDS.iter().all(|field| field.name != name.as_str()))
    {
        return Err(unknown(stray));
    }
    serde_json::from_slice(body).map_err(|error| ill_typed(&error))
}

fn not_an_object() -> Refusal {
    Refusal::new(
        ErrorCode::InvalidParameter,
        bi!("The request body is not a JSON object.", "请求体不是 JSON 对象。"),
    )
}

pub(crate) fn missing(name: &str) -> Refusal {
    Refusal::new(
        ErrorCode::MissingParameter,
        bi!("The request is missing a required parameter `{name}`.", "缺少参数 `{name}`。"),
    )
}

fn unknown(name: &str) -> Refusal {
    let name = name_from_wire(name);
    Refusal::new(
        ErrorCode::UnknownParameter,
        bi!("The parameter `{name}` is not recognized.", "未知参数 `{name}`。"),
    )
}

/// Names only the position, because the text there may be a secret.
fn ill_typed(error: &serde_json::Error) -> Refusal {
    let (line, column) = (error.line(), error.column());
    Refusal::new(
        ErrorCode::InvalidParameter,
        bi!(
            "A parameter has the wrong type (line {line}, column {column}).",
            "参数类型错误（第 {line} 行，第 {column} 列）。"
        ),
    )
}

#[cfg(test)]
mod tests {
    use keyferry_tencent::wire::{CreateKeyRequest, EncryptRequest, ImportKeyMaterialRequest};

    use super::*;

    fn code<R: Request>(body: &str) -> ErrorCode {
        match parse::<R>(body.as_bytes()) {
            Ok(_) => panic!("{body} was accepted"),
            Err(refusal) => refusal.code,
        }
    }

    #[test]
    fn three_different_refusals() {
        for body in ["", "{", "[]", "1", "null", "{\"a\"}", "\u{feff}{}", "{}{}"] {
            assert_eq!(code::<CreateKeyRequest>(body), ErrorCode::InvalidParameter, "{body}");
        }
        assert_eq!(code::<CreateKeyRequest>("{}"), ErrorCode::MissingParameter);
        assert_eq!(code::<CreateKeyRequest>(r#"{"Alias":"a","alias":"b"}"#), ErrorCode::UnknownParameter);
        assert_eq!(code::<CreateKeyRequest>(r#"{"Alias":1}"#), ErrorCode::InvalidParameter);
        assert_eq!(code::<CreateKeyRequest>(r#"{"Alias":null}"#), ErrorCode::InvalidParameter);
        assert_eq!(code::<CreateKeyRequest>(r#"{"Alias":"a","Type":"2"}"#), ErrorCode::InvalidParameter);
        assert_eq!(code::<CreateKeyRequest>(r#"{"Alias":"a","Type":-2}"#), ErrorCode::InvalidParameter);
        assert_eq!(code::<CreateKeyRequest>(r#"{"Alias":"a","Alias":"b"}"#), ErrorCode::InvalidParameter);
        assert_eq!(
            code::<CreateKeyRequest>(r#"{"Alias":"a","Tags":[{"TagKey":"k"}]}"#),
            ErrorCode::InvalidParameter
        );
        assert!(
            parse::<ImportKeyMaterialRequest>(
                br#"{"EncryptedKeyMaterial":"","ImportToken":"","KeyId":"","ValidTo":null}"#
            )
            .is_ok()
        );
    }

    #[test]
    fn a_refusal_does_not_repeat_secrets() {
        let refusal = match parse::<EncryptRequest>(br#"{"KeyId":"k","Plaintext":["hunter2"]}"#) {
            Ok(_) => panic!("taken"),
            Err(refusal) => refusal,
        };
        assert!(!refusal.message.en.contains("hunter2") && !refusal.message.zh.contains("hunter2"));
    }
}
