//! A file that grows by whole lines: locked against a second writer, each line on the device before the caller goes on.
//!
//! The file appears with its first line or not at all. A last line without its end, left by a kill, never counted: it is cut off with the
//! next line that is written, when the caller has checked those before it.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::growing::Growing;
use crate::private::check_alone;
use crate::{Access, FileError, write_new};

/// A file of lines, this user's alone, open for appending.
#[derive(Debug)]
pub struct LineFile {
    path: PathBuf,
    file: Growing,
    cap: u64,
}

impl LineFile {
    /// Opens the file, or makes it with `first` as its first line; gives it together with all whole lines.
    ///
    /// # Errors
    /// [`FileError`]; [`FileError::Owner`] or [`FileError::Exposed`] for a file that others own, read or change, [`FileError::Busy`] while somebody else has it open, [`FileError::TooLarge`] over `cap` bytes.
    pub fn open(path: &Path, first: &str, cap: usize) -> Result<(Self, Zeroizing<String>), FileError> {
        match write_new(path, format!("{first}\n").as_bytes(), Access::Owner) {
            Ok(()) | Err(FileError::Exists(_)) => {}
            Err(other) => return Err(other),
        }
        let too_large = || FileError::TooLarge { path: path.into(), cap };
        let mut file = Growing::open(path, 0o600)?;
        check_alone(path, &file.file.metadata().map_err(|e| FileError::reading(path, &e))?)?;
        let bytes = Zeroizing::new(file.read(cap, too_large)?);
        let (lines, _) = file.own_lines(&bytes)?;
        let lines = core::str::from_utf8(lines).map_err(|_| FileError::Kind(path.into()))?;
        let lines = Zeroizing::new(lines.to_owned());
        Ok((Self { path: path.into(), file, cap: cap as u64 }, lines))
    }

    /// Appends lines, each with its end, and waits until they are on the device.
    ///
    /// # Errors
    /// [`FileError`]; the file is then as it was before.
    pub fn append(&mut self, lines: &str) -> Result<(), FileError> {
        if self.file.length() + lines.len() as u64 > self.cap {
            let cap = usize::try_from(self.cap).unwrap_or(usize::MAX);
            return Err(FileError::TooLarge { path: self.path.clone(), cap });
        }
        self.file.append_synced(lines)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn lines_stay_and_a_torn_one_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let (mut file, lines) = LineFile::open(&path, "first", 64).unwrap();
        assert_eq!(*lines, "first\n");
        file.append("second\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(LineFile::open(&path, "first", 64), Err(FileError::Busy(_))));
        drop(file);
        fs::write(&path, "first\nsecond\nthi").unwrap();
        let (mut file, lines) = LineFile::open(&path, "other", 64).unwrap();
        assert_eq!(*lines, "first\nsecond\n");
        file.append("third\n").unwrap();
        assert!(matches!(file.append(&"x".repeat(64)), Err(FileError::TooLarge { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "first\nsecond\nthird\n");
    }

    /// A file of this user's alone.
    fn write(path: &Path, bytes: impl AsRef<[u8]>) {
        fs::write(path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn what_others_read_or_change_and_what_is_a_link_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link): (PathBuf, PathBuf) = (dir.path().join("journal"), dir.path().join("link"));
        write(&path, "first\ntorn");
        symlink(&path, &link).unwrap();
        assert!(matches!(LineFile::open(&link, "first", 64), Err(FileError::Linked(_))));
        for mode in [0o644, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(LineFile::open(&path, "first", 64), Err(FileError::Exposed { .. })));
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "first\ntorn");
    }

    #[test]
    fn what_is_no_text_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        write(&path, b"\xff\n");
        assert!(matches!(LineFile::open(&path, "first", 64), Err(FileError::Kind(_))));
        fs::write(&path, "x".repeat(65)).unwrap();
        assert!(matches!(LineFile::open(&path, "first", 64), Err(FileError::TooLarge { .. })));
        assert!(matches!(LineFile::open(dir.path(), "first", 64), Err(FileError::Kind(_))));
    }
}
