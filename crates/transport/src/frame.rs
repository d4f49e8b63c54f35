//! Frames: an artefact as lines of decimal digits, each small enough for one QR symbol.
//!
//! A frame is a 14-byte header and one block; its line is these bytes written as digits. The first K frames carry the payload's K
//! blocks, and every later frame carries a linear combination of them. So any K or K + 1 frames are enough, in any order,
//! starting at any frame. The written specification, with test vectors, is `ceremony/spec/qr-frames.md`. The main types are
//! [`FrameEncoder`], which makes lines, and [`Reassembler`], which takes lines from an untrusted scanner.
//!
//! Payloads are not compressed. DEFLATE would save two fifths of an artefact (`ceremony/spec/qr-frames.md`), but one key fits into one
//! symbol without it, and a decompressor for hostile input would be new code inside the offline station. Flag bits are reserved and refused
//! until a version defines them.
//!
//! # Examples
//! ```
//! use keyferry_transport::frame::{FrameEncoder, Level, Reassembler, Step, block_capacity};
//!
//! let payload = vec![7; 4000];
//! let block = block_capacity(15, Level::L).expect("version 15 exists");
//! let encoder = FrameEncoder::new(&payload, block)?;
//! let mut reassembler = Reassembler::default();
//! // Every second frame is lost.
//! let received = encoder.lines().step_by(2).find_map(|line| match reassembler.push_line(&line) {
//!     Step::Complete(received) => Some(received),
//!     _ => None,
//! });
//! assert_eq!(received.expect("the lines never end").payload, payload);
//! # Ok::<(), keyferry_transport::frame::EncodeError>(())
//! ```

mod code;
mod crc32;
mod digits;
mod encoder;
mod frame_error;
mod gf256;
mod rank;
mod reassembler;
mod solver;
mod symbol_capacity;
mod transfer;

use core::fmt;

use sha2::{Digest, Sha256};

use code::Layout;
use crc32::crc32;

pub use encoder::{FrameEncoder, blocks};
pub use frame_error::{EncodeError, FrameError, Ignored};
pub use rank::FrameRank;
pub use reassembler::{Counts, Progress, Reassembler, Received, Step};
pub use symbol_capacity::{Level, block_capacity, digit_capacity};

/// Length of a frame's header in bytes.
pub const HEADER: usize = 14;
/// Maximum length of a line: the capacity of a symbol of version 40 at level L.
pub const MAX_DIGITS: usize = 7089;
/// Maximum number of blocks in one payload.
pub const MAX_BLOCKS: usize = 512;
/// Maximum length of a payload, which three bytes can state.
pub const MAX_TOTAL: usize = 0x00ff_ffff;
/// Version 1 in the upper four bits, and no flags.
const VERSION: u8 = 0x10;
/// Maximum number of spaces and line breaks around the digits of a line.
const MAX_MARGIN: usize = 64;

/// Identifies a transfer: the first four bytes of SHA-256 over the payload's length (three bytes, big endian) and the payload. It
/// distinguishes transfers and detects a wrong reassembly; it cannot replace the comparison of the whole digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransferId(pub [u8; 4]);

impl TransferId {
    /// The id of a payload that is given in pieces, with `total` bytes altogether.
    fn of(total: usize, pieces: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        let length = u32::try_from(total).unwrap_or_default().to_be_bytes();
        hash.update(length.get(1..).unwrap_or_default());
        pieces.iter().for_each(|piece| hash.update(piece));
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        Self([a, b, c, d])
    }
}

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&keyferry_core::hex::encode(&self.0))
    }
}

impl fmt::Debug for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransferId({self})")
    }
}

/// One frame whose checksum is right and whose fields are consistent. Its content can still be forged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    transfer: TransferId,
    layout: Layout,
    index: u16,
    block: Vec<u8>,
}

impl Frame {
    /// Reads a line of digits, with optional spaces, tabs and line breaks around them.
    ///
    /// # Errors
    /// [`FrameError`], in this order: length, digits, version, flags, checksum, layout.
    pub fn parse_line(line: &str) -> Result<Self, FrameError> {
        if line.len() > MAX_DIGITS + MAX_MARGIN {
            return Err(FrameError::TooLong);
        }
        let line = line.trim_matches([' ', '\t', '\r', '\n']);
        if line.len() > MAX_DIGITS {
            return Err(FrameError::TooLong);
        }
        Self::from_bytes(&digits::decode(line.as_bytes()).ok_or(FrameError::NotDigits)?)
    }

    /// Reads the header and the block.
    ///
    /// # Errors
    /// [`FrameError`], in this order: length, version, flags, checksum, layout.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > digits::bytes_within(MAX_DIGITS) {
            return Err(FrameError::TooLong);
        }
        let (header, block) = bytes.split_first_chunk::<HEADER>().ok_or(FrameError::TooShort)?;
        let [version, i0, i1, i2, i3, t0, t1, t2, n0, n1, c0, c1, c2, c3] = *header;
        match version {
            VERSION => {}
            flags if flags & 0xf0 == VERSION => return Err(FrameError::Flags(flags & 0x0f)),
            other => return Err(FrameError::Version(other >> 4)),
        }
        let checked = header.get(..HEADER - 4).unwrap_or_default();
        if crc32(&[checked, block]) != u32::from_be_bytes([c0, c1, c2, c3]) {
            return Err(FrameError::Checksum);
        }
        let total = usize::from(t0) << 16 | usize::from(t1) << 8 | usize::from(t2);
        Ok(Self {
            transfer: TransferId([i0, i1, i2, i3]),
            layout: Layout::new(total, block.len())?,
            index: u16::from_be_bytes([n0, n1]),
            block: block.to_vec(),
        })
    }

    /// The bytes of the header and the block.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER + self.block.len());
        out.push(VERSION);
        out.extend(self.transfer.0);
        let [_, total @ ..] = u32::try_from(self.layout.total()).unwrap_or_default().to_be_bytes();
        out.extend(total);
        out.extend(self.index.to_be_bytes());
        let crc = crc32(&[&out, &self.block]);
        out.extend(crc.to_be_bytes());
        out.extend(&self.block);
        out
    }

    /// The line of digits, without a line break.
    #[must_use]
    pub fn to_line(&self) -> String {
        digits::encode(&self.to_bytes())
    }

    /// The transfer that the frame belongs to.
    #[must_use]
    pub const fn transfer(&self) -> TransferId {
        self.transfer
    }

    /// Length of the whole payload in bytes.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.layout.total()
    }

    /// Number of blocks, K.
    #[must_use]
    pub const fn blocks(&self) -> usize {
        self.layout.count()
    }

    /// The frame's place in the endless sequence of frames.
    #[must_use]
    pub const fn index(&self) -> u16 {
        self.index
    }

    /// The frame's content: block `index`, or a combination of all blocks.
    #[must_use]
    pub fn block(&self) -> &[u8] {
        &self.block
    }
}

#[cfg(test)]
mod tests;
