//! A file that each run of a command replaces as a whole, such as one for a monitor. A reader sees either the old or the new content.
//!
//! Only a file that begins with the command's own first line is replaced. A link, a folder or any other file is refused.

use std::fs;
use std::io;
use std::path::Path;

use crate::file::Unpublished;
use crate::{Access, FileError, folder_of, read_capped};

/// Maximum length of a file that can count as an earlier output, in bytes.
const MAX_EARLIER: usize = 64 << 20;

/// A name that is free, or that belongs to a file of an earlier run.
#[derive(Debug)]
pub struct Replaceable<'p> {
    path: &'p Path,
    first_line: &'static str,
}

impl<'p> Replaceable<'p> {
    /// Checks the name before any work is done.
    ///
    /// # Errors
    /// [`FileError::Exists`] for anything that is not an earlier output, [`FileError::NoFolder`], or the
    /// system's error.
    pub fn check(path: &'p Path, first_line: &'static str) -> Result<Self, FileError> {
        let this = Self { path, first_line };
        this.is_taken()?;
        Ok(this)
    }

    /// Writes the first line and `text`, in place of the earlier file.
    ///
    /// # Errors
    /// [`FileError`]; the earlier file is then untouched, and nothing is left behind.
    pub fn write(&self, text: &str) -> Result<(), FileError> {
        let bytes = format!("{}\n{text}", self.first_line).into_bytes();
        // Check again, because the file may have changed while the command was working.
        if !self.is_taken()? {
            return crate::write_new(self.path, &bytes, Access::Everyone);
        }
        let unpublished = Unpublished::create_hidden(self.path, Access::Everyone)?;
        unpublished.fill(&bytes)?;
        unpublished.publish_over()?.sync()
    }

    /// Whether there is an earlier file.
    fn is_taken(&self) -> Result<bool, FileError> {
        let foreign = || FileError::Exists(self.path.into());
        match fs::symlink_metadata(self.path) {
            Ok(found) if found.is_file() => {
                let bytes = read_capped(self.path, MAX_EARLIER)?;
                let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
                if first == self.first_line.as_bytes() { Ok(true) } else { Err(foreign()) }
            }
            Ok(_) => Err(foreign()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let folder = folder_of(self.path);
                if folder.is_dir() { Ok(false) } else { Err(FileError::NoFolder(folder.into())) }
            }
            Err(e) => Err(FileError::writing(self.path, &e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    const FIRST: &str = "# of this command";

    fn write(path: &Path, text: &str) -> Result<(), FileError> {
        Replaceable::check(path, FIRST)?.write(text)
    }

    fn names(dir: &Path) -> Vec<String> {
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn its_own_file_is_replaced_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.prom");
        write(&path, "a 1\n").unwrap();
        let reader = fs::File::open(&path).unwrap();
        write(&path, "a 2\nb 3\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{FIRST}\na 2\nb 3\n"));
        // A reader that had the earlier file open can still read all of it.
        assert_eq!(io::read_to_string(reader).unwrap(), format!("{FIRST}\na 1\n"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o644);
        assert_eq!(names(dir.path()), ["x.prom"]);
    }

    #[test]
    fn nothing_else_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("foreign"), "a 1\n").unwrap();
        fs::write(at("empty"), "").unwrap();
        fs::write(at("longer"), format!("{FIRST} too\n")).unwrap();
        fs::write(at("own"), format!("{FIRST}\n")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        symlink(at("own"), at("link")).unwrap();
        symlink(at("nothing"), at("dangling")).unwrap();
        let before = names(dir.path()).len();
        for name in ["foreign", "empty", "longer", "folder", "link", "dangling"] {
            assert_eq!(write(&at(name), "b 2\n"), Err(FileError::Exists(at(name))), "{name}");
        }
        assert_eq!(write(&at("missing/x"), ""), Err(FileError::NoFolder(at("missing"))));
        assert_eq!(fs::read_to_string(at("foreign")).unwrap(), "a 1\n");
        assert_eq!(names(dir.path()).len(), before);
    }

    /// Somebody else's file takes the name between the check and the write.
    #[test]
    fn what_came_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.prom");
        let replaceable = Replaceable::check(&path, FIRST).unwrap();
        fs::write(&path, "a 1\n").unwrap();
        assert_eq!(replaceable.write("b 2\n"), Err(FileError::Exists(path.clone())));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a 1\n");
    }
}
