//! A file that grows by whole lines. It is locked against a second writer, and each line is on the device before the
//! caller continues.
//!
//! The file appears with its first line or not at all. An incomplete last line, which a killed run can leave, is ignored. It is cut
//! off when the next line is written, after the caller has checked the lines before it.

use std::fs::File;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::file::Unpublished;
use crate::growing::Growing;
use crate::private::check_alone;
use crate::{Access, FileError, check_free, write_new};

/// Maximum number of nameless files that are open at the same time while their bytes go to the device.
const AT_ONCE: usize = 256;

/// Creates the files that do not exist yet, each with one complete line, and returns when all of them are on the device. Even
/// for many files, the file system of `folder` is flushed only twice. No file gets its name before its line is on the device.
///
/// # Errors
/// [`FileError`]; some of the files may then exist.
pub fn make_line_files<'f>(
    folder: &Path,
    files: impl Iterator<Item = (&'f Path, &'f str)>,
) -> Result<(), FileError> {
    let mut made = false;
    let mut files = files.peekable();
    while files.peek().is_some() {
        let mut nameless = Vec::new();
        for (path, first) in files.by_ref().take(AT_ONCE) {
            match check_free(path) {
                Ok(()) => {}
                Err(FileError::Exists(_)) => continue,
                Err(other) => return Err(other),
            }
            let file = Unpublished::create(path, Access::Owner)?;
            file.fill_soon(format!("{first}\n").as_bytes())?;
            nameless.push(file);
        }
        if nameless.is_empty() {
            continue;
        }
        sync_file_system(folder)?;
        for file in nameless {
            match file.publish() {
                Ok(_soon) => made = true,
                Err(FileError::Exists(_)) => {}
                Err(other) => return Err(other),
            }
        }
    }
    if made { sync_file_system(folder) } else { Ok(()) }
}

/// Waits until everything on the folder's file system is on the device.
///
/// # Errors
/// [`FileError`].
pub fn sync_file_system(folder: &Path) -> Result<(), FileError> {
    let writing = |e| FileError::writing(folder, &e);
    let open = File::open(folder).map_err(writing)?;
    rustix::fs::syncfs(&open).map_err(|e| writing(e.into()))
}

/// A file of lines that only this user can access, open for appending.
#[derive(Debug)]
pub struct LineFile {
    path: PathBuf,
    file: Growing,
    cap: u64,
}

impl LineFile {
    /// Opens the file, or creates it with `first` as its first line. Returns it together with all whole lines.
    ///
    /// # Errors
    /// [`FileError`]; [`FileError::Owner`] or [`FileError::Exposed`] for a file that others own, or can read or change; [`FileError::Busy`]
    /// while another command has it open; [`FileError::TooLarge`] over `cap` bytes.
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

    /// Appends lines, each with its line break, and waits until they are on the device.
    ///
    /// # Errors
    /// [`FileError`]; the file is then as it was before.
    pub fn append(&mut self, lines: &str) -> Result<(), FileError> {
        self.check_fits(lines)?;
        self.file.append_synced(&[lines])
    }

    /// Appends lines, each with its line break. They survive a kill; once the next [`append`](Self::append)
    /// or [`sync`](Self::sync) has returned, they also survive a power cut.
    ///
    /// # Errors
    /// [`FileError`]; the file is then as it was before.
    pub fn append_soon(&mut self, lines: &str) -> Result<(), FileError> {
        self.check_fits(lines)?;
        self.file.append(&[lines])
    }

    /// Waits until all lines are on the device.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn sync(&self) -> Result<(), FileError> {
        self.file.sync()
    }

    /// The open file, for a thread that waits for the device while others append.
    pub(crate) fn handle(&self) -> Result<File, FileError> {
        self.file.file.try_clone().map_err(|e| FileError::writing(&self.path, &e))
    }

    fn check_fits(&self, lines: &str) -> Result<(), FileError> {
        if self.file.length() + lines.len() as u64 <= self.cap {
            return Ok(());
        }
        let cap = usize::try_from(self.cap).unwrap_or(usize::MAX);
        Err(FileError::TooLarge { path: self.path.clone(), cap })
    }

    /// The path of the file.
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

    #[test]
    fn many_files_are_made_at_once_and_one_that_is_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..3).map(|n| dir.path().join(format!("journal-{n}"))).collect();
        write(&paths[1], "first\nsecond\n");
        let make = || make_line_files(dir.path(), paths.iter().map(|path| (path.as_path(), "first")));
        make().unwrap();
        make().unwrap();
        let read = |n: usize| fs::read_to_string(&paths[n]).unwrap();
        assert_eq!([read(0), read(1), read(2)], ["first\n", "first\nsecond\n", "first\n"]);
        let (mut file, lines) = LineFile::open(&paths[0], "first", 64).unwrap();
        assert_eq!(*lines, "first\n");
        file.append_soon("second\n").unwrap();
        assert!(matches!(file.append_soon(&"x".repeat(64)), Err(FileError::TooLarge { .. })));
        file.sync().unwrap();
        assert_eq!(read(0), "first\nsecond\n");
        assert_eq!(fs::metadata(&paths[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }

    /// A file that only this user can access.
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
