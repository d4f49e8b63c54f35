//! Why a key does not work as planned after its import.

use keyferry_core::{Bilingual, Timestamp, ValidTo, bi, refusals};
use keyferry_service::KeyState;

refusals! {
    /// Why a key does not work as planned after its import.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ConfirmError: Refused {
        /// Not Enabled.
        State(state: KeyState) => CONFIRM_STATE,
            what("after the import the key is {state}, not Enabled", "导入后密钥状态为 {state}，而不是 Enabled"),
            hint(run_again_or_find_out());
        /// The key expires at a different time; in Unix seconds, 0 for never.
        Expiry {
            /// The service's.
            found: u64,
            /// The plan's.
            plan: ValidTo,
        } => CONFIRM_EXPIRY,
            what("after the import the key expires {found}; the plan says {plan}",
                 "导入后密钥的过期时间为 {found}；计划中是 {plan}", found = expiry_text(*found)),
            hint(run_again_or_find_out());
        /// Decrypt did not return the plaintext that was encrypted.
        RoundTrip => CONFIRM_ROUND_TRIP,
            what("the key did not decrypt to what it had encrypted", "该密钥解密得到的内容与加密前不同"),
            hint("do not use the key; run the same command again, and if it fails again, keep the record and ask the provider",
                 "请勿使用该密钥；重新运行同一命令，若仍如此，保留记录并联系服务商");
        /// No random nonce could be drawn, so nothing was proved.
        Entropy => CONFIRM_ROUND_TRIP,
            what("no random nonce could be drawn for the proof", "无法取得用于验证的随机数"),
            hint("the material was imported but not proved: repair this computer's random generator and run again",
                 "材料已导入但未验证：请修复本机的随机数发生器后重新运行");
    }
}

fn run_again_or_find_out() -> Bilingual {
    bi!(
        "run the same command again (importing the same material is harmless and sets the expiry); if it fails again, \
                 do not use the key, and find out who else changes it",
        "请重新运行同一命令（重复导入同一材料无害，并会设置过期时间）；若仍如此，请勿使用该密钥，并查明是否有他人更改"
    )
}

/// `ValidTo` as the service writes it, for people.
pub(crate) fn expiry_text(seconds: u64) -> String {
    if seconds == 0 {
        return "never".to_owned();
    }
    let time = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_unix(s).ok());
    time.map_or_else(|| format!("@{seconds}"), |t| t.to_string())
}
