//! Limits on a picture, on a file, and on all files of a run.

/// Maximum length of a side, in pixels: enough for A3 at 1,200 dpi.
pub const MAX_SIDE: u32 = 20_000;

/// Maximum number of pixels in a picture; A4 at 600 dpi has 35 million.
pub const MAX_PIXELS: u64 = 50_000_000;

/// Maximum length of a picture file, in bytes.
pub const MAX_FILE: usize = 64 << 20;

/// Maximum number of frames in an animated picture.
pub const MAX_FRAMES: u64 = 10_000;

/// Maximum number of pixels in all frames of a file together, because a file of a few kilobytes can demand
/// weeks of decoding.
pub const MAX_ALL_PIXELS: u64 = 1_000_000_000;

/// Maximum number of pixels in all picture files of one run together, because a folder of such files must not
/// take hours either.
pub const MAX_RUN_PIXELS: u64 = 10_000_000_000;

/// Maximum number of files that are open at once.
pub const MAX_FILES: usize = 4_000;
