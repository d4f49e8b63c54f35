//! Refusals about making and using keys.

use keyferry_core::bi;

use super::{Translation, administrator, online_operator, say};
use crate::ErrorCode;

/// Codes about making and using keys.
pub(super) fn key_handling(code: &ErrorCode) -> Option<Translation> {
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
            bi!("change the alias and have the plan reviewed again", "修改别名并重新审阅计划"),
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
            bi!("enable the key if the plan needs it, then resume", "若计划需要该密钥，请先启用，然后继续"),
        ),
        ErrorCode::CmkArchived => say(
            bi!("the key is archived: it decrypts, but does not encrypt", "密钥已归档：只能解密，不能加密"),
            administrator(),
            bi!(
                "cancel archiving if the plan needs the key, then resume",
                "若计划需要该密钥，请取消归档，然后继续"
            ),
        ),
        ErrorCode::InvalidPlaintext | ErrorCode::InvalidCiphertext => say(
            bi!(
                "the service does not accept the text of the round trip: it is damaged, too long, or from another key or context",
                "服务端不接受往返测试的内容：已损坏、过长，或属于其他密钥或其他加密上下文"
            ),
            online_operator(),
            bi!(
                "run import again; if it is refused again, stop and keep the record",
                "重新执行 import；若仍失败，停止操作并保留记录"
            ),
        ),
        ErrorCode::CmkUsedByCloudProduct => say(
            bi!("a cloud product uses this key", "有云产品正在使用该密钥"),
            administrator(),
            bi!("release the key in that product first", "请先在该云产品中解除绑定"),
        ),
        ErrorCode::CmkNotPendingDelete => say(
            bi!("no deletion is scheduled for this key", "密钥并不处于计划删除状态"),
            online_operator(),
            bi!(
                "look at the key's state; there is no deletion to cancel",
                "查看密钥状态；没有可撤销的删除计划"
            ),
        ),
        ErrorCode::CmkShouldBeDisabled => say(
            bi!("only a disabled key can be scheduled for deletion", "只有已禁用的密钥才能计划删除"),
            administrator(),
            bi!(
                "run disable first, and wait to see whether anything still needs the key",
                "先运行 disable，并观察是否有业务受影响"
            ),
        ),
        _ => None,
    }
}
