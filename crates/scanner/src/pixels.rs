//! Extracts the brightness from a camera's pixel formats: GREY, YUYV and MJPEG.

use crate::luma::{Luma, checked_area};
use crate::picture;
use crate::picture_error::PictureError;

/// A supported pixel format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelLayout {
    /// One byte of brightness for each pixel.
    Grey,
    /// Two pixels in four bytes: brightness, blue, brightness, red.
    Yuyv,
    /// One JPEG picture for each frame.
    Mjpeg,
}

/// The grey picture in a frame of `width` × `height` pixels, each line `stride` bytes long (not for MJPEG).
///
/// # Errors
/// [`PictureError::Size`], [`PictureError::Length`] for a frame that is cut off, and the errors from the JPEG
/// decoder.
pub fn brightness(
    layout: PixelLayout,
    bytes: &[u8],
    (width, height): (u32, u32),
    stride: u32,
) -> Result<Luma, PictureError> {
    let each = match layout {
        PixelLayout::Mjpeg => return picture::jpeg(bytes),
        PixelLayout::Grey => 1,
        PixelLayout::Yuyv => 2,
    };
    let area = checked_area(width, height)?;
    let line = width as usize * each;
    // Some drivers leave the stride 0 if there is no padding between lines.
    let stride = if stride == 0 { line } else { stride as usize };
    let needed = stride.saturating_mul(height as usize - 1).saturating_add(line);
    if stride < line || bytes.len() < needed {
        return Err(PictureError::Length { expected: needed, found: bytes.len() });
    }
    let mut pixels = Vec::with_capacity(area);
    for row in bytes.chunks(stride).take(height as usize) {
        pixels.extend(row.iter().take(line).step_by(each));
    }
    Luma::new(pixels, width, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_be_padded_and_colour_is_dropped() {
        let grey = brightness(PixelLayout::Grey, &[1, 2, 0, 3, 4], (2, 2), 3).unwrap();
        assert_eq!(grey.pixels(), [1, 2, 3, 4]);
        let yuyv = brightness(PixelLayout::Yuyv, &[1, 9, 2, 9, 3, 9, 4, 9], (2, 2), 0).unwrap();
        assert_eq!(yuyv, grey);
    }

    #[test]
    fn frames_that_are_cut_off_are_refused() {
        let cut = brightness(PixelLayout::Yuyv, &[0; 7], (2, 2), 4);
        assert_eq!(cut, Err(PictureError::Length { expected: 8, found: 7 }));
        assert!(brightness(PixelLayout::Grey, &[0; 4], (4, 1), 3).is_err(), "a stride shorter than a line");
        assert!(brightness(PixelLayout::Grey, &[], (0, 1), 3).is_err());
        assert!(brightness(PixelLayout::Mjpeg, b"\xff\xd8\xff", (2, 2), 0).is_err());
    }
}
