//! The minimum and maximum sizes of a contribution.

/// Longest contribution in bytes.
pub const MAX_CONTRIBUTION: usize = 1024 * 1024;
/// Shortest file in bytes.
pub const MIN_FILE: usize = 32;
/// Bits that the rolls of dice must be worth.
pub const DICE_BITS: u16 = 256;
