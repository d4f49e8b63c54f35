//! zlib (RFC 1950) of pictures of squares: fixed Huffman codes, and matches at two distances alone.
//!
//! A scaled symbol repeats itself along a row (distance 1) and from row to row (distance of one row). Looking at these two makes
//! a picture a hundred times smaller, in a page of code and without a compressor among the station's dependencies.

/// Longest match of RFC 1951.
const LONGEST: usize = 258;

/// First length of each code from 257 on, and its extra bits (RFC 1951, 3.2.5).
const LENGTHS: [(usize, u32); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// `data` as one zlib stream; `row` is the distance at which it repeats, at most 32,768.
pub(super) fn zlib(data: &[u8], row: usize) -> Vec<u8> {
    let mut out = Bits { bytes: vec![0x78, 0x01], held: 0, count: 0 };
    out.push(0b011, 3); // the last block, fixed codes
    let mut at = 0;
    while let Some(byte) = data.get(at) {
        let (length, distance) = best_match(data, at, row);
        if length < 3 {
            out.literal(u32::from(*byte));
            at += 1;
        } else {
            out.matched(length, distance);
            at += length;
        }
    }
    out.literal(256);
    let mut bytes = out.finish();
    bytes.extend(adler32(data).to_be_bytes());
    bytes
}

fn best_match(data: &[u8], at: usize, row: usize) -> (usize, usize) {
    let length = |distance: usize| {
        let from = at.checked_sub(distance).filter(|_| distance <= 32_768);
        from.map_or(0, |from| {
            let (now, then) = (data.iter().skip(at), data.iter().skip(from));
            now.zip(then).take(LONGEST).take_while(|(a, b)| a == b).count()
        })
    };
    let (near, far) = (length(1), length(row.max(1)));
    if far > near { (far, row) } else { (near, 1) }
}

/// A bit stream, the least significant bit first.
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, bits: u32) {
        self.held |= value << self.count;
        self.count += bits;
        while self.count >= 8 {
            self.bytes.extend(self.held.to_le_bytes().first());
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// Huffman codes come the most significant bit first.
    fn code(&mut self, code: u32, bits: u32) {
        self.push(code.reverse_bits() >> (32 - bits), bits);
    }

    /// RFC 1951, 3.2.6: the fixed codes of literals and lengths.
    fn literal(&mut self, symbol: u32) {
        match symbol {
            ..144 => self.code(0x30 + symbol, 8),
            144..256 => self.code(0x190 + symbol - 144, 9),
            256..280 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }

    fn matched(&mut self, length: usize, distance: usize) {
        let found = (257u32..).zip(LENGTHS).take_while(|(_, (first, _))| *first <= length).last();
        let (symbol, (first, extra)) = found.unwrap_or((257, (3, 0)));
        self.literal(symbol);
        self.push(u32::try_from(length - first).unwrap_or(0), extra);
        let (code, first, extra) = distance_code(distance);
        self.code(code, 5);
        self.push(u32::try_from(distance - first).unwrap_or(0), extra);
    }

    fn finish(mut self) -> Vec<u8> {
        self.push(0, (8 - self.count) % 8);
        self.bytes
    }
}

/// Code, first distance and extra bits: two codes to each power of two.
fn distance_code(distance: usize) -> (u32, usize, u32) {
    let zero_based = distance - 1;
    if zero_based < 4 {
        return (u32::try_from(zero_based).unwrap_or(0), distance, 0);
    }
    let extra = zero_based.ilog2() - 1;
    let half = zero_based >> extra & 1;
    let code = 2 * (extra + 1) + u32::from(half == 1);
    (code, ((2 + half) << extra) + 1, extra)
}

fn adler32(data: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1951, 3.2.5: the table of distances.
    #[test]
    fn distances_are_coded_as_the_rfc_says() {
        let table = [(1, 0, 1, 0), (4, 3, 4, 0), (5, 4, 5, 1), (8, 5, 7, 1), (9, 6, 9, 2), (25, 9, 25, 3)];
        let far = [(24_576, 28, 16_385, 13), (24_577, 29, 24_577, 13), (32_768, 29, 24_577, 13)];
        for (distance, code, first, extra) in table.into_iter().chain(far) {
            assert_eq!(distance_code(distance), (code, first, extra), "{distance}");
        }
    }

    #[test]
    fn adler_is_the_published_one() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }
}
