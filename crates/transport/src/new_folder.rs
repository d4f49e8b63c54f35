//! A folder that appears complete or not at all: it is filled under a hidden name and then renamed, and the rename never
//! replaces anything.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::FileError;
use crate::file::{check_free, part_names, sync_folder};

/// A folder without its final name; dropping it removes it.
#[derive(Debug)]
pub struct NewFolder {
    path: PathBuf,
    part: PathBuf,
    named: bool,
}

impl NewFolder {
    /// Creates the hidden folder next to the place of `path`, under the first free name; leftovers of a crashed run
    /// stay.
    ///
    /// # Errors
    /// [`FileError`], including if `path` exists; nothing is left behind.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        check_free(path)?;
        let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
        for part in part_names(path) {
            match fs::create_dir(&part) {
                Ok(()) => return Ok(Self { path: path.into(), part, named: false }),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => taken = e,
                Err(e) => return Err(FileError::writing(path, &e)),
            }
        }
        Err(FileError::writing(path, &taken))
    }

    /// The hidden folder, into which files are written until it has its name.
    #[must_use]
    pub fn hidden(&self) -> &Path {
        &self.part
    }

    /// Creates a folder in it.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn make(&self, name: &str) -> Result<PathBuf, FileError> {
        let folder = self.part.join(name);
        fs::create_dir(&folder).map_err(|e| FileError::writing(&self.path, &e))?;
        Ok(folder)
    }

    /// Renames the folder to its final name, and waits until the name is on the device.
    ///
    /// # Errors
    /// [`FileError`], including if the name was taken in the meantime; nothing is left behind, and the file or
    /// folder with that name is untouched.
    pub fn publish(mut self) -> Result<(), FileError> {
        // Sync the names inside the folder before the folder's own name.
        sync_folder(&self.part.join("."))?;
        let writing = |e: io::Error| FileError::writing(&self.path, &e);
        match renameat_with(CWD, &self.part, CWD, &self.path, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            // Not every file system supports the flag.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                check_free(&self.path)?;
                fs::rename(&self.part, &self.path).map_err(writing)?;
            }
            Err(e) => return Err(writing(e.into())),
        }
        self.named = true;
        sync_folder(&self.path)
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.named {
            let _ = fs::remove_dir_all(&self.part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("archive");
        fs::create_dir(dir.path().join(".archive.part")).unwrap();
        fs::write(dir.path().join(".archive.part/left"), "by a crash").unwrap();
        let folder = NewFolder::create(&path).unwrap();
        fs::write(folder.make("inner").unwrap().join("file"), "whole").unwrap();
        assert_eq!(names(dir.path()), [".archive.2.part", ".archive.part"]);
        assert_eq!(names(folder.hidden()), ["inner"]);
        folder.publish().unwrap();
        assert_eq!(names(dir.path()), [".archive.part", "archive"]);
        assert_eq!(fs::read(path.join("inner/file")).unwrap(), b"whole");
        assert_eq!(names(&dir.path().join(".archive.part")), ["left"], "another run's");
        // A folder that is dropped before it was published leaves nothing.
        let _ = NewFolder::create(&dir.path().join("other")).unwrap();
        assert_eq!(names(dir.path()), [".archive.part", "archive"]);
    }

    /// Not even an empty folder is replaced, which a plain rename would do.
    #[test]
    fn nothing_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("archive");
        let folder = NewFolder::create(&path).unwrap();
        fs::write(folder.hidden().join("file"), "new").unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(folder.publish(), Err(FileError::Exists(path.clone())));
        assert_eq!((names(dir.path()), names(&path)), (vec!["archive".into()], vec![]));
        assert_eq!(NewFolder::create(&path).unwrap_err(), FileError::Exists(path));
    }
}
