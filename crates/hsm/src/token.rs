//! Chooses the token: exactly one must match, and a login must be possible.

use keyferry_core::refusals;

use crate::protocol::{Flag, Token, TokenInfo};

/// The requested token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) label: String,
    pub(crate) serial: Option<String>,
}

refusals! {
    /// Why no token was chosen.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum TokenError: Refused {
        /// No token matches.
        None {
            /// The requested token.
            wanted: String,
            /// The tokens that exist.
            found: String,
        } => HSM_TOKEN,
            what("no token is {wanted}; there is: {found}", "没有硬件令牌是 {wanted}；现有：{found}"),
            hint("give the label exactly as `keyferry-hsm inspect` shows it; check that the HSM is connected. Nothing was made",
                 "请按 `keyferry-hsm inspect` 所示准确给出标签；检查 HSM 是否已连接。尚未生成任何内容");
        /// Several match. Serial numbers do not identify a token: two can be the same.
        Several {
            /// The requested token.
            wanted: String,
            /// The tokens that match.
            found: String,
        } => HSM_TOKEN,
            what("several tokens are {wanted}: {found}", "有多个硬件令牌是 {wanted}：{found}"),
            hint("unplug the others, or tell them apart with --serial if their serial numbers differ. Nothing was made",
                 "请拔下其他硬件令牌，或在序列号不同时用 --serial 区分。尚未生成任何内容");
        /// It is another one than before the login.
        Changed {
            /// The token that was chosen.
            chosen: String,
            /// The token of the session now.
            now: String,
        } => HSM_TOKEN,
            what("the session was opened with the token {chosen}; now it is with {now}",
                 "会话是与硬件令牌 {chosen} 打开的；现在却是 {now}"),
            hint("do not touch the HSM or its cards during a run; run the command again. No ciphertext was written",
                 "运行期间请勿触碰 HSM 或其卡片；请重新运行命令。没有写出密文");
        /// Its user PIN is locked.
        Locked => HSM_LOGIN,
            what("the user PIN of the token is locked", "硬件令牌的用户 PIN 已锁定"),
            hint("the security officer of the token can unlock it. Nothing was made", "硬件令牌的安全管理员（SO）可以解锁。尚未生成任何内容");
        /// It has no user PIN yet.
        NoPin => HSM_LOGIN,
            what("the token has no user PIN yet", "硬件令牌尚未设置用户 PIN"),
            hint("set the token up with its maker's tool first. Nothing was made", "请先用厂商工具初始化硬件令牌。尚未生成任何内容");
    }
}

impl Wanted {
    fn matches(&self, info: &TokenInfo) -> bool {
        let serial = self.serial.as_ref().is_none_or(|serial| serial.trim() == info.serial.as_str());
        info.label.as_str() == self.label.trim() && serial
    }

    fn shown(&self) -> String {
        match &self.serial {
            Some(serial) => format!("\"{}\" (serial {serial})", self.label),
            None => format!("\"{}\"", self.label),
        }
    }

    /// The only token that matches.
    ///
    /// # Errors
    /// [`TokenError`] if none or several match, or nobody can log in to it.
    pub(crate) fn choose<'t>(&self, tokens: &'t [Token]) -> Result<(&'t Token, &'t TokenInfo), TokenError> {
        let with_info = |token: &'t Token| Some((token, token.info.as_ref()?));
        let matching: Vec<_> =
            tokens.iter().filter_map(with_info).filter(|(_, info)| self.matches(info)).collect();
        let list = |tokens: &mut dyn Iterator<Item = &Token>| {
            let all: Vec<_> = tokens.map(name).collect();
            if all.is_empty() { "-".to_owned() } else { all.join("; ") }
        };
        match matching.as_slice() {
            [] => Err(TokenError::None { wanted: self.shown(), found: list(&mut tokens.iter()) }),
            [(token, info)] => {
                check_pin(info)?;
                Ok((token, info))
            }
            several => {
                let found = list(&mut several.iter().map(|(token, _)| *token));
                Err(TokenError::Several { wanted: self.shown(), found })
            }
        }
    }
}

/// Checks that the session is still with the token that was chosen. Its flags may differ, because a login changes them.
///
/// # Errors
/// [`TokenError::Changed`].
pub(crate) fn check_same(chosen: &Token, now: &Token) -> Result<(), TokenError> {
    let without_flags = |token: &Token| {
        let info = token.info.clone().map(|info| TokenInfo { flags: Vec::new(), ..info });
        (token.slot, info)
    };
    if without_flags(chosen) == without_flags(now) {
        return Ok(());
    }
    Err(TokenError::Changed { chosen: name(chosen), now: name(now) })
}

fn check_pin(info: &TokenInfo) -> Result<(), TokenError> {
    let asks = info.has(Flag::LoginRequired);
    match () {
        () if asks && info.has(Flag::UserPinLocked) => Err(TokenError::Locked),
        () if asks && !info.has(Flag::UserPinInitialized) => Err(TokenError::NoPin),
        () => Ok(()),
    }
}

/// A token in one line.
pub(crate) fn name(token: &Token) -> String {
    match &token.info {
        Some(info) => format!("\"{}\" (serial {}, slot {})", info.label, info.serial, token.slot),
        None => format!("unreadable (slot {})", token.slot),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::protocol::{Refusal, Text, Version};

    pub(crate) fn token(slot: u64, label: &str, serial: &str) -> Token {
        let none = Version { major: 0, minor: 0 };
        let info = TokenInfo {
            label: Text::cut(label),
            manufacturer: Text::cut("maker"),
            model: Text::cut("model"),
            serial: Text::cut(serial),
            hardware: none,
            firmware: none,
            flags: vec![Flag::Initialized, Flag::LoginRequired, Flag::UserPinInitialized],
        };
        Token { slot, info: Some(info), unreadable: None, mechanisms: Vec::new() }
    }

    fn chosen(tokens: &[Token], label: &str, serial: Option<&str>) -> Result<u64, TokenError> {
        let wanted = Wanted { label: label.into(), serial: serial.map(str::to_owned) };
        wanted.choose(tokens).map(|(token, _)| token.slot)
    }

    #[test]
    fn exactly_one_token_matches() {
        let tokens = [token(1, "ceremony", "123"), token(2, "ceremony", "124"), token(3, "other", "123")];
        assert_eq!(chosen(&tokens, "other", None), Ok(3));
        assert_eq!(chosen(&tokens, "ceremony", Some("124")), Ok(2));
        assert!(matches!(chosen(&tokens, "ceremony", None), Err(TokenError::Several { .. })));
        assert!(matches!(chosen(&tokens, "third", None), Err(TokenError::None { .. })));
        assert!(matches!(chosen(&[], "third", None), Err(TokenError::None { .. })));
    }

    /// Serial numbers do not identify a token: some are sixteen zeros, `123`, or empty.
    #[test]
    fn two_tokens_alike_are_never_chosen_between() {
        for serial in ["123", "0000000000000000", ""] {
            let tokens = [token(1, "ceremony", serial), token(2, "ceremony", serial)];
            let refused = chosen(&tokens, "ceremony", Some(serial)).unwrap_err();
            assert!(matches!(refused, TokenError::Several { .. }), "{refused}");
        }
    }

    /// If the library cannot read the text of a token's clock, it hides that token's information; the other
    /// tokens can still be used.
    #[test]
    fn a_token_that_cannot_be_read_stops_no_other() {
        let refusal = Refusal { call: Text::cut("C_GetTokenInfo"), code: Text::cut("a clock's text") };
        let hidden = Token { info: None, unreadable: Some(refusal), ..token(1, "ceremony", "1") };
        let tokens = [hidden, token(2, "ceremony", "2")];
        assert_eq!(chosen(&tokens, "ceremony", None), Ok(2));
        let refused = chosen(&tokens[..1], "ceremony", None).unwrap_err();
        assert!(refused.to_string().contains("unreadable (slot 1)"), "{refused}");
    }

    #[test]
    fn another_token_in_the_session_is_found() {
        let chosen = token(1, "ceremony", "1");
        let mut after_login = chosen.clone();
        after_login.info.as_mut().unwrap().flags = vec![Flag::UserPinCountLow];
        assert_eq!(check_same(&chosen, &after_login), Ok(()));
        let mut newer = chosen.clone();
        newer.info.as_mut().unwrap().firmware = Version { major: 0, minor: 1 };
        let unreadable = Token { info: None, ..chosen.clone() };
        for now in
            [token(2, "ceremony", "1"), token(1, "other", "1"), token(1, "ceremony", "2"), newer, unreadable]
        {
            let refused = check_same(&chosen, &now).unwrap_err();
            assert!(matches!(refused, TokenError::Changed { .. }), "{refused}");
        }
    }

    #[test]
    fn a_token_that_nobody_can_log_in_to_is_refused_before_a_pin_is_asked_for() {
        let with = |flags: &[Flag]| {
            let mut token = token(1, "ceremony", "1");
            if let Some(info) = &mut token.info {
                info.flags = flags.to_vec();
            }
            chosen(&[token], "ceremony", None)
        };
        assert_eq!(
            with(&[Flag::LoginRequired, Flag::UserPinInitialized, Flag::UserPinLocked]),
            Err(TokenError::Locked)
        );
        assert_eq!(with(&[Flag::LoginRequired]), Err(TokenError::NoPin));
        assert_eq!(with(&[]), Ok(1));
    }
}
