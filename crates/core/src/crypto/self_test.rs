//! The start-up self-test: known answers for every computation that matters, and the health of the random
//! generator.
//!
//! A program runs it before it does anything else, and stops if it fails. The answers come from other people: see
//! `self_test/known_answers.rs`.

mod health;
mod known_answers;
mod self_test_error;

use rand_core::TryCryptoRng;

pub use health::RngFault;
pub use self_test_error::SelfTestError;

/// Runs every known-answer test, then draws 1,024 bytes from `rng` and tests their health. Takes well under a millisecond.
///
/// # Errors
/// [`SelfTestError`] names the first test that failed.
pub fn run<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<(), SelfTestError> {
    known_answers::check(&known_answers::ANSWERS)?;
    health::check(rng).map_err(SelfTestError::Rng)
}
