//! RSAEP (RFC 8017 §5.1.1), implemented twice on `crypto-bigint`: c = m^65537 mod n in fixed steps, and by square-and-multiply with a key
//! of the crate `rsa`.
//!
//! The first is 16 Montgomery squarings and two multiplications in constant time, with every intermediate value wiped, and is compiled for
//! each length of modulus. The second is plain square-and-multiply over integers on the heap, and shares no step with the first: its
//! squares are general Montgomery products, and it reads the exponent from the key, which `rsa` has checked and prepared. Both refuse m ≥
//! n, which no padding produces, and an encoded message that is not as long as the modulus.

use crypto_bigint::modular::{BoxedMontyForm, FixedMontyForm, FixedMontyParams};
use crypto_bigint::{CtLt, Limb, Uint};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PublicKey};
use zeroize::{Zeroize, Zeroizing};

use super::modulus::{Modulus, SecondKey};
use super::wrapped::{WrapError, WrappedKeyMaterial};
use crate::padding::EncodedMessage;
use crate::scrub::scrub_stack_after;
use crate::{RsaBits, WrappingKey};

/// Evaluates `$do` for the length that the modulus has.
macro_rules! for_its_length {
    ($modulus:expr, $params:ident => $do:expr) => {
        match $modulus {
            Modulus::R2048($params) => $do,
            Modulus::R3072($params) => $do,
            Modulus::R4096($params) => $do,
        }
    };
}

/// c = m^e mod n, as k bytes, by keyferry's own arithmetic.
///
/// # Errors
/// [`WrapError::Arithmetic`] if m ≥ n, or if the message is not as long as n.
pub fn rsaep(key: &WrappingKey, em: &EncodedMessage) -> Result<WrappedKeyMaterial, WrapError> {
    let c = key.with_modulus(|modulus| {
        for_its_length!(modulus, params => {
            let c = power_65537(params, em);
            scrub_stack_after(key.size());
            Ok(WrappedKeyMaterial::new(c?.to_be_bytes().as_ref()))
        })
    });
    c.unwrap_or(Err(WrapError::Arithmetic))
}

/// Runs in its own stack frame, so that [`scrub_stack_after`] overwrites what it leaves.
#[inline(never)]
fn power_65537<const LIMBS: usize>(
    params: &FixedMontyParams<LIMBS>,
    em: &EncodedMessage,
) -> Result<Uint<LIMBS>, WrapError> {
    if em.expose().len() != Uint::<LIMBS>::BYTES {
        return Err(WrapError::Arithmetic);
    }
    let m = Zeroizing::new(Uint::<LIMBS>::from_be_slice(em.expose()));
    // All bytes are always compared. The code branches only on the result, and every padded block gets the same
    // result.
    if !bool::from(m.ct_lt(params.modulus().as_ref())) {
        return Err(WrapError::Arithmetic);
    }
    let base = Zeroizing::new(FixedMontyForm::new(&m, params));
    let mut square = Zeroizing::new(base.to_montgomery());
    for _ in 0..16 {
        *square = montgomery_square(&square, params);
    }
    // (m^65536 · R) times m itself, not m · R: the factor R^-1 of the product leaves m^65537, so nothing has to be converted
    // back. The result is below n for any `square` below R, because (R·n + R·n) / R = 2n, and n is subtracted once.
    let square = Zeroizing::new(FixedMontyForm::from_montgomery(*square, params));
    let plain = Zeroizing::new(FixedMontyForm::from_montgomery(*m, params));
    Ok(square.mul(&plain).to_montgomery())
}

/// x² · R^-1 mod n below R, for any x below R: an almost Montgomery square (Gueron, eprint 2011/239).
///
/// `crypto-bigint` multiplies and reduces in one pass, so it gains nothing from equal factors. Squaring first halves the number of
/// products, and the sixteen squarings are nearly all the work of a wrap. The reduction is algorithm 14.32 of the Handbook of Applied
/// Cryptography.
#[allow(clippy::indexing_slicing)] // The loops stay within the arrays.
#[inline(always)]
fn montgomery_square<const LIMBS: usize>(x: &Uint<LIMBS>, params: &FixedMontyParams<LIMBS>) -> Uint<LIMBS> {
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
    // The sum is below R + n. If it exceeds R, and only then, n is subtracted once; a mask decides this without a
    // branch.
    let (sum, carry) = low.carrying_add(&high, Limb::ZERO);
    let (below_r, _) = sum.borrowing_sub(&n.bitand_limb(carry.wrapping_neg()), Limb::ZERO);
    below_r
}

/// The same by plain square-and-multiply with a key of the crate `rsa`. This is the second implementation, which has to agree before a
/// block is released.
///
/// Its heap copies of m·R mod n are wiped by the station's allocator.
///
/// # Errors
/// [`WrapError::Arithmetic`] if m ≥ n, if the message is not as long as n, or if `rsa` refuses the key.
pub fn second_rsaep(key: &WrappingKey, em: &EncodedMessage) -> Result<WrappedKeyMaterial, WrapError> {
    let c = key.with_second(|n| second_key(key.size(), n), |public| second_power(public, key.size(), em));
    scrub_stack_after(key.size());
    WrappedKeyMaterial::from_bytes_of(key.size(), &c.unwrap_or(Err(WrapError::Arithmetic))?.to_be_bytes())
        .map_err(|_| WrapError::Arithmetic)
}

fn second_key(size: RsaBits, n: &[u8]) -> Option<SecondKey> {
    let n = BoxedUint::from_be_slice(n, size.bits()).ok()?;
    PublicKey::new(n, BoxedUint::from(65_537_u64)).ok()
}

#[inline(never)]
fn second_power(public: &SecondKey, size: RsaBits, em: &EncodedMessage) -> Result<BoxedUint, WrapError> {
    if em.expose().len() != size.bytes() {
        return Err(WrapError::Arithmetic);
    }
    let m = BoxedUint::from_be_slice(em.expose(), size.bits());
    let mut m = m.map_err(|_| WrapError::Arithmetic)?;
    let in_range = bool::from(m.ct_lt(public.n().as_ref()));
    let c = in_range.then(|| square_and_multiply(&m, public)).ok_or(WrapError::Arithmetic);
    m.zeroize();
    c
}

/// Processes the exponent from its highest bit to its lowest. The exponentiation of `rsa` uses a window of four bits, which takes
/// twice as many products for 65537. A square here is an ordinary product, from code that our first implementation does not use.
fn square_and_multiply(m: &BoxedUint, public: &SecondKey) -> BoxedUint {
    let base = BoxedMontyForm::new(m.clone(), public.n_params());
    let (e, mut power) = (public.e(), base.clone());
    for bit in (0..e.bit_width().saturating_sub(1)).rev() {
        power = power.mul(&power);
        // The exponent is public.
        if e.bit_vartime(bit) {
            power = power.mul(&base);
        }
    }
    power.retrieve()
}
