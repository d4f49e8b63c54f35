//! Encodes bytes as decimal digits: each group of 7 bytes, big-endian, becomes 17 digits, and a last group of n bytes
//! becomes the fewest digits that hold 256ⁿ values.
//!
//! 17 digits of a numeric QR segment take 56⅔ bits, so this wastes 1.2 % of the symbol, and every decoder, keyboard layout and
//! text tool passes digits on unchanged. Each value has exactly one text: a group above 256ⁿ − 1, or a number of digits that no
//! number of bytes produces, is refused.

/// Number of bytes in a whole group.
const GROUP: usize = 7;
/// Number of digits of a group, by its number of bytes.
const WIDTHS: [usize; GROUP + 1] = [0, 3, 5, 8, 10, 13, 15, 17];
/// Number of digits of a whole group.
const WIDE: usize = 17;

/// The number of digits for this many bytes.
pub(super) fn width(bytes: usize) -> usize {
    bytes / GROUP * WIDE + WIDTHS.get(bytes % GROUP).copied().unwrap_or_default()
}

/// The maximum number of bytes that fit into this many digits.
pub(super) fn bytes_within(digits: usize) -> usize {
    let fits = |n: &usize| WIDTHS.get(*n).is_some_and(|w| *w <= digits % WIDE);
    digits / WIDE * GROUP + (0..GROUP).rev().find(fits).unwrap_or_default()
}

/// The digits of `bytes`.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(width(bytes.len()));
    for group in bytes.chunks(GROUP) {
        let value = group.iter().fold(0u64, |value, b| value << 8 | u64::from(*b));
        let width = width(group.len());
        out.push_str(&format!("{value:0width$}"));
    }
    out
}

/// The bytes of `digits`; `None` unless [`encode`] writes exactly these digits for them.
pub(super) fn decode(digits: &[u8]) -> Option<Vec<u8>> {
    let length = bytes_within(digits.len());
    if width(length) != digits.len() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut out = Vec::with_capacity(length);
    for group in digits.chunks(WIDE) {
        let bytes = bytes_within(group.len());
        let value = group.iter().fold(0u64, |value, d| value * 10 + u64::from(d - b'0'));
        if value >> (8 * bytes) != 0 {
            return None;
        }
        out.extend_from_slice(value.to_be_bytes().get(8 - bytes..)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn widths_are_the_fewest_digits() {
        for (bytes, width) in WIDTHS.into_iter().enumerate().skip(1) {
            let largest = (1u128 << (8 * bytes)) - 1;
            assert_eq!(largest.to_string().len(), width);
        }
    }

    #[test]
    fn lengths_between_two_widths_are_refused() {
        let good: Vec<usize> = (0..40).filter(|n| decode(&vec![b'0'; *n]).is_some()).collect();
        assert_eq!(good, (0..=16).map(width).filter(|w| *w < 40).collect::<Vec<_>>());
        assert_eq!(decode(b"256"), None);
        assert_eq!(decode(b"255"), Some(vec![255]));
        assert_eq!(decode("72057594037927936".as_bytes()), None);
        assert_eq!(decode("72057594037927935".as_bytes()), Some(vec![255; 7]));
        assert_eq!(decode(b"99999999999999999"), None);
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let digits = encode(&bytes);
            prop_assert_eq!(digits.len(), width(bytes.len()));
            prop_assert_eq!(bytes_within(digits.len()), bytes.len());
            prop_assert_eq!(decode(digits.as_bytes()), Some(bytes));
        }

        #[test]
        fn one_text_for_one_value(text in "[0-9]{0,60}") {
            if let Some(bytes) = decode(text.as_bytes()) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = decode(text.as_bytes());
        }
    }
}
