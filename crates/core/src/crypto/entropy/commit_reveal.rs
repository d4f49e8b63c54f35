//! Commit, then reveal: neither of two operators can choose a contribution after seeing the other's.
//!
//! Each operator makes a nonce and a commitment alone, before the ceremony, with any tool:
//! SHA-256 of `keyferry/entropy-commitment/1`, 32 lower-case hex digits of nonce, and the contribution. The domain and the nonce have
//! fixed lengths, so the fields cannot be shifted against each other. The nonce keeps a short contribution from being guessed from its
//! commitment, which is in the record.

use core::fmt;

use zeroize::Zeroizing;

use super::bounds::MAX_CONTRIBUTION;
use super::contribution::{Contribution, Kind};
use super::entropy_error::EntropyError;
use crate::Fingerprint;
use crate::scrub::scrub_stack;

/// The prefix of the hashed text.
const DOMAIN: &[u8] = b"keyferry/entropy-commitment/1";
/// Hex digits of the nonce.
pub const NONCE_DIGITS: usize = 32;

/// The commitments of both operators, known before either reveals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Commitments([Fingerprint; 2]);

impl fmt::Debug for Commitments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0).finish()
    }
}

impl Commitments {
    /// Takes the commitments that both operators typed.
    ///
    /// # Errors
    /// [`EntropyError::CommitmentForm`] unless each is 64 hex digits, in either case and any grouping;
    /// [`EntropyError::CommitmentEqual`].
    pub fn parse(typed: [&str; 2]) -> Result<Self, EntropyError> {
        let parse = |text: &str, operator| {
            let digits: String = text.chars().filter(|c| *c != ' ').collect();
            digits.to_ascii_lowercase().parse().map_err(|_| EntropyError::CommitmentForm { operator })
        };
        let [one, two] = typed;
        let both = [parse(one, 1)?, parse(two, 2)?];
        // An operator who copies the other's commitment could copy the reveal too.
        if both.first() == both.last() {
            return Err(EntropyError::CommitmentEqual);
        }
        Ok(Self(both))
    }

    /// Operators 1 and 2 with their commitments.
    pub fn numbered(&self) -> impl Iterator<Item = (u8, Fingerprint)> {
        (1..).zip(self.0)
    }

    /// Takes what an operator reveals: the nonce, one space, the contribution.
    ///
    /// # Errors
    /// [`EntropyError::RevealForm`], [`EntropyError::RevealDiffers`], [`EntropyError::TooLong`].
    pub fn reveal(&self, operator: u8, typed: &str) -> Result<Contribution, EntropyError> {
        let form = EntropyError::RevealForm { operator };
        if typed.len() > MAX_CONTRIBUTION {
            return Err(EntropyError::TooLong);
        }
        let (nonce, contribution) = typed.split_once(' ').ok_or(form)?;
        let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if nonce.len() != NONCE_DIGITS || !nonce.bytes().all(hex) || contribution.is_empty() {
            return Err(form);
        }
        let mut opened = Zeroizing::new(Vec::with_capacity(NONCE_DIGITS + contribution.len()));
        opened.extend_from_slice(nonce.as_bytes());
        opened.extend_from_slice(contribution.as_bytes());
        let committed = self.numbered().find(|(n, _)| *n == operator).map(|(_, commitment)| commitment);
        if Some(commit(&opened)) != committed {
            return Err(EntropyError::RevealDiffers { operator });
        }
        let kind = if operator == 1 { Kind::Operator1 } else { Kind::Operator2 };
        Ok(Contribution::revealed(kind, contribution.chars().count(), opened))
    }
}

/// Runs in its own stack frame, so that [`scrub_stack`] overwrites what the hash left.
fn commit(opened: &[u8]) -> Fingerprint {
    #[inline(never)]
    fn hash(opened: &[u8]) -> Fingerprint {
        let mut all = Zeroizing::new(Vec::with_capacity(DOMAIN.len() + opened.len()));
        all.extend_from_slice(DOMAIN);
        all.extend_from_slice(opened);
        Fingerprint::of(&all)
    }
    let commitment = hash(opened);
    scrub_stack();
    commitment
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // printf %s "keyferry/entropy-commitment/1${nonce}one" | sha256sum, nonce = 00…00; and 11…11 with "two".
    const ONE: &str = "ea87a31c5f4f9b3c12940478be50e9a69c778208af1a9c6d1d2d22bc955c7797";
    const TWO: &str = "96d593994160c73e6745ec897868e273dc542135d962bf1d1341d71e8195a71c";

    fn nonce(digit: &str) -> String {
        digit.repeat(NONCE_DIGITS)
    }

    #[test]
    fn only_what_was_committed_is_taken() {
        let both = Commitments::parse([ONE, TWO]).unwrap();
        let (one, two) = (format!("{} one", nonce("0")), format!("{} two", nonce("1")));
        let taken = both.reveal(1, &one).unwrap();
        assert_eq!((taken.kind(), taken.count(), taken.credited_bits()), (Kind::Operator1, 3, 0));
        assert_eq!(both.reveal(2, &two).unwrap().kind(), Kind::Operator2);
        // The other operator's text, a changed text, a changed nonce, an operator who does not exist.
        for (operator, typed) in [
            (1, &two),
            (2, &one),
            (1, &one.replace("one", "onf")),
            (1, &one.replacen('0', "1", 1)),
            (3, &one),
        ] {
            assert_eq!(both.reveal(operator, typed), Err(EntropyError::RevealDiffers { operator }));
        }
        for typed in ["", "one", &nonce("0"), &format!("{} ", nonce("0")), &format!("{} one", nonce("G"))] {
            assert_eq!(both.reveal(1, typed), Err(EntropyError::RevealForm { operator: 1 }), "{typed}");
        }
        assert_eq!(both.reveal(1, &"x".repeat(MAX_CONTRIBUTION + 1)), Err(EntropyError::TooLong));
    }

    #[test]
    fn commitments_are_two_different_digests() {
        assert_eq!(Commitments::parse([ONE, ONE]), Err(EntropyError::CommitmentEqual));
        assert_eq!(Commitments::parse([&ONE.to_uppercase(), ONE]), Err(EntropyError::CommitmentEqual));
        assert_eq!(Commitments::parse(["", TWO]), Err(EntropyError::CommitmentForm { operator: 1 }));
        assert_eq!(Commitments::parse([ONE, "yes"]), Err(EntropyError::CommitmentForm { operator: 2 }));
    }

    proptest! {
        #[test]
        fn no_text_panics(a in "\\PC{0,80}", b in "\\PC{0,80}", typed in "\\PC{0,80}") {
            let _ = Commitments::parse([&a, &b]);
            let both = Commitments::parse([ONE, TWO]).unwrap();
            prop_assert!(both.reveal(1, &typed).is_err());
        }
    }
}
