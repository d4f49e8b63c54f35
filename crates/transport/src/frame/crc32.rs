//! CRC-32 as in IEEE 802.3, gzip and PNG (reflected 0xEDB88320), which detects accidental damage. It is no defence against an
//! attacker.

const TABLE: [u32; 256] = table();

// The index is bounded by the loop.
#[allow(clippy::indexing_slicing)]
const fn table() -> [u32; 256] {
    let mut out = [0; 256];
    let mut n = 0u32;
    while n < 256 {
        let (mut value, mut bit) = (n, 0);
        while bit < 8 {
            value = (value >> 1) ^ (if value & 1 == 0 { 0 } else { 0xedb8_8320 });
            bit += 1;
        }
        out[n as usize] = value;
        n += 1;
    }
    out
}

/// The checksum of the concatenated pieces.
// The index is one byte.
#[allow(clippy::indexing_slicing)]
pub(super) fn crc32(pieces: &[&[u8]]) -> u32 {
    let step = |crc: u32, b: &u8| {
        let [low, ..] = crc.to_le_bytes();
        (crc >> 8) ^ TABLE[usize::from(low ^ b)]
    };
    !pieces.iter().copied().flatten().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_check_value() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(&[b"123456789"]), 0xcbf4_3926);
        assert_eq!(crc32(&[b"1234", b"", b"56789"]), 0xcbf4_3926);
        assert_eq!(crc32(&[]), 0);
    }
}
