//! The start-up self-test: known answers of everything that decides, and the health of the random generator.
//!
//! A program runs it before it does anything else, and stops if it fails. The answers are other people's: see `self_test/known.rs`.

mod health;
mod known;

use rand_core::TryCryptoRng;

use crate::{Bilingual, Class, Control, Explain, bi, explained};

pub use health::RngFault;

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelfTestError {
    /// A known answer was not given; names the computation.
    KnownAnswer(&'static str),
    /// The random generator is not healthy.
    Rng(RngFault),
}

/// Runs every known-answer test, then draws 1,024 octets from `rng` and looks at their health. Takes well under a millisecond.
///
/// # Errors
/// [`SelfTestError`] names the first test that failed.
pub fn run<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<(), SelfTestError> {
    known::check(&known::ANSWERS)?;
    health::check(rng).map_err(SelfTestError::Rng)
}

impl Explain for SelfTestError {
    fn control(&self) -> Control {
        match self {
            Self::KnownAnswer(_) => Control::SELF_TEST,
            Self::Rng(_) => Control::SELF_RNG,
        }
    }

    fn class(&self) -> Class {
        Class::Refused
    }

    fn what(&self) -> Bilingual {
        match self {
            Self::KnownAnswer(name) => {
                bi!("the self-test of {name} did not give the known answer", "{name} 自检未得到已知答案")
            }
            Self::Rng(RngFault::Failed) => {
                bi!("the random generator gave nothing", "随机数发生器没有输出")
            }
            Self::Rng(RngFault::Stuck) => {
                bi!("the random generator repeats one octet again and again", "随机数发生器反复输出同一字节")
            }
            Self::Rng(RngFault::Biased) => bi!(
                "the random generator prefers one octet far beyond chance",
                "随机数发生器输出某一字节的频率远超随机水平"
            ),
            Self::Rng(RngFault::Repeating) => bi!(
                "the random generator gave the same 16 octets twice",
                "随机数发生器两次给出相同的 16 字节"
            ),
        }
    }

    fn hint(&self) -> Bilingual {
        match self {
            Self::KnownAnswer(_) => bi!(
                "the program or this machine is broken: compare the program's SHA-256 with the release; if equal, take another machine",
                "程序或本机已损坏：请将程序的 SHA-256 与发布值核对；如果一致，请更换机器"
            ),
            Self::Rng(_) => bi!(
                "do not use this machine for the ceremony; check its kernel and /dev/urandom",
                "请勿在本机举行仪式；请检查内核与 /dev/urandom"
            ),
        }
    }
}

explained!(SelfTestError);
