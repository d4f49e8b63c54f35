//! An output that is written piece by piece. The whole is never in memory, and it appears complete or not at all.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use keyferry_core::Fingerprint;
use sha2::{Digest, Sha256};

use crate::FileError;
use crate::file::{Access, Unpublished, check_free};

/// The number of bytes that are collected before they are written.
const COLLECTED: usize = 64 * 1024;

/// An output that grows and has no name yet; dropping it removes it.
#[derive(Debug)]
pub struct Streamed<'p> {
    output: Unpublished<'p>,
    path: &'p Path,
    collected: Vec<u8>,
    written: Sha256,
}

impl<'p> Streamed<'p> {
    /// Begins an empty output.
    ///
    /// # Errors
    /// [`FileError`], including if the name is taken.
    pub fn create(path: &'p Path, access: Access) -> Result<Self, FileError> {
        check_free(path)?;
        let output = Unpublished::create(path, access)?;
        Ok(Self { output, path, collected: Vec::with_capacity(COLLECTED), written: Sha256::new() })
    }

    /// The final path of the output.
    #[must_use]
    pub const fn path(&self) -> &'p Path {
        self.path
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn write(&mut self, piece: &[u8]) -> Result<(), FileError> {
        self.collected.extend_from_slice(piece);
        if self.collected.len() < COLLECTED { Ok(()) } else { self.flush() }
    }

    /// Waits until all bytes are on the device, and reads them back. Returns the output, ready to be published, and the
    /// digest of its bytes.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn finish(mut self) -> Result<(Unpublished<'p>, Fingerprint), FileError> {
        self.flush()?;
        let writing = |e: io::Error| FileError::writing(self.path, &e);
        let mut file = self.output.file();
        file.sync_all().map_err(writing)?;
        file.rewind().map_err(writing)?;
        let found = digest_of(file).map_err(writing)?;
        if found.as_bytes()[..] != self.written.finalize()[..] {
            return Err(FileError::ReadBack(self.path.into()));
        }
        Ok((self.output, found))
    }

    fn flush(&mut self) -> Result<(), FileError> {
        self.written.update(&self.collected);
        let written = self.output.file().write_all(&self.collected);
        self.collected.clear();
        written.map_err(|e| FileError::writing(self.path, &e))
    }
}

/// SHA-256 of the rest of the file.
fn digest_of(mut file: &File) -> io::Result<Fingerprint> {
    Fingerprint::of_pieces(|piece| {
        loop {
            match file.read(piece) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_one_whole_file_or_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.csv");
        let names = || std::fs::read_dir(dir.path()).unwrap().count();
        let mut output = Streamed::create(&path, Access::Everyone).unwrap();
        let line = "a line, longer than nothing\r\n";
        let many = 3 * COLLECTED / line.len();
        for _ in 0..many {
            output.write(line.as_bytes()).unwrap();
        }
        assert_eq!(names(), 0, "it has no name before it is whole");
        let (output, digest) = output.finish().unwrap();
        output.publish().unwrap().sync().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!((bytes.len(), digest), (many * line.len(), Fingerprint::of(&bytes)));
        assert!(matches!(Streamed::create(&path, Access::Everyone), Err(FileError::Exists(_))));
        let other = dir.path().join("other");
        let mut dropped = Streamed::create(&other, Access::Everyone).unwrap();
        dropped.write(b"half").unwrap();
        drop(dropped);
        assert_eq!(names(), 1);
    }
}
