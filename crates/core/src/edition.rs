//! Which edition of the service a region runs, and so how long its key material is.
//!
//! 国密 (SM) material has 128 bits, FIPS material 256: `ceremony/spec/tencent-kms.md` §4.6. `DescribeKey` reports the edition of a key
//! (`KeyMetadata.Type`: 2 FIPS, 4 SM), and that report decides. The table says only what to expect before asking.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::MaterialLength;

/// The edition of the service in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edition {
    /// FIPS 140-2 edition: 256-bit material, AES.
    Fips,
    /// 国密 edition: 128-bit material, SM4.
    Sm,
}

/// Regions of mainland China. That they run the 国密 edition is inferred: `ceremony/spec/tencent-kms.md` §4.6.
const SM_REGIONS: [&str; 6] =
    ["ap-beijing", "ap-chengdu", "ap-chongqing", "ap-guangzhou", "ap-nanjing", "ap-shanghai"];

impl Edition {
    /// The edition to expect in a Tencent Cloud region, before `DescribeKey` says for sure.
    #[must_use]
    pub fn expected_in(region: &str) -> Self {
        if SM_REGIONS.contains(&region) { Self::Sm } else { Self::Fips }
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

    /// The only length of key material that this edition takes.
    #[must_use]
    pub const fn material(self) -> MaterialLength {
        match self {
            Self::Fips => MaterialLength::B256,
            Self::Sm => MaterialLength::B128,
        }
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
