//! Base64 (RFC 4648 §4) in its one canonical form: padded, no line breaks, unused bits zero. Everything else is refused.
//!
//! It is only for public bytes, because the time of a table lookup depends on the bytes.

/// The alphabet of RFC 4648, table 1.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Marks bytes outside the alphabet.
const NONE: u8 = 0xff;

/// The value of each byte.
#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)] // A const fn has no iterators; there are 64 values.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// The length of the text for `length` bytes.
#[must_use]
pub const fn encoded_length(length: usize) -> usize {
    length.div_ceil(3) * 4
}

/// The canonical text.
///
/// # Examples
/// ```
/// assert_eq!(keyferry_core::base64_text::encode(b"fo"), "Zm8=");
/// ```
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(encoded_length(bytes.len()));
    for chunk in bytes.chunks(3) {
        let octet = |i: usize| chunk.get(i).copied().unwrap_or(0);
        let group = u32::from_be_bytes([0, octet(0), octet(1), octet(2)]);
        for (i, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = ALPHABET.get((group >> shift & 0x3f) as usize).copied().unwrap_or(b'=');
            // n bytes make n + 1 digits.
            text.push(char::from(if i <= chunk.len() { digit } else { b'=' }));
        }
    }
    text
}

/// The bytes that a canonical text encodes; `None` for any other text.
///
/// # Examples
/// ```
/// use keyferry_core::base64_text::decode;
///
/// assert_eq!(decode(b"Zm8="), Some(b"fo".to_vec()));
/// assert_eq!((decode(b"Zm8"), decode(b"Zm9="), decode(b"Zm8=\n")), (None, None, None));
/// ```
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let bits = group.iter().try_fold(0_u32, |bits, digit| match VALUES.get(usize::from(*digit)) {
            None | Some(&NONE) => None,
            Some(value) => Some(bits << 6 | u32::from(*value)),
        })?;
        // Four digits carry 24 bits; three carry 16 and two unused bits; two carry 8 and four unused bits.
        let unused = match group.len() {
            4 => 0,
            3 => 2,
            2 => 4,
            _ => return None,
        };
        if bits.trailing_zeros() < unused {
            return None;
        }
        let [_, octets @ ..] = (bits >> unused << (8 * (4 - group.len()))).to_be_bytes();
        bytes.extend(octets.iter().take(group.len() - 1));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    /// RFC 4648 §10.
    #[test]
    fn the_vectors_of_the_rfc() {
        let vectors = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (length, text) in vectors.into_iter().enumerate() {
            let bytes = &b"foobar"[..length];
            assert_eq!((encode(bytes).as_str(), decode(text.as_bytes()).as_deref()), (text, Some(bytes)));
            assert_eq!(encoded_length(length), text.len());
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "Z", "Zg", "Zg=", "Zg===", "====", "=", "==", "Zh==", "Zm9=", "Zm9v=", "Zm9v====", "Z=g=",
            "Zg==Zg==", " Zg==", "Zm9v\n", "Zm-_", "Zm\u{e9}", "Zm\0v",
        ] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_are_written_as_the_crate_writes_them(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(encode(&bytes), STANDARD.encode(&bytes));
            prop_assert_eq!(decode(encode(&bytes).as_bytes()), Some(bytes));
        }

        #[test]
        fn the_same_texts_are_taken(text in "[A-Ga-g0-9+/]{0,9}={0,3}") {
            prop_assert_eq!(decode(text.as_bytes()), STANDARD.decode(&text).ok());
        }

        #[test]
        fn other_texts_are_refused_alike(text in prop::collection::vec(any::<u8>(), 0..12)) {
            prop_assert_eq!(decode(&text), STANDARD.decode(&text).ok());
        }
    }
}
