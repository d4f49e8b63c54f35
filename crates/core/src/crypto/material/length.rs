//! How long key material is: 16 to 128 bytes.
//!
//! 16 bytes are the least that any service takes for a secret key. 128 bytes are the block size of SHA-512: HMAC hashes a longer
//! key first, so a longer key adds nothing. Every number of bytes between the two is allowed, because 28 (HMAC with SHA-224) is
//! not a multiple of 8 and services may add lengths. [`MaterialKind`](crate::MaterialKind) defines which lengths each kind of key
//! has.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Length of key material in whole bytes, from [`MIN`](Self::MIN) to [`MAX`](Self::MAX).
///
/// It is written as a number of bits, and only 128 and 256 can be read that way, because artefacts of format 1 have no other lengths.
/// [`in_bytes`] writes and reads every length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaterialLength(u8);

impl MaterialLength {
    /// The shortest: 16 bytes.
    pub const MIN: Self = Self(16);
    /// The longest: 128 bytes.
    pub const MAX: Self = Self(128);
    /// 128 bits, 16 bytes.
    pub const B128: Self = Self(16);
    /// 256 bits, 32 bytes.
    pub const B256: Self = Self(32);
    /// The lengths of block cipher keys.
    pub const OF_CIPHERS: [Self; 2] = [Self::B128, Self::B256];
    /// The lengths of the digests of SHA-224, SHA-256, SHA-384 and SHA-512, which are also those of HMAC
    /// keys.
    pub const OF_DIGESTS: [Self; 4] = [Self(28), Self::B256, Self(48), Self(64)];

    /// Length in bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        8 * self.0 as u16
    }

    /// Length in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.0 as usize
    }

    /// The length for 128 or 256 bits, as in artefacts of format 1 and `--bits`; `None` for any other number.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Option<Self> {
        match bits {
            128 => Some(Self::B128),
            256 => Some(Self::B256),
            _ => None,
        }
    }

    /// The length for 16 to 128 bytes; `None` for any other number.
    #[must_use]
    pub fn from_bytes(bytes: usize) -> Option<Self> {
        u8::try_from(bytes).ok().map(Self).filter(|length| (Self::MIN..=Self::MAX).contains(length))
    }
}

impl fmt::Display for MaterialLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.bits();
        if f.alternate() { write!(f, "{bits} 位") } else { write!(f, "{bits} bits") }
    }
}

impl Serialize for MaterialLength {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u16(self.bits())
    }
}

impl<'de> Deserialize<'de> for MaterialLength {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bits = u16::deserialize(d)?;
        Self::from_bits(bits).ok_or_else(|| serde::de::Error::custom("bits must be 128 or 256"))
    }
}

/// For `#[serde(with = "…")]`: the length as a number of bytes, from 16 to 128.
pub mod in_bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::MaterialLength;

    /// Writes the number of bytes.
    ///
    /// # Errors
    /// The serializer's errors.
    pub fn serialize<S: Serializer>(length: &MaterialLength, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u8(length.0)
    }

    /// Reads the number of bytes.
    ///
    /// # Errors
    /// For any number outside 16 to 128.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<MaterialLength, D::Error> {
        let bytes = usize::deserialize(d)?;
        MaterialLength::from_bytes(bytes).ok_or_else(|| serde::de::Error::custom("bytes must be 16 to 128"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_bounds() {
        for bytes in 0..1000 {
            let length = MaterialLength::from_bytes(bytes);
            assert_eq!(length.map(MaterialLength::bytes), (16..=128).contains(&bytes).then_some(bytes));
            assert!(length.is_none_or(|l| usize::from(l.bits()) == 8 * bytes));
        }
        assert_eq!(MaterialLength::OF_CIPHERS, [16, 32].map(|n| MaterialLength::from_bytes(n).unwrap()));
    }

    #[test]
    fn bits_are_those_of_format_1() {
        for bits in 0..=u16::MAX {
            let read = serde_json::from_str::<MaterialLength>(&bits.to_string()).ok();
            assert_eq!(read.map(MaterialLength::bits), [128, 256].contains(&bits).then_some(bits));
            assert_eq!(read, MaterialLength::from_bits(bits));
        }
        assert_eq!(serde_json::to_string(&MaterialLength::B256).unwrap(), "256");
    }

    #[test]
    fn bytes_are_written_and_read_as_a_number() {
        #[derive(Serialize, Deserialize)]
        #[serde(transparent)]
        struct Bytes(#[serde(with = "in_bytes")] MaterialLength);
        for bytes in 0..1000 {
            let text = bytes.to_string();
            let read = serde_json::from_str::<Bytes>(&text).ok();
            assert_eq!(read.as_ref().map(|b| b.0), MaterialLength::from_bytes(bytes));
            assert!(read.is_none_or(|b| serde_json::to_string(&b).unwrap() == text));
        }
        assert!(serde_json::from_str::<Bytes>("\"32\"").is_err());
    }
}
