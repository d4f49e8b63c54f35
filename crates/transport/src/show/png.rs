//! Writes one symbol as a PNG picture (ISO/IEC 15948), one bit per pixel, including the light margin of four
//! modules.
//!
//! Nothing is compressed, so the station needs no compressor. Even so, a picture is at most 160 kB long at the size that `show`
//! chooses.

use super::symbol::Symbol;

/// Width in modules of the light margin that the standard requires (ISO/IEC 18004:2015, 9.1).
pub const QUIET: usize = 4;

/// Maximum number of bytes in a stored block.
const LONGEST_BLOCK: usize = 65_535;

/// The symbol with `scale` pixels per module.
#[must_use]
pub fn png(symbol: &Symbol, scale: usize) -> Vec<u8> {
    let side = (symbol.size() + 2 * QUIET) * scale.max(1);
    picture(side, side, 1, &rows(symbol, scale.max(1)))
}

/// A grey picture with 8 bits per pixel, row by row; `pixels` holds whole rows of `width`.
#[must_use]
pub fn grey(width: usize, pixels: &[u8]) -> Vec<u8> {
    let rows = pixels.chunks_exact(width.max(1));
    let height = rows.len();
    let rows: Vec<u8> = rows.flat_map(|row| core::iter::once(&0).chain(row)).copied().collect();
    picture(width, height, 8, &rows)
}

/// Makes the file from rows that begin with their filter byte.
fn picture(width: usize, height: usize, bits: u8, rows: &[u8]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let length = |side: usize| u32::try_from(side).unwrap_or(u32::MAX).to_be_bytes();
    // Greyscale, deflate, adaptive filters, not interlaced.
    chunk(&mut out, *b"IHDR", &[&length(width)[..], &length(height), &[bits, 0, 0, 0, 0]].concat());
    chunk(&mut out, *b"IDAT", &zlib(rows));
    chunk(&mut out, *b"IEND", &[]);
    out
}

/// Every row after its filter byte (none), with eight pixels per byte; light is 1.
fn rows(symbol: &Symbol, scale: usize) -> Vec<u8> {
    let modules = symbol.size() + 2 * QUIET;
    let mut out = Vec::with_capacity(modules * scale * (modules * scale / 8 + 2));
    for y in 0..modules {
        let pixels: Vec<bool> =
            (0..modules * scale).map(|x| !symbol.is_dark_within(QUIET, x / scale, y)).collect();
        let row: Vec<u8> = core::iter::once(0).chain(pixels.chunks(8).map(packed)).collect();
        (0..scale).for_each(|_| out.extend_from_slice(&row));
    }
    out
}

fn packed(bits: &[bool]) -> u8 {
    bits.iter().enumerate().fold(0, |byte, (n, bit)| byte | u8::from(*bit) << (7 - n))
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let from = out.len();
    out.extend(kind);
    out.extend(data);
    let crc = crc32(out.get(from..).unwrap_or_default());
    out.extend(crc.to_be_bytes());
}

/// `data` as one zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4).
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut rest = data;
    loop {
        let (block, more) = rest.split_at(rest.len().min(LONGEST_BLOCK));
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(more.is_empty())); // whether this is the last block
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
        if more.is_empty() {
            break;
        }
        rest = more;
    }
    out.extend(adler32(data).to_be_bytes());
    out
}

/// Adler-32 (RFC 1950, chapter 9).
fn adler32(data: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

/// The CRC-32 that ISO 3309 defines, as in PNG's annex D.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ c >> 1 } else { c >> 1 })
    })
}

/// Pixels per module for a picture with sides of about this many pixels: at least 4, at most 16.
#[must_use]
pub const fn scale_for(modules: usize, pixels: usize) -> usize {
    match pixels / (modules + 2 * QUIET) {
        ..4 => 4,
        scale @ 4..=16 => scale,
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adler_is_the_published_one() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn blocks_are_cut_where_the_rfc_says_and_the_last_is_marked() {
        let heads = |length: usize| {
            let stream = zlib(&vec![7; length]);
            let (mut rest, mut heads) = (&stream[2..stream.len() - 4], Vec::new());
            while let [last, a, b, c, d, more @ ..] = rest {
                let length = u16::from_le_bytes([*a, *b]);
                assert_eq!(u16::from_le_bytes([*c, *d]), !length);
                heads.push((*last, length));
                rest = &more[usize::from(length)..];
            }
            heads
        };
        assert_eq!(heads(0), [(1, 0)]);
        assert_eq!(heads(65_535), [(1, 65_535)]);
        assert_eq!(heads(65_536), [(0, 65_535), (1, 1)]);
        assert_eq!(heads(131_070), [(0, 65_535), (1, 65_535)]);
    }
}
