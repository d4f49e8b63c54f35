//! The outer form of a request: method, path, media type, common parameters. `ceremony/spec/tencent-kms.md` §1 and §2.

use keyferry_core::{Lang, bi};
use keyferry_emulator_kit::{Envelope, Method, Parts};
use keyferry_tencent::older::COMMON;
use keyferry_tencent::tc3::{FORM, JSON};
use keyferry_tencent::{ErrorCode, VERSION};

use crate::auth::header;
use crate::params;
use crate::refusal::Refusal;
use crate::web_form::{self, Fields};

/// Longest body with an older signature: `ceremony/spec/tencent-kms.md` §1.4.
const MAX_FORM: usize = 1 << 20;

/// Longest query: `ceremony/spec/tencent-kms.md` §1.4.
const MAX_QUERY: usize = 32 * 1024;

/// The values that every request contains besides its parameters.
pub(crate) struct Common<'a> {
    pub(crate) action: &'a str,
    pub(crate) version: &'a str,
    pub(crate) region: &'a str,
    pub(crate) language: Lang,
}

impl<'a> Common<'a> {
    /// Reads the values from TC3's headers.
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

impl<'a> Common<'a> {
    /// Reads the values from the fields of an older signature.
    pub(crate) fn of_fields(fields: &'a Fields) -> Self {
        let of = |wanted: &str| {
            fields
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.as_str())
                .unwrap_or_default()
        };
        Self {
            action: of("Action"),
            version: of("Version"),
            region: of("Region"),
            language: language(of("Language")),
        }
    }
}

/// The fields of a request with one of the older signatures: a form, or a signed query, without TC3's header.
pub(crate) fn older_fields(parts: &Parts, body: &[u8]) -> Option<Fields> {
    let is_older = header(parts, "authorization").is_none()
        && header(parts, "x-tc-action").is_none()
        && body.len() <= MAX_FORM;
    if !is_older {
        return None;
    }
    match parts.method {
        Method::POST if media_type(parts).eq_ignore_ascii_case(FORM) => {
            web_form::parse(std::str::from_utf8(body).ok()?)
        }
        // A URL has no body and so needs no media type: most of the vendor's SDKs send none.
        Method::GET => web_form::parse(parts.uri.query().unwrap_or_default()),
        _ => None,
    }
}

/// The service speaks Chinese unless asked otherwise.
fn language(name: &str) -> Lang {
    if name == "en-US" { Lang::En } else { Lang::Zh }
}

/// Checks that the request is a POST of JSON or a GET with a query, to `/`.
pub(crate) fn check(parts: &Parts) -> Result<(), Refusal> {
    if parts.uri.path() != "/" {
        return Err(Refusal::new(
            ErrorCode::InvalidRequest,
            bi!("The only path is `/`.", "请求路径只能为 `/`。"),
        ));
    }
    let expected = match parts.method {
        // Forms are handled elsewhere; a form that gets here has no fields that could be signed.
        Method::POST => JSON,
        Method::GET => FORM,
        _ => {
            return Err(Refusal::new(
                ErrorCode::UnsupportedProtocol,
                bi!("The HTTP method must be GET or POST.", "HTTP 请求方法必须为 GET 或 POST。"),
            ));
        }
    };
    if parts.uri.query().is_some_and(|query| query.len() > MAX_QUERY) {
        return Err(Refusal::new(
            ErrorCode::RequestSizeLimitExceeded,
            bi!("The query is longer than {MAX_QUERY} bytes.", "请求参数超过 {MAX_QUERY} 字节。"),
        ));
    }
    if media_type(parts).eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    if header(parts, "authorization").is_none() {
        return Err(Refusal::new(
            ErrorCode::AuthInvalidAuthorization,
            bi!(
                "There is neither an Authorization header nor a well-formed signed form.",
                "请求既缺少 Authorization，也不是有效的已签名表单。"
            ),
        ));
    }
    Err(Refusal::new(
        ErrorCode::InvalidRequest,
        bi!("The Content-Type must be {expected}.", "Content-Type 必须为 {expected}。"),
    ))
}

fn media_type(parts: &Parts) -> &str {
    header(parts, "content-type").and_then(|value| value.split(';').next()).unwrap_or_default().trim()
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
pub(crate) fn parameters(parts: &Parts, body: Envelope, older: Option<&Fields>) -> Result<Envelope, Refusal> {
    let refusal = || Refusal::invalid("query");
    match older {
        Some(fields) => web_form::to_json(fields, COMMON).ok_or_else(refusal),
        None if parts.method == Method::POST => Ok(body),
        None => web_form::parse(parts.uri.query().unwrap_or_default())
            .and_then(|fields| web_form::to_json(&fields, &[]))
            .ok_or_else(refusal),
    }
}
