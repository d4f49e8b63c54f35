//! Rolls of a six-sided die, and how many bits they are worth.
//!
//! Rolls that look fair count log2 6 = 2.58 bits each, so 100 rolls are worth 256 bits. Other rolls are credited by the most
//! common value estimate of NIST SP 800-90B §6.3.1, over the faces and over the differences in which the tests found a pattern.
//! Four tests decide. Together they refuse fair rolls with a probability below 2 · 10^-7 (exactly 1.7 · 10^-7 at 100 rolls):
//!
//! 1. No face appears too often: exact binomial tail, six faces, 10^-7 in all.
//! 2. The faces fit: χ² with 5 degrees of freedom at most 45. Exactly 5.0 · 10^-8 at 100 rolls.
//! 3. Past rolls do not predict the next one: for each distance up to half the number of rolls, no difference between two rolls
//!    at that distance appears too often. For fair rolls the six differences are uniform and independent, so the binomial tail
//!    is exact; 10^-7 over all distances. It finds `123456…`, blocks that repeat, and long runs.
//! 4. A face follows itself now and then, which people avoid when they make rolls up: binomial lower tail, 10^-7.
//!
//! No test can detect a slightly loaded die in 100 rolls: a die whose faces have 30, 30, 10, 10, 10 and 10 percent often passes,
//! and its rolls are worth only 174 bits.

use zeroize::Zeroizing;

use super::bounds::DICE_BITS;
use super::entropy_error::DiceFault;

/// Maximum number of rolls that are accepted.
pub const MAX_ROLLS: usize = 2048;
/// Faces of a die.
const FACES: usize = 6;
/// Probability of a false alarm, for each family of tests.
const ALPHA: f64 = 1e-7;
/// Upper limit of χ² with 5 degrees of freedom.
const CHI_SQUARE: f64 = 45.0;
/// 99 % confidence, as in SP 800-90B §6.3.1.
const CONFIDENCE: f64 = 2.576;

/// Rolls, each 1 to 6. Wiped on drop.
#[derive(Default)]
pub struct Dice(Zeroizing<Vec<u8>>);

/// The result of the tests.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Judged {
    /// Bits per roll.
    bits: f64,
    fault: Option<Found>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Biased,
    Patterned,
}

impl Dice {
    /// Allocates room for all rolls, because a buffer that grew would leave copies behind.
    #[must_use]
    pub fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(MAX_ROLLS)))
    }

    /// Adds typed rolls: digits 1 to 6, with or without spaces and commas.
    ///
    /// # Errors
    /// [`DiceFault::Character`] for any other character, [`DiceFault::TooMany`] over [`MAX_ROLLS`]; in both cases nothing
    /// is added.
    pub fn add(&mut self, typed: &str) -> Result<(), DiceFault> {
        let rolls = || typed.bytes().filter(|b| !matches!(b, b' ' | b',' | b'\t'));
        if let Some(at) = rolls().position(|b| !matches!(b, b'1'..=b'6')) {
            return Err(DiceFault::Character { at: at + 1 });
        }
        if self.0.len() + rolls().count() > MAX_ROLLS {
            return Err(DiceFault::TooMany);
        }
        self.0.extend(rolls());
        Ok(())
    }

    /// Rolls so far.
    #[must_use]
    pub fn rolls(&self) -> usize {
        self.0.len()
    }

    /// The rolls as the characters `1` to `6`.
    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The value of the rolls in whole bits: at least [`DICE_BITS`].
    ///
    /// # Errors
    /// [`DiceFault`] with the number of rolls still needed.
    pub fn credit(&self) -> Result<u16, DiceFault> {
        let (judged, rolls) = (judge(&self.0), self.0.len());
        let total = judged.bits * count(rolls);
        if total >= f64::from(DICE_BITS) {
            return Ok((DICE_BITS..=u16::MAX)
                .take_while(|b| f64::from(*b) <= total)
                .last()
                .unwrap_or(DICE_BITS));
        }
        let enough = |n: &usize| judged.bits * count(*n) >= f64::from(DICE_BITS);
        let needed = (rolls..=MAX_ROLLS).find(enough).map(|n| n - rolls);
        Err(match (judged.fault, needed) {
            (None, needed) => DiceFault::Short { rolls, needed: needed.unwrap_or(MAX_ROLLS) },
            (Some(Found::Biased), Some(needed)) => DiceFault::Biased { rolls, needed },
            (Some(Found::Patterned), Some(needed)) => DiceFault::Patterned { rolls, needed },
            (Some(_), None) => DiceFault::Worthless { needed: fair_rolls() },
        })
    }
}

/// The number of fair rolls that is enough: 100.
#[must_use]
pub fn fair_rolls() -> usize {
    (1..MAX_ROLLS).find(|n| fair_bits() * count(*n) >= f64::from(DICE_BITS)).unwrap_or(MAX_ROLLS)
}

/// Whether that many rolls can have been worth that many bits.
pub(super) fn is_possible(rolls: usize, bits: u16) -> bool {
    let fair = fair_bits() * count(rolls);
    (fair_rolls()..=MAX_ROLLS).contains(&rolls) && bits >= DICE_BITS && f64::from(bits) <= fair
}

fn fair_bits() -> f64 {
    count(FACES).log2()
}

/// Counts here are at most [`MAX_ROLLS`].
fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

fn judge(rolls: &[u8]) -> Judged {
    let faces = tally(rolls.iter().map(|b| b.wrapping_sub(b'1')));
    let distances = rolls.len() / 2;
    let mut judged = Judged { bits: fair_bits(), fault: None };
    let too_often = |t: &[usize; FACES], tests: usize| upper_tail(sum(t), most(t)) * count(tests) < ALPHA;
    if too_often(&faces, FACES) || chi_square(&faces) > CHI_SQUARE {
        judged = Judged { bits: estimate(&faces), fault: Some(Found::Biased) };
    }
    for distance in 1..=distances {
        let differences = differences(rolls, distance);
        let repeats = differences.first().copied().unwrap_or_default();
        let never_twice = distance == 1 && lower_tail(sum(&differences), repeats) < ALPHA;
        if too_often(&differences, FACES * distances) || never_twice {
            let bits = judged.bits.min(estimate(&differences));
            judged = Judged { bits, fault: Some(judged.fault.unwrap_or(Found::Patterned)) };
        }
    }
    judged
}

/// How often each of 0 to 5 appears.
fn tally(values: impl Iterator<Item = u8>) -> [usize; FACES] {
    values.fold([0; FACES], |mut counts, value| {
        if let Some(n) = counts.get_mut(usize::from(value)) {
            *n += 1;
        }
        counts
    })
}

/// Each roll minus the one `distance` before it, modulo 6.
fn differences(rolls: &[u8], distance: usize) -> [usize; FACES] {
    let pairs = rolls.iter().zip(rolls.iter().skip(distance));
    tally(pairs.map(|(earlier, later)| (6 + later - earlier) % 6))
}

fn sum(counts: &[usize; FACES]) -> usize {
    counts.iter().sum()
}

fn most(counts: &[usize; FACES]) -> usize {
    counts.iter().copied().max().unwrap_or_default()
}

/// SP 800-90B §6.3.1: the upper bound of the most common value's probability, in bits.
fn estimate(counts: &[usize; FACES]) -> f64 {
    let n = count(sum(counts));
    let p = count(most(counts)) / n;
    let bound = p + CONFIDENCE * (p * (1.0 - p) / (n - 1.0)).sqrt();
    // No estimate exceeds that of a fair roll, and a single roll is worth nothing.
    if bound.is_nan() || bound >= 1.0 { 0.0 } else { (-bound.log2()).min(fair_bits()) }
}

fn chi_square(counts: &[usize; FACES]) -> f64 {
    let expected = count(sum(counts)) / count(FACES);
    let squares = counts.iter().map(|n| (count(*n) - expected).powi(2)).sum::<f64>();
    if expected > 0.0 { squares / expected } else { 0.0 }
}

/// Probability that a face appears `k` times or more in `n` fair rolls.
fn upper_tail(n: usize, k: usize) -> f64 {
    let mut term = probability(n, k);
    let mut tail = term;
    for k in k..n {
        term *= count(n - k) / count(k + 1) / 5.0;
        tail += term;
    }
    tail
}

/// Probability that a face appears `k` times or fewer in `n` fair rolls.
fn lower_tail(n: usize, k: usize) -> f64 {
    let mut term = (count(n) * (5.0f64 / 6.0).ln()).exp();
    let mut tail = term;
    for k in 0..k {
        term *= count(n - k) / count(k + 1) / 5.0;
        tail += term;
    }
    tail
}

/// Probability that a face appears exactly `k` times in `n` fair rolls.
fn probability(n: usize, k: usize) -> f64 {
    let ways: f64 = (1..=k).map(|i| (count(n - k + i) / count(i)).ln()).sum();
    (ways + count(k) * (1.0f64 / 6.0).ln() + count(n - k) * (5.0f64 / 6.0).ln()).exp()
}

#[cfg(test)]
mod tests;
