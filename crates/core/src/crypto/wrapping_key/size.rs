//! The lengths of RSA moduli that services wrap to.

use core::fmt;

/// Length of an RSA modulus. Wrapped material is one block as long as the modulus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RsaBits {
    /// 2048 bits, 256 bytes.
    R2048,
    /// 3072 bits, 384 bytes.
    R3072,
    /// 4096 bits, 512 bytes.
    R4096,
}

impl RsaBits {
    /// Every length, the shortest first.
    pub const ALL: [Self; 3] = [Self::R2048, Self::R3072, Self::R4096];

    /// Length in bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::R2048 => 2048,
            Self::R3072 => 3072,
            Self::R4096 => 4096,
        }
    }

    /// Length in bytes; RFC 8017 calls it k.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::R2048 => 256,
            Self::R3072 => 384,
            Self::R4096 => 512,
        }
    }

    /// A list with only this length.
    #[must_use]
    pub const fn alone(self) -> &'static [Self] {
        match self {
            Self::R2048 => &[Self::R2048],
            Self::R3072 => &[Self::R3072],
            Self::R4096 => &[Self::R4096],
        }
    }

    /// The length with that many bits; `None` if no service wraps to it.
    #[must_use]
    pub fn from_bits(bits: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.bytes() * 8 == bits)
    }
}

impl fmt::Display for RsaBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RSA-{}", self.bits())
    }
}
