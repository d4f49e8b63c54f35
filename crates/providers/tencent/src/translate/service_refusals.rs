//! Refusals that say more about the service than about the request.

use keyferry_core::bi;

use super::{Translation, administrator, nobody, online_operator, say};
use crate::ErrorCode;

/// Codes that say more about the service than about the request.
pub(super) fn service_side(code: &ErrorCode) -> Option<Translation> {
    if code.is_throttling() {
        return say(
            bi!("too many calls per second from this account or address", "该账号或地址的调用过于频繁"),
            nobody(),
            bi!(
                "wait a few seconds and run the command again; nothing was done",
                "等待数秒后重新执行；本次未做任何操作"
            ),
        );
    }
    match code {
        ErrorCode::InternalError => say(
            bi!(
                "the service had an internal failure; it is not known whether it did the work",
                "服务端内部错误；操作是否完成未知"
            ),
            online_operator(),
            bi!(
                "look up the key's state first, then run the same command again (importing the same material twice is \
                 harmless); if it fails again, report the request id to the provider",
                "先查询密钥状态，再重新执行同一命令（重复导入同一材料无害）；若持续出现，请向服务商提供 RequestId"
            ),
        ),
        ErrorCode::ServiceTemporaryUnavailable | ErrorCode::ServiceUnavailable => say(
            bi!("the service is temporarily unavailable", "服务暂时不可用"),
            nobody(),
            bi!(
                "wait and run the same command again; the parameters' 24 h keep running",
                "稍候重新执行同一命令；注意导入参数的 24 小时仍在计时"
            ),
        ),
        ErrorCode::UserVersionNotSupport | ErrorCode::UnsupportedKeyUsageInCurrentRegion => say(
            bi!(
                "the account's service version or this region does not offer this",
                "账号购买的版本或该地域不支持此功能"
            ),
            administrator(),
            bi!(
                "buy the version that offers it, or choose another region in the plan",
                "购买支持该功能的版本，或在计划中更换地域"
            ),
        ),
        _ => None,
    }
}
