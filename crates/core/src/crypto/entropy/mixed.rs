//! The mixing generator: every block depends on the inner generator's bytes and on the pool, so one good source is
//! enough.
//!
//! Block `i` (from 0) is HKDF-SHA-256 (RFC 5869) with
//!
//! - salt: the 16 characters `keyferry/mixed/1`,
//! - IKM: 32 fresh bytes from the inner generator, then the pool's 32,
//! - info: `i` as 8 bytes, big endian,
//!
//! and length 32. A request takes whole blocks and drops the rest of the last one. It is an error if the inner generator fails,
//! repeats one byte or returns the same block twice, because mixing must not hide this.

use core::fmt;

use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use super::hkdf::{BLOCK, Block, expand, extract};
use super::pool::Pool;
use crate::scrub::scrub_stack;

/// HKDF's salt.
const SALT: &[u8] = b"keyferry/mixed/1";

/// A generator that mixes another generator with a pool of contributions.
///
/// # Examples
/// ```
/// use keyferry_core::entropy::{Contribution, Mixed, Pool};
/// use keyferry_core::{KeyMaterial, MaterialLength};
/// # use rand_chacha::ChaCha20Rng as Inner; use rand_core::SeedableRng;
/// let pool = Pool::of(&[Contribution::text("typed by a person")?]);
/// let mut rng = Mixed::new(Inner::from_seed([0; 32]), pool);
/// let material = KeyMaterial::generate(MaterialLength::B256, &mut rng).unwrap();
/// # Ok::<(), keyferry_core::entropy::EntropyError>(())
/// ```
pub struct Mixed<R> {
    inner: R,
    pool: Pool,
    last: Block,
    blocks: u64,
}

/// The inner generator did not return usable bytes for a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MixedError<E> {
    /// It reported an error.
    Inner(E),
    /// It returned one repeated byte, or the previous block again.
    Stuck,
}

impl<E: fmt::Display> fmt::Display for MixedError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inner(e) => write!(f, "the inner generator failed: {e}"),
            Self::Stuck => f.write_str("the inner generator repeats itself"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for MixedError<E> {}

impl<R> fmt::Debug for Mixed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mixed({} blocks, [redacted])", self.blocks)
    }
}

impl<R: TryCryptoRng> Mixed<R> {
    /// Mixes `inner` with `pool`.
    #[must_use]
    pub fn new(inner: R, pool: Pool) -> Self {
        Self { inner, pool, last: Block::default(), blocks: 0 }
    }

    /// The inner generator.
    #[must_use]
    pub const fn inner(&self) -> &R {
        &self.inner
    }

    fn block(&mut self) -> Result<Block, MixedError<R::Error>> {
        let mut fresh = Zeroizing::new([0; BLOCK]);
        self.inner.try_fill_bytes(&mut *fresh).map_err(MixedError::Inner)?;
        if is_stuck(&fresh, &self.last) {
            return Err(MixedError::Stuck);
        }
        let block = mix(&fresh, &self.pool, self.blocks);
        scrub_stack();
        self.last = fresh;
        self.blocks += 1;
        Ok(block)
    }
}

/// Always examines every byte, so the time does not depend on their values.
fn is_stuck(fresh: &Block, last: &Block) -> bool {
    let first = fresh.first().copied().unwrap_or_default();
    let constant = fresh.iter().fold(0, |acc, b| acc | (b ^ first)) == 0;
    let repeated = fresh.iter().zip(last.iter()).fold(0, |acc, (a, b)| acc | (a ^ b)) == 0;
    constant | repeated
}

/// Runs in its own stack frame, so that [`scrub_stack`] overwrites what HMAC left.
#[inline(never)]
fn mix(fresh: &Block, pool: &Pool, number: u64) -> Block {
    expand(&extract(SALT, &[&fresh[..], pool.expose()]), &[&number.to_be_bytes()])
}

impl<R: TryCryptoRng> TryRng for Mixed<R>
where
    R::Error: fmt::Debug + fmt::Display,
{
    type Error = MixedError<R::Error>;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut octets = Zeroizing::new([0; 4]);
        self.try_fill_bytes(&mut *octets).map(|()| u32::from_le_bytes(*octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut octets = Zeroizing::new([0; 8]);
        self.try_fill_bytes(&mut *octets).map(|()| u64::from_le_bytes(*octets))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in dst.chunks_mut(BLOCK) {
            let block = self.block()?;
            chunk.iter_mut().zip(block.iter()).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }
}

impl<R: TryCryptoRng> TryCryptoRng for Mixed<R> where R::Error: fmt::Debug + fmt::Display {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::entropy::Contribution;
    use crate::{Control, Explain, KeyMaterial, MaterialError, MaterialLength};

    fn pool(text: &str) -> Pool {
        Pool::of(&[Contribution::text(text).unwrap()])
    }

    fn mixed(seed: u8, text: &str) -> Mixed<ChaCha20Rng> {
        Mixed::new(ChaCha20Rng::from_seed([seed; 32]), pool(text))
    }

    fn draw(rng: &mut Mixed<impl TryCryptoRng<Error: fmt::Debug + fmt::Display>>, n: usize) -> Vec<u8> {
        let mut out = vec![0; n];
        rng.try_fill_bytes(&mut out).unwrap();
        out
    }

    /// Returns these blocks, then fails.
    struct Script(Vec<[u8; BLOCK]>);

    impl TryRng for Script {
        type Error = fmt::Error;
        fn try_next_u32(&mut self) -> Result<u32, fmt::Error> {
            Err(fmt::Error)
        }
        fn try_next_u64(&mut self) -> Result<u64, fmt::Error> {
            Err(fmt::Error)
        }
        fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), fmt::Error> {
            dst.copy_from_slice(&self.0.pop().ok_or(fmt::Error)?);
            Ok(())
        }
    }

    impl TryCryptoRng for Script {}

    #[test]
    fn either_source_changes_every_block() {
        let base = draw(&mut mixed(1, "a"), 320);
        for other in [draw(&mut mixed(2, "a"), 320), draw(&mut mixed(1, "b"), 320)] {
            assert!(base.chunks(BLOCK).zip(other.chunks(BLOCK)).all(|(a, b)| a != b));
        }
        assert_eq!(base, draw(&mut mixed(1, "a"), 320), "and nothing else does");
    }

    #[test]
    fn a_known_inner_generator_with_another_pool_and_the_reverse_share_nothing() {
        // Two alternating blocks simulate a generator with only one bit of state left. The counter makes the
        // outputs differ.
        let weak = || {
            Script(
                [[1; BLOCK], [2; BLOCK]]
                    .map(|mut b| {
                        b[0] = 9;
                        b
                    })
                    .repeat(50),
            )
        };
        let mut rng = Mixed::new(weak(), pool("256 bits of somebody"));
        let blocks: BTreeSet<Vec<u8>> =
            draw(&mut rng, 100 * BLOCK).chunks(BLOCK).map(<[u8]>::to_vec).collect();
        assert_eq!(blocks.len(), 100);
    }

    #[test]
    fn ten_thousand_keys_are_distinct() {
        let mut rng = mixed(3, "text");
        let keys: BTreeSet<Vec<u8>> = (0..10_000)
            .map(|_| KeyMaterial::generate(MaterialLength::B256, &mut rng).unwrap().expose().to_vec())
            .collect();
        assert_eq!(keys.len(), 10_000);
    }

    #[test]
    fn a_failing_or_stuck_inner_generator_stops() {
        let refused = |blocks: Vec<[u8; BLOCK]>| {
            let mut rng = Mixed::new(Script(blocks), pool("text"));
            let first = KeyMaterial::generate(MaterialLength::B256, &mut rng);
            first.and_then(|_| KeyMaterial::generate(MaterialLength::B256, &mut rng)).map(drop)
        };
        let (mut a, mut b) = ([7; BLOCK], [7; BLOCK]);
        (a[1], b[31]) = (1, 1);
        assert_eq!(refused(vec![a, b]), Ok(()));
        assert_eq!(refused(vec![a]), Err(MaterialError::Entropy), "it fails");
        assert_eq!(refused(vec![a, a]), Err(MaterialError::Entropy), "the same block twice");
        assert_eq!(refused(vec![[0; BLOCK], a]), Err(MaterialError::Entropy), "one repeated byte");
        assert_eq!(MaterialError::Entropy.control(), Control::MAT_ENTROPY);
        let mut rng = Mixed::new(Script(vec![]), pool("text"));
        assert_eq!(rng.try_next_u64(), Err(MixedError::Inner(fmt::Error)));
        assert_eq!(MixedError::<fmt::Error>::Stuck.to_string(), "the inner generator repeats itself");
        assert!(MixedError::Inner(fmt::Error).to_string().starts_with("the inner generator failed"));
    }

    #[test]
    fn numbers_are_the_first_octets_of_a_block() {
        let block = draw(&mut mixed(4, "x"), 8);
        assert_eq!(mixed(4, "x").try_next_u64().unwrap().to_le_bytes(), *block);
        assert_eq!(mixed(4, "x").try_next_u32().unwrap().to_le_bytes(), block[..4]);
        assert_eq!(mixed(4, "x").inner(), &ChaCha20Rng::from_seed([4; 32]));
        assert_eq!(format!("{:?}", mixed(4, "x")), "Mixed(0 blocks, [redacted])");
    }

    proptest! {
        #[test]
        fn requests_take_whole_blocks(lengths in proptest::collection::vec(1usize..100, 1..8)) {
            let mut rng = mixed(5, "x");
            let mut reference = mixed(5, "x");
            for n in lengths {
                let whole = draw(&mut reference, n.div_ceil(BLOCK) * BLOCK);
                prop_assert_eq!(draw(&mut rng, n), &whole[..n]);
            }
        }
    }
}
