//! Symbols as an animation: GIF (version 89a), two colours, repeated for ever.

use super::png::QUIET;
use super::symbol::Symbol;

/// Codes of a picture of two colours begin with three bits: 0 and 1, two spare, clear, end.
const CLEAR: u16 = 4;
const END: u16 = 5;
const FIRST: u16 = 6;
/// The dictionary of the format: 4,096 codes.
const MOST: u16 = 4096;

/// An animation that is written frame by frame; all symbols are of one size.
#[derive(Debug)]
pub struct Gif {
    out: Vec<u8>,
    side: usize,
    scale: usize,
    delay: u16,
}

impl Gif {
    /// For symbols of `size` modules, `scale` pixels a module, `fps` of them a second.
    #[must_use]
    pub fn new(size: usize, scale: usize, fps: u8) -> Self {
        let scale = scale.max(1);
        let side = (size + 2 * QUIET) * scale;
        let length = u16::try_from(side).unwrap_or(u16::MAX).to_le_bytes();
        // A colour table of two: dark, light.
        let mut out = [&b"GIF89a"[..], &length, &length, &[0x80, 0, 0], &[0, 0, 0, 255, 255, 255]].concat();
        out.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00");
        Self { out, side, scale, delay: 100 / u16::from(fps.max(1)) }
    }

    /// One more frame.
    pub fn push(&mut self, symbol: &Symbol) {
        let [low, high] = self.delay.to_le_bytes();
        self.out.extend([0x21, 0xf9, 4, 0, low, high, 0, 0]);
        let length = u16::try_from(self.side).unwrap_or(u16::MAX).to_le_bytes();
        self.out.extend([0x2c, 0, 0, 0, 0].iter().chain(&length).chain(&length).chain(&[0, 2]));
        let (side, scale) = (self.side, self.scale);
        let pixels = (0..side).flat_map(move |y| {
            (0..side).map(move |x| u16::from(!symbol.is_dark_within(QUIET, x / scale, y / scale)))
        });
        for block in lzw(pixels).chunks(255) {
            self.out.extend(u8::try_from(block.len()));
            self.out.extend(block);
        }
        self.out.push(0);
    }

    /// The file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.out.push(0x3b);
        self.out
    }
}

/// GIF89a, appendix F: LZW with codes of growing length, begun with `CLEAR`, ended with `END`.
fn lzw(pixels: impl Iterator<Item = u16>) -> Vec<u8> {
    let mut out = Codes { bytes: Vec::new(), held: 0, count: 0, width: 3 };
    let mut known = Dictionary::new();
    out.push(CLEAR);
    let mut prefix: Option<u16> = None;
    for pixel in pixels {
        let longer = prefix.map_or(Some(pixel), |code| known.next(code, pixel));
        let Some(code) = prefix.filter(|_| longer.is_none()) else {
            prefix = longer;
            continue;
        };
        prefix = Some(pixel);
        out.push(code);
        let new = known.learn(code, pixel);
        if new == MOST - 1 {
            out.push(CLEAR);
            out.width = 3;
            known = Dictionary::new();
        } else if new == 1 << out.width {
            out.width += 1;
        }
    }
    prefix.into_iter().for_each(|code| out.push(code));
    // A reader learns from the last code what the writer would have learnt from a next one.
    if known.0.len() == 1 << out.width && out.width < 12 {
        out.width += 1;
    }
    out.push(END);
    out.finish()
}

/// Which code stands for another one and a colour more; 0 is none.
struct Dictionary(Vec<[u16; 2]>);

impl Dictionary {
    fn new() -> Self {
        Self(vec![[0; 2]; usize::from(FIRST)])
    }

    fn next(&self, code: u16, pixel: u16) -> Option<u16> {
        let next = self.0.get(usize::from(code))?.get(usize::from(pixel))?;
        (*next != 0).then_some(*next)
    }

    fn learn(&mut self, code: u16, pixel: u16) -> u16 {
        let new = u16::try_from(self.0.len()).unwrap_or(MOST);
        let slot = self.0.get_mut(usize::from(code)).and_then(|next| next.get_mut(usize::from(pixel)));
        if let Some(slot) = slot {
            *slot = new;
        }
        self.0.push([0; 2]);
        new
    }
}

/// A bit stream, the least significant bit first.
struct Codes {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
    width: u32,
}

impl Codes {
    fn push(&mut self, code: u16) {
        self.held |= u32::from(code) << self.count;
        self.count += self.width;
        while self.count >= 8 {
            self.bytes.extend(self.held.to_le_bytes().first());
            self.held >>= 8;
            self.count -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.extend(self.held.to_le_bytes().first());
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader of appendix F counts: pixels of the stream, and that the end code is the last thing in it.
    fn pixels(stream: &[u8]) -> usize {
        let mut bits = stream.iter().flat_map(|b| (0..8).map(move |n| usize::from(b >> n & 1)));
        let mut code =
            |width: usize| (0..width).map(|n| bits.next().expect("no end code") << n).sum::<usize>();
        let (mut lengths, mut width, mut before, mut count) = (vec![1; 6], 3, None, 0);
        loop {
            match code(width) {
                4 => (lengths, width, before) = (vec![1; 6], 3, None),
                5 => break,
                next => {
                    lengths.extend(before.map(|b: usize| lengths[b] + 1));
                    count += lengths[next];
                    before = Some(next);
                    width += usize::from(lengths.len() == 1 << width && width < 12);
                }
            }
        }
        assert!(bits.count() < 8);
        count
    }

    #[test]
    fn a_stream_ends_with_its_end_code_at_every_length() {
        let noise = |n: usize| u16::from(n * n % 7 < 3 || n % 5 == 1);
        for length in (0..700).chain(40_000..40_020) {
            assert_eq!(pixels(&lzw((0..length).map(noise))), length);
        }
    }
}
