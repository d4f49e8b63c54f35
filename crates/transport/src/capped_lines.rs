//! Reads a file line by line; the whole file is never in memory.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::FileError;
use crate::file::open_capped;

/// An open regular file, at most as long as its cap.
#[derive(Debug)]
pub struct CappedLines {
    path: PathBuf,
    cap: usize,
    /// The file's length when it was opened, minus the bytes read since.
    left: usize,
    longest: u64,
    reader: BufReader<File>,
}

impl CappedLines {
    /// Opens a file of at most `cap` bytes, with lines of at most `longest` bytes, line break included.
    ///
    /// # Errors
    /// [`FileError`]; a longer file is refused before it is read.
    pub fn open(path: &Path, cap: usize, longest: usize) -> Result<Self, FileError> {
        let (file, left) = open_capped(path, cap)?;
        Ok(Self::of(path, file, (left, cap), longest))
    }

    /// Like [`open`](Self::open), but for a file that is already open at its beginning and has `left` bytes,
    /// at most `cap`.
    pub(crate) fn of(path: &Path, file: File, (left, cap): (usize, usize), longest: usize) -> Self {
        let reader = BufReader::with_capacity(64 * 1024, file);
        Self { path: path.into(), cap, left, longest: longest as u64, reader }
    }

    /// Counts the remaining lines. This reads them, so open the file again to get the lines themselves.
    ///
    /// # Errors
    /// The same errors as [`next_into`](Self::next_into).
    pub fn count(mut self) -> Result<usize, FileError> {
        let (mut line, mut lines) = (Vec::new(), 0);
        loop {
            self.next_into(&mut line)?;
            if line.is_empty() {
                return Ok(lines);
            }
            lines += 1;
        }
    }

    /// The number of bytes that are left to read.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.left
    }

    /// Puts the next line into `line`, with its line break; `line` is empty at the end of the file. A line that is too long is cut
    /// off.
    ///
    /// # Errors
    /// [`FileError`], including if the file grew in the meantime.
    pub fn next_into(&mut self, line: &mut Vec<u8>) -> Result<(), FileError> {
        line.clear();
        let read = (&mut self.reader).take(self.longest).read_until(b'\n', line);
        let read = read.map_err(|e| FileError::reading(&self.path, &e))?;
        let too_large = || FileError::TooLarge { path: self.path.clone(), cap: self.cap };
        self.left = self.left.checked_sub(read).ok_or_else(too_large)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_with_their_ends_and_long_ones_without() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines");
        std::fs::write(&path, "one\n\n12345678\nlast").unwrap();
        let mut lines = CappedLines::open(&path, 18, 6).unwrap();
        let mut next = || {
            let mut line = Vec::new();
            lines.next_into(&mut line).unwrap();
            String::from_utf8(line).unwrap()
        };
        let found: Vec<_> = (0..6).map(|_| next()).collect();
        assert_eq!(found, ["one\n", "\n", "123456", "78\n", "last", ""]);
        assert_eq!(CappedLines::open(&path, 18, 6).unwrap().count().unwrap(), 5);
        assert!(matches!(CappedLines::open(&path, 17, 6), Err(FileError::TooLarge { .. })));
    }
}
