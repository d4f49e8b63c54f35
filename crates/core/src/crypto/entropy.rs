//! Contributions to entropy, which can only add to it: dice, typed text, files, two operators; and the generator that mixes
//! them in.
//!
//! Material comes from the operating system's generator. A [`Pool`] of contributions is mixed into every block of it ([`Mixed`]):
//! an attacker who knows only one of the two sources learns nothing about the output. Only dice are credited with bits, because
//! only dice have a known number of bits; everything else adds without being counted. This module refuses dice worth less than
//! 256 bits; empty, oversize and constant contributions; and reveals that do not match their commitment.
//!
//! `ceremony/operate/entropy.md` explains how to recompute it; `ceremony/operate/entropy-vectors.json` has test
//! vectors.

mod bounds;
mod commit_reveal;
mod contribution;
mod dice;
mod entropy_error;
mod hkdf;
mod mixed;
mod pool;

pub use bounds::{DICE_BITS, MAX_CONTRIBUTION, MIN_FILE};
pub use commit_reveal::{Commitments, NONCE_DIGITS};
pub use contribution::{Contribution, Credit, Kind};
pub use dice::{Dice, MAX_ROLLS, fair_rolls};
pub use entropy_error::{DiceFault, EntropyError};
pub use mixed::{Mixed, MixedError};
pub use pool::Pool;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_credit_is_possible_if_a_contribution_can_have_it() {
        let credit = |contribution, count, credited_bits| Credit { contribution, count, credited_bits };
        let possible =
            [(Kind::Dice, 100, 256), (Kind::Dice, 100, 258), (Kind::File, 32, 0), (Kind::Text, 1, 0)];
        let others = [
            (Kind::Dice, 99, 256),
            (Kind::Dice, 100, 255),
            (Kind::Dice, 100, 259),
            (Kind::Dice, u64::MAX, 256),
            (Kind::File, 31, 0),
            (Kind::File, 32, 1),
            (Kind::Text, 0, 0),
            (Kind::Text, 20, 20),
            (Kind::Operator2, 0, 0),
        ];
        assert!(possible.into_iter().all(|(kind, count, bits)| credit(kind, count, bits).is_possible()));
        assert!(!others.into_iter().any(|(kind, count, bits)| credit(kind, count, bits).is_possible()));
    }

    #[test]
    fn contributions_have_bounds() {
        assert_eq!(Contribution::text("").unwrap_err(), EntropyError::Empty);
        assert_eq!(Contribution::text(" \t").unwrap_err(), EntropyError::Empty);
        assert_eq!(
            Contribution::text("一 b").unwrap().credit(),
            Credit { contribution: Kind::Text, count: 3, credited_bits: 0 }
        );
        let long = "x".repeat(MAX_CONTRIBUTION);
        assert!(Contribution::text(&long).is_ok());
        assert_eq!(Contribution::text(&(long + "x")).unwrap_err(), EntropyError::TooLong);
        assert_eq!(Contribution::file(&[1; 31]).unwrap_err(), EntropyError::FileShort { bytes: 31 });
        assert_eq!(Contribution::file(&[1; 32]).unwrap_err(), EntropyError::FileConstant);
        let mut file = [1; 32];
        file[31] = 2;
        assert_eq!(Contribution::file(&file).unwrap().count(), 32);
        assert_eq!(Contribution::file(&vec![1; MAX_CONTRIBUTION + 1]).unwrap_err(), EntropyError::TooLong);
        assert_eq!(
            Contribution::dice(&Dice::new()).unwrap_err().to_string(),
            "0 rolls are worth less than 256 bits: 100 more rolls are needed"
        );
    }

    #[test]
    fn nothing_shows_in_debug() {
        let secret = Contribution::text("hunter2").unwrap();
        let shown = format!("{secret:?} {:?}", Pool::of(&[]));
        assert_eq!(shown, "Contribution(text, [redacted]) Pool([redacted])");
    }

    #[test]
    fn kinds_are_written_as_they_are_mixed() {
        for kind in [Kind::Dice, Kind::Text, Kind::File, Kind::Operator1, Kind::Operator2] {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("{:?}", kind.as_str()));
        }
    }

    proptest! {
        #[test]
        fn another_division_of_the_same_bytes_is_another_pool(text in "[a-z]{2,20}", at in 1usize..19) {
            let at = at.min(text.len() - 1);
            let pool = |parts: &[&str]| {
                let parts: Vec<_> = parts.iter().map(|p| Contribution::text(p).unwrap()).collect();
                Pool::of(&parts).expose().to_vec()
            };
            let (a, b) = text.split_at(at);
            prop_assert_ne!(pool(&[&text]), pool(&[a, b]));
            prop_assert!(a == b || pool(&[a, b]) != pool(&[b, a]));
        }
    }
}
