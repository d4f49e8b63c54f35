//! Reads private files of one user without following a link or waiting for a pipe, and only if nobody else can read or change
//! them.
//!
//! So this user wrote the content of the file. A file that somebody else could have written is not trusted.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use crate::FileError;
use crate::file::open_capped;

/// The mode bits that allow others to read, write or run a file.
const OTHERS: u32 = 0o077;
/// The mode bits that allow others to change a folder.
const OTHERS_WRITE: u32 = 0o022;

/// Opens without following a link, and without blocking on a pipe that nobody writes to.
const FLAGS: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed();

/// Reads a regular file of at most `cap` bytes that belongs to this user, with mode 0600 or less, into a buffer that is wiped on drop.
///
/// # Errors
/// [`FileError::Kind`] for a link, a folder, a pipe or a device; [`FileError::Owner`] and [`FileError::Exposed`]; or the system's error.
pub fn read_private(path: &Path, cap: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let file = OpenOptions::new().read(true).custom_flags(FLAGS).open(path).map_err(|e| refused(path, &e))?;
    read(path, file, cap)
}

/// Like [`read_private`], but the name may be a link, because people may keep a secret elsewhere.
///
/// # Errors
/// The same errors as [`read_private`], except that a link is not refused.
pub fn read_private_by_link(path: &Path, cap: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let (file, _) = open_private(path, cap)?;
    read(path, file, cap)
}

/// Opens a file as [`read_private_by_link`] does, and returns its length too, which is at most `cap`. The checks apply to the opened
/// file itself.
pub(crate) fn open_private(path: &Path, cap: usize) -> Result<(File, usize), FileError> {
    let (file, length) = open_capped(path, cap)?;
    check_alone(path, &file.metadata().map_err(|e| FileError::reading(path, &e))?)?;
    Ok((file, length))
}

fn read(path: &Path, file: File, cap: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let found = file.metadata().map_err(|e| FileError::reading(path, &e))?;
    check_alone(path, &found)?;
    let length = usize::try_from(found.len()).ok().filter(|length| *length <= cap);
    let length = length.ok_or_else(|| FileError::TooLarge { path: path.into(), cap })?;
    // Reading up to one byte more than expected detects a file that grew, without ever reallocating.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    file.take(length as u64 + 1).read_to_end(&mut bytes).map_err(|e| FileError::reading(path, &e))?;
    if bytes.len() > length { Err(FileError::TooLarge { path: path.into(), cap }) } else { Ok(bytes) }
}

/// Checks that it is a regular file that belongs to this user, and that nobody else can read or change it.
pub(crate) fn check_alone(path: &Path, found: &Metadata) -> Result<(), FileError> {
    if !found.is_file() {
        return Err(FileError::Kind(path.into()));
    }
    check_owner(path, found)?;
    if found.mode() & OTHERS != 0 {
        return Err(FileError::Exposed { path: path.into(), mode: found.mode() & 0o7777 });
    }
    Ok(())
}

/// Checks that only this user can put files into a folder.
///
/// # Errors
/// [`FileError::NoFolder`], [`FileError::Owner`] or [`FileError::Exposed`].
pub fn check_private_folder(path: &Path) -> Result<(), FileError> {
    let found = fs::metadata(path).map_err(|e| FileError::writing(path, &e))?;
    if !found.is_dir() {
        return Err(FileError::NoFolder(path.into()));
    }
    check_owner(path, &found)?;
    if found.mode() & OTHERS_WRITE != 0 {
        return Err(FileError::Exposed { path: path.into(), mode: found.mode() & 0o7777 });
    }
    Ok(())
}

fn check_owner(path: &Path, found: &Metadata) -> Result<(), FileError> {
    let own = rustix::process::geteuid().as_raw();
    if found.uid() == own { Ok(()) } else { Err(FileError::Owner { path: path.into(), uid: found.uid() }) }
}

/// Turns an error of `open` into a refusal: opening a link fails with ELOOP, and opening a socket or a pipe
/// without a reader with ENXIO, because none of them is a regular file.
fn refused(path: &Path, error: &io::Error) -> FileError {
    match rustix::io::Errno::from_io_error(error) {
        Some(rustix::io::Errno::LOOP | rustix::io::Errno::NXIO) => FileError::Kind(path.into()),
        _ => FileError::reading(path, error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use keyferry_core::{Control, Explain};
    use rustix::fs::{FileType, Mode};

    use super::*;

    fn file(dir: &Path, name: &str, mode: u32) -> std::path::PathBuf {
        let path = dir.join(name);
        fs::write(&path, "secret").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn only_a_file_of_this_user_alone_is_read() {
        let dir = tempfile::tempdir().unwrap();
        for mode in [0o600, 0o400, 0o700] {
            let path = file(dir.path(), &format!("good-{mode:o}"), mode);
            assert_eq!(**read_private(&path, 6).unwrap(), *b"secret", "{mode:o}");
        }
        for mode in [0o644, 0o666, 0o640, 0o660, 0o620, 0o606, 0o601, 0o610] {
            let path = file(dir.path(), &format!("bad-{mode:o}"), mode);
            let refused = read_private(&path, 6).unwrap_err();
            assert_eq!(
                (refused.control(), &refused),
                (Control::FILE_PRIVATE, &FileError::Exposed { path, mode })
            );
        }
        let good = file(dir.path(), "good", 0o600);
        assert!(matches!(read_private(&good, 5), Err(FileError::TooLarge { cap: 5, .. })));
        assert!(matches!(read_private(&dir.path().join("none"), 6), Err(FileError::NotFound(_))));
    }

    #[test]
    fn links_folders_pipes_and_devices_are_no_files() {
        let dir = tempfile::tempdir().unwrap();
        let good = file(dir.path(), "good", 0o600);
        let link = dir.path().join("link");
        symlink(&good, &link).unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        // Nobody writes to the pipe: without O_NONBLOCK this would never return.
        for path in [&link, &pipe, &dir.path().to_path_buf()] {
            assert_eq!(read_private(path, 6), Err(FileError::Kind(path.clone())));
        }
        assert!(matches!(read_private(Path::new("/dev/null"), 6), Err(FileError::Kind(_))));
    }

    #[test]
    fn another_owner_is_refused_even_by_root() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path(), "theirs", 0o600);
        // Only root can give a file away.
        if std::os::unix::fs::chown(&path, Some(65_534), None).is_err() {
            return;
        }
        assert_eq!(read_private(&path, 6), Err(FileError::Owner { path, uid: 65_534 }));
        std::os::unix::fs::chown(dir.path(), Some(65_534), None).unwrap();
        assert!(matches!(check_private_folder(dir.path()), Err(FileError::Owner { uid: 65_534, .. })));
    }

    #[test]
    fn a_folder_that_others_write_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for (mode, good) in [(0o700, true), (0o755, true), (0o770, false), (0o702, false), (0o1777, false)] {
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(check_private_folder(dir.path()).is_ok(), good, "{mode:o}");
        }
        assert!(matches!(check_private_folder(&dir.path().join("none")), Err(FileError::NoFolder(_))));
    }
}
