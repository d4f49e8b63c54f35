//! The passphrase of a set of shares: printable ASCII, possibly empty (SLIP-0039, "Passphrase").
//!
//! Nothing distinguishes a wrong passphrase from the right one: the result is another secret, without an error. A caller that
//! uses a passphrase has to compare the result, for example by a key check value and a commitment.

use core::fmt;

use keyferry_core::refusals;
use zeroize::Zeroizing;

/// Longest passphrase, in characters. The standard has no limit; this one protects against hostile inputs.
pub const MAX_PASSPHRASE: usize = 1024;

/// A checked passphrase. No `Clone`, redacted `Debug`, wiped on drop; the default is empty.
#[derive(Default)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

refusals! {
    /// Why a passphrase was refused. Positions count characters from 1.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum PassphraseError: Refused {
        /// A line break at the end.
        LineBreak => SHARE_PASSPHRASE,
            what("the passphrase ends with a line break", "口令以换行符结尾"),
            hint("remove the line break at its end", "请去掉末尾的换行符");
        /// A tab, line break or other control character.
        Control {
            /// The position of the character.
            position: usize,
        } => SHARE_PASSPHRASE,
            what("character {position} of the passphrase is a control character",
                 "口令的第 {position} 个字符是控制字符"),
            hint("type only letters, digits, punctuation and spaces; a tab is not allowed",
                 "只能使用字母、数字、符号和空格；制表符不在其中");
        /// A character beyond ASCII.
        Foreign {
            /// The position of the character.
            position: usize,
        } => SHARE_PASSPHRASE,
            what("character {position} of the passphrase is not ASCII",
                 "口令的第 {position} 个字符不是 ASCII 字符"),
            hint("SLIP-39 allows only the characters from space to ~; switch off the input method",
                 "SLIP-39 只允许从空格到 ~ 的字符；请关闭输入法");
        /// More than [`MAX_PASSPHRASE`] characters.
        TooLong => SHARE_PASSPHRASE,
            what("the passphrase is longer than {MAX_PASSPHRASE} characters", "口令超过 {MAX_PASSPHRASE} 个字符"),
            hint("choose a shorter one", "请换一个较短的口令");
    }
}

impl Passphrase {
    /// Takes a passphrase exactly as it is: spaces count, even at the ends. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`PassphraseError`] names the first character that is not printable ASCII.
    pub fn new(text: &str) -> Result<Self, PassphraseError> {
        if text.len() > MAX_PASSPHRASE * 4 || text.chars().count() > MAX_PASSPHRASE {
            return Err(PassphraseError::TooLong);
        }
        let wrong = text.chars().enumerate().find(|(_, c)| !matches!(c, ' '..='~'));
        match wrong {
            None => Ok(Self(Zeroizing::new(text.as_bytes().to_vec()))),
            Some((n, '\r' | '\n')) if text.trim_end_matches(['\r', '\n']).chars().count() == n => {
                Err(PassphraseError::LineBreak)
            }
            Some((n, c)) if c.is_control() => Err(PassphraseError::Control { position: n + 1 }),
            Some((n, _)) => Err(PassphraseError::Foreign { position: n + 1 }),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_printable_characters() {
        for n in 0..=0x2ff {
            let c = char::from_u32(n).unwrap();
            assert_eq!(Passphrase::new(&format!("a{c}b")).is_ok(), (32..=126).contains(&n), "{n}");
        }
        assert!(Passphrase::new("").is_ok() && Passphrase::new(" a ").is_ok());
        let error = |text: &str| Passphrase::new(text).unwrap_err();
        assert_eq!(error("ab\r\n"), PassphraseError::LineBreak);
        assert_eq!(error("a\nb\n"), PassphraseError::Control { position: 2 });
        assert_eq!(error("密"), PassphraseError::Foreign { position: 1 });
        assert!(Passphrase::new(&"~".repeat(MAX_PASSPHRASE)).is_ok());
        assert_eq!(error(&"~".repeat(MAX_PASSPHRASE + 1)), PassphraseError::TooLong);
        assert_eq!(format!("{:?}", Passphrase::new("secret").unwrap()), "Passphrase([redacted])");
    }
}
