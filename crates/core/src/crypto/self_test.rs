//! The start-up self-test: known answers of everything that decides, and the health of the random generator.
//!
//! A program runs it before it does anything else, and stops if it fails. The answers are other people's: see `self_test/known.rs`.

mod health;
mod known;

use rand_core::TryCryptoRng;

use crate::refusals;

pub use health::RngFault;

refusals! {
    /// What failed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SelfTestError: Refused {
        /// A known answer was not given; names the computation.
        KnownAnswer(name: &'static str) => SELF_TEST,
            what("the self-test of {name} did not give the known answer", "{name} 自检未得到已知答案"),
            hint("the program or this machine is broken: compare the program's SHA-256 with the release; if equal, take another machine",
                 "程序或本机已损坏：请将程序的 SHA-256 与发布值核对；如果一致，请更换机器");
        /// The random generator is not healthy.
        Rng from RngFault;
    }
}

/// Runs every known-answer test, then draws 1,024 octets from `rng` and looks at their health. Takes well under a millisecond.
///
/// # Errors
/// [`SelfTestError`] names the first test that failed.
pub fn run<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<(), SelfTestError> {
    known::check(&known::ANSWERS)?;
    health::check(rng).map_err(SelfTestError::Rng)
}
