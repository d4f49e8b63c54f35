//! Reads regular files; their length is checked before anything is allocated.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use crate::FileError;

const O_NONBLOCK: i32 = OFlags::NONBLOCK.bits().cast_signed();

/// Reads a regular file of at most `cap` bytes.
///
/// # Errors
/// [`FileError`]; a longer file is refused before it is read.
pub fn read_capped(path: &Path, cap: usize) -> Result<Vec<u8>, FileError> {
    let mut out = Vec::new();
    read_into(path, cap, &mut out)?;
    Ok(out)
}

/// Like [`read_capped`], but into a buffer that is wiped on drop and never reallocated.
///
/// # Errors
/// [`FileError`]; a longer file is refused before it is read.
pub fn read_secret(path: &Path, cap: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let mut out = Zeroizing::new(Vec::new());
    read_into(path, cap, &mut out)?;
    Ok(out)
}

fn read_into(path: &Path, cap: usize, out: &mut Vec<u8>) -> Result<(), FileError> {
    let (file, length) = open_capped(path, cap)?;
    // Reading up to one byte more than expected detects a file that grew, without ever reallocating.
    out.reserve_exact(length + 1);
    file.take(length as u64 + 1).read_to_end(out).map_err(|e| FileError::reading(path, &e))?;
    if out.len() > length { Err(FileError::TooLarge { path: path.into(), cap }) } else { Ok(()) }
}

/// Opens a regular file, and returns its length, which is at most `cap`.
pub(crate) fn open_capped(path: &Path, cap: usize) -> Result<(File, usize), FileError> {
    let reading = |e: io::Error| FileError::reading(path, &e);
    // Check the kind before opening, because opening a pipe would block.
    let kind = fs::metadata(path).map_err(reading)?;
    if !kind.is_file() {
        return Err(FileError::Kind(path.into()));
    }
    let too_large = || FileError::TooLarge { path: path.into(), cap };
    let length = usize::try_from(kind.len()).map_err(|_| too_large())?;
    if length > cap {
        return Err(too_large());
    }
    // The name may refer to another file now, so the opened file is checked too, and opening a pipe must not
    // block.
    let file = OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open(path).map_err(reading)?;
    if !file.metadata().map_err(reading)?.is_file() {
        return Err(FileError::Kind(path.into()));
    }
    Ok((file, length))
}
