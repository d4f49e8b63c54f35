//! Tests the health of a random generator on 1,024 of its bytes: the tests of NIST SP 800-90B §4.4, and that
//! no block repeats.
//!
//! They find a generator that is broken, stuck, badly biased or in a short loop. No test finds one that is merely predictable. With full
//! entropy each false alarm has a probability below 2^-39.

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::{Bilingual, bi, refusals};

/// Bytes that are tested: SP 800-90B asks for at least 1,024 samples at start-up.
const SAMPLES: usize = 1024;

/// Repetition count test (§4.4.1): 1 + ⌈40 / 8⌉ equal bytes in a row, for α = 2^-40 and 8 bits of entropy per
/// byte.
const REPETITIONS: usize = 6;

/// The window of the adaptive proportion test (§4.4.2).
const WINDOW: usize = 512;

/// The limit for how often the first byte of a window may appear in it. The number of its further appearances is close
/// to a Poisson variable with mean 2, which reaches 19 with a probability of 6 · 10^-13.
const PROPORTION: usize = 20;

/// Length in bytes of the blocks that must not repeat.
const BLOCK: usize = 16;

refusals! {
    /// A fault of a generator.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum RngFault: Refused {
        /// It reported an error.
        Failed => SELF_RNG,
            what("the random generator returned nothing", "随机数发生器没有输出"),
            hint(do_not_use_it());
        /// It failed the repetition count test.
        Stuck => SELF_RNG,
            what("the random generator repeats one byte again and again", "随机数发生器反复输出同一字节"),
            hint(do_not_use_it());
        /// It failed the adaptive proportion test.
        Biased => SELF_RNG,
            what("the random generator prefers one byte far beyond chance", "随机数发生器输出某一字节的频率远超随机水平"),
            hint(do_not_use_it());
        /// It returned two equal blocks of 16 bytes.
        Repeating => SELF_RNG,
            what("the random generator returned the same 16 bytes twice", "随机数发生器两次给出相同的 16 字节"),
            hint(do_not_use_it());
    }
}

fn do_not_use_it() -> Bilingual {
    bi!(
        "do not use this machine for the ceremony; check its kernel and /dev/urandom",
        "请勿在本机举行仪式；请检查内核与 /dev/urandom"
    )
}

/// Draws [`SAMPLES`] bytes and tests them.
pub(super) fn check<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<(), RngFault> {
    let mut drawn = Zeroizing::new([0; SAMPLES]);
    rng.try_fill_bytes(&mut *drawn).map_err(|_| RngFault::Failed)?;
    look(&*drawn)
}

fn look(drawn: &[u8]) -> Result<(), RngFault> {
    if drawn.chunk_by(|a, b| a == b).any(|run| run.len() >= REPETITIONS) {
        return Err(RngFault::Stuck);
    }
    let count = |w: &[u8]| w.iter().filter(|b| Some(*b) == w.first()).count();
    if drawn.chunks(WINDOW).any(|window| count(window) >= PROPORTION) {
        return Err(RngFault::Biased);
    }
    let mut blocks: Vec<&[u8]> = drawn.chunks(BLOCK).collect();
    blocks.sort_unstable();
    if blocks.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(RngFault::Repeating);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    /// 1,024 bytes in which no byte follows itself, no block repeats, and each value appears four times.
    fn good() -> Vec<u8> {
        (0..SAMPLES).map(|i| u8::try_from((i * 5 + i / 256) % 256).unwrap()).collect()
    }

    #[test]
    fn each_fault_is_found_at_its_limit_and_not_before() {
        assert_eq!(look(&good()), Ok(()));
        let with = |at: &[usize]| {
            let mut octets = good();
            at.iter().for_each(|i| octets[*i] = 0xee);
            look(&octets)
        };
        assert_eq!(with(&[100, 101, 102, 103, 104]), Ok(()), "five");
        assert_eq!(with(&[100, 101, 102, 103, 104, 105]), Err(RngFault::Stuck));
        for start in [0, WINDOW] {
            let mut octets = good();
            let first = octets[start];
            let others = (0..WINDOW).filter(|i| octets[start + i] == first).count();
            let spread: Vec<usize> = (1..WINDOW).step_by(20).filter(|i| octets[start + i] != first).collect();
            spread.iter().take(PROPORTION - others - 1).for_each(|i| octets[start + i] = first);
            assert_eq!(look(&octets), Ok(()), "one less");
            octets[start + spread[PROPORTION - others - 1]] = first;
            assert_eq!(look(&octets), Err(RngFault::Biased));
        }
        let mut octets = good();
        octets.copy_within(0..BLOCK, SAMPLES - BLOCK);
        assert_eq!(look(&octets), Err(RngFault::Repeating));
        octets[SAMPLES - 1] ^= 1;
        assert_eq!(look(&octets), Ok(()));
    }

    proptest! {
        #[test]
        fn a_good_generator_passes(seed in any::<[u8; 32]>()) {
            prop_assert_eq!(check(&mut ChaCha20Rng::from_seed(seed)), Ok(()));
        }
    }
}
