//! What a refusal means: cause, who acts, next step, in English and 简体中文.
//!
//! One code often has several causes; the text names them in the order to look for them. Causes stand in the fact
//! sheet §5 to §7; no text asks for a secret or suggests skipping a check.

use keyferry_core::{Bilingual, bi};

use crate::ErrorCode;

/// A refusal in words for the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// What is wrong.
    pub cause: Bilingual,
    /// Whose move it is.
    pub who: Bilingual,
    /// What they do.
    pub next: Bilingual,
}

/// Puts a code into words; every code gets an answer.
#[must_use]
pub fn translate(code: &ErrorCode) -> Translation {
    import_flow(code)
        .or_else(|| key_handling(code))
        .or_else(|| access(code))
        .or_else(|| request_form(code))
        .or_else(|| service_side(code))
        .unwrap_or_else(|| general(code))
}

fn say(cause: Bilingual, who: Bilingual, next: Bilingual) -> Option<Translation> {
    Some(Translation { cause, who, next })
}

fn online_operator() -> Bilingual {
    bi!("the online operator", "联机站操作员")
}

fn administrator() -> Bilingual {
    bi!("the account's administrator", "云账号管理员")
}

fn nobody() -> Bilingual {
    bi!("nobody: it passes", "无需任何人处理，等待即可")
}

/// Codes about the material, the token and the key's state.
fn import_flow(code: &ErrorCode) -> Option<Translation> {
    match code {
        ErrorCode::TokenExpired => say(
            bi!(
                "the import token is dead: its 24 h are over, or someone fetched parameters for this key again since \
                 (the last fetch wins)",
                "导入令牌已失效：超过 24 小时，或之后有人再次获取了该密钥的导入参数（以最后一次为准）"
            ),
            online_operator(),
            bi!(
                "run export again and carry the new parameters.json to the offline station; the old ciphertext is dead. \
                 If the 24 h were not over, find out first who else fetches parameters (a script, Terraform, a colleague)",
                "重新执行 export，并把新的 parameters.json 带到离线站；旧密文已作废。若未满 24 小时，先查明是谁\
                 再次获取了参数（脚本、Terraform 或同事）"
            ),
        ),
        ErrorCode::DecryptMaterialError => say(
            bi!(
                "the service could not unwrap the material: wrapped to another public key or with another algorithm, \
                 damaged on the way, or of the wrong length for the region's edition",
                "服务端无法解开密钥材料：使用了其他公钥或其他算法加密、传递中损坏，或长度与该地域的版本不符"
            ),
            bi!("the online operator, then the offline operator", "先联机站操作员，后离线站操作员"),
            bi!(
                "compare the digests of parameters.json and ciphertext.json on both stations; if they agree, run export \
                 and wrap again. Nothing was imported",
                "在两端核对 parameters.json 与 ciphertext.json 的摘要；若一致，重新执行 export 与 wrap。未导入任何内容"
            ),
        ),
        ErrorCode::MaterialNotMatch => say(
            bi!(
                "this key was bound to other material at its first import, and takes only that material for the rest of \
                 its life",
                "该密钥在首次导入时已与另一份密钥材料永久关联，今后只接受那一份材料"
            ),
            bi!("the ceremony's leader and the custodians", "仪式负责人与备份保管人"),
            bi!(
                "stop; restore the original material from its backup and wrap that, or make a new key for the new \
                 material. Compare the commitment in the earlier ceremony's record",
                "停止操作；从备份恢复原来的密钥材料后再加密导入，或为新材料新建密钥。请核对以往仪式记录中的承诺值"
            ),
        ),
        ErrorCode::NotExternalCmk => say(
            bi!(
                "the key was not created for import: its origin is not EXTERNAL, and that cannot be changed",
                "该密钥不是外部密钥：来源不是 EXTERNAL，且无法更改"
            ),
            online_operator(),
            bi!(
                "check the key id in the plan; if it is right, create a new key of origin EXTERNAL (CreateKey Type 2) \
                 and have the plan reviewed again",
                "核对计划中的密钥 ID；若无误，请新建来源为 EXTERNAL 的密钥（CreateKey Type 为 2），并重新审核计划"
            ),
        ),
        ErrorCode::CmkStateNotSupport => say(
            bi!(
                "the key's state does not allow this: import wants Enabled or PendingImport; the key is disabled, \
                 archived, pending deletion, or has no material",
                "密钥当前状态不支持此操作：导入要求状态为 Enabled 或 PendingImport；密钥可能已禁用、已归档、计划删除，\
                 或没有密钥材料"
            ),
            administrator(),
            bi!(
                "look at the key's state; enable the key, or cancel its deletion, if the plan still wants it; then resume",
                "查看密钥状态；若计划仍需要该密钥，请启用或取消删除，然后继续"
            ),
        ),
        ErrorCode::CmkNotFound => say(
            bi!("there is no such key in this region and account", "该账号在此地域中没有这个密钥"),
            online_operator(),
            bi!(
                "compare key id, region and account with the plan: keys of other regions and accounts are invisible",
                "对照计划核对密钥 ID、地域和账号：其他地域和账号的密钥不可见"
            ),
        ),
        ErrorCode::InvalidKeyId => say(
            bi!("the key id is malformed", "密钥 ID 格式不正确"),
            online_operator(),
            bi!(
                "copy the key id from the console or from create-key into the plan; it is a UUID of 36 characters",
                "从控制台或 create-key 的输出中复制密钥 ID 到计划；应为 36 个字符的 UUID"
            ),
        ),
        _ => None,
    }
}

/// Codes about making and using keys.
fn key_handling(code: &ErrorCode) -> Option<Translation> {
    match code {
        ErrorCode::AliasAlreadyExists => say(
            bi!("another key in this region already has this alias", "此地域中已有同名（别名相同）的密钥"),
            online_operator(),
            bi!(
                "if an earlier attempt made that key, put its key id into the plan; otherwise choose another alias",
                "若为先前尝试所建，请将其密钥 ID 写入计划；否则请更换别名"
            ),
        ),
        ErrorCode::InvalidAlias => say(
            bi!(
                "the alias breaks the service's rule: 1 to 60 letters, digits, - and _, first a letter or digit, not \
                 beginning with kms-",
                "别名不符合规则：1 至 60 个字母、数字、- 或 _，以字母或数字开头，且不能以 kms- 开头"
            ),
            bi!("the author of the plan", "计划编写人"),
            bi!("change the alias and have the plan reviewed again", "修改别名并重新审核计划"),
        ),
        ErrorCode::CmkLimitExceeded | ErrorCode::LimitExceeded => say(
            bi!("the account's quota of keys is used up", "账号的密钥数量已达上限"),
            administrator(),
            bi!(
                "raise the quota or delete keys that nobody needs, then resume",
                "提升配额或清理不再使用的密钥，然后继续"
            ),
        ),
        ErrorCode::CmkDisabled => say(
            bi!("the key is disabled", "密钥已被禁用"),
            administrator(),
            bi!("enable the key if the plan wants it, then resume", "若计划需要该密钥，请先启用，然后继续"),
        ),
        ErrorCode::CmkArchived => say(
            bi!("the key is archived: it decrypts, but does not encrypt", "密钥已归档：只能解密，不能加密"),
            administrator(),
            bi!(
                "cancel archiving if the plan wants the key, then resume",
                "若计划需要该密钥，请取消归档，然后继续"
            ),
        ),
        ErrorCode::InvalidPlaintext | ErrorCode::InvalidCiphertext => say(
            bi!(
                "the service does not take the text of the round trip: damaged, too long, or of another key or context",
                "服务端不接受往返测试的内容：已损坏、过长，或属于其他密钥或其他加密上下文"
            ),
            online_operator(),
            bi!(
                "run import again; if it stays, stop and keep the record",
                "重新执行 import；若仍失败，停止操作并保留记录"
            ),
        ),
        ErrorCode::CmkUsedByCloudProduct => say(
            bi!("a cloud product uses this key", "有云产品正在使用该密钥"),
            administrator(),
            bi!("release the key in that product first", "请先在该云产品中解除绑定"),
        ),
        _ => None,
    }
}

/// Codes about credentials, permissions and clocks.
fn access(code: &ErrorCode) -> Option<Translation> {
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
                "check the credentials' source for mix-ups and stray spaces; take proxies out of the way",
                "检查凭证来源是否混淆或含多余空格；并排除代理的影响"
            ),
        ),
        ErrorCode::AuthSecretIdNotFound | ErrorCode::AuthInvalidSecretId => say(
            bi!(
                "the SecretId is unknown, deleted, disabled, or of another site (China and international are separate)",
                "SecretId 不存在、已删除或已禁用，或属于另一站点（国内站与国际站互相独立）"
            ),
            administrator(),
            bi!(
                "issue fresh credentials for the ceremony and run the command again",
                "为本次仪式签发新的凭证后重新执行"
            ),
        ),
        ErrorCode::AuthTokenFailure => say(
            bi!(
                "the session token is missing, expired or of other credentials",
                "临时会话令牌缺失、已过期或与凭证不匹配"
            ),
            online_operator(),
            bi!("fetch fresh temporary credentials and run the command again", "重新获取临时凭证后再次执行"),
        ),
        ErrorCode::AuthMfaFailure => say(
            bi!("the account wants a second factor for this action", "该操作需要多因素验证（MFA）"),
            administrator(),
            bi!(
                "complete the second factor, or use credentials meant for the ceremony",
                "完成 MFA 验证，或改用仪式专用凭证"
            ),
        ),
        ErrorCode::IpInBlacklist | ErrorCode::IpNotInWhitelist => say(
            bi!("this network address is not allowed to call the service", "当前网络地址不允许调用该服务"),
            administrator(),
            bi!("allow the online station's address, or move the station", "放行联机站的地址，或更换网络"),
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
                "check credentials, clock and endpoint, then run the command again",
                "检查凭证、时钟与接入地址后重新执行"
            ),
        ),
        _ => None,
    }
}

/// Codes about the form of the request.
fn request_form(code: &ErrorCode) -> Option<Translation> {
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
            bi!("request or reply is larger than the service allows", "请求或响应超过服务允许的大小"),
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
        _ => None,
    }
}

/// Codes that say more about the service than about the request.
fn service_side(code: &ErrorCode) -> Option<Translation> {
    if code.is_throttling() {
        return say(
            bi!("too many calls in a second, by this account or address", "该账号或地址的调用过于频繁"),
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
                "the service failed inside; whether it did the work is not known",
                "服务端内部错误；操作是否完成未知"
            ),
            online_operator(),
            bi!(
                "ask for the key's state first, then run the same command again (importing the same material twice is \
                 harmless); if it stays, report the request id to the provider",
                "先查询密钥状态，再重新执行同一命令（重复导入同一材料无害）；若持续出现，请向服务商提供 RequestId"
            ),
        ),
        ErrorCode::ServiceTemporaryUnavailable | ErrorCode::ServiceUnavailable => say(
            bi!("the service is unavailable for the moment", "服务暂时不可用"),
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

fn general(code: &ErrorCode) -> Translation {
    Translation {
        cause: bi!("the service refused with {code}", "服务端拒绝，错误码 {code}"),
        who: online_operator(),
        next: bi!(
            "stop, keep the service's message and request id, and look the code up in the provider's documentation; \
             do not improvise",
            "停止操作，保留服务端消息与 RequestId，并在官方文档中查询该错误码；不要临时变通"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_code_says_something_in_both_languages() {
        for code in ErrorCode::LISTED {
            let t = translate(code);
            for text in [&t.cause, &t.who, &t.next] {
                assert!(!text.en.is_empty() && text.en.is_ascii(), "{code}: {}", text.en);
                assert!(
                    text.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                    "{code}: {}",
                    text.zh
                );
                assert!(!text.en.contains("  ") && !text.zh.contains("  "), "{code}: a broken line shows");
            }
        }
    }

    #[test]
    fn the_import_flow_s_codes_have_their_own_text() {
        let flow = "ResourceUnavailable.TokenExpired InvalidParameter.DecryptMaterialError \
            InvalidParameterValue.MaterialNotMatch UnsupportedOperation.NotExternalCmk \
            ResourceUnavailable.CmkStateNotSupport ResourceUnavailable.CmkNotFound InvalidParameterValue.InvalidKeyId \
            InvalidParameter InternalError UnsupportedOperation.ServiceTemporaryUnavailable RequestLimitExceeded \
            RequestLimitExceeded.UinLimitExceeded AuthFailure.SignatureFailure AuthFailure.SignatureExpire \
            AuthFailure.SecretIdNotFound AuthFailure.TokenFailure AuthFailure.Whatever UnauthorizedOperation \
            InvalidParameterValue.AliasAlreadyExists InvalidParameterValue.InvalidAlias \
            LimitExceeded.CmkLimitExceeded UnsupportedRegion";
        for text in flow.split_whitespace() {
            let code = ErrorCode::parse(text);
            assert_ne!(translate(&code), general(&code), "{text}");
        }
        let unknown = ErrorCode::parse("Brand.New");
        assert_eq!(translate(&unknown), general(&unknown));
        assert!(translate(&ErrorCode::TokenExpired).next.en.contains("the old ciphertext is dead"));
    }
}
