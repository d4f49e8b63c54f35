//! Points of the curves P-256, P-384 and P-521 (FIPS 186-5, SP 800-186 §3.2.1): a point must satisfy y² = x³ - 3x + b modulo p.
//!
//! The three curves have a prime order, so no point has a small order. The point at infinity has no uncompressed form (SEC 1
//! §2.3.3), and (0, 0) does not satisfy the equation because b is not 0.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

use super::SshKeyError;

/// A curve, in the notation of SP 800-186.
pub(super) struct Curve {
    /// The name in the key.
    pub(super) name: &'static str,
    /// Length of a coordinate in bytes.
    length: usize,
    p: &'static str,
    b: &'static str,
}

pub(super) const P256: Curve = Curve {
    name: "nistp256",
    length: 32,
    p: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
};
pub(super) const P384: Curve = Curve {
    name: "nistp384",
    length: 48,
    p: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
};
pub(super) const P521: Curve = Curve {
    name: "nistp521",
    length: 66,
    p: "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
        ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    b: "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1\
        56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
};

/// Checks an uncompressed point.
pub(super) fn check_nist(point: &[u8], curve: &Curve) -> Result<(), SshKeyError> {
    // SEC 1 §2.3.3: an uncompressed point begins with the byte 4.
    let (x, y) = match point {
        [4, both @ ..] if both.len() == 2 * curve.length => both.split_at(curve.length),
        _ => return Err(SshKeyError::Form),
    };
    let satisfied = curve.is_satisfied_by(x, y);
    if satisfied == Some(true) { Ok(()) } else { Err(SshKeyError::OffCurve) }
}

impl Curve {
    /// Whether both coordinates are below p and y² + 3x = x³ + b; `None` if a number cannot be read.
    fn is_satisfied_by(&self, x: &[u8], y: &[u8]) -> Option<bool> {
        let bits = u32::try_from(self.length * 8).ok()?;
        let constant = |hex| BoxedUint::from_str_radix_with_precision_vartime(hex, 16, bits).ok();
        let (p, b) = (constant(self.p)?, constant(self.b)?);
        let coordinate = |bytes| BoxedUint::from_be_slice(bytes, bits).ok().filter(|number| *number < p);
        let (Some(x), Some(y)) = (coordinate(x), coordinate(y)) else { return Some(false) };
        let field = BoxedMontyParams::new_vartime(Option::from(Odd::new(p))?);
        let [x, y, b] = [x, y, b].map(|number| BoxedMontyForm::new(number, &field));
        let left = y.square().add(&x.double().add(&x));
        Some(left == x.square().mul(&x).add(&b))
    }
}
