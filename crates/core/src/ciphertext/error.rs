//! Why a ciphertext was refused before anything was sent.

use crate::{
    Alias, Bilingual, CeremonyId, Class, Control, Explain, Fingerprint, Purpose, WrapError, bi, explained,
};

/// Why a ciphertext was refused before anything was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // `found` and `session` are the two sides of each comparison.
pub enum CiphertextError {
    /// A rehearsal's ciphertext in production, or the reverse.
    Purpose { found: Purpose, session: Purpose },
    /// Seeded material in production.
    Seeded,
    /// Of another ceremony.
    Ceremony { found: CeremonyId, session: CeremonyId },
    /// Made for other parameters: an older file, or another export.
    Parameters { found: Fingerprint, session: Fingerprint },
    /// A key that was not exported, or out of order.
    UnknownKey(Alias),
    /// Wrapped to another wrapping key.
    WrappingKey(Alias),
    /// Swapped or altered.
    Binding(Alias),
    /// Not one RSA-2048 block.
    Block(Alias, WrapError),
    /// The digest is not the one that was given to compare with.
    Digest { found: Fingerprint, expected: Fingerprint },
}

impl Explain for CiphertextError {
    fn control(&self) -> Control {
        match self {
            Self::Purpose { .. } | Self::Seeded => Control::CIPHER_PURPOSE,
            Self::Ceremony { .. } => Control::CIPHER_CEREMONY,
            Self::Parameters { .. } => Control::CIPHER_PARAMETERS,
            Self::UnknownKey(_) => Control::CIPHER_KEY,
            Self::WrappingKey(_) => Control::CIPHER_WRAPPING_KEY,
            Self::Binding(_) => Control::CIPHER_BINDING,
            Self::Block(_, e) => e.control(),
            Self::Digest { .. } => Control::CIPHER_DIGEST,
        }
    }

    fn class(&self) -> Class {
        Class::Refused
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::Purpose { found, session } => bi!(
                "this ciphertext is of a {found}; the session is for {session}",
                "该密文属于 {found}；而会话属于 {session}（rehearsal 为演练，production 为正式）"
            ),
            Self::Seeded => bi!(
                "this ciphertext holds seeded rehearsal material; the session is for production",
                "该密文是由种子生成的演练材料；而会话属于正式仪式"
            ),
            Self::Ceremony { found, session } => bi!(
                "this ciphertext belongs to ceremony {found}; the session is of {session}",
                "该密文属于仪式 {found}；而会话属于 {session}"
            ),
            Self::Parameters { found, session } => bi!(
                "this ciphertext was made for parameters {found}; the session's are {session}",
                "该密文是为参数 {found} 制作的；会话中的参数是 {session}"
            ),
            Self::UnknownKey(alias) => bi!(
                "key {alias} was not exported in this session, or stands out of order",
                "密钥 {alias} 不是本会话导出的，或顺序不符"
            ),
            Self::WrappingKey(alias) => bi!(
                "the material of key {alias} was wrapped to another wrapping key",
                "密钥 {alias} 的材料是用另一把包装密钥包装的"
            ),
            Self::Binding(alias) => bi!(
                "the entry of key {alias} does not bind: it was swapped or altered",
                "密钥 {alias} 的条目绑定不符：已被调换或改动"
            ),
            Self::Block(_, e) => e.what(),
            Self::Digest { found, expected } => bi!(
                "the digest of this ciphertext is {found}; expected {expected}",
                "该密文的摘要是 {found}；应为 {expected}"
            ),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::Purpose { .. } | Self::Seeded => bi!(
                "rehearsal and production use separate media: bring the ciphertext of this ceremony",
                "演练与正式仪式使用不同的介质：请取来本次仪式的密文"
            ),
            Self::Ceremony { .. } | Self::Parameters { .. } => bi!(
                "bring the ciphertext.json made from this session's parameters.json; an older one is dead. \
                 Nothing was sent",
                "请取来由本会话的 parameters.json 制作的 ciphertext.json；旧文件已失效。尚未发送任何请求"
            ),
            Self::Block(_, e) => e.hint(),
            _ => bi!(
                "stop: what arrived is not what left the offline station. Copy ciphertext.json again and compare \
                 the digest; if it is equal there, wrap again. Nothing was sent",
                "停止：收到的与离线站发出的不一致。请重新复制 ciphertext.json 并核对摘要；若与离线站相同，请重新包装。尚未发送任何请求"
            ),
        }
    }
}

explained!(CiphertextError);
