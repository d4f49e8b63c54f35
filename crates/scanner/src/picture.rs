//! Reads PNG, JPEG and GIF files as grey pictures, animated ones frame by frame.
//!
//! The first bytes determine the kind of file, never its name. Size and pixels are checked before anything is decoded;
//! frames are checked as they arrive. Transparent pixels become white, the colour of paper.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder};
use image::{AnimationDecoder, DynamicImage, Frames, ImageDecoder, ImageError, ImageResult, Limits};

use crate::limits::{MAX_ALL_PIXELS, MAX_FILE, MAX_FRAMES};
use crate::luma::{Luma, checked_area};
use crate::picture_error::PictureError;
use crate::png;

/// Maximum memory for decoding one picture: twice the largest picture in eight-bit colour with transparency.
const MAX_MEMORY: u64 = 400 << 20;

/// The kinds of picture files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Png,
    Jpeg,
    Gif,
}

impl Kind {
    /// The kind, from the first bytes of a file.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let kinds: [(&[u8], Self); 4] = [
            (b"\x89PNG\r\n\x1a\n", Self::Png),
            (b"\xff\xd8\xff", Self::Jpeg),
            (b"GIF87a", Self::Gif),
            (b"GIF89a", Self::Gif),
        ];
        kinds.into_iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| kind)
    }
}

/// The frames of a picture file: one, or those of an animation.
pub struct Pictures {
    state: State,
    frames: u64,
    pixels: u64,
}

enum State {
    Still(Option<Box<Luma>>),
    Animated(Frames<'static>),
    Done,
}

impl std::fmt::Debug for Pictures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pictures").field("frames", &self.frames).finish_non_exhaustive()
    }
}

impl Pictures {
    /// Begins to read a picture file from its bytes.
    ///
    /// # Errors
    /// [`PictureError`] if the kind is unknown, or the file is too long, has too many pixels or is damaged.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, PictureError> {
        if bytes.len() > MAX_FILE {
            return Err(PictureError::FileLength);
        }
        let kind = Kind::of(&bytes).ok_or(PictureError::Kind)?;
        let state = caught(|| begin(kind, bytes))?;
        Ok(Self { state, frames: 0, pixels: 0 })
    }

    fn take(&mut self) -> Result<Option<Luma>, PictureError> {
        match &mut self.state {
            State::Done => Ok(None),
            State::Still(picture) => Ok(picture.take().map(|p| *p)),
            State::Animated(frames) => {
                let next = caught(|| frames.next().transpose().map_err(|e| refusal(&e)))?;
                let Some(frame) = next else { return Ok(None) };
                let picture = luma(DynamicImage::ImageRgba8(frame.into_buffer()))?;
                self.frames += 1;
                self.pixels = self.pixels.saturating_add(picture.pixels().len() as u64);
                if self.frames > MAX_FRAMES || self.pixels > MAX_ALL_PIXELS {
                    return Err(PictureError::Frames);
                }
                Ok(Some(picture))
            }
        }
    }
}

impl Iterator for Pictures {
    type Item = Result<Luma, PictureError>;

    /// The next frame; after an error there are no more.
    fn next(&mut self) -> Option<Self::Item> {
        let next = self.take();
        if next.is_err() {
            self.state = State::Done;
        }
        next.transpose()
    }
}

/// A JPEG picture from a camera's stream.
pub(crate) fn jpeg(bytes: &[u8]) -> Result<Luma, PictureError> {
    caught(|| still(JpegDecoder::new(Cursor::new(bytes))))
}

fn begin(kind: Kind, bytes: Vec<u8>) -> Result<State, PictureError> {
    match kind {
        Kind::Jpeg => still(JpegDecoder::new(Cursor::new(bytes))).map(one),
        Kind::Gif => Ok(State::Animated(checked(GifDecoder::new(Cursor::new(bytes)))?.into_frames())),
        Kind::Png => {
            let decoder = png_decoder(&bytes)?;
            let moving = decoder.is_apng().map_err(|e| refusal(&e))?;
            if moving {
                let moving = decoder.apng().map_err(|e| refusal(&e))?;
                return Ok(State::Animated(moving.into_frames()));
            }
            still(Ok(decoder)).map(one)
        }
    }
}

/// A PNG decoder that never sees a compressed profile or text.
fn png_decoder(bytes: &[u8]) -> Result<PngDecoder<Cursor<Vec<u8>>>, PictureError> {
    checked(PngDecoder::with_limits(Cursor::new(png::needed(bytes)), limits()))
}

fn one(picture: Luma) -> State {
    State::Still(Some(Box::new(picture)))
}

fn still<D: ImageDecoder>(decoder: ImageResult<D>) -> Result<Luma, PictureError> {
    luma(DynamicImage::from_decoder(checked(decoder)?).map_err(|e| refusal(&e))?)
}

/// Checks that the decoder's picture is within the limits.
fn checked<D: ImageDecoder>(decoder: ImageResult<D>) -> Result<D, PictureError> {
    let mut decoder = decoder.map_err(|e| refusal(&e))?;
    let (width, height) = decoder.dimensions();
    checked_area(width, height)?;
    decoder.set_limits(limits()).map_err(|e| refusal(&e))?;
    Ok(decoder)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

fn luma(picture: DynamicImage) -> Result<Luma, PictureError> {
    let (width, height) = (picture.width(), picture.height());
    let pixels = if picture.color().has_alpha() {
        let on_paper = |p: &image::LumaA<u8>| {
            let [grey, alpha] = p.0.map(u32::from);
            u8::try_from((grey * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        picture.into_luma_alpha8().pixels().map(on_paper).collect()
    } else {
        picture.into_luma8().into_raw()
    };
    Luma::new(pixels, width, height)
}

fn refusal(error: &ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::Memory,
        ImageError::Unsupported(_) => PictureError::Unsupported,
        _ => PictureError::Damaged,
    }
}

/// Runs third-party code on untrusted bytes; a panic counts as a damaged file.
fn caught<T>(work: impl FnOnce() -> Result<T, PictureError>) -> Result<T, PictureError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(PictureError::Panicked))
}

#[cfg(test)]
mod tests {
    use image::ImageEncoder as _;
    use image::codecs::png::PngEncoder;

    use super::*;

    #[test]
    fn a_profile_that_unfolds_to_megabytes_is_not_decoded() {
        const PROFILE: usize = 8 << 20;
        let (mut file, pixels) = (Vec::new(), [0, 80, 160, 255]);
        let mut encoder = PngEncoder::new(&mut file);
        encoder.set_icc_profile(vec![0; PROFILE]).unwrap();
        encoder.write_image(&pixels, 2, 2, image::ExtendedColorType::L8).unwrap();
        assert!(file.len() < PROFILE / 500, "{} bytes", file.len());
        let mut as_it_is = PngDecoder::with_limits(Cursor::new(file.clone()), limits()).unwrap();
        assert_eq!(as_it_is.icc_profile().unwrap().map(|p| p.len()), Some(PROFILE));
        assert_eq!(png_decoder(&file).unwrap().icc_profile().unwrap(), None);
        let pictures: Vec<Luma> = Pictures::parse(file).unwrap().map(Result::unwrap).collect();
        assert_eq!(pictures, [Luma::new(pixels.to_vec(), 2, 2).unwrap()]);
    }
}
