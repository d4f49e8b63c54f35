//! Where randomness comes from: the operating system, or a published seed that marks all it makes.

use core::convert::Infallible;

use getrandom::SysRng;
use keyferry_core::transcript::MaterialSource;
use keyferry_core::{Bilingual, Class, Control, Explain, Fingerprint, Purpose, bi, explained};
use rand_chacha::ChaCha20Rng;
use rand_core::{SeedableRng, TryCryptoRng, TryRng};

/// The station's one generator.
pub(crate) enum StationRng {
    /// `getrandom(2)`.
    OperatingSystem(SysRng),
    /// ChaCha20: rehearsals only.
    Seeded(Box<ChaCha20Rng>),
}

/// Why a seed was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeedError {
    /// The plan is for production.
    Production,
    /// Not 64 hex digits.
    Malformed,
}

impl StationRng {
    /// The operating system's generator, or the seeded one where a rehearsal asks for it.
    pub(crate) fn new(seed: Option<&str>, purpose: Purpose) -> Result<Self, SeedError> {
        let Some(seed) = seed else { return Ok(Self::OperatingSystem(SysRng)) };
        if purpose == Purpose::Production {
            return Err(SeedError::Production);
        }
        let seed: Fingerprint = seed.parse().map_err(|_| SeedError::Malformed)?;
        Ok(Self::Seeded(Box::new(ChaCha20Rng::from_seed(*seed.as_bytes()))))
    }

    pub(crate) const fn source(&self) -> MaterialSource {
        match self {
            Self::OperatingSystem(_) => MaterialSource::OperatingSystem,
            Self::Seeded(_) => MaterialSource::Seeded,
        }
    }
}

fn never(e: Infallible) -> getrandom::Error {
    match e {}
}

impl TryRng for StationRng {
    type Error = getrandom::Error;

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

impl Explain for SeedError {
    fn control(&self) -> Control {
        Control::SEED_PRODUCTION
    }
    fn class(&self) -> Class {
        match self {
            Self::Production => Class::Refused,
            Self::Malformed => Class::Usage,
        }
    }
    fn what(&self) -> Bilingual {
        match self {
            Self::Production => {
                bi!("a seed was given, and the plan is for production", "给出了种子，而计划用于正式仪式")
            }
            Self::Malformed => {
                bi!("the rehearsal seed is not 64 hex digits", "演练种子不是 64 位十六进制数字")
            }
        }
    }
    fn hint(&self) -> Bilingual {
        match self {
            Self::Production => bi!(
                "leave --rehearsal-seed out: production material comes from the operating system",
                "请去掉 --rehearsal-seed：正式密钥材料来自操作系统"
            ),
            Self::Malformed => {
                bi!("give exactly 64 digits of 0-9 and a-f", "请给出恰好 64 个 0-9 与 a-f 的数字")
            }
        }
    }
}

explained!(SeedError);
