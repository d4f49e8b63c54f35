//! A key that a token made: its attributes are checked, and its check value is computed and compared.
//!
//! Attributes are what the module says, not what it does. If an attribute says that a key is not protected, the key is refused; attributes
//! that only some modules report are recorded, and people are told.

use keyferry_core::{Bilingual, bi, refusals};

use crate::protocol::{Attribute, AttributeName, Refusal, Seen};

refusals! {
    /// Why a key that a token made is refused.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum KeyRefused: Refused {
        /// An attribute does not have the value that was requested.
        Attribute {
            /// Its name.
            name: &'static str,
            /// The value that the module reports.
            found: String,
            /// The required value.
            wanted: &'static str,
        } => HSM_KEY,
            what("the key that the token made has {name} = {found}; it must be {wanted}",
                 "硬件令牌生成的密钥 {name} = {found}；必须是 {wanted}"),
            hint("this token does not protect keys as requested: do not use it. No ciphertext was written",
                 "该硬件令牌没有按要求保护密钥：请勿使用。没有写出密文");
        /// Nobody can wrap it, because `--keep` locked it. Its commitment was compared before.
        Locked(label: String) => HSM_KEY,
            what("the token has the recorded key \"{label}\", and wraps it for nobody (CKA_EXTRACTABLE = false)",
                 "硬件令牌持有所记录的密钥 \"{label}\"，但不为任何人包装（CKA_EXTRACTABLE = false）"),
            hint("this is what `wrap --keep` requested: the commitment matches, and nothing more can be shown for this key. Note it in the \
                  record; keep the next key with `--trusted` if the service is to prove its backup. Nothing was written",
                 "这正是 `wrap --keep` 所要求的：承诺值一致，该密钥能证明的仅此而已。请将此记入备注；若希望服务端核验备份，下一个密钥请用 `--trusted` 保留。没有写出任何内容");
        /// Its value can be read.
        Readable(bytes: u64) => HSM_KEY,
            what("the token offers {bytes} bytes of the key's value in the clear", "硬件令牌可明文给出密钥值的 {bytes} 字节"),
            hint("this token does not protect keys as requested: do not use it. No ciphertext was written",
                 "该硬件令牌没有按要求保护密钥：请勿使用。没有写出密文");
        /// An attribute is missing from the child's reply.
        Missing(name: &'static str) => HSM_KEY,
            what("the module's process did not report {name} of the key", "模块进程没有给出密钥的 {name}"),
            hint("try another version of the module. No ciphertext was written", "请尝试模块的其他版本。没有写出密文");
        /// The token states a different check value.
        CheckValue {
            /// The output of `C_Encrypt`.
            computed: String,
            /// What `CKA_CHECK_VALUE` says.
            stated: String,
        } => HSM_KCV,
            what("the token computes the check value {computed} but states {stated}",
                 "硬件令牌计算出的校验值为 {computed}，而声明的是 {stated}"),
            hint("do not use this token: one of the two is wrong. No ciphertext was written",
                 "请勿使用该硬件令牌：两者之一有误。没有写出密文");
        /// The token computes no check value, but the plan requires one.
        NoCheckValue(refusal: Refusal) => HSM_KCV,
            what("the token computes no check value ({refusal}), but the plan requires one",
                 "硬件令牌不能计算校验值（{refusal}），而计划未允许省略"),
            hint("write `kcv = \"none\"` into the plan and have it reviewed again, or use another token. No ciphertext was written",
                 "请在计划中写 `kcv = \"none\"` 并重新审阅，或换用其他硬件令牌。没有写出密文");
    }
}

/// The attributes of a key as they were read back.
#[derive(Clone, Debug)]
pub(crate) struct Attributes(Vec<Attribute>);

/// To which public keys a token wraps a key, according to its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrapsTo {
    /// Only those that its security officer marked as trusted.
    Trusted,
    /// Any that a person with the PIN puts into it.
    Anyone,
}

/// Where the three bytes of a check value come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CheckValue {
    /// From `C_Encrypt`; the field says whether `CKA_CHECK_VALUE` exists and agrees.
    Computed { value: [u8; 3], stated: bool },
    /// The token does not encrypt with the key.
    None(Refusal),
}

impl Attributes {
    /// The attributes of a key of this length, if they say that it is protected.
    ///
    /// # Errors
    /// [`KeyRefused`].
    pub(crate) fn judge(all: Vec<Attribute>, bytes: u8, kept: bool) -> Result<Self, KeyRefused> {
        let this = Self(all);
        for name in AttributeName::ALL {
            this.of(*name).ok_or(KeyRefused::Missing(name.as_str()))?;
        }
        this.must_be_material(bytes)?;
        for name in [AttributeName::Sensitive, AttributeName::AlwaysSensitive] {
            this.must(name, &Seen::Flag(true), "true")?;
        }
        this.must(AttributeName::Token, &Seen::Flag(kept), if kept { "true" } else { "false" })?;
        for name in [AttributeName::Wrap, AttributeName::Unwrap, AttributeName::Decrypt] {
            this.must(name, &Seen::Flag(false), "false")?;
        }
        this.check_unreadable()?;
        Ok(this)
    }

    /// The attributes of a key that the token had before. If it was restored from a backup, they need not say that it
    /// was always sensitive.
    ///
    /// # Errors
    /// [`KeyRefused`].
    pub(crate) fn held(all: Vec<Attribute>, bytes: u8) -> Result<Self, KeyRefused> {
        let this = Self(all);
        for name in AttributeName::ALL {
            this.of(*name).ok_or(KeyRefused::Missing(name.as_str()))?;
        }
        this.must_be_material(bytes)?;
        this.must(AttributeName::Sensitive, &Seen::Flag(true), "true")?;
        this.check_unreadable()?;
        Ok(this)
    }

    /// To which keys the token wraps this key. If it wraps it to none, the error is [`KeyRefused::Locked`].
    ///
    /// # Errors
    /// [`KeyRefused`].
    pub(crate) fn wraps_to(&self, label: &str) -> Result<WrapsTo, KeyRefused> {
        if self.of(AttributeName::Extractable) != Some(&Seen::Flag(true)) {
            return Err(KeyRefused::Locked(label.to_owned()));
        }
        let trusted = self.of(AttributeName::WrapWithTrusted) == Some(&Seen::Flag(true));
        Ok(if trusted { WrapsTo::Trusted } else { WrapsTo::Anyone })
    }

    /// Checks that the token wraps it only to trusted keys.
    ///
    /// # Errors
    /// [`KeyRefused`].
    pub(crate) fn must_be_for_trusted(&self) -> Result<(), KeyRefused> {
        self.must(AttributeName::WrapWithTrusted, &Seen::Flag(true), "true")
    }

    fn must_be_material(&self, bytes: u8) -> Result<(), KeyRefused> {
        self.must(AttributeName::Class, &constant("CKO_SECRET_KEY"), "CKO_SECRET_KEY")?;
        self.must(AttributeName::KeyType, &constant("CKK_AES"), "CKK_AES")?;
        let length = if bytes == 16 { "16" } else { "32" };
        self.must(AttributeName::ValueLen, &Seen::Number(bytes.into()), length)
    }

    fn check_unreadable(&self) -> Result<(), KeyRefused> {
        match self.of(AttributeName::Value) {
            Some(Seen::Readable(bytes)) => Err(KeyRefused::Readable(*bytes)),
            _ => Ok(()),
        }
    }

    fn of(&self, name: AttributeName) -> Option<&Seen> {
        self.0.iter().find(|attribute| attribute.name == name).map(|attribute| &attribute.is)
    }

    fn must(&self, name: AttributeName, is: &Seen, wanted: &'static str) -> Result<(), KeyRefused> {
        match self.of(name) {
            Some(found) if found == is => Ok(()),
            Some(found) => {
                let found = shown(found);
                Err(KeyRefused::Attribute { name: name.as_str(), found, wanted })
            }
            None => Err(KeyRefused::Missing(name.as_str())),
        }
    }

    /// Checks that `CKA_EXTRACTABLE` is false, as it must be for a locked key.
    ///
    /// # Errors
    /// [`KeyRefused`].
    pub(crate) fn locked(all: Vec<Attribute>) -> Result<Self, KeyRefused> {
        let this = Self(all);
        this.must(AttributeName::Extractable, &Seen::Flag(false), "false")?;
        Ok(this)
    }

    /// Findings that people should know but that are no reason to refuse, because not every module reports them.
    pub(crate) fn remarks(&self) -> Vec<Bilingual> {
        let mut remarks = Vec::new();
        if self.of(AttributeName::Local) != Some(&Seen::Flag(true)) {
            remarks.push(bi!(
                "the module does not say that the key was made in the token (CKA_LOCAL = {found}); NSS reports this for every key",
                "模块没有表明该密钥在硬件令牌内生成（CKA_LOCAL = {found}）；NSS 对所有密钥都是如此",
                found = self.of(AttributeName::Local).map_or_else(String::new, shown)
            ));
        }
        if !matches!(self.of(AttributeName::KeyGenMechanism), Some(Seen::Constant(_))) {
            remarks.push(bi!(
                "the module does not say by which mechanism the key was made (CKA_KEY_GEN_MECHANISM)",
                "模块没有表明生成该密钥的机制（CKA_KEY_GEN_MECHANISM）"
            ));
        }
        remarks
    }

    /// The check value: computed by the token, and compared with the stated one, if three bytes are stated.
    ///
    /// # Errors
    /// [`KeyRefused::CheckValue`].
    pub(crate) fn check_value(&self, zeros: Result<[u8; 16], Refusal>) -> Result<CheckValue, KeyRefused> {
        let computed = match zeros {
            Ok([a, b, c, ..]) => [a, b, c],
            Err(refusal) => return Ok(CheckValue::None(refusal)),
        };
        // An empty value must not match everything, and a value of more than three bytes does not count.
        let stated = match self.of(AttributeName::CheckValue) {
            Some(Seen::Bytes(bytes)) => <[u8; 3]>::try_from(bytes.as_bytes()).ok(),
            _ => None,
        };
        if let Some(stated) = stated.filter(|stated| *stated != computed) {
            return Err(KeyRefused::CheckValue { computed: hex(&computed), stated: hex(&stated) });
        }
        Ok(CheckValue::Computed { value: computed, stated: stated.is_some() })
    }

    /// Name and value of each, for people and the record.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        self.0.iter().map(|attribute| (attribute.name.as_str(), shown(&attribute.is)))
    }
}

fn constant(name: &str) -> Seen {
    Seen::Constant(crate::protocol::Text::cut(name))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn shown(seen: &Seen) -> String {
    match seen {
        Seen::Flag(yes) => yes.to_string(),
        Seen::Number(number) => number.to_string(),
        Seen::Constant(text) => text.to_string(),
        Seen::Bytes(bytes) => hex(bytes.as_bytes()),
        Seen::Readable(bytes) => format!("{bytes} bytes, readable"),
        Seen::TooLong(bytes) => format!("{bytes} bytes, too long"),
        Seen::Empty => "empty".into(),
        Seen::Absent => "absent".into(),
        Seen::Sensitive => "sensitive".into(),
        Seen::Unavailable => "unavailable".into(),
        Seen::Refused(code) => code.to_string(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use keyferry_core::Base64Bytes;

    use super::*;
    use crate::protocol::Text;

    /// As SoftHSM reports it for a session key of 32 bytes.
    pub(crate) fn good() -> Vec<Attribute> {
        let is = |name| match name {
            AttributeName::Class => constant("CKO_SECRET_KEY"),
            AttributeName::KeyType => constant("CKK_AES"),
            AttributeName::ValueLen => Seen::Number(32),
            AttributeName::KeyGenMechanism => constant("CKM_AES_KEY_GEN"),
            AttributeName::CheckValue => Seen::Bytes(Base64Bytes::from(&[1, 2, 3][..])),
            AttributeName::Value => Seen::Sensitive,
            AttributeName::Private
            | AttributeName::Sensitive
            | AttributeName::AlwaysSensitive
            | AttributeName::Extractable
            | AttributeName::Local
            | AttributeName::Encrypt => Seen::Flag(true),
            AttributeName::Token
            | AttributeName::NeverExtractable
            | AttributeName::WrapWithTrusted
            | AttributeName::Decrypt
            | AttributeName::Wrap
            | AttributeName::Unwrap
            | AttributeName::Sign
            | AttributeName::Verify
            | AttributeName::Derive => Seen::Flag(false),
        };
        AttributeName::ALL.iter().map(|name| Attribute { name: *name, is: is(*name) }).collect()
    }

    pub(crate) fn but(name: AttributeName, is: Seen) -> Vec<Attribute> {
        let mut all = good();
        all.iter_mut().filter(|a| a.name == name).for_each(|a| a.is = is.clone());
        all
    }

    fn judged(all: Vec<Attribute>) -> Result<Vec<Bilingual>, KeyRefused> {
        Attributes::judge(all, 32, false).map(|attributes| attributes.remarks())
    }

    #[test]
    fn a_key_that_is_not_protected_is_refused() {
        assert_eq!(judged(good()), Ok(Vec::new()));
        for (name, is) in [
            (AttributeName::Sensitive, Seen::Flag(false)),
            (AttributeName::AlwaysSensitive, Seen::Flag(false)),
            (AttributeName::AlwaysSensitive, Seen::Absent),
            (AttributeName::KeyType, constant("CKK_GENERIC_SECRET")),
            (AttributeName::ValueLen, Seen::Number(16)),
            (AttributeName::ValueLen, Seen::Absent),
            (AttributeName::Token, Seen::Flag(true)),
            (AttributeName::Wrap, Seen::Flag(true)),
            (AttributeName::Unwrap, Seen::Flag(true)),
            (AttributeName::Decrypt, Seen::Flag(true)),
            (AttributeName::Class, constant("CKO_DATA")),
        ] {
            let refused = judged(but(name, is)).unwrap_err();
            assert!(matches!(refused, KeyRefused::Attribute { .. }), "{refused}");
            assert!(refused.to_string().contains(name.as_str()), "{refused}");
        }
        assert_eq!(judged(but(AttributeName::Value, Seen::Readable(32))), Err(KeyRefused::Readable(32)));
        // tpm2-pkcs11 returns CKR_OK and no bytes.
        assert_eq!(judged(but(AttributeName::Value, Seen::Empty)), Ok(Vec::new()));
        let short = good().into_iter().filter(|a| a.name != AttributeName::Local).collect();
        assert_eq!(judged(short), Err(KeyRefused::Missing("CKA_LOCAL")));
    }

    #[test]
    fn what_only_some_modules_say_is_told_and_not_refused() {
        for seen in [Seen::Flag(false), Seen::Absent] {
            assert_eq!(judged(but(AttributeName::Local, seen)).unwrap().len(), 1);
        }
        assert_eq!(judged(but(AttributeName::KeyGenMechanism, Seen::Absent)).unwrap().len(), 1);
    }

    fn check_value(is: Seen, zeros: Result<[u8; 16], Refusal>) -> Result<CheckValue, KeyRefused> {
        let all = but(AttributeName::CheckValue, is);
        Attributes::judge(all, 32, false).unwrap().check_value(zeros)
    }

    #[test]
    fn a_check_value_is_three_bytes_or_none() {
        let mut zeros = [0; 16];
        zeros[..3].copy_from_slice(&[1, 2, 3]);
        let bytes = |bytes: &[u8]| Seen::Bytes(Base64Bytes::from(bytes));
        let computed = |stated| Ok(CheckValue::Computed { value: [1, 2, 3], stated });
        assert_eq!(check_value(bytes(&[1, 2, 3]), Ok(zeros)), computed(true));
        for none in [Seen::Absent, Seen::Empty, Seen::Unavailable, bytes(&[1, 2, 3, 4]), bytes(&[1])] {
            assert_eq!(check_value(none, Ok(zeros)), computed(false));
        }
        let other = check_value(bytes(&[1, 2, 4]), Ok(zeros)).unwrap_err();
        assert_eq!(other, KeyRefused::CheckValue { computed: "010203".into(), stated: "010204".into() });
        let refusal = Refusal { call: Text::cut("C_EncryptInit"), code: Text::cut("CKR_MECHANISM_INVALID") };
        let refused = check_value(bytes(&[1, 2, 3]), Err(refusal.clone()));
        assert_eq!(refused, Ok(CheckValue::None(refusal)));
    }

    #[test]
    fn a_kept_key_is_locked_or_refused() {
        assert!(Attributes::locked(but(AttributeName::Extractable, Seen::Flag(false))).is_ok());
        assert!(Attributes::locked(good()).is_err());
    }
}
