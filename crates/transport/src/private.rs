//! Secret inputs: regular files that belong to the user who runs the program, and that nobody else can read or write.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use zeroize::Zeroizing;

use crate::FileError;
use crate::file::open_capped;

/// Reads a secret of at most `cap` bytes into a buffer that is wiped on drop and never reallocated.
///
/// # Errors
/// [`FileError::Exposed`] and [`FileError::Foreign`] before a byte is read; otherwise as [`read_capped`](crate::read_capped).
pub fn read_private(path: &Path, cap: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let (file, length) = open_private(path, cap)?;
    // One byte more than expected shows a file that grew, without ever reallocating.
    let mut out = Zeroizing::new(Vec::with_capacity(length + 1));
    file.take(length as u64 + 1).read_to_end(&mut out).map_err(|e| FileError::reading(path, &e))?;
    if out.len() > length { Err(FileError::TooLarge { path: path.into(), cap }) } else { Ok(out) }
}

/// A secret file and its length, which is at most `cap`. Owner and mode are those of the file that is open, whatever the name has
/// become meanwhile.
pub(crate) fn open_private(path: &Path, cap: usize) -> Result<(File, usize), FileError> {
    let (file, length) = open_capped(path, cap)?;
    let about = file.metadata().map_err(|e| FileError::reading(path, &e))?;
    let user = rustix::process::geteuid().as_raw();
    check(path, (about.uid(), user), about.mode())?;
    Ok((file, length))
}

/// The mode first: it is what most people have to change.
fn check(path: &Path, (owner, user): (u32, u32), mode: u32) -> Result<(), FileError> {
    if mode & 0o077 != 0 {
        return Err(FileError::Exposed { path: path.into(), mode: mode & 0o777 });
    }
    if owner != user {
        return Err(FileError::Foreign { path: path.into(), owner });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use keyferry_core::{Control, Explain};

    use super::*;

    #[test]
    fn a_secret_that_others_can_read_or_write_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::write(&path, "secret").unwrap();
        let with = |mode| {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            read_private(&path, 64)
        };
        for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666] {
            let refused = with(mode).unwrap_err();
            assert_eq!(
                (refused.control(), &refused),
                (Control::FILE_PRIVATE, &FileError::Exposed { path: path.clone(), mode })
            );
        }
        for mode in [0o600, 0o700] {
            assert_eq!(with(mode).unwrap().as_slice(), b"secret");
        }
        assert!(matches!(read_private(&path, 5), Err(FileError::TooLarge { .. })));
        assert!(matches!(read_private(dir.path(), 64), Err(FileError::Kind(_))));
    }

    /// Only root could give the file away for a test, so the rule itself is asked.
    #[test]
    fn a_secret_of_another_user_is_refused() {
        let path = Path::new("secret");
        let refused = check(path, (0, 1000), 0o600).unwrap_err();
        assert_eq!(
            (refused.control(), refused),
            (Control::FILE_PRIVATE, FileError::Foreign { path: path.into(), owner: 0 })
        );
        assert!(check(path, (1000, 0), 0o600).is_err(), "root neither uses what others own");
        assert_eq!(check(path, (1000, 1000), 0o600), Ok(()));
    }
}
