//! How much is read at most: of a picture, a file, and all files of a run.

/// The longest side, in pixels: A3 at 1,200 dpi.
pub const MAX_SIDE: u32 = 20_000;

/// The most pixels of a picture: A4 at 600 dpi has 35 million.
pub const MAX_PIXELS: u64 = 50_000_000;

/// The longest picture file, in bytes.
pub const MAX_FILE: usize = 64 << 20;

/// The most frames of an animated picture.
pub const MAX_FRAMES: u64 = 10_000;

/// The most pixels of all its frames together: a file of a few kilobytes can ask for weeks of decoding.
pub const MAX_ALL_PIXELS: u64 = 1_000_000_000;

/// The most pixels of all picture files of one run together: a folder of such files must not cost hours either.
pub const MAX_RUN_PIXELS: u64 = 10_000_000_000;

/// The most files that are open at once.
pub const MAX_FILES: usize = 4_000;
