//! RSA moduli from which everybody can compute the private exponent: a prime, a square, or a number with a small factor.
//!
//! The private exponent follows from the factors (RFC 8017 §3.2). A modulus with other weak factors, or one whose factors somebody
//! published, cannot be recognised.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

use super::SshKeyError;

/// The largest factor that is tried. Every odd number up to this one is tried, and so every odd prime below
/// 1,000.
const LAST_DIVISOR: u32 = 999;

/// Checks an odd modulus, big-endian without leading zeros.
pub(super) fn check_factors(modulus: &[u8]) -> Result<(), SshKeyError> {
    let n = BoxedUint::from_be_slice_vartime(modulus);
    let known = has_small_factor(modulus) || is_square(&n) || passes_fermat(n);
    if known { Err(SshKeyError::RsaFactors) } else { Ok(()) }
}

fn has_small_factor(modulus: &[u8]) -> bool {
    let remainder = |d: u32| modulus.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % d);
    (3..=LAST_DIVISOR).step_by(2).any(|d| remainder(d) == 0)
}

fn is_square(n: &BoxedUint) -> bool {
    n.checked_sqrt_vartime().is_some()
}

/// Fermat's test to base 2: whether 2^(n-1) is 1 modulo n, as it is for every odd prime.
///
/// For n = pq, it is 1 only if the orders of 2 modulo p and modulo q both divide gcd(p - 1, q - 1). For two random primes that divisor is
/// tiny, so their product fails the test. A composite that was constructed to pass the test is refused too.
fn passes_fermat(n: BoxedUint) -> bool {
    let exponent = n.wrapping_sub(BoxedUint::one());
    let Some(n) = Option::from(Odd::new(n)) else { return false };
    let params = BoxedMontyParams::new_vartime(n);
    let one = BoxedMontyForm::one(&params);
    one.double().pow(&exponent) == one
}
