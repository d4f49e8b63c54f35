//! A wrapping key made ready for arithmetic: our Montgomery form, one type for each length, and the `rsa` crate's.

use crypto_bigint::modular::FixedMontyParams;
use crypto_bigint::{Odd, U2048, U3072, U4096, Uint};
use rsa::PublicKey;

use crate::RsaBits;

/// A wrapping key as the `rsa` crate has it, with `crypto-bigint`'s parameters of its modulus: the second implementation's.
pub(crate) type SecondKey = PublicKey;

/// A modulus n, made ready for Montgomery arithmetic with R = 2^2048, 2^3072 or 2^4096. Public, so its set-up may take variable time.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Modulus {
    R2048(Box<FixedMontyParams<{ U2048::LIMBS }>>),
    R3072(Box<FixedMontyParams<{ U3072::LIMBS }>>),
    R4096(Box<FixedMontyParams<{ U4096::LIMBS }>>),
}

impl Modulus {
    /// Takes n as big endian bytes, as many as `size` has; `None` if n is even.
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
