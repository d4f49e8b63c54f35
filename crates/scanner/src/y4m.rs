//! Y4M (YUV4MPEG2) video, as `ffmpeg -f yuv4mpegpipe` and GStreamer's `y4menc` write it: a line of text, then frames.
//!
//! Only the brightness is kept. Only eight bits per sample are supported; the refusal names any other format. A stream may have
//! any length, because only one frame is in memory at a time.

use std::io::{self, BufRead, Read};

use crate::luma::{Luma, checked_area};
use crate::picture_error::PictureError;

/// The first bytes of every stream.
pub(crate) const MAGIC: &[u8] = b"YUV4MPEG2";

/// Maximum length of a header line, in bytes.
const MAX_LINE: u64 = 512;

/// A video, read frame by frame.
#[derive(Debug)]
pub struct Y4m<R> {
    reader: R,
    width: u32,
    height: u32,
    /// Bytes of brightness in a frame, and bytes of colour after them.
    luma: usize,
    chroma: u64,
}

impl<R: BufRead> Y4m<R> {
    /// Reads the header line.
    ///
    /// # Errors
    /// [`PictureError::Kind`] if this is not Y4M, [`PictureError::Unsupported`] for other sample formats, [`PictureError::Size`],
    /// [`PictureError::Damaged`], or [`PictureError::Reading`].
    pub fn parse(mut reader: R) -> Result<Self, PictureError> {
        let line = line(&mut reader)?.ok_or(PictureError::Kind)?;
        let mut words = line.split(|b| *b == b' ');
        if words.next() != Some(MAGIC) {
            return Err(PictureError::Kind);
        }
        let (mut width, mut height, mut colour) = (None, None, &b"420"[..]);
        for word in words {
            match word.split_first() {
                Some((b'W', rest)) => width = Some(number(rest)?),
                Some((b'H', rest)) => height = Some(number(rest)?),
                Some((b'C', rest)) => colour = rest,
                _ => {}
            }
        }
        let (Some(width), Some(height)) = (width, height) else { return Err(PictureError::Damaged) };
        let luma = checked_area(width, height)?;
        Ok(Self { reader, width, height, luma, chroma: chroma(colour, width, height)? })
    }

    /// The next frame; `None` at the end.
    ///
    /// # Errors
    /// [`PictureError::Damaged`] for a frame that is cut off or has no frame header, [`PictureError::Reading`].
    pub fn frame(&mut self) -> Result<Option<Luma>, PictureError> {
        let Some(line) = line(&mut self.reader)? else { return Ok(None) };
        if line.split(|b| *b == b' ').next() != Some(b"FRAME") {
            return Err(PictureError::Damaged);
        }
        // Grows with the data that arrives, not with what the header claims.
        let mut pixels = Vec::new();
        let brightness = (&mut self.reader).take(self.luma as u64).read_to_end(&mut pixels);
        brightness.map_err(|e| PictureError::Reading(e.kind()))?;
        let skipped = io::copy(&mut (&mut self.reader).take(self.chroma), &mut io::sink());
        let skipped = skipped.map_err(|e| PictureError::Reading(e.kind()))?;
        if pixels.len() < self.luma || skipped < self.chroma {
            return Err(PictureError::Damaged);
        }
        Luma::new(pixels, self.width, self.height).map(Some)
    }
}

/// The number of bytes of colour after the brightness of a frame.
fn chroma(colour: &[u8], width: u32, height: u32) -> Result<u64, PictureError> {
    let (width, height) = (u64::from(width), u64::from(height));
    let half = |n: u64| n.div_ceil(2);
    match colour {
        b"420" | b"420jpeg" | b"420mpeg2" | b"420paldv" => Ok(2 * half(width) * half(height)),
        b"411" => Ok(2 * width.div_ceil(4) * height),
        b"422" => Ok(2 * half(width) * height),
        b"444" => Ok(2 * width * height),
        b"444alpha" => Ok(3 * width * height),
        b"mono" => Ok(0),
        _ => Err(PictureError::Unsupported),
    }
}

/// A line without its line break; `None` if the stream has ended.
fn line(reader: &mut impl BufRead) -> Result<Option<Vec<u8>>, PictureError> {
    let mut line = Vec::new();
    reader.take(MAX_LINE).read_until(b'\n', &mut line).map_err(|e| PictureError::Reading(e.kind()))?;
    match line.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(line)),
        Some(_) => Err(PictureError::Damaged),
    }
}

fn number(digits: &[u8]) -> Result<u32, PictureError> {
    let text = std::str::from_utf8(digits).map_err(|_| PictureError::Damaged)?;
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain).ok_or(PictureError::Damaged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames(bytes: &[u8]) -> Result<Vec<Luma>, PictureError> {
        let mut video = Y4m::parse(bytes)?;
        let mut frames = Vec::new();
        while let Some(frame) = video.frame()? {
            frames.push(frame);
        }
        Ok(frames)
    }

    #[test]
    fn every_colour_format_keeps_the_brightness() {
        let formats =
            [("420jpeg", 4), ("420", 4), ("411", 4), ("422", 8), ("444", 12), ("444alpha", 18), ("mono", 0)];
        for (name, colour) in formats {
            let mut file = format!("YUV4MPEG2 W3 H2 F30:1 Ip A1:1 C{name}\n").into_bytes();
            for frame in 0..3_u8 {
                file.extend(b"FRAME\n");
                file.extend([frame; 6]);
                file.extend(vec![200; colour]);
            }
            let found = frames(&file).unwrap();
            assert_eq!(found.len(), 3, "{name}");
            assert!(found.iter().zip(0..).all(|(f, n)| f.pixels() == [n; 6]), "{name}");
            file.pop();
            assert_eq!(frames(&file), Err(PictureError::Damaged), "{name}: cut off");
        }
    }

    #[test]
    fn what_is_no_video_or_another_is_refused_by_name() {
        let cases: [(&str, PictureError); 9] = [
            ("", PictureError::Kind),
            ("YUV4MPEG W3 H2\n", PictureError::Kind),
            ("YUV4MPEG2 W3 H2", PictureError::Damaged),
            ("YUV4MPEG2 W3\n", PictureError::Damaged),
            ("YUV4MPEG2 W+3 H2\n", PictureError::Damaged),
            ("YUV4MPEG2 W99999999999 H2\n", PictureError::Damaged),
            ("YUV4MPEG2 W3 H2 C420p10\n", PictureError::Unsupported),
            ("YUV4MPEG2 W0 H2\n", PictureError::Size { width: 0, height: 2 }),
            ("YUV4MPEG2 W20000 H20000\n", PictureError::Size { width: 20_000, height: 20_000 }),
        ];
        for (file, error) in cases {
            assert_eq!(frames(file.as_bytes()), Err(error), "{file}");
        }
        assert_eq!(frames(b"YUV4MPEG2 W1 H1 Cmono\nFRAMES\n0"), Err(PictureError::Damaged));
        let endless = [b"YUV4MPEG2 ".to_vec(), vec![b'X'; 100_000]].concat();
        assert_eq!(frames(&endless), Err(PictureError::Damaged));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_frames_or_a_refusal(tail in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = frames(&tail);
            let _ = frames(&[b"YUV4MPEG2 W2 H2 Cmono\n", &tail[..]].concat());
            let _ = frames(&[b"YUV4MPEG2 ", &tail[..]].concat());
        }

        #[test]
        fn what_was_written_is_read(pixels in prop::collection::vec(any::<u8>(), 12), n in 0_usize..5) {
            let frame = [b"FRAME Ip\n", &pixels[..]].concat();
            let file = [b"YUV4MPEG2 Cmono H3 W4\n".to_vec(), frame.repeat(n)].concat();
            let found = frames(&file).unwrap();
            prop_assert_eq!(found.len(), n);
            prop_assert!(found.iter().all(|f| f.pixels() == pixels));
        }
    }
}
