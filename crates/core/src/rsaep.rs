//! RSAEP (RFC 8017 §5.1.1), twice: c = m^65537 mod n by us on `crypto-bigint`, and by the `rsa` crate.
//!
//! Ours is 16 Montgomery squarings and two multiplications in constant time, every intermediate wiped. The other is `rsa`'s windowed
//! exponentiation over heap integers. Both refuse m ≥ n, which no padding makes.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{CtLt, Limb, Odd, U2048};
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
    let mut square = Zeroizing::new(base.to_montgomery());
    for _ in 0..16 {
        *square = montgomery_square(&square, params);
    }
    // (m^65536 · R) times m itself, not m · R: the product's R^-1 leaves m^65537 without a conversion back. It is below n whatever
    // `square` is below R, since (R·n + R·n) / R = 2n and one n is taken off.
    let square = Zeroizing::new(FixedMontyForm::from_montgomery(*square, params));
    let plain = Zeroizing::new(FixedMontyForm::from_montgomery(*m, params));
    Ok(square.mul(&plain).to_montgomery())
}

/// x² · R^-1 mod n below R, for any x below R: an almost Montgomery square (Gueron, eprint 2011/239).
///
/// `crypto-bigint` multiplies and reduces in one pass and so gains nothing from the two factors being equal; squaring first halves the
/// products, and the sixteen squares are nearly all of a wrap. The reduction is algorithm 14.32 of the Handbook of Applied Cryptography.
#[allow(clippy::indexing_slicing)] // The bounds are the arrays' own.
#[inline(always)]
fn montgomery_square(x: &U2048, params: &FixedMontyParams<LIMBS>) -> U2048 {
    let n = params.modulus().as_ref();
    let (mut low, high) = x.widening_square();
    for _ in 0..LIMBS {
        let (t, n) = (low.as_mut_limbs(), n.as_limbs());
        let q = t[0].wrapping_mul(params.mod_neg_inv());
        let (_, mut carry) = q.carrying_mul_add(n[0], t[0], Limb::ZERO);
        for j in 1..LIMBS {
            (t[j - 1], carry) = q.carrying_mul_add(n[j], t[j], carry);
        }
        t[LIMBS - 1] = carry;
    }
    // Below R + n: where the sum passed R, and only there, one n is taken off; the mask decides without a branch.
    let (sum, carry) = low.carrying_add(&high, Limb::ZERO);
    let (below_r, _) = sum.borrowing_sub(&n.bitand_limb(carry.wrapping_neg()), Limb::ZERO);
    below_r
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
