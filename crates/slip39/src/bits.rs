//! Converts bytes to words of ten bits and back: big-endian, padded with leading zero bits (SLIP-0039, "Format of
//! the share mnemonic").

use zeroize::Zeroizing;

/// Bits of one word.
const WORD: usize = 10;

/// The number of words for `bytes` bytes.
pub(crate) const fn words_for(bytes: usize) -> usize {
    (bytes * 8).div_ceil(WORD)
}

/// The number of padding bits before a value of this many words.
const fn padding(words: usize) -> usize {
    words * WORD % 16
}

/// The number of bytes in a value of this many words; `None` if no value has that many.
pub(crate) const fn bytes_in(words: usize) -> Option<usize> {
    let padding = padding(words);
    if padding > 8 { None } else { Some((words * WORD - padding) / 8) }
}

/// Appends `bytes` as words.
pub(crate) fn push_words(bytes: &[u8], words: &mut Vec<u16>) {
    let (mut acc, mut bits) = (0u32, words_for(bytes.len()) * WORD - bytes.len() * 8);
    for byte in bytes {
        acc = (acc << 8 | u32::from(*byte)) & 0x3_ffff;
        bits += 8;
        if bits >= WORD {
            bits -= WORD;
            // Ten bits always fit.
            words.push(u16::try_from(acc >> bits & 0x3ff).unwrap_or_default());
        }
    }
}

/// The bytes of `words`; `None` if no value has that many, or if a padding bit is set.
pub(crate) fn bytes(words: &[u16]) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes_in(words.len())?));
    let padding = padding(words.len());
    let first = words.first().copied().unwrap_or_default();
    if u32::from(first) >> (WORD - padding) != 0 {
        return None;
    }
    let (mut acc, mut bits) = (0u32, 0usize);
    for (n, word) in words.iter().enumerate() {
        acc = (acc << WORD | u32::from(*word)) & 0x3_ffff;
        bits += if n == 0 { WORD - padding } else { WORD };
        while bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(acc >> bits & 0xff).unwrap_or_default());
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_of_the_standard() {
        assert_eq!([16, 32].map(words_for), [13, 26]);
        assert_eq!([13, 26].map(bytes_in), [Some(16), Some(32)]);
        // Each even number of bytes maps to one number of words, and back.
        for length in (2..1250).step_by(2) {
            assert_eq!(bytes_in(words_for(length)), Some(length));
        }
    }

    proptest! {
        #[test]
        fn there_and_back(half in proptest::collection::vec(any::<[u8; 2]>(), 1..100)) {
            let octets: Vec<u8> = half.concat();
            let mut words = Vec::new();
            push_words(&octets, &mut words);
            prop_assert_eq!(words.len(), words_for(octets.len()));
            prop_assert!(words.iter().all(|w| *w < 1024));
            let back = bytes(&words).unwrap();
            prop_assert_eq!(back.as_slice(), &octets);
        }

        #[test]
        fn a_set_bit_of_the_padding_is_refused(octets in any::<[u8; 16]>(), bit in 8u32..10) {
            let mut words = Vec::new();
            push_words(&octets, &mut words);
            words[0] |= 1 << bit;
            prop_assert!(bytes(&words).is_none());
        }
    }
}
