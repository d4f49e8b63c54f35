//! The symbols of one file for a picture, a page or a sheet: one symbol if that is enough, otherwise as many as
//! the medium needs.

use super::output::seconds;
use super::show_error::{ShowError, ShowRefusal};
use super::subject::Subject;
use super::symbol::{Symbol, Version};
use crate::frame::{FrameEncoder, Level, blocks};

/// The version for this many bytes; not larger than `most`, if it is given.
pub(super) fn version_for(bytes: usize, level: Level, most: Option<Version>) -> Result<Version, ShowRefusal> {
    let whole = Version::for_bytes(bytes, level).filter(|v| *v <= most.unwrap_or(Version::MAX));
    if let Some(whole) = whole {
        return Ok(whole);
    }
    let needed = Version::for_frames(bytes, level).ok_or(ShowRefusal::TooLarge { bytes })?;
    match most {
        Some(most) if needed > most => {
            let symbols = needed.bytes(level).and_then(|longest| blocks(bytes, longest)).unwrap_or(0);
            let (version, needed, seconds) = (most.number(), needed.number(), seconds(symbols));
            Err(ShowRefusal::Version { bytes, version, needed, symbols, seconds })
        }
        Some(most) => Ok(most),
        None => Ok(needed.max(Version::V15)),
    }
}

/// The numbered symbols of one file.
#[derive(Debug)]
pub struct Series {
    encoder: FrameEncoder,
    version: Version,
    level: Level,
    len: u16,
}

impl Series {
    /// One symbol of the smallest version that holds the file. If no version does, several symbols: of version 15 if that is enough,
    /// otherwise of the smallest version that is. If `most` is given, a single symbol is at most this large, and several symbols have
    /// exactly this version. `len` computes the number of symbols to make from the number that is needed.
    ///
    /// # Errors
    /// [`ShowRefusal::Version`] for a file that needs too many symbols of the version `most`.
    pub fn new(
        subject: &Subject,
        level: Level,
        most: Option<Version>,
        len: impl FnOnce(usize) -> usize,
    ) -> Result<Self, ShowError> {
        let version = version_for(subject.bytes().len(), level, most)?;
        let encoder = FrameEncoder::new(subject.bytes(), version.bytes(level).unwrap_or(0))?;
        // Keep the number of symbols, but make each no larger than its block needs.
        let block = subject.bytes().len().div_ceil(encoder.blocks().max(1));
        let version = Version::for_bytes(block, level).unwrap_or(version);
        let len = u16::try_from(len(encoder.blocks())).unwrap_or(u16::MAX);
        Ok(Self { encoder, version, level, len })
    }

    /// The number of symbols that is enough.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.encoder.blocks()
    }

    /// The number of symbols.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are no symbols, which never happens.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The version of the symbols.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The error correction level of the symbols.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The symbols, starting with the first frame. If one is enough, they are all the same.
    pub fn symbols(&self) -> impl Iterator<Item = Result<Symbol, ShowError>> + '_ {
        let index = |n| if self.needed() == 1 { 0 } else { n };
        (0..self.len).map(index).map(|n| Symbol::encode(&self.encoder.line(n), self.version, self.level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The record of a ceremony with 100 keys is 289,000 bytes long.
    #[test]
    fn a_long_file_takes_the_smallest_version_that_suffices() {
        let version = |bytes, most| version_for(bytes, Level::L, Version::new(most)).map(Version::number);
        assert_eq!((version(4_000, 0), version(250_000, 0)), (Ok(15), Ok(15)));
        let needed = version(289_000, 0).unwrap();
        assert!((16..25).contains(&needed), "{needed}");
        let symbols = blocks(289_000, Version::new(needed).unwrap().bytes(Level::L).unwrap()).unwrap();
        assert!((450..=512).contains(&symbols), "{symbols}");
        let seconds = symbols.div_ceil(8);
        let refused = ShowRefusal::Version { bytes: 289_000, version: 15, needed, symbols, seconds };
        assert_eq!(version(289_000, 15), Err(refused));
        assert_eq!((version(289_000, needed), version(289_000, needed - 1).is_err()), (Ok(needed), true));
        for most in [0, 15, 40] {
            assert_eq!(version(1_486_849, most), Err(ShowRefusal::TooLarge { bytes: 1_486_849 }));
        }
        let bytes = |number| Version::new(number).unwrap().bytes(Level::L).unwrap();
        assert!(bytes(needed) * 512 >= 289_000 && bytes(needed - 1) * 512 < 289_000);
        // One symbol if one is enough.
        assert_eq!(
            (version(1_000, 0), version(1_000, 10)),
            (Ok(Version::for_bytes(1_000, Level::L).unwrap().number()), Ok(10))
        );
    }
}
