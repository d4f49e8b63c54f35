//! The source of lines. It is opened first, so that a station can give up access to its file system before it
//! reads a byte.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::keyboard::Keyboard;
use super::receive_error::{ReceiveError, ReceiveRefusal};
use crate::FileError;

/// An open source of lines, from which nothing has been read yet.
pub struct Input {
    pub(super) name: PathBuf,
    pub(super) reader: BufReader<Box<dyn Read>>,
    pub(super) typed: bool,
}

impl core::fmt::Debug for Input {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Input").field("name", &self.name).field("typed", &self.typed).finish_non_exhaustive()
    }
}

impl Input {
    /// Standard input: a pipe, a file, or a terminal into which a hand scanner types.
    ///
    /// # Errors
    /// [`ReceiveRefusal::Terminal`].
    pub fn standard() -> Result<Self, ReceiveError> {
        let name = Path::new("-");
        match Keyboard::take().map_err(|_| ReceiveRefusal::Terminal)? {
            Some(keyboard) => Ok(Self { typed: true, ..Self::of(name, keyboard) }),
            None => Ok(Self::of(name, io::stdin())),
        }
    }

    /// A file of lines, or a named pipe. The length does not matter, because lines are capped and read one by
    /// one.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn file(path: &Path) -> Result<Self, ReceiveError> {
        let reading = |e: io::Error| FileError::reading(path, &e);
        if fs::metadata(path).map_err(reading)?.is_dir() {
            return Err(FileError::Kind(path.into()).into());
        }
        Ok(Self::of(path, File::open(path).map_err(reading)?))
    }

    /// Any source of lines, with its name for people.
    fn of(name: &Path, reader: impl Read + 'static) -> Self {
        Self { name: name.into(), reader: BufReader::new(Box::new(reader)), typed: false }
    }
}
