//! Does the time for wrapping depend on the wrapped bytes? Welch's t-test over two classes of inputs, after dudect (Reparaz, Balasch,
//! Verbauwhede: "Dude, is my code constant time?", 2016).
//!
//! Each sample draws its class at random. The inputs of both classes are made before timing and are in separate buffers. The value t is
//! computed for all samples and for 100 crops at upper percentiles, which drop the long tail that interrupts cause. A leak shows as a |t|
//! that grows with the number of samples; a value below 4.5 is no evidence of one. The largest of 101 values is shown, so a function
//! without a leak sometimes exceeds 3. The last rows are the control: code that leaks must be detected, otherwise the machine is too
//! noisy.
//!
//! `dudect-bencher` 0.7 is not used: it keeps every sample and sees all of a bench's inputs at once (a million samples of 256 bytes and
//! their times), takes its crops from the samples that it tests, and depends on `clap` 2 and `ctrlc`. The statistics take only forty
//! lines.
//!
//! Run with `cargo xtask bench constant_time [SAMPLES] [NAME]`, by default 1,000,000 samples. This bench never fails.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, missing_docs)]

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Instant;

use keyferry_core::padding::{self, EncodedMessage};
use keyferry_core::rsaep::{rsaep, second_rsaep};
use keyferry_core::{RsaBits, WrappingAlgorithm, WrappingKey};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};

/// One public key of each size.
const SPKIS: [&[u8]; 3] = [
    include_bytes!("../tests/data/rsa2048.der"),
    include_bytes!("../crates/core/tests/data/rsa3072.der"),
    include_bytes!("../crates/core/tests/data/rsa4096.der"),
];
const SAMPLES: usize = 1_000_000;
const CONTROL_SAMPLES: usize = 50_000;
/// Number of inputs that are prepared at a time.
const BATCH: usize = 5_000;
/// The threshold for |t|, the same as dudect's.
const THRESHOLD: f64 = 4.5;

/// Running mean and variance (Welford), one for each class.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let off = value - self.mean;
        self.mean += off / self.count;
        self.squares += off * (value - self.mean);
    }

    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Welch's t for two classes, computed only from the times below a limit.
#[derive(Clone, Copy)]
struct Welch {
    limit: f64,
    classes: [Moments; 2],
}

impl Welch {
    fn add(&mut self, class: bool, time: f64) {
        if time <= self.limit {
            let [a, b] = &mut self.classes;
            (if class { b } else { a }).add(time);
        }
    }

    /// Zero if a crop left too few samples.
    fn t(&self) -> f64 {
        let [a, b] = &self.classes;
        let (off, error) = (a.mean - b.mean, (a.error() + b.error()).sqrt());
        let nothing_to_say = a.count.min(b.count) < 500.0 || off == 0.0;
        if nothing_to_say { 0.0 } else { off / error }
    }
}

/// One function under two classes of inputs.
fn test<I>(
    name: &str,
    samples: usize,
    mut make: impl FnMut(bool, &mut ChaCha20Rng) -> I,
    mut run: impl FnMut(&I),
) {
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-') && a.parse::<usize>().is_err());
    if wanted.is_some_and(|w| !name.contains(&w)) {
        return;
    }
    let rng = &mut ChaCha20Rng::from_seed([0xd0; 32]);
    let mut batch = |count: usize| -> Vec<(bool, f64)> {
        let inputs: Vec<_> = (0..count)
            .map(|_| {
                let class = rng.next_u32() & 1 == 1;
                (class, make(class, rng))
            })
            .collect();
        let mut timed = |input| {
            let started = Instant::now();
            run(black_box(input));
            started.elapsed().as_nanos() as f64
        };
        inputs.iter().map(|(class, input)| (*class, timed(input))).collect()
    };
    // The first batch warms up and sets the crops; it is not tested.
    let mut tests = crops(batch(BATCH).into_iter().map(|(_, time)| time).collect());
    let mut done = 0;
    while done < samples {
        let count = BATCH.min(samples - done);
        for (class, time) in batch(count) {
            tests.iter_mut().for_each(|t| t.add(class, time));
        }
        done += count;
    }
    report(name, samples, &tests);
}

/// The limits: none, and dudect's percentiles 1 − 0.5^(i/10).
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn crops(mut times: Vec<f64>) -> Vec<Welch> {
    times.sort_by(f64::total_cmp);
    let at = |i: u32| ((1.0 - 0.5_f64.powf(f64::from(i) / 10.0)) * (times.len() - 1) as f64) as usize;
    let limits = (1..=100).map(|i| *times.get(at(i)).unwrap());
    let welch = |limit| Welch { limit, classes: [Moments::default(); 2] };
    std::iter::once(f64::INFINITY).chain(limits).map(welch).collect()
}

fn report(name: &str, samples: usize, tests: &[Welch]) {
    let all = tests.first().unwrap();
    let worst = tests.iter().max_by(|a, b| a.t().abs().total_cmp(&b.t().abs())).unwrap();
    let [a, b] = &worst.classes;
    let share = 100.0 * (a.count + b.count) / samples as f64;
    let verdict = if worst.t().abs() < THRESHOLD { "below 4.5" } else { "ABOVE 4.5" };
    println!(
        "{name:<54} {samples:>9} {:>9.2} {:>9.2} {share:>7.1} % {:>8.0} {:>8.1}  {verdict}",
        all.t(),
        worst.t().abs(),
        a.mean,
        a.mean - b.mean,
    );
}

fn main() {
    let samples = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(SAMPLES);
    println!(
        "{:<54} {:>9} {:>9} {:>9} {:>9} {:>8} {:>8}",
        "test (class A, class B)", "samples", "t, all", "max |t|", "its crop", "ns", "A − B"
    );
    for spki in SPKIS {
        rsaeps(&WrappingKey::from_der_of(&RsaBits::ALL, spki).unwrap(), samples);
    }
    for algorithm in WrappingAlgorithm::ALL {
        let encode = |m: &[u8; 32]| drop(black_box(padding::encode(algorithm, m, &mut Same).unwrap()));
        test(&format!("encode {algorithm} (fixed, random)"), samples, message, encode);
    }
    controls(samples.min(CONTROL_SAMPLES));
}

fn rsaeps(key: &WrappingKey, samples: usize) {
    let ours = |em: &EncodedMessage| drop(black_box(rsaep(key, em).unwrap()));
    let second = |em: &EncodedMessage| drop(black_box(second_rsaep(key, em).unwrap()));
    let (size, k) = (key.size(), key.size().bytes());
    let sparse = |class, rng: &mut _| sparse_or_random(k, class, rng);
    let small = |class, rng: &mut _| small_or_large(k, class, rng);
    test(&format!("{size} rsaep (few bits, random)"), samples, sparse, ours);
    test(&format!("{size} rsaep (small, large)"), samples, small, ours);
    test(&format!("{size} rsaep (random, random)"), samples, |_, rng| sparse(true, rng), ours);
    test(&format!("{size} second_rsaep (few bits, random)"), samples, sparse, second);
    test(&format!("{size} second_rsaep (small, large)"), samples, small, second);
}

/// Always the same block with few bits set, or a block like those that paddings make.
fn sparse_or_random(k: usize, class: bool, rng: &mut ChaCha20Rng) -> EncodedMessage {
    let mut em = vec![0; k];
    rng.fill_bytes(&mut em);
    if !class {
        em = vec![0; k];
        em.iter_mut().step_by(100).for_each(|octet| *octet = 0x10);
    }
    *em.first_mut().unwrap() = 0;
    EncodedMessage::from_bytes(&em)
}

/// Only the lowest 64 bits are random. The others are zeros, or ones except in the highest byte.
fn small_or_large(k: usize, class: bool, rng: &mut ChaCha20Rng) -> EncodedMessage {
    let mut em = vec![if class { 0xff } else { 0 }; k];
    rng.fill_bytes(em.last_chunk_mut::<8>().unwrap());
    *em.first_mut().unwrap() = 0;
    EncodedMessage::from_bytes(&em)
}

fn message(class: bool, rng: &mut ChaCha20Rng) -> [u8; 32] {
    let mut m = [0; 32];
    rng.fill_bytes(&mut m);
    if class { m } else { [0; 32] }
}

/// Always the same nonzero bytes: only the message differs between two paddings, and PKCS#1 v1.5 never has to redraw.
struct Same;

impl TryRng for Same {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0x5a5a_5a5a)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0x5a5a_5a5a_5a5a_5a5a)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.fill(0x5a);
        Ok(())
    }
}

impl TryCryptoRng for Same {}

/// The control: these leaks must be detected.
fn controls(samples: usize) {
    let exponent = |class: bool, rng: &mut ChaCha20Rng| if class { rng.next_u64() } else { 1 << 63 };
    test("CONTROL square and multiply (one bit, random)", samples, exponent, |e| {
        black_box(square_and_multiply(black_box(3), *e));
    });
    let compare = |m: &[u8; 32]| {
        black_box(m.iter().zip(black_box(&[0_u8; 32])).all(|(a, b)| a == b));
    };
    test("CONTROL compare with early exit (equal, random)", samples, message, compare);
}

/// Left to right, without the multiplication if the exponent's bit is 0: the textbook leak.
fn square_and_multiply(base: u64, exponent: u64) -> u64 {
    const PRIME: u128 = 0xffff_ffff_ffff_ffc5;
    let times = |a: u64, b: u64| u64::try_from(u128::from(a) * u128::from(b) % PRIME).unwrap();
    let mut power = 1;
    for bit in (0..64).rev() {
        power = times(power, power);
        if exponent >> bit & 1 == 1 {
            power = times(power, base);
        }
    }
    power
}
