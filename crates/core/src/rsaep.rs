//! RSAEP (RFC 8017 §5.1.1), twice: c = m^65537 mod n by us on `crypto-bigint`, and by the `rsa` crate.
//!
//! Ours is 16 Montgomery squarings and one multiplication in constant time, every intermediate wiped. The other is `rsa`'s windowed
//! exponentiation over heap integers. Both refuse m ≥ n, which no padding makes.

use core::fmt;

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{CtLt, Odd, U2048};
use rsa::{BoxedUint, PublicKey};
use zeroize::{Zeroize, Zeroizing};

use crate::padding::EncodedMessage;
use crate::scrub::scrub_stack;
use crate::{WrapError, WrappedKeyMaterial, WrappingKey};

const LIMBS: usize = U2048::LIMBS;

/// A modulus n, made ready for Montgomery arithmetic with R = 2^2048. Public, so its set-up may take variable time.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Modulus(Box<FixedMontyParams<LIMBS>>);

impl Modulus {
    /// `None` if n is even.
    pub(crate) fn new(n: &U2048) -> Option<Self> {
        let odd = Option::from(Odd::new(*n))?;
        Some(Self(Box::new(FixedMontyParams::new_vartime(odd))))
    }

    fn n(&self) -> &U2048 {
        self.0.modulus().as_ref()
    }
}

impl fmt::Debug for Modulus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Modulus({:?})", self.n())
    }
}

/// c = m^e mod n, as k octets, by keyferry's own arithmetic.
///
/// # Errors
/// [`WrapError::Arithmetic`] if m ≥ n.
pub fn rsaep(key: &WrappingKey, em: &EncodedMessage) -> Result<WrappedKeyMaterial, WrapError> {
    let c = power_65537(key.modulus(), em);
    scrub_stack();
    Ok(WrappedKeyMaterial::new(&c?.to_be_bytes().into()))
}

/// In a frame of its own, so that [`scrub_stack`] reaches what it leaves.
#[inline(never)]
fn power_65537(modulus: &Modulus, em: &EncodedMessage) -> Result<U2048, WrapError> {
    let params = &*modulus.0;
    let m = Zeroizing::new(U2048::from_be_slice(em.expose()));
    // All octets are compared whatever they are; only the answer, "no" for everything that was padded, is branched on.
    if !bool::from(m.ct_lt(modulus.n())) {
        return Err(WrapError::Arithmetic);
    }
    let base = Zeroizing::new(FixedMontyForm::new(&m, params));
    let square = Zeroizing::new(base.square_repeat_vartime(16));
    // (m^65536 · R) times m itself, not m · R: the product's R^-1 leaves m^65537 without a conversion back.
    let plain = Zeroizing::new(FixedMontyForm::from_montgomery(*m, params));
    Ok(square.mul(&plain).to_montgomery())
}

/// The same by the `rsa` crate: the second implementation, which has to agree before anything leaves.
///
/// Its heap copies of m·R mod n are wiped by the station's allocator.
///
/// # Errors
/// [`WrapError::Arithmetic`] if m ≥ n, or if `rsa` refuses the key.
pub fn rsaep_by_rsa(key: &WrappingKey, em: &EncodedMessage) -> Result<WrappedKeyMaterial, WrapError> {
    let c = power_by_rsa(key, em);
    scrub_stack();
    WrappedKeyMaterial::from_bytes(&c?.to_be_bytes()).map_err(|_| WrapError::Arithmetic)
}

#[inline(never)]
fn power_by_rsa(key: &WrappingKey, em: &EncodedMessage) -> Result<BoxedUint, WrapError> {
    let n = BoxedUint::from_be_slice(&key.modulus().n().to_be_bytes(), U2048::BITS);
    let public = n
        .map_err(|_| WrapError::Arithmetic)
        .and_then(|n| PublicKey::new(n, BoxedUint::from(65_537_u64)).map_err(|_| WrapError::Arithmetic))?;
    let mut m = BoxedUint::from_be_slice(em.expose(), U2048::BITS).map_err(|_| WrapError::Arithmetic)?;
    let in_range = bool::from(m.ct_lt(rsa::traits::PublicKeyParts::n(&public).as_ref()));
    let c = if in_range {
        rsa::hazmat::rsa_encrypt(&public, &m).map_err(|_| WrapError::Arithmetic)
    } else {
        Err(WrapError::Arithmetic)
    };
    m.zeroize();
    c
}
