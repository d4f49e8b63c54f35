//! What to do next after a module refused a call, by its `CK_RV`: each says what makers of real modules mean by it.

use keyferry_core::{Bilingual, bi};

use crate::protocol::Refusal;

/// The next step after a refusal.
pub(crate) fn after(refusal: &Refusal) -> Bilingual {
    let unknown = || {
        bi!(
            "look the code up in the manual of the HSM; `keyferry-hsm probe` shows what this module does. No ciphertext was written",
            "请在 HSM 手册中查找该代码；`keyferry-hsm probe` 会显示该模块能做什么。没有写出密文"
        )
    };
    known(refusal).unwrap_or_else(unknown)
}

/// The next step after a refusal that has its own; a module may return any code.
fn known(refusal: &Refusal) -> Option<Bilingual> {
    Some(match (refusal.call.as_str(), refusal.code.as_str()) {
        ("C_Initialize", "CKR_ARGUMENTS_BAD") => bi!(
            "the module may need a file or a variable for its configuration, or a string (--init-string): see its manual. Nothing was made",
            "该模块可能需要配置文件或环境变量，或初始化字符串（--init-string）：请查阅其手册。尚未生成任何内容"
        ),
        ("C_SetAttributeValue", _) => bi!(
            "this token does not lock a key that it has: use --keep with --trusted, or no --keep. No ciphertext was written; \
             look in the token for a key that was kept, and destroy it with the maker's tool",
            "该硬件令牌不能锁定已有的密钥：请将 --keep 与 --trusted 一起使用，或不用 --keep。没有写出密文；请检查硬件令牌中是否留有密钥，并用厂商工具销毁"
        ),
        ("C_DestroyObject", _) => bi!(
            "the key may still be in the token: destroy it with the maker's tool. No ciphertext was written",
            "密钥可能仍在硬件令牌中：请用厂商工具销毁。没有写出密文"
        ),
        (_, "CKR_USER_NOT_LOGGED_IN") => bi!(
            "the token wants a login that its flags do not announce, or ended it: look for the HSM's setting of the login. No ciphertext was written",
            "硬件令牌要求的登录未在其标志中声明，或登录已被终止：请检查 HSM 的登录设置。没有写出密文"
        ),
        (_, "CKR_SESSION_COUNT") => bi!(
            "end the other programs that use the token, then run the command again. No ciphertext was written",
            "请结束使用该硬件令牌的其他程序，然后重新运行命令。没有写出密文"
        ),
        (
            _,
            "CKR_DEVICE_REMOVED"
            | "CKR_TOKEN_NOT_PRESENT"
            | "CKR_SESSION_HANDLE_INVALID"
            | "CKR_SESSION_CLOSED",
        ) => bi!(
            "check the HSM's cable and card, do not touch them during a run, and run the command again. No ciphertext was written",
            "请检查 HSM 的连接线与卡片，运行期间请勿触碰，然后重新运行命令。没有写出密文"
        ),
        ("C_GenerateKey", "CKR_KEY_SIZE_RANGE") => bi!(
            "the token makes no AES key of this length: `keyferry-hsm probe` shows which it makes. No ciphertext was written",
            "该硬件令牌不能生成该长度的 AES 密钥：`keyferry-hsm probe` 会显示可用的长度。没有写出密文"
        ),
        (
            "C_GenerateKey" | "C_CreateObject",
            "CKR_ATTRIBUTE_TYPE_INVALID"
            | "CKR_ATTRIBUTE_VALUE_INVALID"
            | "CKR_ATTRIBUTE_READ_ONLY"
            | "CKR_TEMPLATE_INCONSISTENT"
            | "CKR_TEMPLATE_INCOMPLETE",
        ) => bi!(
            "the token does not take the attributes that protect the key, and none is left out: look for a policy of the HSM that forbids \
             wrapping, or ask its maker. No ciphertext was written",
            "硬件令牌不接受保护密钥的属性，而这些属性一个也不能省略：请检查 HSM 是否有禁止包装的策略，或询问厂商。没有写出密文"
        ),
        _ => return None,
    })
}
