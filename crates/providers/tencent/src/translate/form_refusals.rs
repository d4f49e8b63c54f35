//! Refusals about the request's form.

use keyferry_core::bi;

use super::{Translation, online_operator, say};
use crate::ErrorCode;

/// Codes about the form of the request.
pub(super) fn request_form(code: &ErrorCode) -> Option<Translation> {
    match code {
        ErrorCode::UnsupportedRegion => say(
            bi!("the region is missing, misspelt or not served", "地域缺失、拼写错误或不支持"),
            online_operator(),
            bi!(
                "compare the region with the plan and the vendor's list (ap-guangzhou, ap-singapore)",
                "对照计划与官方地域列表核对（如 ap-guangzhou、ap-singapore）"
            ),
        ),
        ErrorCode::InvalidAction
        | ErrorCode::NoSuchVersion
        | ErrorCode::NoSuchProduct
        | ErrorCode::ActionOffline => say(
            bi!("this endpoint does not serve the action", "该接入地址不提供此接口"),
            online_operator(),
            bi!(
                "check the endpoint; then look for a newer keyferry",
                "检查接入地址，并查看是否有新版 keyferry"
            ),
        ),
        ErrorCode::RequestSizeLimitExceeded | ErrorCode::ResponseSizeLimitExceeded => say(
            bi!("the request or the reply is larger than the service allows", "请求或响应超过服务允许的大小"),
            online_operator(),
            bi!(
                "make sure that the files are those of this ceremony, then report it",
                "确认文件属于本次仪式，然后上报问题"
            ),
        ),
        _ if code.is_or_under("InvalidParameter")
            || code.is_or_under("InvalidParameterValue")
            || matches!(
                code,
                ErrorCode::MissingParameter
                    | ErrorCode::UnknownParameter
                    | ErrorCode::InvalidRequest
                    | ErrorCode::UnsupportedProtocol
            ) =>
        {
            say(
                bi!(
                    "the service refuses a value in the request; at import this can be the expiry (past, or after \
                     2038-01-18T16:00:00Z) or text that is not base64",
                    "服务端拒绝请求中的某个参数；导入时可能是过期时间（早于当前，或晚于 2038-01-18T16:00:00Z）或内容不是 base64"
                ),
                online_operator(),
                bi!(
                    "read the service's message, compare the plan's expiry with the clock, check the files' digests; \
                     keep the request id",
                    "阅读服务端消息，核对计划中的过期时间与时钟，并校验文件摘要；保留 RequestId"
                ),
            )
        }
        ErrorCode::FailedOperation | ErrorCode::ResourceUnavailable | ErrorCode::UnsupportedOperation => say(
            bi!(
                "the service refuses to do this with this key, without a reason",
                "服务端不对该密钥执行此操作，且未说明细节"
            ),
            online_operator(),
            bi!(
                "read the service's message, look at the key with status, keep the request id; then ask the provider",
                "阅读服务端消息，用 status 查看密钥，保留 RequestId；然后联系服务商"
            ),
        ),
        _ => None,
    }
}
