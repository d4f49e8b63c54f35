//! SplitSecret and RecoverSecret: one level of the scheme, T of N, with the digest that reveals a false share (SLIP-0039, "Sharing a
//! secret").

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::gf256::{Point, interpolate};
use crate::pbkdf2::hmac;

/// The index at which the polynomials have the shared secret as their value.
const SECRET_INDEX: u8 = 255;
/// The index at which they have its digest as their value.
const DIGEST_INDEX: u8 = 254;
/// Bytes of the digest.
const DIGEST: usize = 4;

/// The random generator failed, or repeats itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadGenerator;

/// Random bytes, drawn from a monitored generator, because a stuck one would make shares that reveal the secret.
pub(crate) struct Source<'a, R: ?Sized> {
    rng: &'a mut R,
    last: Zeroizing<Vec<u8>>,
}

impl<'a, R: TryCryptoRng + ?Sized> Source<'a, R> {
    pub(crate) fn new(rng: &'a mut R) -> Self {
        Self { rng, last: Zeroizing::default() }
    }

    /// Draws `length` bytes: at least 12, so that a working generator is never refused.
    fn draw(&mut self, length: usize) -> Result<Zeroizing<Vec<u8>>, BadGenerator> {
        let mut drawn = Zeroizing::new(vec![0; length]);
        self.rng.try_fill_bytes(&mut drawn).map_err(|_| BadGenerator)?;
        let first = drawn.first().copied().unwrap_or_default();
        let constant = drawn.iter().fold(0, |acc, b| acc | (b ^ first)) == 0;
        let repeated = !self.last.is_empty() && differences(&drawn, &self.last) == 0;
        if constant || repeated {
            return Err(BadGenerator);
        }
        self.last = drawn.clone();
        Ok(drawn)
    }

    /// A random 15-bit number.
    pub(crate) fn identifier(&mut self) -> Result<u16, BadGenerator> {
        let mut drawn = [0; 2];
        self.rng.try_fill_bytes(&mut drawn).map_err(|_| BadGenerator)?;
        Ok(u16::from_be_bytes(drawn) & 0x7fff)
    }
}

/// 0 if the two agree up to the length of the shorter. Always examines every byte, so the time does not
/// depend on their values.
fn differences(a: &[u8], b: &[u8]) -> u8 {
    a.iter().zip(b).fold(0, |acc, (a, b)| acc | (a ^ b))
}

/// Whether two values are the same, in time that depends only on their lengths.
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && differences(a, b) == 0
}

/// SplitSecret: `count` shares, any `threshold` of which recover `secret`. 1 ≤ threshold ≤ count ≤ 16, and the secret has 16 bytes or more.
pub(crate) fn split<R: TryCryptoRng + ?Sized>(
    threshold: u8,
    count: u8,
    secret: &[u8],
    source: &mut Source<'_, R>,
) -> Result<Vec<Zeroizing<Vec<u8>>>, BadGenerator> {
    if threshold == 1 {
        return Ok((0..count).map(|_| Zeroizing::new(secret.to_vec())).collect());
    }
    let pad = source.draw(secret.len() - DIGEST)?;
    let mut digest = Zeroizing::new(Vec::with_capacity(secret.len()));
    digest.extend(hmac(&pad, secret).iter().take(DIGEST));
    digest.extend_from_slice(&pad);
    let random = threshold - 2;
    let mut shares = (0..random).map(|_| source.draw(secret.len())).collect::<Result<Vec<_>, _>>()?;
    let drawn = (0..).zip(&shares).map(|(x, y)| Point { x, y });
    let fixed = [Point { x: DIGEST_INDEX, y: &digest }, Point { x: SECRET_INDEX, y: secret }];
    let points: Vec<Point<'_>> = drawn.chain(fixed).collect();
    let computed: Vec<_> = (random..count).map(|x| interpolate(x, &points)).collect();
    shares.extend(computed);
    Ok(shares)
}

/// RecoverSecret from exactly `threshold` points; `None` if the digest does not match.
pub(crate) fn recover(threshold: u8, points: &[Point<'_>]) -> Option<Zeroizing<Vec<u8>>> {
    if threshold == 1 {
        return points.first().map(|p| Zeroizing::new(p.y.to_vec()));
    }
    let secret = interpolate(SECRET_INDEX, points);
    let shared = interpolate(DIGEST_INDEX, points);
    let (digest, pad) = shared.split_at_checked(DIGEST)?;
    (differences(digest, &*hmac(pad, &secret)) == 0).then_some(secret)
}
