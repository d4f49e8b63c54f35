//! A wrapping key prepared for arithmetic: our Montgomery form, one type for each length, and the form of the
//! `rsa` crate.

use crypto_bigint::modular::FixedMontyParams;
use crypto_bigint::{Odd, U2048, U3072, U4096, Uint};
use rsa::PublicKey;

use crate::RsaBits;

/// A wrapping key for the second implementation: the type of the `rsa` crate, with `crypto-bigint`'s parameters of its
/// modulus.
pub(crate) type SecondKey = PublicKey;

/// A modulus n, prepared for Montgomery arithmetic with R = 2^2048, 2^3072 or 2^4096. It is public, so preparing it may take variable
/// time.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Modulus {
    R2048(Box<FixedMontyParams<{ U2048::LIMBS }>>),
    R3072(Box<FixedMontyParams<{ U3072::LIMBS }>>),
    R4096(Box<FixedMontyParams<{ U4096::LIMBS }>>),
}

impl Modulus {
    /// Takes n as big-endian bytes of the length that `size` states; `None` if n is even.
    pub(crate) fn new(size: RsaBits, n: &[u8]) -> Option<Self> {
        Some(match size {
            RsaBits::R2048 => Self::R2048(prepare(n)?),
            RsaBits::R3072 => Self::R3072(prepare(n)?),
            RsaBits::R4096 => Self::R4096(prepare(n)?),
        })
    }
}

fn prepare<const LIMBS: usize>(n: &[u8]) -> Option<Box<FixedMontyParams<LIMBS>>> {
    let odd = Option::from(Odd::new(Uint::from_be_slice(n)))?;
    Some(Box::new(FixedMontyParams::new_vartime(odd)))
}
