//! Which edition of the service a region runs, and so how long its key material is.
//!
//! 国密 (SM) material has 128 bits, FIPS material 256: `ceremony/spec/tencent-kms.md` §4.6. `DescribeKey` reports the edition of a key
//! (`KeyMetadata.Type`: 2 FIPS, 4 SM), and that report decides. The table says only what to expect before asking.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// Length of key material: the provider takes no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MaterialBits {
    /// 128 bits, 16 bytes.
    B128,
    /// 256 bits, 32 bytes.
    B256,
}

impl MaterialBits {
    /// Length in bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        match self {
            Self::B128 => 128,
            Self::B256 => 256,
        }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::B128 => 16,
            Self::B256 => 32,
        }
    }

    /// 128 or 256; `None` for any other number.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Option<Self> {
        match bits {
            128 => Some(Self::B128),
            256 => Some(Self::B256),
            _ => None,
        }
    }
}

impl fmt::Display for MaterialBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bits", self.bits())
    }
}

impl Serialize for MaterialBits {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u16(self.bits())
    }
}

impl<'de> Deserialize<'de> for MaterialBits {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bits = u16::deserialize(d)?;
        Self::from_bits(bits).ok_or_else(|| serde::de::Error::custom("bits must be 128 or 256"))
    }
}

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
    pub const fn material(self) -> MaterialBits {
        match self {
            Self::Fips => MaterialBits::B256,
            Self::Sm => MaterialBits::B128,
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
