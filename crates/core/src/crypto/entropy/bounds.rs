//! How large a contribution has to be, and how large it can be.

/// Longest contribution in bytes.
pub const MAX_CONTRIBUTION: usize = 1024 * 1024;
/// Shortest file in bytes.
pub const MIN_FILE: usize = 32;
/// Bits that dice must be worth.
pub const DICE_BITS: u16 = 256;
