//! The PIN: typed without echo at a terminal, or entered at the HSM. It is never an argument and never in
//! the environment.

use keyferry_core::{bi, refusals};
use keyferry_transport::Console;
use keyferry_transport::console::NoSecret;
use zeroize::Zeroizing;

use crate::host::ModuleError;
use crate::module::{Module, Who};
use crate::protocol::{Flag, Text, TokenInfo};

/// The code with which a module says that somebody is logged in already.
pub(crate) const ALREADY: &str = "CKR_USER_ALREADY_LOGGED_IN";

refusals! {
    /// Why nobody is logged in.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum PinError: Refused {
        /// It was not typed.
        Typed from NoSecret;
        /// The token refused the PIN.
        Refused(code: Text) => HSM_LOGIN,
            what("the token refused the login: {code}", "硬件令牌拒绝登录：{code}"),
            hint("ask the person who keeps the PIN before you try again: a token locks itself after a few wrong ones. Nothing was made",
                 "再次尝试之前请询问 PIN 保管人：多次输错后硬件令牌会自行锁定。尚未生成任何内容");
        /// Another program is logged in through this module.
        Already => HSM_LOGIN,
            what("another program is logged in to the token, or was when it ended: {ALREADY}",
                 "另有程序已登录该硬件令牌，或在其结束时仍处于登录状态：{ALREADY}"),
            hint("end the program that uses the token, or unplug the token and plug it in again; then run the command again. Nothing was made",
                 "请结束正在使用该硬件令牌的程序，或重新插拔硬件令牌；然后重新运行命令。尚未生成任何内容");
        /// The module failed.
        Module from ModuleError;
    }
}

/// Logs in as the token requires. Before the question, it warns if few attempts are left.
pub(crate) fn log_in(module: &mut Module<'_>, info: &TokenInfo, console: &Console) -> Result<(), PinError> {
    if !info.has(Flag::LoginRequired) {
        console.say(&bi!("  This token asks for no PIN.", "  该硬件令牌不要求 PIN。"));
        return Ok(());
    }
    warn(info, console);
    if info.has(Flag::ProtectedAuthenticationPath) {
        console.say(&bi!("  Enter the PIN at the HSM itself.", "  请在 HSM 设备上输入 PIN。"));
        return module.log_in(Who::User, None).map_err(refused);
    }
    let pin: Zeroizing<String> = console.secret(&bi!(
        "User PIN of token \"{label}\" (it is not shown):",
        "硬件令牌 \"{label}\" 的用户 PIN（不会显示）：",
        label = info.label
    ))?;
    module.log_in(Who::User, Some(&pin)).map_err(refused)
}

/// Logs the security officer in. This is a different person from the user, with a different PIN.
pub(crate) fn log_in_officer(
    module: &mut Module<'_>,
    info: &TokenInfo,
    console: &Console,
) -> Result<(), PinError> {
    if info.has(Flag::SoPinFinalTry) {
        console.say(&bi!(
            "  CAREFUL: one more wrong PIN of the security officer locks them out of this token.",
            "  注意：安全管理员（SO）再输错一次 PIN，将无法再登录该硬件令牌。"
        ));
    }
    if info.has(Flag::ProtectedAuthenticationPath) {
        console.say(&bi!(
            "  The security officer enters their PIN at the HSM itself.",
            "  请安全管理员（SO）在 HSM 设备上输入其 PIN。"
        ));
        return module.log_in(Who::Officer, None).map_err(refused);
    }
    let pin: Zeroizing<String> = console.secret(&bi!(
        "Security officer's PIN of token \"{label}\" (it is not shown):",
        "硬件令牌 \"{label}\" 的安全管理员（SO）PIN（不会显示）：",
        label = info.label
    ))?;
    module.log_in(Who::Officer, Some(&pin)).map_err(refused)
}

fn refused(error: ModuleError) -> PinError {
    match error {
        ModuleError::Refused(refusal) if refusal.code.as_str() == ALREADY => PinError::Already,
        ModuleError::Refused(refusal) => PinError::Refused(refusal.code),
        other => other.into(),
    }
}

fn warn(info: &TokenInfo, console: &Console) {
    let text = if info.has(Flag::UserPinFinalTry) {
        bi!("  CAREFUL: one more wrong PIN locks this token.", "  注意：再输错一次 PIN，该硬件令牌将被锁定。")
    } else if info.has(Flag::UserPinCountLow) {
        bi!(
            "  A wrong PIN was entered at this token before; few attempts are left.",
            "  此前有人输错过该硬件令牌的 PIN；剩余次数不多。"
        )
    } else if info.has(Flag::UserPinToBeChanged) {
        bi!(
            "  The PIN of this token is still the one that its maker set.",
            "  该硬件令牌的 PIN 仍是出厂设置。"
        )
    } else {
        return;
    };
    console.say(&text);
}
