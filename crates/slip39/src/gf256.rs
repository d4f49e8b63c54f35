//! GF(256) modulo x⁸ + x⁴ + x³ + x + 1 (FIPS 197 §4.2; SLIP-0039, "Shamir's secret-sharing"), in constant time.
//!
//! No value indexes a table or decides a branch: a product is eight masked additions, and an inverse is a fixed chain of products. The
//! positions, number and length of the points are public.

use core::hint::black_box;

use zeroize::Zeroizing;

/// One point of the polynomials: its index, and the value of each polynomial there.
#[derive(Clone, Copy)]
pub(crate) struct Point<'a> {
    /// The index, which is public.
    pub(crate) x: u8,
    /// One byte for each polynomial, which is secret.
    pub(crate) y: &'a [u8],
}

/// 0xff if the lowest bit is set, else 0. The barrier keeps the compiler from turning it into a branch.
fn mask(bit: u8) -> u8 {
    black_box(0u8.wrapping_sub(bit & 1))
}

/// a · b.
pub(crate) fn mul(a: u8, b: u8) -> u8 {
    let (mut a, mut product) = (a, 0);
    for bit in 0..8 {
        product ^= a & mask(b >> bit);
        a = (a << 1) ^ (0x1b & mask(a >> 7));
    }
    product
}

/// a⁻¹ = a²⁵⁴, and 0 for 0.
pub(crate) fn inv(a: u8) -> u8 {
    // 254 = 2 + 4 + … + 128.
    let (mut power, mut inverse) = (a, 1);
    for _ in 0..7 {
        power = mul(power, power);
        inverse = mul(inverse, power);
    }
    inverse
}

/// Interpolate(x, points): the value of each polynomial at `x`. The points' indices are distinct, and their values have the same length;
/// `x` may be one of them.
pub(crate) fn interpolate(x: u8, points: &[Point<'_>]) -> Zeroizing<Vec<u8>> {
    let length = points.first().map_or(0, |p| p.y.len());
    let mut out = Zeroizing::new(vec![0; length]);
    for (i, point) in points.iter().enumerate() {
        let others = points.iter().enumerate().filter(|(j, _)| *j != i);
        let (over, under) =
            others.fold((1, 1), |(over, under), (_, o)| (mul(over, x ^ o.x), mul(under, point.x ^ o.x)));
        let basis = mul(over, inv(under));
        out.iter_mut().zip(point.y).for_each(|(sum, y)| *sum ^= mul(*y, basis));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long multiplication of polynomials, then long division, which have nothing in common with `mul`.
    fn slow(a: u8, b: u8) -> u8 {
        let mut wide = (0..8).filter(|n| b >> n & 1 == 1).fold(0u16, |sum, n| sum ^ (u16::from(a) << n));
        for n in (8..16).rev().filter(|n| *n < 16) {
            if wide >> n & 1 == 1 {
                wide ^= 0x11b << (n - 8);
            }
        }
        u8::try_from(wide).unwrap()
    }

    #[test]
    fn every_product_and_inverse() {
        let mut counted = 0;
        for a in 0..=255 {
            for b in 0..=255 {
                assert_eq!(mul(a, b), slow(a, b));
                counted += 1;
            }
            assert_eq!(mul(a, inv(a)), u8::from(a != 0));
        }
        assert_eq!(counted, 65_536);
        // FIPS 197 §4.2.
        assert_eq!(mul(0x57, 0x83), 0xc1);
    }

    #[test]
    fn a_point_of_the_polynomial_is_found_again() {
        let points =
            [Point { x: 0, y: &[7, 8] }, Point { x: 254, y: &[0, 1] }, Point { x: 255, y: &[0xff, 0] }];
        for p in points {
            assert_eq!(interpolate(p.x, &points).as_slice(), p.y);
        }
        // Three points of a polynomial of degree two determine a fourth, and each of the three can be recovered from the fourth
        // and the other two.
        let y = interpolate(9, &points);
        let other = [points[0], points[1], Point { x: 9, y: &y }];
        assert_eq!(interpolate(255, &other).as_slice(), points[2].y);
    }
}
