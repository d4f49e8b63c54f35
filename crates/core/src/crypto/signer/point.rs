//! Ed25519 points that are refused: those of small order, not on the curve, or not in canonical form (RFC 8032 §5.1.2 and §5.1.3).

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

use super::SshKeyError;

/// Both encodings (sign bit clear and set) of each y below the field's prime that belongs to a point of small order. A test
/// compares the list with the library's own points.
pub(super) const SMALL_ORDER: [[u8; 32]; 5] = [
    // y = 0, order 4
    [0; 32],
    // y = 1, order 1
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    // y = -1, order 2
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    // The two y coordinates of the points of order 8
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

pub(super) fn check_edwards(encoded: &[u8]) -> Result<(), SshKeyError> {
    let mut y: [u8; 32] = encoded.try_into().map_err(|_| SshKeyError::Form)?;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f; // the sign of x
    }
    if is_reduced(&y) && !SMALL_ORDER.contains(&y) { check_on_curve(&y) } else { Err(SshKeyError::Weak) }
}

/// RFC 8032 §5.1: p = 2^255 - 19, and d of the curve -x² + y² = 1 + d x² y².
const P: &str = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";
const D: &str = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3";
/// Length of p and d in bits.
const BITS: u32 = 256;

/// About half of all values of y belong to no point, so a mistyped key is often detected here.
fn check_on_curve(y: &[u8; 32]) -> Result<(), SshKeyError> {
    if has_x(y) == Some(true) { Ok(()) } else { Err(SshKeyError::Weak) }
}

/// Whether x² = (y² - 1) / (d y² + 1) has a solution modulo p; `None` if a number cannot be read.
fn has_x(y: &[u8; 32]) -> Option<bool> {
    let number = |hex| BoxedUint::from_str_radix_with_precision_vartime(hex, 16, BITS).ok();
    let mut bytes = *y;
    bytes.reverse();
    let (p, y) = (number(P)?, BoxedUint::from_be_slice(&bytes, BITS).ok()?);
    // (p - 1) / 2: Euler's criterion.
    let half = p.shr(1);
    let field = BoxedMontyParams::new_vartime(Option::from(Odd::new(p))?);
    let [d, y] = [number(D)?, y].map(|number| BoxedMontyForm::new(number, &field));
    let one = BoxedMontyForm::one(&field);
    let square = y.square();
    // A quotient is a square if and only if the product is.
    let product = square.sub(&one).mul(&d.mul(&square).add(&one));
    Some(product.pow(&half) == one)
}

/// Whether y is below 2^255 - 19, little-endian.
fn is_reduced(y: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = y;
    *first < 0xed || *last != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}
