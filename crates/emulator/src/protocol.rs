//! The outer form of a request: method, path, media type, common parameters (fact sheet §1 and §2).

use hyper::Method;
use hyper::http::request::Parts;
use keyferry_core::{Lang, bi};
use keyferry_kms_api::tc3::{FORM, JSON};
use keyferry_kms_api::{ErrorCode, VERSION};
use zeroize::Zeroizing;

use crate::auth::header;
use crate::dispatch::Envelope;
use crate::refusal::Refusal;
use crate::{form, params};

/// What every request says besides its parameters.
pub(crate) struct Common<'a> {
    pub(crate) action: &'a str,
    pub(crate) version: &'a str,
    pub(crate) region: &'a str,
    pub(crate) language: Lang,
}

impl<'a> Common<'a> {
    /// As TC3 carries it.
    pub(crate) fn of_headers(parts: &'a Parts) -> Self {
        let of = |name| header(parts, name).unwrap_or_default();
        Self {
            action: of("x-tc-action"),
            version: of("x-tc-version"),
            region: of("x-tc-region"),
            language: language(of("x-tc-language")),
        }
    }
}

/// The service speaks Chinese unless asked otherwise.
fn language(name: &str) -> Lang {
    if name == "en-US" { Lang::En } else { Lang::Zh }
}

/// POST of JSON, or GET of a query, to `/`.
pub(crate) fn check(parts: &Parts) -> Result<(), Refusal> {
    if parts.uri.path() != "/" {
        return Err(Refusal::new(
            ErrorCode::InvalidRequest,
            bi!("The only path is `/`.", "请求路径只能为 `/`。"),
        ));
    }
    let expected = match parts.method {
        Method::POST => JSON,
        Method::GET => FORM,
        _ => {
            return Err(Refusal::new(
                ErrorCode::UnsupportedProtocol,
                bi!("The HTTP method must be GET or POST.", "HTTP 请求方法必须为 GET 或 POST。"),
            ));
        }
    };
    if media_type(parts).eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    if header(parts, "authorization").is_none() {
        return Err(older_signature());
    }
    Err(Refusal::new(
        ErrorCode::InvalidRequest,
        bi!("The Content-Type must be {expected}.", "Content-Type 必须为 {expected}。"),
    ))
}

fn media_type(parts: &Parts) -> &str {
    header(parts, "content-type").and_then(|value| value.split(';').next()).unwrap_or_default().trim()
}

/// A form without `Authorization` is the older signature, which is not served yet.
fn older_signature() -> Refusal {
    Refusal::new(
        ErrorCode::AuthInvalidAuthorization,
        bi!(
            "The emulator takes TC3-HMAC-SHA256 only, and the Authorization header is missing.",
            "本模拟器仅支持 TC3-HMAC-SHA256 签名，且请求缺少 Authorization。"
        ),
    )
}

pub(crate) fn version(version: &str) -> Result<(), Refusal> {
    match version {
        VERSION => Ok(()),
        "" => Err(params::missing("X-TC-Version")),
        _ => Err(Refusal::new(
            ErrorCode::NoSuchVersion,
            bi!("The only version is `{VERSION}`.", "接口版本只有 `{VERSION}`。"),
        )),
    }
}

/// The action's parameters as a JSON object.
pub(crate) fn parameters(parts: &Parts, body: Envelope) -> Result<Envelope, Refusal> {
    if parts.method == Method::POST {
        return Ok(body);
    }
    let query = form::query_to_json(parts.uri.query().unwrap_or_default());
    query.map(Zeroizing::new).ok_or_else(|| Refusal::invalid("query"))
}
