//! Which edition of the service a region runs, and so how long its key material is.
//!
//! `DescribeKey` reports the edition of a key (`KeyMetadata.Type`: 2 FIPS, 4 SM), and that report decides. The provider's documented
//! regions only say what to expect before the service is asked: `ceremony/spec/tencent-kms.md` §4.6.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use keyferry_core::MaterialLength;
use keyferry_core::provider::KeyKind;
use keyferry_core::provider::tencent::{FACTS, FIPS, SM};

/// The edition of the service in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edition {
    /// FIPS 140-2 edition: 256-bit material, AES.
    Fips,
    /// 国密 edition: 128-bit material, SM4.
    Sm,
}

impl Edition {
    /// The edition to expect in a region, before `DescribeKey` reports it.
    #[must_use]
    pub fn expected_in(region: &str) -> Self {
        let expected = FACTS.expected_kind(region).map(|kind| kind.name);
        if expected == Some(Self::Sm.as_str()) { Self::Sm } else { Self::Fips }
    }

    /// The edition that a key's `KeyMetadata.Type` names; `None` for a type that no document lists.
    #[must_use]
    pub const fn from_key_type(key_type: i64) -> Option<Self> {
        match key_type {
            2 => Some(Self::Fips),
            4 => Some(Self::Sm),
            _ => None,
        }
    }

    /// The `KeyMetadata.Type` of keys in this edition.
    #[must_use]
    pub const fn key_type(self) -> i64 {
        match self {
            Self::Fips => 2,
            Self::Sm => 4,
        }
    }

    /// The kind of the edition's keys.
    #[must_use]
    pub const fn kind(self) -> &'static KeyKind {
        match self {
            Self::Fips => &FIPS,
            Self::Sm => &SM,
        }
    }

    /// The only length of key material that this edition takes.
    #[must_use]
    pub const fn material(self) -> MaterialLength {
        self.kind().material.length
    }

    /// `fips` or `sm`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fips => "fips",
            Self::Sm => "sm",
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is neither `fips` nor `sm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownEdition;

impl fmt::Display for UnknownEdition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected fips or sm")
    }
}

impl std::error::Error for UnknownEdition {}

impl FromStr for Edition {
    type Err = UnknownEdition;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s {
            "fips" => Ok(Self::Fips),
            "sm" => Ok(Self::Sm),
            _ => Err(UnknownEdition),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_edition_has_its_length() {
        assert_eq!(Edition::expected_in("ap-guangzhou").material().bits(), 128);
        assert_eq!(Edition::expected_in("ap-singapore").material().bits(), 256);
        for edition in [Edition::Fips, Edition::Sm] {
            assert_eq!(Edition::from_key_type(edition.key_type()), Some(edition));
        }
        assert_eq!(Edition::from_key_type(3), None);
    }
}
