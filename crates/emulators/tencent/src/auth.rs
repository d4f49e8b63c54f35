//! Authenticates a request: finds the headers that TC3 needs, and words the refusals.

use keyferry_core::{Timestamp, bi};
use keyferry_emulator_kit::Parts;
use keyferry_tencent::older::{self, Form};
use keyferry_tencent::tc3::{AuthError, Received, verify};
use keyferry_tencent::{Credentials, SERVICE};

use crate::refusal::Refusal;
use crate::web_form::Fields;

/// A header that was sent exactly once and is plain text.
pub(crate) fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let mut values = parts.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Checks the signature over exactly what arrived.
pub(crate) fn check(
    parts: &Parts,
    body: &[u8],
    known: &[Credentials],
    now: Timestamp,
) -> Result<(), Refusal> {
    let lookup = |name: &str| header(parts, name);
    let query = parts.uri.query().unwrap_or_default();
    let received = Received { method: parts.method.as_str(), query, header: &lookup, body };
    let credentials_of = |id: &str| known.iter().find(|credentials| credentials.secret_id == id);
    verify(&received, credentials_of, now).map(|_| ()).map_err(refusal)
}

/// Checks one of the older signatures.
pub(crate) fn check_older(
    parts: &Parts,
    fields: &Fields,
    known: &[Credentials],
    now: Timestamp,
) -> Result<(), Refusal> {
    if parts.uri.path() != "/" {
        return Err(refusal(AuthError::BadSignature));
    }
    let host = header(parts, "host").unwrap_or_default();
    let form = Form { method: parts.method.as_str(), host, fields };
    let credentials_of = |id: &str| known.iter().find(|credentials| credentials.secret_id == id);
    older::verify(&form, credentials_of, now).map(|_| ()).map_err(refusal)
}

fn refusal(error: AuthError) -> Refusal {
    let code = error.code();
    let other;
    let zh = match &error {
        AuthError::OtherService(name) => {
            other = format!("CredentialScope 中的服务名为 `{name}`，应为 `{SERVICE}`。");
            &other
        }
        AuthError::BadTimestamp => "缺少或错误的公共参数 `X-TC-Timestamp`。",
        AuthError::BadSecretId => "SecretId 格式错误。",
        AuthError::UnknownSecretId => "SecretId 不存在。",
        AuthError::Expired => "签名已过期：时间戳与服务器时间相差超过 5 分钟。",
        AuthError::BadToken => "临时凭证的 Token 与 SecretId 不匹配。",
        AuthError::BadSignature => "签名验证失败，请检查签名计算是否正确。",
        AuthError::BadSignedHeaders => "SignedHeaders 必须包含 content-type 和 host，且均已发送。",
        _ => "请求头 Authorization 缺失或格式错误。",
    };
    Refusal::new(code, bi!("{error}.", "{zh}"))
}
