//! Whether a text is a keyferry frame.

/// The header of 14 bytes and a block of one at least: 15 bytes are two groups of 17 digits and one of 3.
const MIN_DIGITS: usize = 37;

/// The most digits that any symbol holds: version 40 at level L.
const MAX_DIGITS: usize = 7_089;

/// Decimal digits and nothing else, as many as a frame may have.
pub(crate) fn is_frame(text: &str) -> bool {
    (MIN_DIGITS..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_of_a_frame_s_length() {
        assert!(is_frame(&"7".repeat(MIN_DIGITS)) && is_frame(&"0".repeat(MAX_DIGITS)));
        assert!(!is_frame(&"7".repeat(MIN_DIGITS - 1)) && !is_frame(&"7".repeat(MAX_DIGITS + 1)));
        for other in ["a", " ", "\n", "-", "٣"] {
            assert!(!is_frame(&("7".repeat(60) + other)), "{other:?}");
        }
    }
}
