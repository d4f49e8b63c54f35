//! The source of randomness: the operating system, or a published seed, which marks everything made from it.

use core::convert::Infallible;

use chacha20::ChaCha20Rng;
use keyferry_core::transcript::MaterialSource;
use keyferry_core::{Fingerprint, Purpose, refusals};
use keyferry_transport::Salts;
use rand_core::{SeedableRng, TryCryptoRng, TryRng};
use rustix::io::Errno;

use crate::os_rng::SysRng;

/// The station's only generator.
pub(crate) enum StationRng {
    /// `getrandom(2)`.
    OperatingSystem(SysRng),
    /// ChaCha20, only in rehearsals.
    Seeded(Box<ChaCha20Rng>),
}

refusals! {
    /// Why a seed was refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum SeedError: Refused {
        /// The plan is for production.
        Production => SEED_PRODUCTION,
            what("a seed was given, but the plan is for production", "给出了种子，而计划用于正式仪式"),
            hint("leave out --rehearsal-seed: production material comes from the operating system",
                 "请去掉 --rehearsal-seed：正式仪式的密钥材料来自操作系统");
        /// The seed is not 64 hex digits.
        Malformed => SEED_PRODUCTION, class(Usage),
            what("the rehearsal seed is not 64 hex digits", "演练种子不是 64 位十六进制数字"),
            hint("give exactly 64 digits of 0-9 and a-f", "请给出恰好 64 个 0-9 与 a-f 的数字");
    }
}

impl StationRng {
    /// The operating system's generator, or the seeded one if a rehearsal asks for it.
    pub(crate) fn new(seed: Option<&str>, purpose: Purpose) -> Result<Self, SeedError> {
        let Some(seed) = seed else { return Ok(Self::OperatingSystem(SysRng)) };
        if purpose == Purpose::Production {
            return Err(SeedError::Production);
        }
        let seed: Fingerprint = seed.parse().map_err(|_| SeedError::Malformed)?;
        Ok(Self::Seeded(Box::new(ChaCha20Rng::from_seed(*seed.as_bytes()))))
    }

    /// Salts for names and free texts. With a seed, the salts come from a separate stream, so that the material is the same
    /// whether or not names are withheld.
    pub(crate) fn salts(&self) -> Salts {
        let mut rng = match self {
            Self::OperatingSystem(_) => return os_salts(),
            Self::Seeded(rng) => {
                let seed = Fingerprint::of_fields(&[b"keyferry/salts/1", &rng.get_seed()]);
                ChaCha20Rng::from_seed(*seed.as_bytes())
            }
        };
        Salts::new(move || draw(&mut rng))
    }

    pub(crate) const fn source(&self) -> MaterialSource {
        match self {
            Self::OperatingSystem(_) => MaterialSource::OperatingSystem,
            Self::Seeded(_) => MaterialSource::Seeded,
        }
    }
}

/// Salts from the operating system's generator.
pub(crate) fn os_salts() -> Salts {
    Salts::new(|| draw(&mut SysRng))
}

fn draw(rng: &mut impl TryCryptoRng) -> Option<[u8; 32]> {
    let mut salt = [0; 32];
    rng.try_fill_bytes(&mut salt).ok().map(|()| salt)
}

fn never(e: Infallible) -> Errno {
    match e {}
}

impl TryRng for StationRng {
    type Error = Errno;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        match self {
            Self::OperatingSystem(rng) => rng.try_next_u32(),
            Self::Seeded(rng) => rng.try_next_u32().map_err(never),
        }
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        match self {
            Self::OperatingSystem(rng) => rng.try_next_u64(),
            Self::Seeded(rng) => rng.try_next_u64().map_err(never),
        }
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        match self {
            Self::OperatingSystem(rng) => rng.try_fill_bytes(dst),
            Self::Seeded(rng) => rng.try_fill_bytes(dst).map_err(never),
        }
    }
}

impl TryCryptoRng for StationRng {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_core::Rng;

    use super::*;

    proptest! {
        /// The tests and the emulator recompute a rehearsal with `rand_chacha`, as anybody else can.
        #[test]
        fn the_seeded_stream_is_that_of_rand_chacha(seed: [u8; 32], steps in prop::collection::vec(0..200usize, 1..40)) {
            let mut ours = StationRng::new(Some(&keyferry_core::hex::encode(&seed)), Purpose::Rehearsal).unwrap();
            let mut theirs = rand_chacha::ChaCha20Rng::from_seed(seed);
            for step in steps {
                match step {
                    0 => prop_assert_eq!(ours.try_next_u32().unwrap(), theirs.next_u32()),
                    1 => prop_assert_eq!(ours.try_next_u64().unwrap(), theirs.next_u64()),
                    n => {
                        let (mut a, mut b) = (vec![0; n], vec![0; n]);
                        ours.try_fill_bytes(&mut a).unwrap();
                        theirs.fill_bytes(&mut b);
                        prop_assert_eq!(a, b);
                    }
                }
            }
        }
    }
}
