//! Checks the folder for share files: never on the medium that crosses, never within reach of other users.
//!
//! The medium goes to the networked station with everything on it. Folders are compared by device and inode, so a folder is recognised
//! under another name, through a link or as a bind mount.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use keyferry_core::Purpose;
use keyferry_transport::FileError;

use super::backup_error::{MAX_ENTRIES, ShareFolder};
use crate::error::OfflineError;
use crate::posture::{self, Roots};

/// Checks that shares may be written into `folder` while the output goes into `out`.
///
/// # Errors
/// [`ShareFolder`]; [`FileError`] if one of the folders cannot be examined.
pub(super) fn check(folder: &Path, out: &Path, purpose: Purpose) -> Result<(), OfflineError> {
    let (own, crossing) = (whole(folder)?, whole(out)?);
    if is_around(&own, &crossing)? || is_around(&crossing, &own)? || is_in_tree(&own, &crossing)? {
        return Err(ShareFolder::Medium(folder.into()).into());
    }
    let meta = look(&own)?;
    let mode = meta.mode() & 0o7777;
    if mode & 0o077 != 0 || meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(ShareFolder::Exposed { folder: folder.into(), mode }.into());
    }
    match purpose {
        Purpose::Rehearsal => Ok(()),
        Purpose::Production => Ok(check_storage(&own, &meta, look(&crossing)?.dev())?),
    }
}

/// In production, the folder must not be on the medium's device. It must be in memory or on a separate
/// removable medium.
fn check_storage(folder: &Path, meta: &Metadata, out: u64) -> Result<(), ShareFolder> {
    let (seen, in_memory) = posture::storage(&Roots::real(), folder);
    if !seen.holds {
        return Err(ShareFolder::Stays { folder: folder.into(), seen: seen.text });
    }
    if meta.dev() == out && !in_memory {
        return Err(ShareFolder::Device(folder.into()));
    }
    Ok(())
}

/// Whether the outer folder is the inner one or contains it.
fn is_around(outer: &Path, inner: &Path) -> Result<bool, FileError> {
    let outer = name(&look(outer)?);
    for folder in inner.ancestors() {
        if name(&look(folder)?) == outer {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the folder is one of the folders in `tree`. The path alone would not reveal a bind mount.
fn is_in_tree(folder: &Path, tree: &Path) -> Result<bool, OfflineError> {
    let own = name(&look(folder)?);
    let (mut waiting, mut seen) = (vec![tree.to_path_buf()], 0_usize);
    while let Some(next) = waiting.pop() {
        let entries = match fs::read_dir(&next) {
            Ok(entries) => entries,
            // Another user's folder, such as `lost+found`, contains none of this user's files.
            Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied && next != tree => continue,
            Err(e) => return Err(failed(&next, &e).into()),
        };
        for entry in entries {
            let entry = entry.map_err(|e| failed(&next, &e))?;
            seen += 1;
            if seen > MAX_ENTRIES {
                return Err(ShareFolder::Crowded(tree.into()).into());
            }
            // Links are not followed, because their targets are not on the medium under this name.
            if entry.file_type().map_err(|e| failed(&entry.path(), &e))?.is_dir() {
                if name(&look(&entry.path())?) == own {
                    return Ok(true);
                }
                waiting.push(entry.path());
            }
        }
    }
    Ok(false)
}

fn name(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

fn whole(folder: &Path) -> Result<PathBuf, FileError> {
    fs::canonicalize(folder).map_err(|e| failed(folder, &e))
}

fn look(folder: &Path) -> Result<Metadata, FileError> {
    fs::metadata(folder).map_err(|e| failed(folder, &e))
}

fn failed(folder: &Path, e: &std::io::Error) -> FileError {
    match e.kind() {
        std::io::ErrorKind::NotFound => FileError::NoFolder(folder.into()),
        std::io::ErrorKind::PermissionDenied => FileError::Permission(folder.into()),
        kind => FileError::Other { path: folder.into(), kind, code: e.raw_os_error() },
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use keyferry_core::{Control, Explain};

    use super::*;

    fn folder(path: &Path, mode: u32) -> PathBuf {
        fs::create_dir_all(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        path.into()
    }

    #[test]
    fn the_medium_is_refused_by_whatever_name() {
        let dir = tempfile::tempdir().unwrap();
        let out = folder(&dir.path().join("medium"), 0o700);
        let inside = folder(&out.join("shares"), 0o700);
        let beside = folder(&dir.path().join("shares"), 0o700);
        let link = dir.path().join("link");
        symlink(&out, &link).unwrap();
        for named in [out.as_path(), &inside, &link, &out.join("."), dir.path(), &beside.join("../medium")] {
            for purpose in [Purpose::Rehearsal, Purpose::Production] {
                let refused = check(named, &out, purpose).unwrap_err();
                let expected = ShareFolder::Medium(named.into()).into();
                assert_eq!((refused.control(), refused), (Control::POSTURE_HOLDS, expected));
            }
        }
        assert_eq!(check(&beside, &out, Purpose::Rehearsal), Ok(()));
    }

    /// A bind mount has the device and inode of its source, so the test passes them directly.
    #[test]
    fn a_folder_in_the_medium_is_found_by_device_and_inode() {
        let dir = tempfile::tempdir().unwrap();
        let out = folder(&dir.path().join("medium"), 0o700);
        let deep = folder(&out.join("a/b/c"), 0o700);
        let beside = folder(&dir.path().join("shares"), 0o700);
        symlink(&beside, out.join("link")).unwrap();
        symlink(&out, out.join("a/loop")).unwrap();
        assert_eq!(is_in_tree(&deep, &out), Ok(true));
        assert_eq!(is_in_tree(&beside, &out), Ok(false));
        for n in 0..MAX_ENTRIES {
            fs::write(beside.join(n.to_string()), "").unwrap();
        }
        assert_eq!(is_in_tree(&deep, &beside), Ok(false));
        fs::write(beside.join("one more"), "").unwrap();
        let crowded = ShareFolder::Crowded(beside.clone()).into();
        assert_eq!(is_in_tree(&deep, &beside), Err(crowded));
    }

    #[test]
    fn a_folder_that_others_reach_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let out = folder(&dir.path().join("medium"), 0o755);
        for mode in [0o755, 0o750, 0o711, 0o1777, 0o722, 0o704] {
            let shares = folder(&dir.path().join("shares"), mode);
            let refused = check(&shares, &out, Purpose::Rehearsal).unwrap_err();
            assert_eq!(refused, ShareFolder::Exposed { folder: shares, mode }.into());
        }
    }

    /// The temporary folder may be on a disk or in memory. It is refused as a disk or accepted as memory, but never refused
    /// because of the device alone.
    #[test]
    fn production_wants_memory() {
        let dir = tempfile::tempdir().unwrap();
        let out = folder(&dir.path().join("medium"), 0o755);
        let shares = folder(&dir.path().join("shares"), 0o700);
        let (seen, in_memory) = posture::storage(&Roots::real(), &shares);
        let checked = check(&shares, &out, Purpose::Production);
        match (seen.holds, in_memory) {
            (_, true) => assert_eq!(checked, Ok(())),
            (true, false) => assert_eq!(checked.unwrap_err(), ShareFolder::Device(shares).into()),
            (false, _) => assert_eq!(
                checked.unwrap_err(),
                ShareFolder::Stays { folder: shares, seen: seen.text }.into()
            ),
        }
    }
}
