//! The protocol between the program and the child that holds the module: one request, one reply, each a length and JSON.
//!
//! The child runs foreign code, so its replies are hostile input: a frame is capped before it is read, unknown members are refused, and
//! each text has a limit. Key material never crosses; a PIN crosses in its own frame, from the program to the child.

use keyferry_core::{Base64Bytes, WrappingAlgorithm};
use serde::{Deserialize, Serialize};

mod frame;
mod text;

pub(crate) use frame::{frame_length, read_frame, write_frame};
pub(crate) use text::Text;

/// The largest number of tokens to choose from.
pub(crate) const MAX_TOKENS: usize = 64;
/// The name in a refusal that comes from the library loader, not from the module.
pub(crate) const LOADER: &str = "dlopen";

/// A request to the child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Load the module's file and initialise it. `init` is for modules that need a reserved string.
    Load { path: String, init: Option<String>, network: bool },
    /// List the slots that have a token.
    Tokens {},
    /// Read again the information of the token in the session's slot.
    Token {},
    /// Open a session.
    Open { slot: u64, write: bool },
    /// Log in as the user. With `pin`, a frame with its bytes follows; without, the HSM asks for it itself.
    LogIn { pin: bool, officer: bool },
    /// Log out; the session stays open.
    LogOut {},
    /// Make a public RSA key for wrapping from its numbers, and read them back. With `trusted`, it is an object of the token with this
    /// label, which the security officer marks as trusted.
    Import { modulus: Base64Bytes, exponent: Base64Bytes, trusted: Option<String> },
    /// Make an AES key in the token, and read its attributes back.
    Generate { bytes: u8, keep: Option<Kept> },
    /// Find the secret keys with a label in the token: if there is exactly one, also read its attributes.
    Find { label: String },
    /// Encrypt one block of zeros.
    Zeros { key: u32 },
    /// SHA-256 of a domain and the key.
    Digest { key: u32, domain: String },
    /// Wrap a key.
    Wrap { key: u32, by: u32, algorithm: WrappingAlgorithm },
    /// Set `CKA_EXTRACTABLE` of a key to false, and read its attributes back.
    Lock { key: u32 },
    /// Destroy an object.
    Destroy { key: u32 },
    /// Log out, close the session, finalise the module.
    Close {},
}

impl Request {
    /// The name of the PKCS#11 function that the child calls for this request, as messages show it.
    pub(crate) const fn call(&self) -> &'static str {
        match self {
            Self::Load { .. } => "C_Initialize",
            Self::Tokens {} | Self::Token {} => "C_GetTokenInfo",
            Self::Open { .. } => "C_OpenSession",
            Self::LogIn { .. } => "C_Login",
            Self::LogOut {} => "C_Logout",
            Self::Import { .. } => "C_CreateObject",
            Self::Generate { .. } => "C_GenerateKey",
            Self::Find { .. } => "C_FindObjects",
            Self::Zeros { .. } => "C_Encrypt",
            Self::Digest { .. } => "C_DigestKey",
            Self::Wrap { .. } => "C_WrapKey",
            Self::Lock { .. } => "C_SetAttributeValue",
            Self::Destroy { .. } => "C_DestroyObject",
            Self::Close {} => "C_Finalize",
        }
    }
}

/// How a key that stays in the token is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) label: String,
    pub(crate) id: Base64Bytes,
    /// It can be wrapped only to trusted keys.
    pub(crate) trusted: bool,
}

/// The child's replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Reply {
    Loaded {
        module: ModuleInfo,
    },
    Tokens {
        tokens: Vec<Token>,
    },
    Done {},
    Imported {
        key: u32,
        modulus: Base64Bytes,
        exponent: Base64Bytes,
    },
    Generated {
        key: u32,
        attributes: Vec<Attribute>,
    },
    /// How many keys have the label, and the first of them.
    Found {
        keys: u32,
        key: Option<u32>,
        attributes: Vec<Attribute>,
    },
    Bytes {
        bytes: Base64Bytes,
    },
    Attributes {
        attributes: Vec<Attribute>,
    },
    /// The module refused a call, or the call could not be made.
    Refused {
        refusal: Refusal,
    },
}

/// A call that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusal {
    /// The PKCS#11 function.
    pub(crate) call: Text,
    /// Its `CK_RV` by name, or why there is none.
    pub(crate) code: Text,
}

impl Refusal {
    /// Function and code.
    pub(crate) fn parts(&self) -> (&str, Option<&str>) {
        (self.call.as_str(), Some(self.code.as_str()))
    }
}

#[cfg(test)]
impl Refusal {
    pub(crate) fn of_test() -> Self {
        Self { call: Text::cut("C_WrapKey"), code: Text::cut("CKR_ARGUMENTS_BAD") }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.call, self.code)
    }
}

/// A version as PKCS#11 defines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    pub(crate) major: u8,
    pub(crate) minor: u8,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What `C_GetInfo` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModuleInfo {
    pub(crate) manufacturer: Text,
    pub(crate) description: Text,
    pub(crate) library: Version,
    pub(crate) cryptoki: Version,
    /// Whether the child forbade itself every network before it loaded the module.
    pub(crate) network_denied: bool,
}

/// A slot with a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    pub(crate) slot: u64,
    /// What `C_GetTokenInfo` says; `None` if it cannot be read.
    pub(crate) info: Option<TokenInfo>,
    /// Why it cannot be read.
    pub(crate) unreadable: Option<Refusal>,
    /// The ceremony's mechanisms that the token lists.
    pub(crate) mechanisms: Vec<Mechanism>,
}

/// What `C_GetTokenInfo` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenInfo {
    pub(crate) label: Text,
    pub(crate) manufacturer: Text,
    pub(crate) model: Text,
    pub(crate) serial: Text,
    pub(crate) hardware: Version,
    pub(crate) firmware: Version,
    pub(crate) flags: Vec<Flag>,
}

impl TokenInfo {
    pub(crate) fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }
}

/// A flag of `CK_TOKEN_INFO` that matters to a ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Flag {
    Initialized,
    LoginRequired,
    UserPinInitialized,
    ProtectedAuthenticationPath,
    WriteProtected,
    UserPinCountLow,
    UserPinFinalTry,
    UserPinLocked,
    UserPinToBeChanged,
    SoPinFinalTry,
    SoPinLocked,
    Rng,
}

impl Flag {
    pub(crate) const ALL: [Self; 12] = [
        Self::Initialized,
        Self::LoginRequired,
        Self::UserPinInitialized,
        Self::ProtectedAuthenticationPath,
        Self::WriteProtected,
        Self::UserPinCountLow,
        Self::UserPinFinalTry,
        Self::UserPinLocked,
        Self::UserPinToBeChanged,
        Self::SoPinFinalTry,
        Self::SoPinLocked,
        Self::Rng,
    ];

    /// As PKCS#11 spells it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Initialized => "CKF_TOKEN_INITIALIZED",
            Self::LoginRequired => "CKF_LOGIN_REQUIRED",
            Self::UserPinInitialized => "CKF_USER_PIN_INITIALIZED",
            Self::ProtectedAuthenticationPath => "CKF_PROTECTED_AUTHENTICATION_PATH",
            Self::WriteProtected => "CKF_WRITE_PROTECTED",
            Self::UserPinCountLow => "CKF_USER_PIN_COUNT_LOW",
            Self::UserPinFinalTry => "CKF_USER_PIN_FINAL_TRY",
            Self::UserPinLocked => "CKF_USER_PIN_LOCKED",
            Self::UserPinToBeChanged => "CKF_USER_PIN_TO_BE_CHANGED",
            Self::SoPinFinalTry => "CKF_SO_PIN_FINAL_TRY",
            Self::SoPinLocked => "CKF_SO_PIN_LOCKED",
            Self::Rng => "CKF_RNG",
        }
    }
}

/// A mechanism of the ceremony as the token lists it. The list is no evidence of what the token does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mechanism {
    pub(crate) name: MechanismName,
    pub(crate) wrap: bool,
    pub(crate) encrypt: bool,
    pub(crate) generate: bool,
}

/// A mechanism that the ceremony uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MechanismName {
    #[serde(rename = "CKM_AES_KEY_GEN")]
    AesKeyGen,
    #[serde(rename = "CKM_AES_ECB")]
    AesEcb,
    #[serde(rename = "CKM_RSA_PKCS")]
    RsaPkcs,
    #[serde(rename = "CKM_RSA_PKCS_OAEP")]
    RsaPkcsOaep,
    #[serde(rename = "CKM_SHA256")]
    Sha256,
}

impl MechanismName {
    pub(crate) const ALL: [Self; 5] =
        [Self::AesKeyGen, Self::AesEcb, Self::RsaPkcs, Self::RsaPkcsOaep, Self::Sha256];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AesKeyGen => "CKM_AES_KEY_GEN",
            Self::AesEcb => "CKM_AES_ECB",
            Self::RsaPkcs => "CKM_RSA_PKCS",
            Self::RsaPkcsOaep => "CKM_RSA_PKCS_OAEP",
            Self::Sha256 => "CKM_SHA256",
        }
    }
}

/// An attribute of a key as it was read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attribute {
    pub(crate) name: AttributeName,
    pub(crate) is: Seen,
}

/// The module's answer about one attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Seen {
    /// A truth value.
    Flag(bool),
    /// A number.
    Number(u64),
    /// A constant by its name.
    Constant(Text),
    /// Some bytes; only for a check value.
    Bytes(Base64Bytes),
    /// This many bytes can be read; they were not read.
    Readable(u64),
    /// Too many bytes to be fetched.
    TooLong(u64),
    /// It exists, but is empty.
    Empty,
    /// `CKR_ATTRIBUTE_TYPE_INVALID`.
    Absent,
    /// `CKR_ATTRIBUTE_SENSITIVE`.
    Sensitive,
    /// `CK_UNAVAILABLE_INFORMATION`.
    Unavailable,
    /// Another answer.
    Refused(Text),
}

macro_rules! attributes {
    ($($name:ident $cka:literal,)+) => {
        /// An attribute that is read back.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum AttributeName {
            $(#[serde(rename = $cka)] $name,)+
        }

        impl AttributeName {
            /// All of them, in the order of the record.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As PKCS#11 spells it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $cka,)+ }
            }
        }
    };
}

attributes! {
    Class "CKA_CLASS",
    KeyType "CKA_KEY_TYPE",
    ValueLen "CKA_VALUE_LEN",
    Token "CKA_TOKEN",
    Private "CKA_PRIVATE",
    Sensitive "CKA_SENSITIVE",
    AlwaysSensitive "CKA_ALWAYS_SENSITIVE",
    Extractable "CKA_EXTRACTABLE",
    NeverExtractable "CKA_NEVER_EXTRACTABLE",
    WrapWithTrusted "CKA_WRAP_WITH_TRUSTED",
    Local "CKA_LOCAL",
    KeyGenMechanism "CKA_KEY_GEN_MECHANISM",
    Encrypt "CKA_ENCRYPT",
    Decrypt "CKA_DECRYPT",
    Wrap "CKA_WRAP",
    Unwrap "CKA_UNWRAP",
    Sign "CKA_SIGN",
    Verify "CKA_VERIFY",
    Derive "CKA_DERIVE",
    CheckValue "CKA_CHECK_VALUE",
    Value "CKA_VALUE",
}

#[cfg(test)]
mod tests {
    use super::text::MAX_TEXT;
    use super::*;

    #[test]
    fn replies_with_unknown_members_or_long_texts_are_refused() {
        let parse = |text: &str| serde_json::from_str::<Reply>(text);
        assert_eq!(parse(r#"{"reply":"done"}"#).unwrap(), Reply::Done {});
        assert!(parse(r#"{"reply":"done","more":1}"#).is_err());
        assert!(parse(r#"{"reply":"secret"}"#).is_err());
        let refused =
            |code: &str| format!(r#"{{"reply":"refused","refusal":{{"call":"C_Login","code":"{code}"}}}}"#);
        assert!(parse(&refused("CKR_PIN_INCORRECT")).is_ok());
        assert!(parse(&refused(&"x".repeat(MAX_TEXT + 1))).is_err());
        assert!(parse(&refused("\\u001b[2J")).is_err(), "an escape sequence for the terminal");
    }

    /// One more than allowed is sent, so that the program refuses the reply; each has the longest texts that the standard's fields can
    /// hold.
    #[test]
    fn as_many_tokens_as_may_be_fit_into_a_reply() {
        let text = |bytes: usize| Text::cut(&"\u{fffd}".repeat(bytes));
        let version = Version { major: u8::MAX, minor: u8::MAX };
        let info = TokenInfo {
            label: text(32),
            manufacturer: text(32),
            model: text(16),
            serial: text(16),
            hardware: version,
            firmware: version,
            flags: Flag::ALL.to_vec(),
        };
        let mechanism = |name| Mechanism { name, wrap: false, encrypt: false, generate: false };
        let mechanisms = MechanismName::ALL.map(mechanism).to_vec();
        let token = Token { slot: u64::MAX, info: Some(info), unreadable: None, mechanisms };
        let reply = Reply::Tokens { tokens: vec![token; MAX_TOKENS + 1] };
        let body = serde_json::to_vec(&reply).unwrap();
        assert!(write_frame(&mut Vec::new(), &body).is_ok(), "{} bytes", body.len());
    }
}
