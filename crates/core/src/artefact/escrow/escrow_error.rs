//! Why an escrow could not be opened.

use crate::{Alias, Bilingual, MaterialError, bi, refusals};

refusals! {
    /// Why an escrow could not be opened.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum EscrowError: Refused {
        /// The key is not the one that the escrow names.
        Key => ESCROW_KEY,
            what("the shares do not recover the escrow key that this escrow was sealed with",
                 "这些分片恢复出的不是封存该托管文件的托管密钥"),
            hint("give the escrow.json that was made together with these shares, in the same run",
                 "请提供与这些分片在同一次运行中生成的 escrow.json");
        /// An entry was moved to another key or ceremony, or altered.
        Entry(alias: Alias) => ESCROW_ENTRY,
            what("the escrow entry of key {alias} does not open: it was altered, or moved from another key or ceremony",
                 "密钥 {alias} 的托管条目无法打开：已被改动，或来自另一个密钥或仪式"),
            hint(use_another_copy());
        /// The material from an entry does not match its check value, commitment or length.
        Material(alias: Alias) => ESCROW_MATERIAL,
            what("the escrow entry of key {alias} opens, but does not match its check value or commitment",
                 "密钥 {alias} 的托管条目可以打开，但校验值或承诺不符"),
            hint(use_another_copy());
        /// The memory for the material from an entry could not be allocated, or the result is not key
        /// material.
        Memory(e: MaterialError) => (e.control()), what(e.what()), hint(e.hint());
    }
}

fn use_another_copy() -> Bilingual {
    bi!(
        "use another copy of escrow.json; the record names its digest",
        "请使用 escrow.json 的另一份副本；记录中有其摘要"
    )
}

/// An [`EscrowError`] that does not name the entry yet.
pub(super) enum NotOpened {
    Integrity,
    Material(MaterialError),
}

impl From<MaterialError> for NotOpened {
    fn from(e: MaterialError) -> Self {
        Self::Material(e)
    }
}

impl NotOpened {
    pub(super) fn of(self, alias: &Alias) -> EscrowError {
        match self {
            Self::Integrity => EscrowError::Entry(alias.clone()),
            Self::Material(e) => EscrowError::Memory(e),
        }
    }
}
