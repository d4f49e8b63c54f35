//! The symbols of one file for a picture, a page or a sheet: one where one will do, else as many as the medium wants.

use super::ShowError;
use super::subject::Subject;
use super::symbol::{Symbol, Version};
use crate::frame::{FrameEncoder, Level};

/// The numbered symbols of one file.
#[derive(Debug)]
pub struct Series {
    encoder: FrameEncoder,
    version: Version,
    level: Level,
    len: u16,
}

impl Series {
    /// One symbol, in the smallest version that holds the file; else symbols of version 15. `most` replaces both bounds.
    /// `len` says how many are made, from how many are needed.
    ///
    /// # Errors
    /// [`ShowError::Frames`] for a file that needs too many symbols.
    pub fn new(
        subject: &Subject,
        level: Level,
        most: Option<Version>,
        len: impl FnOnce(usize) -> usize,
    ) -> Result<Self, ShowError> {
        let whole = Version::for_bytes(subject.bytes().len(), level);
        let whole = whole.filter(|v| *v <= most.unwrap_or(Version::MAX));
        let version = whole.or(most).unwrap_or(Version::V15);
        let encoder = FrameEncoder::new(subject.bytes(), version.bytes(level).unwrap_or(0))?;
        // As many symbols, each no larger than its block needs.
        let block = subject.bytes().len().div_ceil(encoder.blocks().max(1));
        let version = Version::for_bytes(block, level).unwrap_or(version);
        let len = u16::try_from(len(encoder.blocks())).unwrap_or(u16::MAX);
        Ok(Self { encoder, version, level, len })
    }

    /// How many of them suffice.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.encoder.blocks()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are none, which no file has.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Their version.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Their error correction level.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The symbols, the first frame first; where one is enough they are all the same.
    pub fn symbols(&self) -> impl Iterator<Item = Result<Symbol, ShowError>> + '_ {
        let index = |n| if self.needed() == 1 { 0 } else { n };
        (0..self.len).map(index).map(|n| Symbol::encode(&self.encoder.line(n), self.version, self.level))
    }
}
