//! Where files may be: session and journal only on this station, and an export only in a folder without files from the offline station.
//!
//! The medium crosses to people and computers that must not have the import tokens. Whether a folder is on it is decided by inodes and
//! devices, never by names, so links, `..` and bind mounts cannot mislead the check.

use keyferry_core::artefact::names;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use keyferry_core::Purpose;
use keyferry_transport::{FileError, folder_of};

use crate::Error;
pub use crate::error::PlaceError;

/// The identity of a file or folder, independent of its name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().map(|found| Identity { device: found.dev(), inode: found.ino() })
}

/// Checks that the session may be where it is if the folder `medium` crosses; runs before anything is asked or written.
///
/// A folder that does not exist is refused later, where it is used.
///
/// # Errors
/// [`PlaceError::Inside`]; in production also [`PlaceError::Device`].
pub(crate) fn check_session(
    session: &Path,
    medium: &Path,
    journal: &Path,
    purpose: Purpose,
) -> Result<(), Error> {
    let (Some(crosses), Ok(folder)) = (identity(medium), folder_of(session).canonicalize()) else {
        return Ok(());
    };
    let (session, medium) = (session.to_path_buf(), medium.to_path_buf());
    if folder.ancestors().any(|above| identity(above) == Some(crosses)) {
        return Err(PlaceError::Inside { session, medium }.into());
    }
    let devices =
        [identity(&folder), nearest(journal).and_then(identity)].map(|found| found.map(|i| i.device));
    // A rehearsal may use a single stick, or memory.
    if purpose == Purpose::Production && is_shared(crosses.device, devices) {
        return Err(PlaceError::Device { session, medium }.into());
    }
    Ok(())
}

/// Whether the session is on the device that crosses although the station's other files are not.
fn is_shared(crosses: u64, [session, journal]: [Option<u64>; 2]) -> bool {
    session == Some(crosses) && journal != Some(crosses)
}

/// Checks that the journal may be where it is if the folder `medium` crosses; runs before anything is asked or written.
///
/// # Errors
/// [`PlaceError::JournalInside`]; in production also [`PlaceError::JournalDevice`].
pub(crate) fn check_journal(journal: &Path, medium: &Path, purpose: Purpose) -> Result<(), PlaceError> {
    let (Some(crosses), Some(Ok(folder))) = (identity(medium), nearest(journal).map(Path::canonicalize))
    else {
        return Ok(());
    };
    let (journal, medium) = (journal.to_path_buf(), medium.to_path_buf());
    let is_medium = |above| identity(above) == Some(crosses);
    if folder.ancestors().any(is_medium) {
        return Err(PlaceError::JournalInside { journal, medium });
    }
    let [own, root] = [folder.as_path(), Path::new("/")].map(|path| identity(path).map(|i| i.device));
    // A rehearsal may use a single stick, or memory.
    if purpose == Purpose::Production && is_carried(crosses.device, own, root) {
        return Err(PlaceError::JournalDevice { journal, medium });
    }
    Ok(())
}

/// Whether the journal is on the device that crosses, if that is not the disk of the root file system.
fn is_carried(crosses: u64, journal: Option<u64>, root: Option<u64>) -> bool {
    journal == Some(crosses) && root != Some(crosses)
}

/// The part of a path that exists; the rest will be created below it.
fn nearest(path: &Path) -> Option<&Path> {
    path.ancestors()
        .map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path })
        .find(|path| identity(path).is_some())
}

/// Checks that the folder that goes out holds no file that the offline station writes: people would take it for the offline station's
/// file when it comes back.
///
/// # Errors
/// [`PlaceError::WayBack`], or [`Error::File`] for a folder that cannot be read.
pub(crate) fn check_outward(folder: &Path) -> Result<(), Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // If the path is missing or is not a folder, the write reports it.
        Err(_) => return Ok(()),
    };
    for entry in entries {
        let entry = entry.map_err(|e| FileError::Other {
            path: folder.into(),
            kind: e.kind(),
            code: e.raw_os_error(),
        })?;
        if entry.file_name().to_str().is_some_and(comes_back) {
            return Err(PlaceError::WayBack(entry.path()).into());
        }
    }
    Ok(())
}

/// File names that the offline station writes.
fn comes_back(name: &str) -> bool {
    let share = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains("-of-");
    // FAT does not distinguish upper case from lower case.
    let name = name.to_ascii_lowercase();
    matches!(&*name, names::CIPHERTEXT | names::ESCROW | names::DRILLS)
        || name.strip_prefix("share-").is_some_and(share)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use keyferry_core::{Control, Explain};

    use super::*;

    #[test]
    fn a_session_in_the_folder_that_crosses_by_any_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir_all(path("medium/below")).unwrap();
        fs::create_dir_all(path("home/journal")).unwrap();
        symlink(path("medium"), path("link")).unwrap();
        symlink(path("medium/below"), path("home/deep")).unwrap();
        for session in [
            "medium/s.json",
            "medium/below/s.json",
            "link/s.json",
            "home/deep/s.json",
            "home/../medium/s.json",
            "link/below/../s.json",
        ] {
            for medium in ["medium", "link", "home/../medium/below/.."] {
                let refused =
                    check_session(&path(session), &path(medium), &path("home/journal"), Purpose::Rehearsal)
                        .unwrap_err();
                assert_eq!(refused.control(), Control::SESSION_APART, "{session} {medium}");
            }
        }
        for session in ["s.json", "home/s.json", "medium/../s.json", "medium-2.json"] {
            check_session(&path(session), &path("medium"), &path("home/journal/none"), Purpose::Production)
                .unwrap();
        }
    }

    #[test]
    fn a_session_on_the_device_that_crosses() {
        assert!(is_shared(7, [Some(7), Some(1)]) && is_shared(7, [Some(7), None]));
        assert!(
            !is_shared(7, [Some(7), Some(7)])
                && !is_shared(7, [Some(1), Some(1)])
                && !is_shared(7, [None, Some(1)])
        );
        // Uses real file systems if this computer has two.
        let (disk, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in("/dev/shm"));
        let Ok(memory) = memory else { return };
        if identity(disk.path()).map(|i| i.device) == identity(memory.path()).map(|i| i.device) {
            return;
        }
        fs::create_dir(memory.path().join("medium")).unwrap();
        let (session, medium) = (memory.path().join("s.json"), memory.path().join("medium"));
        let check = |journal: &Path, purpose| check_session(&session, &medium, journal, purpose);
        assert_eq!(check(disk.path(), Purpose::Production).unwrap_err().control(), Control::SESSION_APART);
        assert!(check(disk.path(), Purpose::Rehearsal).is_ok());
        assert!(check(memory.path(), Purpose::Production).is_ok());
    }

    #[test]
    fn a_journal_in_the_folder_that_crosses_by_any_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir_all(path("medium/below")).unwrap();
        fs::create_dir_all(path("home")).unwrap();
        symlink(path("medium/below"), path("home/deep")).unwrap();
        // It makes no difference whether the folder exists already.
        for journal in
            ["medium", "medium/below", "medium/j/k", "home/deep", "home/deep/j", "home/../medium/j"]
        {
            for purpose in [Purpose::Rehearsal, Purpose::Production] {
                let refused = check_journal(&path(journal), &path("medium"), purpose).unwrap_err();
                assert!(matches!(refused, PlaceError::JournalInside { .. }), "{journal} {refused:?}");
                assert_eq!(refused.control(), Control::FILE_PRIVATE);
            }
        }
        for journal in ["home", "home/j/k", "j", "medium/../j", "medium-2"] {
            check_journal(&path(journal), &path("medium"), Purpose::Rehearsal).unwrap();
        }
    }

    #[test]
    fn a_journal_on_the_device_that_crosses() {
        assert!(is_carried(7, Some(7), Some(1)) && is_carried(7, Some(7), None));
        assert!(
            !is_carried(7, Some(7), Some(7))
                && !is_carried(7, Some(1), Some(1))
                && !is_carried(7, None, Some(1))
        );
        // On most computers, a file system in memory is a separate device.
        let Ok(memory) = tempfile::tempdir_in("/dev/shm") else { return };
        if identity(memory.path()).map(|i| i.device) == identity(Path::new("/")).map(|i| i.device) {
            return;
        }
        fs::create_dir(memory.path().join("medium")).unwrap();
        let (journal, medium) = (memory.path().join("j"), memory.path().join("medium"));
        let refused = check_journal(&journal, &medium, Purpose::Production).unwrap_err();
        assert!(
            matches!(refused, PlaceError::JournalDevice { .. }) && refused.control() == Control::FILE_PRIVATE
        );
        check_journal(&journal, &medium, Purpose::Rehearsal).unwrap();
        check_journal(Path::new("/j"), &medium, Purpose::Production).unwrap();
    }

    #[test]
    fn names_of_the_way_back() {
        for back in
            ["ciphertext.json", "escrow.json", "drills.jsonl", "share-1-of-3.txt", "Share-02-of-3.svg"]
        {
            assert_eq!(comes_back(back), back != "{back}");
        }
        for out in [
            "parameters.json",
            "transcript.jsonl",
            "plan.toml",
            "openings.jsonl",
            "share-price.txt",
            "shares",
        ] {
            assert!(!comes_back(out), "{out}");
        }
    }
}
