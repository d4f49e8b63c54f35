//! Refusals of the import itself: token, material, the key's state.

use keyferry_core::bi;

use super::{Translation, administrator, online_operator, say};
use crate::ErrorCode;

/// Codes about the material, the token and the key's state.
pub(super) fn import_flow(code: &ErrorCode) -> Option<Translation> {
    match code {
        ErrorCode::TokenExpired => say(
            bi!(
                "the import token is no longer valid: its 24 h are over, or someone has fetched parameters for this key again (the last \
                 fetch wins)",
                "导入令牌已失效：超过 24 小时，或之后有人再次获取了该密钥的导入参数（以最后一次为准）"
            ),
            online_operator(),
            bi!(
                "run export again and carry the new parameters.json to the offline station; the old ciphertext can no longer be imported. \
                 If the 24 h were not over, find out first who else fetches parameters (a script, Terraform, a colleague)",
                "重新执行 export，并把新的 parameters.json 带到离线工作站；旧密文已作废。若未满 24 小时，先查明是谁\
                 再次获取了参数（脚本、Terraform 或同事）"
            ),
        ),
        ErrorCode::DecryptMaterialError => say(
            bi!(
                "the service could not unwrap the material: wrapped to another public key or with another algorithm, \
                 damaged on the way, or of the wrong length for the region's edition",
                "服务端无法解开密钥材料：使用了其他公钥或其他算法加密、传递中损坏，或长度与该地域的版本不符"
            ),
            bi!("the online operator, then the offline operator", "先在线工作站操作员，后离线工作站操作员"),
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
                "核对计划中的密钥 ID；若无误，请新建来源为 EXTERNAL 的密钥（CreateKey Type 为 2），并重新审阅计划"
            ),
        ),
        ErrorCode::CmkStateNotSupport => say(
            bi!(
                "the key's state does not allow this: import requires Enabled or PendingImport; the key is disabled, \
                 archived, pending deletion, or has no material",
                "密钥当前状态不支持此操作：导入要求状态为 Enabled 或 PendingImport；密钥可能已禁用、已归档、计划删除，\
                 或没有密钥材料"
            ),
            administrator(),
            bi!(
                "look at the key's state; if the plan still needs the key, enable it or cancel its deletion; then resume",
                "查看密钥状态；若计划仍需要该密钥，请启用或取消删除，然后继续"
            ),
        ),
        ErrorCode::CmkNotFound => say(
            bi!("this key does not exist in this region and account", "该账号在此地域中没有这个密钥"),
            online_operator(),
            bi!(
                "compare the key id, the region and the account with the plan: keys of other regions and accounts are \
                 invisible",
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
