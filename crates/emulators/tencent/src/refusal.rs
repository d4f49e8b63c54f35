//! A refusal before it becomes an envelope: the vendor's code and a message in both languages.

use keyferry_core::{Bilingual, bi};
use keyferry_emulator_kit::{MAX_BODY, NoBody, NoRandomness};
use keyferry_tencent::{Action, ErrorCode};

/// Why an action is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) message: Bilingual,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, message: Bilingual) -> Self {
        Self { code, message }
    }

    /// Something inside the emulator failed.
    pub(crate) fn internal() -> Self {
        Self::new(ErrorCode::InternalError, bi!("An internal error has occurred.", "内部错误。"))
    }

    /// A value that does not have its documented form.
    pub(crate) fn invalid(field: &str) -> Self {
        Self::new(
            ErrorCode::InvalidParameter,
            bi!("The value of the parameter `{field}` is invalid.", "参数 `{field}` 取值错误。"),
        )
    }

    /// A call without the right to make it: `ceremony/spec/tencent-kms.md` §7.4.
    pub(crate) fn not_permitted(action: Action) -> Self {
        Self::new(
            ErrorCode::UnauthorizedOperation,
            bi!(
                "You are not authorized to perform the operation (kms:{action}).",
                "您无权执行此操作（kms:{action}）。"
            ),
        )
    }

    pub(crate) fn over_limit() -> Self {
        Self::new(
            ErrorCode::RequestLimitExceeded,
            bi!("The request rate exceeds the limit.", "请求频率超过限制。"),
        )
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            ErrorCode::CmkNotFound,
            bi!("The CMK does not exist in this region.", "该地域不存在此 CMK。"),
        )
    }

    pub(crate) fn not_external() -> Self {
        Self::new(
            ErrorCode::NotExternalCmk,
            bi!("The CMK is not of origin EXTERNAL.", "该 CMK 不是外部密钥。"),
        )
    }

    pub(crate) fn state(state: keyferry_tencent::wire::KeyState) -> Self {
        Self::new(
            ErrorCode::CmkStateNotSupport,
            bi!(
                "The CMK's state {state} does not allow this operation.",
                "CMK 的状态 {state} 不支持此操作。"
            ),
        )
    }

    /// Also returned for a token that belongs to another key or to an earlier fetch:
    /// `ceremony/spec/tencent-kms.md` §7.3.
    pub(crate) fn token_expired() -> Self {
        Self::new(
            ErrorCode::TokenExpired,
            bi!(
                "The import token has expired, was replaced by a later one, or belongs to another CMK.",
                "导入令牌已过期、已被后来获取的导入令牌取代，或不属于该 CMK。"
            ),
        )
    }

    /// Also returned for material of the wrong length: `ceremony/spec/tencent-kms.md` §7.3.
    pub(crate) fn undecryptable() -> Self {
        Self::new(
            ErrorCode::DecryptMaterialError,
            bi!(
                "The key material cannot be decrypted, or has the wrong length for this region.",
                "密钥材料解密失败，或长度不符合该地域的要求。"
            ),
        )
    }
}

impl From<NoRandomness> for Refusal {
    fn from(_: NoRandomness) -> Self {
        Self::internal()
    }
}

/// The refusal of a request whose body was too large or too slow; `ceremony/spec/tencent-kms.md` §1.4 states
/// the maximum length.
impl From<NoBody> for Refusal {
    fn from(why: NoBody) -> Self {
        match why {
            NoBody::TooLarge => Self::new(
                ErrorCode::RequestSizeLimitExceeded,
                bi!("The request is larger than {MAX_BODY} bytes.", "请求包超过 {MAX_BODY} 字节。"),
            ),
            NoBody::TooSlow => Self::new(
                ErrorCode::InvalidRequest,
                bi!("The body did not arrive in time.", "请求体接收超时。"),
            ),
            NoBody::CutOff => {
                Self::new(ErrorCode::InvalidRequest, bi!("The body is cut off.", "请求体不完整。"))
            }
        }
    }
}
