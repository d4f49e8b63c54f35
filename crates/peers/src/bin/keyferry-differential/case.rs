//! A case: a key, a padding, a message, and sometimes something special, all derived from the seed and a
//! number.

use keyferry_core::WrappingAlgorithm;
use keyferry_peers::longest_message;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// One case. Its generator also draws the padding later.
pub(crate) struct Case {
    pub(crate) number: u64,
    pub(crate) key: usize,
    pub(crate) algorithm: WrappingAlgorithm,
    pub(crate) m: Vec<u8>,
    pub(crate) rng: ChaCha20Rng,
}

/// A number below `bound`; a bias of 2^-32 does not matter here.
fn below(rng: &mut ChaCha20Rng, bound: usize) -> usize {
    usize::try_from(rng.next_u64() >> 32).map_or(0, |r| r % bound.max(1))
}

impl Case {
    pub(crate) fn draw(seed: &[u8; 32], number: u64, keys: u64) -> Self {
        let mut rng = ChaCha20Rng::from_seed(*seed);
        rng.set_stream(number);
        let key = below(&mut rng, usize::try_from(keys).unwrap_or(1));
        let algorithm = match below(&mut rng, 3) {
            0 => WrappingAlgorithm::RsaesOaepSha256,
            1 => WrappingAlgorithm::RsaesOaepSha1,
            _ => WrappingAlgorithm::RsaesPkcs1V15,
        };
        let length = length(&mut rng, longest_message(algorithm));
        let mut m = vec![0; length];
        rng.fill_bytes(&mut m);
        match below(&mut rng, 16) {
            0 => m.fill(0),
            1 => m.fill(0xff),
            _ => {}
        }
        Self { number, key, algorithm, m, rng }
    }

    /// Whether this case is the `at`-th of every `n`.
    pub(crate) const fn is(&self, n: u64, at: u64) -> bool {
        self.number % n == at
    }

    /// A whole block without padding: at the ends of the range, just above it, with few bits set, or with
    /// nearly all bits set.
    pub(crate) fn special(&mut self, n: &[u8; 256]) -> [u8; 256] {
        let mut em = [0; 256];
        match below(&mut self.rng, 12) {
            0 => {}
            1 => em = plus(&em, 1),
            2 => em = plus(n, -1),
            3 => em = *n,
            4 => em = plus(n, 1),
            5 => em = [0xff; 256],
            6 => flip(&mut em, &mut self.rng, 1),
            7 => flip(&mut em, &mut self.rng, 8),
            8 => {
                em = *n;
                flip(&mut em, &mut self.rng, 1);
            }
            9 => {
                em = [0xff; 256];
                flip(&mut em, &mut self.rng, 8);
            }
            10 => limbs(&mut em, &mut self.rng),
            _ => self.rng.fill_bytes(&mut em),
        }
        em
    }
}

/// Half of the lengths are those that ceremonies wrap; a quarter are at the limits; one in sixteen is too
/// long.
fn length(rng: &mut ChaCha20Rng, longest: usize) -> usize {
    let ends = [0, 1, 2, 15, 17, 31, 33, longest - 2, longest - 1, longest];
    match below(rng, 16) {
        0..=3 => 16,
        4..=7 => 32,
        8..=11 => ends.get(below(rng, ends.len())).copied().unwrap_or(0),
        12 => longest + 1 + below(rng, 3),
        _ => below(rng, longest + 1),
    }
}

fn flip(em: &mut [u8; 256], rng: &mut ChaCha20Rng, bits: usize) {
    for _ in 0..bits {
        let bit = below(rng, 2048);
        if let Some(octet) = em.get_mut(bit / 8) {
            *octet ^= 1 << (bit % 8);
        }
    }
}

/// Whole 64-bit limbs of zeros or ones, with long carry chains.
fn limbs(em: &mut [u8; 256], rng: &mut ChaCha20Rng) {
    for (at, limb) in em.chunks_mut(8).enumerate() {
        // The first limb is always zero, so the number is below n.
        limb.fill(if at > 0 && rng.next_u32() & 1 == 1 { 0xff } else { 0 });
    }
}

/// `n` + `by`, for −1 and 1.
fn plus(n: &[u8; 256], by: i16) -> [u8; 256] {
    let mut carry = by;
    let mut sum = *n;
    for octet in sum.iter_mut().rev() {
        let wide = i16::from(*octet) + carry;
        carry = wide.div_euclid(256);
        *octet = u8::try_from(wide.rem_euclid(256)).unwrap_or_default();
    }
    sum
}
