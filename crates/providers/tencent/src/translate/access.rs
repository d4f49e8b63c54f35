//! Refusals about credentials, permissions and clocks.

use keyferry_core::bi;

use super::{Translation, administrator, online_operator, say};
use crate::ErrorCode;

/// Codes about credentials, permissions and clocks.
pub(super) fn access(code: &ErrorCode) -> Option<Translation> {
    match code {
        ErrorCode::AuthSignatureExpire => say(
            bi!(
                "this computer's clock differs from the service's by more than 5 minutes",
                "本机时钟与服务端相差超过 5 分钟"
            ),
            online_operator(),
            bi!(
                "set the clock (UTC and time zone), then run the command again",
                "校准系统时间（注意时区），然后重新执行"
            ),
        ),
        ErrorCode::AuthSignatureFailure => say(
            bi!(
                "the signature is wrong: the SecretKey does not belong to the SecretId, or something on the way changed \
                 the request",
                "签名错误：SecretKey 与 SecretId 不匹配，或请求在途中被改动"
            ),
            online_operator(),
            bi!(
                "check the credentials' source for mix-ups and stray spaces; connect without a proxy",
                "检查凭证来源是否混淆或含多余空格；并排除代理的影响"
            ),
        ),
        ErrorCode::AuthSecretIdNotFound | ErrorCode::AuthInvalidSecretId => say(
            bi!(
                "the SecretId is unknown, deleted, disabled, or belongs to another site (China and international are separate)",
                "SecretId 不存在、已删除或已禁用，或属于另一网站（国内站与国际站互相独立）"
            ),
            administrator(),
            bi!(
                "issue fresh credentials for the ceremony and run the command again",
                "为本次仪式签发新的凭证后重新执行"
            ),
        ),
        ErrorCode::AuthTokenFailure => say(
            bi!(
                "the session token is missing, has expired, or belongs to other credentials",
                "临时会话令牌缺失、已过期或与凭证不匹配"
            ),
            online_operator(),
            bi!("fetch fresh temporary credentials and run the command again", "重新获取临时凭证后再次执行"),
        ),
        ErrorCode::AuthMfaFailure => say(
            bi!(
                "the account requires multi-factor authentication (MFA) for this action",
                "该操作需要多因素验证（MFA）"
            ),
            administrator(),
            bi!(
                "complete the MFA check, or use credentials meant for the ceremony",
                "完成 MFA 验证，或改用仪式专用凭证"
            ),
        ),
        ErrorCode::IpInBlacklist | ErrorCode::IpNotInWhitelist => say(
            bi!("this network address is not allowed to call the service", "当前网络地址不允许调用该服务"),
            administrator(),
            bi!(
                "allow the online station's address, or move the station",
                "放行在线工作站的地址，或更换网络"
            ),
        ),
        _ if code.is_or_under("UnauthorizedOperation") || *code == ErrorCode::AuthUnauthorizedOperation => {
            say(
                bi!(
                    "these credentials have no permission for this action on this key",
                    "该凭证没有对此密钥执行此操作的权限"
                ),
                administrator(),
                bi!(
                    "grant the ceremony's policy (CreateKey, GetParametersForImport, ImportKeyMaterial, DescribeKey, Encrypt, \
                 Decrypt) on this key, no more; then resume",
                    "仅授予仪式所需权限（CreateKey、GetParametersForImport、ImportKeyMaterial、DescribeKey、Encrypt、\
                 Decrypt），然后继续"
                ),
            )
        }
        _ if code.is_or_under("AuthFailure") => say(
            bi!("the service does not accept the request's authentication", "服务端不接受该请求的身份认证"),
            online_operator(),
            bi!(
                "check the credentials, the clock and the endpoint, then run the command again",
                "检查凭证、时钟与接入地址后重新执行"
            ),
        ),
        _ => None,
    }
}
