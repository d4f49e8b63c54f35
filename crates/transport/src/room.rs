//! Checks that a medium has enough room before a command does something that cannot be repeated.
//!
//! Hidden files with the needed lengths are written to the device together, and then removed. They are created and named like outputs, so a
//! file system that cannot give an output its name is refused here too. `fallocate` would prove nothing, because on FAT it does not really
//! reserve the space.

use std::io;
use std::path::Path;

use crate::file::{Unpublished, folder_of};
use crate::transcript_file::check_grows;
use crate::{Access, FileError, RecordError};

/// Checks that each of these files can be created or can grow by this many bytes, all at the same time. Nothing is
/// left behind.
///
/// # Errors
/// [`FileError::NoRoom`] with the sum, or the system's error.
pub fn check_room(files: &[(&Path, u64)]) -> Result<(), FileError> {
    let mut held = Vec::with_capacity(files.len());
    for (path, length) in files {
        let no_room = |e| no_room(e, path, files);
        let file = Unpublished::create(path, Access::Everyone).and_then(Unpublished::try_to_name);
        let file = file.map_err(no_room)?;
        file.occupy(*length).map_err(|e: io::Error| no_room(FileError::writing(path, &e)))?;
        held.push(file);
    }
    Ok(())
}

/// Checks that a record can grow by this many bytes and stay readable. A record that does not exist yet
/// always can.
///
/// # Errors
/// [`TranscriptError::Full`](keyferry_core::transcript::TranscriptError::Full); or the system's error for the file.
pub fn check_record_room(record: &Path, more: u64) -> Result<(), RecordError> {
    let length = match std::fs::metadata(record) {
        Ok(found) => found.len(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => 0,
        Err(e) => return Err(FileError::reading(record, &e).into()),
    };
    Ok(check_grows(length, more)?)
}

/// Makes an error that states the sum, because people have to find that much room.
fn no_room(error: FileError, path: &Path, files: &[(&Path, u64)]) -> FileError {
    let folder = folder_of(path);
    let there = files.iter().filter(|(path, _)| folder_of(path) == folder);
    let bytes = there.map(|(_, length)| length).sum();
    if matches!(error, FileError::NoSpace(_)) {
        FileError::NoRoom { folder: folder.into(), bytes }
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use keyferry_core::transcript::{MAX_TRANSCRIPT, TranscriptError};

    use super::*;

    #[test]
    fn nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        fs::write(&one, "old").unwrap();
        check_room(&[(&one, 70_000), (&two, 0)]).unwrap();
        assert_eq!(fs::read(&one).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let missing = dir.path().join("none/one");
        assert!(matches!(check_room(&[(&missing, 1)]), Err(FileError::NoFolder(_))));
    }

    #[test]
    fn a_record_grows_to_its_cap_and_no_further() {
        let dir = tempfile::tempdir().unwrap();
        let record = dir.path().join("transcript.jsonl");
        assert_eq!(check_record_room(&record, MAX_TRANSCRIPT as u64), Ok(()));
        let full = || Err(TranscriptError::Full.into());
        assert_eq!(check_record_room(&record, MAX_TRANSCRIPT as u64 + 1), full());
        fs::File::create(&record).unwrap().set_len(MAX_TRANSCRIPT as u64 - 50).unwrap();
        assert_eq!(check_record_room(&record, 50), Ok(()));
        assert_eq!(check_record_room(&record, 51), full());
    }

    #[test]
    fn the_sum_of_one_folder_is_named() {
        let files = [(Path::new("/a/one"), 3), (Path::new("/b/two"), 5), (Path::new("/a/three"), 7)];
        let full = FileError::NoSpace("/a/three".into());
        assert_eq!(no_room(full, files[2].0, &files), FileError::NoRoom { folder: "/a".into(), bytes: 10 });
        let other = FileError::NoFolder("/a".into());
        assert_eq!(no_room(other.clone(), files[0].0, &files), other);
    }
}
