//! Opens a file that grows line by line: only a regular file with a single name, never through a link, and locked
//! against a second writer.
//!
//! A person who can write to the medium can put anything in a record's place: a link to one of the user's files, a pipe, a device.
//! All of these are refused before they are read, and this run never removes a file that it did not create, nor any of its complete lines.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::FileError;
use crate::file::sync_folder;

/// Opens without following a link, and without waiting for the other end of a pipe.
const CAREFUL: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).bits().cast_signed();
/// How often the name is tried again if another program removes or creates the file at the same moment.
const TRIES: usize = 5;

/// A file of lines, open for reading and writing, and locked.
#[derive(Debug)]
pub(crate) struct Growing {
    path: PathBuf,
    pub(crate) file: File,
    /// Whether this run created the file.
    created: bool,
    /// The length of the complete lines, in bytes.
    length: u64,
    /// Whether an incomplete last line follows them, which is cut off when the next line is written.
    torn: bool,
}

impl Growing {
    /// Opens the file, or creates an empty one with this mode.
    pub(crate) fn open(path: &Path, mode: u32) -> Result<Self, FileError> {
        for _ in 0..TRIES {
            let Some((file, created)) = open_or_create(path, mode)? else { continue };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(FileError::Busy(path.into())),
                Err(TryLockError::Error(e)) => return Err(FileError::writing(path, &e)),
            }
            let this = Self { path: path.into(), file, created, length: 0, torn: false };
            // Another program may have removed the file between opening and locking, and then everything written to it would
            // be lost.
            if this.is_at_its_name()? {
                if created {
                    // Syncing the lines later does not sync the file's name.
                    sync_folder(path)?;
                }
                return Ok(this);
            }
        }
        Err(FileError::Busy(path.into()))
    }

    /// Reads all bytes; `too_large` makes the error if there are more than `cap`.
    pub(crate) fn read<E: From<FileError>>(
        &mut self,
        cap: usize,
        too_large: impl FnOnce() -> E,
    ) -> Result<Vec<u8>, E> {
        let reading = |e: io::Error| E::from(FileError::reading(&self.path, &e));
        let length = self.file.metadata().map_err(reading)?.len();
        if length > cap as u64 {
            return Err(too_large());
        }
        // The buffer is never reallocated, because the owner of a journal wipes its bytes.
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(cap).saturating_add(1));
        (&mut self.file).take(length).read_to_end(&mut bytes).map_err(reading)?;
        Ok(bytes)
    }

    /// Splits the bytes that were read into the complete lines and the rest that a crash left. From now on, lines are added after the
    /// complete ones.
    ///
    /// # Errors
    /// [`FileError::NoLine`] if there are bytes but no complete line.
    pub(crate) fn own_lines<'b>(&mut self, bytes: &'b [u8]) -> Result<(&'b [u8], &'b [u8]), FileError> {
        let (lines, tail) = own_lines(&self.path, bytes)?;
        self.follow(lines.len() as u64, !tail.is_empty());
        Ok((lines, tail))
    }

    /// From now on, lines are added after this many bytes of complete lines; `torn` says whether more bytes
    /// follow them.
    pub(crate) const fn follow(&mut self, length: u64, torn: bool) {
        (self.length, self.torn) = (length, torn);
    }

    /// The length of the complete lines, in bytes.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// Writes the pieces, which are whole lines, after the last complete line; an incomplete one is cut off first. They then survive a
    /// kill, but not yet a power cut. One `writev(2)` writes them if the kernel takes them at once.
    ///
    /// # Errors
    /// [`FileError`]; the file then has the lines that it had before.
    pub(crate) fn append(&mut self, pieces: &[&str]) -> Result<(), FileError> {
        self.put(pieces, |_| Ok(()))
    }

    /// Like [`append`](Self::append), but also waits until the lines are on the device.
    ///
    /// # Errors
    /// [`FileError`]; the file then has the lines that it had before.
    pub(crate) fn append_synced(&mut self, pieces: &[&str]) -> Result<(), FileError> {
        self.put(pieces, File::sync_data)
    }

    /// Waits until all written lines are on the device.
    pub(crate) fn sync(&self) -> Result<(), FileError> {
        self.file.sync_data().map_err(|e| FileError::writing(&self.path, &e))
    }

    fn put(&mut self, pieces: &[&str], then: impl FnOnce(&File) -> io::Result<()>) -> Result<(), FileError> {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        if length == 0 {
            return Ok(());
        }
        let written = self.try_to_put(pieces).and_then(|()| then(&self.file));
        if let Err(e) = written {
            self.undo();
            return Err(FileError::writing(&self.path, &e));
        }
        self.length += length as u64;
        Ok(())
    }

    fn try_to_put(&mut self, pieces: &[&str]) -> io::Result<()> {
        if self.torn {
            self.file.set_len(self.length)?;
            self.torn = false;
        }
        self.file.seek(SeekFrom::Start(self.length))?;
        write_pieces(&self.file, pieces)
    }

    /// Restores the file to its complete lines; removes it if there are none and this run created it.
    fn undo(&self) {
        if self.length > 0 || !self.created {
            let _ = self.file.set_len(self.length);
            return;
        }
        let _ = self.file.set_len(0);
        if self.is_at_its_name().unwrap_or(false) {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// Removes the file if this run created it, because nothing was written to it.
    pub(crate) fn undo_if_new(&self) {
        if self.created && self.length == 0 {
            self.undo();
        }
    }

    /// Whether the name still refers to this file.
    fn is_at_its_name(&self) -> Result<bool, FileError> {
        let own = self.file.metadata().map_err(|e| FileError::writing(&self.path, &e))?;
        match fs::symlink_metadata(&self.path) {
            Ok(there) => Ok((there.dev(), there.ino()) == (own.dev(), own.ino())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(FileError::writing(&self.path, &e)),
        }
    }
}

/// Writes all pieces, with one `writev(2)` if the kernel takes them at once.
fn write_pieces(mut to: impl Write, pieces: &[&str]) -> io::Result<()> {
    let mut slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece.as_bytes())).collect();
    let mut rest = slices.as_mut_slice();
    while !rest.is_empty() {
        match to.write_vectored(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut rest, written),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Opens a file of lines for reading only; `None` if there is none.
pub(crate) fn open_to_read(path: &Path) -> Result<Option<File>, FileError> {
    let mut options = OpenOptions::new();
    open_there(path, options.read(true))
}

/// The file, and whether this run created it; `None` if it appeared or disappeared in the meantime.
fn open_or_create(path: &Path, mode: u32) -> Result<Option<(File, bool)>, FileError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(mode);
    if let Some(file) = open_there(path, &mut options)? {
        return Ok(Some((file, false)));
    }
    match options.create_new(true).custom_flags(CAREFUL).open(path) {
        Ok(file) => Ok(Some((file, true))),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(e) => Err(FileError::writing(path, &e)),
    }
}

fn open_there(path: &Path, options: &mut OpenOptions) -> Result<Option<File>, FileError> {
    // Check the kind before opening, because opening a device can have effects.
    match fs::symlink_metadata(path) {
        Ok(there) => check(path, &there)?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(FileError::writing(path, &e)),
    }
    let file = match options.custom_flags(CAREFUL).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) if e.raw_os_error() == Some(ELOOP) => return Err(FileError::Linked(path.into())),
        Err(e) => return Err(FileError::writing(path, &e)),
    };
    check(path, &file.metadata().map_err(|e| FileError::writing(path, &e))?)?;
    Ok(Some(file))
}

/// The error from `open(2)` for a symbolic link with `O_NOFOLLOW`.
const ELOOP: i32 = rustix::io::Errno::LOOP.raw_os_error();

fn check(path: &Path, there: &Metadata) -> Result<(), FileError> {
    match () {
        () if there.is_symlink() || (there.is_file() && there.nlink() > 1) => {
            Err(FileError::Linked(path.into()))
        }
        () if there.is_file() => Ok(()),
        () => Err(FileError::Kind(path.into())),
    }
}

/// Splits the bytes after the last line break; the second part is an incomplete line that a crash left.
#[must_use]
pub fn whole_lines(bytes: &[u8]) -> (&[u8], &[u8]) {
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    bytes.split_at(whole)
}

/// Like [`whole_lines`], but for a file to which lines are added.
///
/// # Errors
/// [`FileError::NoLine`] if there are bytes but no complete line, because then nothing shows what the file
/// is.
pub(crate) fn own_lines<'b>(path: &Path, bytes: &'b [u8]) -> Result<(&'b [u8], &'b [u8]), FileError> {
    match whole_lines(bytes) {
        ([], tail) if !tail.is_empty() => Err(FileError::NoLine(path.into())),
        both => Ok(both),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that takes at most seven bytes, from one piece, at a time.
    #[derive(Default)]
    struct Slow {
        written: Vec<u8>,
        calls: usize,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.calls += 1;
            match self.calls % 3 {
                0 => Err(io::ErrorKind::Interrupted.into()),
                _ => self.written.write(&bytes[..bytes.len().min(7)]),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A device that is full after so many bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const PIECES: [&str; 3] = ["first line\nsecond line\n", "third\n", "and a fourth one\n"];

    #[test]
    fn pieces_are_written_whole_although_the_kernel_takes_parts() {
        let mut slow = Slow::default();
        write_pieces(&mut slow, &PIECES).unwrap();
        assert_eq!(slow.written, PIECES.concat().into_bytes());
        assert!(slow.calls > PIECES.len());
    }

    #[test]
    fn pieces_that_find_no_place_are_an_error() {
        let length = PIECES.concat().len();
        for room in 0..length {
            let error = write_pieces(Full(room), &PIECES).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::WriteZero, "{room}");
        }
        write_pieces(Full(length), &PIECES).unwrap();
    }
}
