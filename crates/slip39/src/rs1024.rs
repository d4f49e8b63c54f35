//! RS1024: the checksum of a share, a Reed-Solomon code over GF(1024) (SLIP-0039, "Checksum").
//!
//! Three words of checksum detect every error in up to three words. One wrong word could even be corrected, but the standard
//! advises against it: with two wrong words, such a correction looks just as good and is wrong. So [`locate`] says which word to
//! check, but never what it should be.

use core::hint::black_box;

use zeroize::Zeroizing;

/// Words of a checksum.
pub(crate) const CHECKSUM_WORDS: usize = 3;

const GENERATOR: [u32; 10] = [
    0x00e0_e040,
    0x01c1_c080,
    0x0383_8100,
    0x0707_0200,
    0x0e0e_0009,
    0x1c0c_2412,
    0x3808_6c24,
    0x3090_fc48,
    0x21b1_f890,
    0x03f3_f120,
];

/// The customization string, which precedes the words in the computation and distinguishes the two kinds of
/// shares.
fn customization(extendable: bool) -> &'static [u8] {
    if extendable { b"shamir_extendable" } else { b"shamir" }
}

/// One step of the division: shifts `value` in. It is linear over GF(2), and has no branch.
fn step(state: u32, value: u16) -> u32 {
    let top = state >> 20;
    let shifted = (state & 0xf_ffff) << 10 ^ u32::from(value);
    GENERATOR.iter().enumerate().fold(shifted, |state, (n, generator)| {
        let mask = black_box(0u32.wrapping_sub(top >> n & 1));
        state ^ (generator & mask)
    })
}

fn polymod(extendable: bool, words: impl Iterator<Item = u16>) -> u32 {
    let before = customization(extendable).iter().map(|b| u16::from(*b));
    before.chain(words).fold(1, step)
}

/// The checksum that follows these words in a share.
pub(crate) fn create(extendable: bool, data: &[u16]) -> [u16; CHECKSUM_WORDS] {
    let sum = polymod(extendable, data.iter().copied().chain([0; CHECKSUM_WORDS])) ^ 1;
    // Ten bits always fit.
    [20, 10, 0].map(|shift| u16::try_from(sum >> shift & 0x3ff).unwrap_or_default())
}

/// 0 if the checksum at the end of `words` is right; otherwise the remainder that [`locate`] examines.
pub(crate) fn remainder(extendable: bool, words: &[u16]) -> u32 {
    polymod(extendable, words.iter().copied()) ^ 1
}

/// Where one mistake would explain a wrong checksum. Positions count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspect {
    /// If only one word is wrong, it is this one.
    Word(usize),
    /// This word and the next one may have been swapped.
    Swapped(usize),
    /// No single mistake explains it: several words are wrong.
    Several,
}

/// Says which single mistake explains `remainder`. It is for the person who just mistyped a share, and its time depends
/// on the words.
pub(crate) fn locate(extendable: bool, words: &[u16], remainder: u32) -> Suspect {
    let swapped = (1..words.len()).find(|at| {
        let mut other = Zeroizing::new(words.to_vec());
        other.swap(at - 1, *at);
        self::remainder(extendable, &other) == 0
    });
    if let Some(at) = swapped {
        return Suspect::Swapped(at);
    }
    // The remainders of the 1023 possible errors in the last word, then in the one before it, and so on.
    let mut errors: Vec<u32> = (1..1024).collect();
    for at in (1..=words.len()).rev() {
        if errors.contains(&remainder) {
            return Suspect::Word(at);
        }
        errors.iter_mut().for_each(|e| *e = step(*e, 0));
    }
    Suspect::Several
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word() -> impl Strategy<Value = u16> {
        0u16..1024
    }

    fn whole(extendable: bool, mut words: Vec<u16>) -> Vec<u16> {
        words.extend(create(extendable, &words));
        words
    }

    proptest! {
        #[test]
        fn a_wrong_word_is_located(
            data in proptest::collection::vec(word(), 17..31), at in any::<prop::sample::Index>(),
            error in 1u16..1024, extendable in any::<bool>(),
        ) {
            let mut words = whole(extendable, data);
            prop_assert_eq!(remainder(extendable, &words), 0);
            // With the other extendable flag, the words are not a valid share.
            prop_assert_ne!(remainder(!extendable, &words), 0);
            let at = at.index(words.len());
            words[at] ^= error;
            let left = remainder(extendable, &words);
            prop_assert_ne!(left, 0);
            prop_assert_eq!(locate(extendable, &words, left), Suspect::Word(at + 1));
        }

        #[test]
        fn two_neighbours_are_located(data in proptest::collection::vec(word(), 17..31), at in any::<prop::sample::Index>()) {
            let mut words = whole(true, data);
            let at = at.index(words.len() - 1);
            prop_assume!(words[at] != words[at + 1]);
            words.swap(at, at + 1);
            let left = remainder(true, &words);
            prop_assert_eq!(locate(true, &words, left), Suspect::Swapped(at + 1));
        }

        #[test]
        fn up_to_three_wrong_words_are_detected(
            data in proptest::collection::vec(word(), 17..31),
            errors in proptest::collection::btree_map(0usize..20, 1u16..1024, 1..4),
        ) {
            let mut words = whole(false, data);
            errors.iter().for_each(|(at, error)| words[*at] ^= error);
            prop_assert_ne!(remainder(false, &words), 0);
        }
    }
}
