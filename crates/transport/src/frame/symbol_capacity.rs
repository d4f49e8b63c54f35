//! The capacity of a QR symbol (ISO/IEC 18004) for each version and error correction level, in decimal digits and in payload
//! bytes of a frame.

use super::{HEADER, digits};

/// Error correction level of a QR symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// About 7 % of the codewords may be wrong; for screens.
    L,
    /// About 15 %; for paper.
    M,
    /// About 25 %.
    Q,
    /// About 30 %.
    H,
}

/// Data codewords of versions 1 to 40 at levels L, M, Q, H (ISO/IEC 18004, table 7).
const CODEWORDS: [[u16; 40]; 4] = [
    [
        19, 34, 55, 80, 108, 136, 156, 194, 232, 274, 324, 370, 428, 461, 523, 589, 647, 721, 795, 861, 932,
        1006, 1094, 1174, 1276, 1370, 1468, 1531, 1631, 1735, 1843, 1955, 2071, 2191, 2306, 2434, 2566, 2702,
        2812, 2956,
    ],
    [
        16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627, 669, 714,
        782, 860, 914, 1000, 1062, 1128, 1193, 1267, 1373, 1455, 1541, 1631, 1725, 1812, 1914, 1992, 2102,
        2216, 2334,
    ],
    [
        13, 22, 34, 48, 62, 76, 88, 110, 132, 154, 180, 206, 244, 261, 295, 325, 367, 397, 445, 485, 512,
        568, 614, 664, 718, 754, 808, 871, 911, 985, 1033, 1115, 1171, 1231, 1286, 1354, 1426, 1502, 1582,
        1666,
    ],
    [
        9, 16, 26, 36, 46, 60, 66, 86, 100, 122, 140, 158, 180, 197, 223, 253, 283, 313, 341, 385, 406, 442,
        464, 514, 538, 596, 628, 661, 701, 745, 793, 845, 901, 961, 986, 1054, 1096, 1142, 1222, 1276,
    ],
];

/// Number of bits in the terminator, mode indicator 0000.
const TERMINATOR: usize = 4;

/// The number of decimal digits that one numeric segment of a symbol holds; `None` unless `version` is 1 to
/// 40.
///
/// With this many digits, a symbol may be full to its last bit: see [`block_capacity`].
#[must_use]
pub fn digit_capacity(version: u8, level: Level) -> Option<usize> {
    segment_bits(version, level).map(digits_within)
}

/// The number of bits for the digits, after the mode indicator and the character count.
fn segment_bits(version: u8, level: Level) -> Option<usize> {
    let [l, m, q, h] = &CODEWORDS;
    let table = match level {
        Level::L => l,
        Level::M => m,
        Level::Q => q,
        Level::H => h,
    };
    let codewords = usize::from(*table.get(usize::from(version.checked_sub(1)?))?);
    // The mode indicator and the character count (table 3).
    let overhead = 4 + if version < 10 {
        10
    } else if version < 27 {
        12
    } else {
        14
    };
    Some(8 * codewords - overhead)
}

/// The number of digits that fit: three digits take 10 bits, two take 7, and one takes 4.
const fn digits_within(bits: usize) -> usize {
    let last = match bits % 10 {
        0..4 => 0,
        4..7 => 1,
        _ => 2,
    };
    bits / 10 * 3 + last
}

/// The number of payload bytes of a frame in a symbol: the longest block for
/// [`FrameEncoder::new`](super::FrameEncoder::new).
///
/// It leaves room for the terminator. The standard allows a full symbol to omit the terminator, but OpenCV's decoder does not read such
/// symbols (version 21 at level L would be one).
///
/// `None` unless `version` is 1 to 40, or if the symbol cannot hold the header and one byte.
///
/// # Examples
/// ```
/// use keyferry_transport::frame::{Level, block_capacity};
/// let bytes = [10, 15, 20, 25].map(|version| block_capacity(version, Level::L));
/// assert_eq!(bytes, [Some(254), Some(500), Some(834), Some(1244)]);
/// ```
#[must_use]
pub fn block_capacity(version: u8, level: Level) -> Option<usize> {
    let digits = digits_within(segment_bits(version, level)?.saturating_sub(TERMINATOR));
    digits::bytes_within(digits).checked_sub(HEADER).filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use qrcode::bits::{Bits, encode_auto};
    use qrcode::{EcLevel, Version};

    use super::*;

    const LEVELS: [(Level, EcLevel); 4] =
        [(Level::L, EcLevel::L), (Level::M, EcLevel::M), (Level::Q, EcLevel::Q), (Level::H, EcLevel::H)];

    /// The number of bits of a numeric segment with this many digits, including its indicator and count.
    fn segment(version: Version, digits: usize) -> usize {
        let mut bits = Bits::new(version);
        bits.push_numeric_data("7".repeat(digits).as_bytes()).unwrap();
        bits.len()
    }

    /// Compares with another implementation of the standard.
    #[test]
    fn the_longest_block_fits_its_symbol_and_leaves_room_for_the_terminator() {
        let mut checked = 0;
        for version in 1..=40 {
            for (level, ec) in LEVELS {
                let symbol = Version::Normal(i16::from(version));
                let all = Bits::new(symbol).max_len(ec).unwrap();
                let most = digit_capacity(version, level).unwrap();
                assert!(
                    segment(symbol, most) <= all && segment(symbol, most + 1) > all,
                    "{version} {level:?}"
                );
                let Some(block) = block_capacity(version, level) else { continue };
                let digits = digits::width(HEADER + block);
                assert!(segment(symbol, digits) + 4 <= all, "{version} {level:?}");
                let longer = digits::width(HEADER + block + 1);
                assert!(segment(symbol, longer) + 4 > all, "{version} {level:?}");
                // If no version is given, the encoder uses the smallest symbol, which has to be this one.
                let line = "7".repeat(digits);
                assert_eq!(encode_auto(line.as_bytes(), ec).unwrap().version(), symbol);
                checked += 1;
            }
        }
        assert_eq!(checked, 156, "of 160: four are too small for a header");
    }

    #[test]
    fn digits_of_the_published_table() {
        // ISO/IEC 18004, table 7, numeric.
        for (version, [l, m, q, h]) in [
            (1, [41, 34, 27, 17]),
            (9, [552, 432, 312, 235]),
            (10, [652, 513, 364, 288]),
            (15, [1250, 991, 703, 530]),
            (20, [2061, 1600, 1159, 919]),
            (25, [3057, 2395, 1718, 1286]),
            (26, [3283, 2544, 1804, 1425]),
            (27, [3517, 2701, 1933, 1501]),
            (40, [7089, 5596, 3993, 3057]),
        ] {
            let found = [Level::L, Level::M, Level::Q, Level::H].map(|level| digit_capacity(version, level));
            assert_eq!(found, [l, m, q, h].map(Some), "version {version}");
        }
        assert_eq!((digit_capacity(0, Level::L), digit_capacity(41, Level::L)), (None, None));
    }

    #[test]
    fn a_block_has_room_from_version_2_on() {
        assert_eq!(block_capacity(1, Level::L), Some(2));
        assert_eq!(block_capacity(1, Level::H), None);
        assert_eq!(block_capacity(40, Level::L), Some(2904));
        // Full to the last bit: 919 bytes would leave no room for the terminator.
        assert_eq!(block_capacity(21, Level::L), Some(904));
    }
}
