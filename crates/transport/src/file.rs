//! Files: capped reads ([`read`]), and outputs that appear complete or not at all.
//!
//! A write goes to a file without a name (`O_TMPFILE`), is flushed to the device, read back and compared, and only then linked to
//! its name, which fails if that name exists. A crash leaves nothing. On file systems without nameless files, such as FAT on a USB stick,
//! the file first has a hidden name, `.NAME.part`. Then `RENAME_NOREPLACE` sets its final name, or a hard link does if that flag is
//! unknown (ntfs-3g, 9p). A hidden file from another run is left alone, because after a power cut it can share clusters with an output.
//!
//! Linux's vfat makes a new directory entry for the new name, with length 0 and no first cluster until the inode is written back
//! again, about five seconds later (seen on 5.10, 6.1, 6.12 and 7.3). So after a rename the file is synced once more, then its folder.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use keyferry_core::Fingerprint;
use rustix::fs::{AtFlags, CWD, OFlags, RenameFlags};
use zeroize::Zeroizing;

use crate::FileError;
use pieces::{PIECE, holds, read_piece};

mod pieces;
mod read;

pub(crate) use read::open_capped;
pub use read::{read_capped, read_secret};

/// Who may read an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only the owner: mode 0600.
    Owner,
    /// Everyone, as far as the umask allows: mode 0644.
    Everyone,
}

impl Access {
    const fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everyone => 0o644,
        }
    }
}

/// Refuses, before any work is done, if an output's name is taken or its folder is missing.
///
/// # Errors
/// [`FileError::Exists`], [`FileError::NoFolder`] or the system's error.
pub fn check_free(path: &Path) -> Result<(), FileError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(FileError::Exists(path.into())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let folder = folder_of(path);
            match fs::metadata(folder) {
                Ok(m) if m.is_dir() => Ok(()),
                Ok(_) => Err(FileError::NoFolder(folder.into())),
                Err(e) => Err(FileError::writing(path, &e)),
            }
        }
        Err(e) => Err(FileError::writing(path, &e)),
    }
}

/// Whether there is an empty regular file with this name. On FAT mounted with `-o sync`, a power cut during a rename can leave such a
/// file; it is never an output.
#[must_use]
pub fn is_empty_leftover(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0)
}

/// Removes an empty file, so that an output can have its name. Leaves everything else untouched.
///
/// # Errors
/// [`FileError`] if it cannot be removed.
pub fn remove_empty_leftover(path: &Path) -> Result<(), FileError> {
    if !is_empty_leftover(path) {
        return Ok(());
    }
    fs::remove_file(path).map_err(|e| FileError::writing(path, &e))?;
    sync_folder(path)
}

/// Makes `path` appear with exactly `bytes`, or not at all.
///
/// # Errors
/// [`FileError`]; nothing is left behind, and an existing file is untouched.
pub fn write_new(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    prepare_new(path, bytes, access)?.publish()?.sync()
}

/// Like [`write_new`], for callers that have to record the output first: the file has no name before [`Unpublished::publish`],
/// and the name may not reach the device before [`Published::sync`].
///
/// # Errors
/// [`FileError`]; nothing is left behind, and an existing file is untouched.
pub fn prepare_new<'p>(path: &'p Path, bytes: &[u8], access: Access) -> Result<Unpublished<'p>, FileError> {
    check_free(path)?;
    let unpublished = Unpublished::create(path, access)?;
    unpublished.fill(bytes)?;
    Ok(unpublished)
}

/// Like [`prepare_new`], but `write` writes the bytes, which must have this digest. This is for outputs that are
/// too long to be in memory twice.
///
/// # Errors
/// The same errors as [`prepare_new`].
pub fn prepare_new_by<'p>(
    path: &'p Path,
    access: Access,
    digest: Fingerprint,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Unpublished<'p>, FileError> {
    check_free(path)?;
    let unpublished = Unpublished::create(path, access)?;
    unpublished.fill_by(digest, write)?;
    Ok(unpublished)
}

/// Like [`write_new`], but `write` writes the bytes, which must have this digest.
///
/// # Errors
/// The same errors as [`write_new`].
pub fn write_new_by(
    path: &Path,
    access: Access,
    digest: Fingerprint,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FileError> {
    prepare_new_by(path, access, digest, write)?.publish()?.sync()
}

/// An output that exists and is complete, even if the program is killed now.
#[derive(Debug)]
#[must_use = "only after sync is it safe from a power cut"]
pub struct Published<'p> {
    path: &'p Path,
    /// The open file, if a rename set its name: the new directory entry is not yet complete on the device.
    renamed: Option<File>,
}

impl Published<'_> {
    /// Waits until the output's name is on the device.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn sync(self) -> Result<(), FileError> {
        if let Some(file) = self.renamed {
            file.sync_all().map_err(|e| FileError::writing(self.path, &e))?;
        }
        sync_folder(self.path)
    }
}

/// An output without a name, which [`prepare_new`] wrote and read back. Dropping it removes the file.
#[derive(Debug)]
pub struct Unpublished<'p> {
    file: File,
    path: &'p Path,
    /// The hidden name, on file systems without nameless files.
    part: Option<PathBuf>,
}

impl<'p> Unpublished<'p> {
    pub(crate) fn create(path: &'p Path, access: Access) -> Result<Self, FileError> {
        let unpublished = match options(access).custom_flags(O_TMPFILE).open(folder_of(path)) {
            Ok(file) => Self { file, path, part: None },
            Err(e) if lacks_support(&e) => Self::create_hidden(path, access)?,
            Err(e) => return Err(FileError::writing(path, &e)),
        };
        unpublished.check_mode(access)?;
        Ok(unpublished)
    }

    /// Creates the file under the first free hidden name.
    pub(crate) fn create_hidden(path: &'p Path, access: Access) -> Result<Self, FileError> {
        for part in part_names(path) {
            match options(access).create_new(true).open(&part) {
                Ok(file) => return Ok(Self { file, path, part: Some(part) }),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                // `mount -t msdos` does not allow names that begin with a dot.
                Err(e) if e.kind() == io::ErrorKind::InvalidInput => return Err(unfit(path)),
                Err(e) => return Err(FileError::writing(path, &e)),
            }
        }
        Err(FileError::Leftovers(path.into()))
    }

    /// Checks the file's mode, which comes from the mount options on a file system without permissions.
    fn check_mode(&self, access: Access) -> Result<(), FileError> {
        let found = self.file.metadata().map_err(|e| FileError::writing(self.path, &e))?.mode() & 0o7777;
        if access == Access::Owner && found & OTHERS != 0 {
            return Err(FileError::NoModes { path: self.path.into(), mode: found });
        }
        Ok(())
    }

    /// The file itself, which grows until it gets its name.
    pub(crate) const fn file(&self) -> &File {
        &self.file
    }

    /// Tries out the rename that [`publish`](Self::publish) needs, while the file is still empty: renames the hidden file
    /// to another hidden name.
    pub(crate) fn try_to_name(mut self) -> Result<Self, FileError> {
        let Some(part) = &self.part else { return Ok(self) };
        for other in part_names(self.path) {
            match name_anew(part, &other) {
                Ok(Named::Moved) => {
                    self.part = Some(other);
                    return Ok(self);
                }
                Ok(Named::Linked) => {
                    fs::remove_file(&other).map_err(|e| FileError::writing(self.path, &e))?;
                    return Ok(self);
                }
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) if is_unknown(&e) => return Err(unfit(self.path)),
                Err(e) => return Err(FileError::writing(self.path, &e)),
            }
        }
        Err(FileError::Leftovers(self.path.into()))
    }

    /// Occupies `length` bytes of the medium with zeros, and waits until they are on the device.
    pub(crate) fn occupy(&self, length: u64) -> io::Result<()> {
        let mut buffered = BufWriter::with_capacity(PIECE, &self.file);
        io::copy(&mut io::repeat(0).take(length), &mut buffered)?;
        buffered.flush()?;
        self.file.sync_all()
    }

    pub(crate) fn fill(&self, bytes: &[u8]) -> Result<(), FileError> {
        let writing = |e: io::Error| FileError::writing(self.path, &e);
        let mut file = &self.file;
        file.write_all(bytes).map_err(writing)?;
        file.sync_all().map_err(writing)?;
        self.read_back(bytes)
    }

    /// Like [`fill`](Self::fill), but does not wait for the device.
    pub(crate) fn fill_soon(&self, bytes: &[u8]) -> Result<(), FileError> {
        let mut file = &self.file;
        file.write_all(bytes).map_err(|e| FileError::writing(self.path, &e))?;
        self.read_back(bytes)
    }

    fn read_back(&self, bytes: &[u8]) -> Result<(), FileError> {
        let writing = |e: io::Error| FileError::writing(self.path, &e);
        let mut file = &self.file;
        file.rewind().map_err(writing)?;
        let same = holds(&mut file, bytes).map_err(writing)?;
        if same { Ok(()) } else { Err(FileError::ReadBack(self.path.into())) }
    }

    fn fill_by(
        &self,
        digest: Fingerprint,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), FileError> {
        let writing = |e: io::Error| FileError::writing(self.path, &e);
        let mut buffered = BufWriter::with_capacity(PIECE, &self.file);
        let written = write(&mut buffered).and_then(|()| buffered.flush());
        // Import tokens pass through this buffer, so it is wiped.
        let (mut file, buffer) = buffered.into_parts();
        drop(buffer.map(Zeroizing::new));
        written.map_err(writing)?;
        file.sync_all().map_err(writing)?;
        file.rewind().map_err(writing)?;
        let found = Fingerprint::of_pieces(|piece| read_piece(&mut file, piece)).map_err(writing)?;
        if found == digest { Ok(()) } else { Err(FileError::ReadBack(self.path.into())) }
    }

    /// Links the file to its final name.
    ///
    /// # Errors
    /// [`FileError`], including if the name was just taken; nothing is left behind, and an existing file is untouched.
    pub fn publish(mut self) -> Result<Published<'p>, FileError> {
        let path = self.path;
        let writing = |e: io::Error| FileError::writing(path, &e);
        let Some(part) = &self.part else {
            let own = format!("/proc/self/fd/{}", self.file.as_raw_fd());
            return rustix::fs::linkat(CWD, own, CWD, path, AtFlags::SYMLINK_FOLLOW)
                .map(|()| Published { path, renamed: None })
                .map_err(|e| writing(e.into()));
        };
        // This must come before the rename: once the output exists, only its sync may fail.
        let file = self.file.try_clone().map_err(writing)?;
        match name_anew(part, path) {
            Ok(Named::Moved) => {
                self.part = None;
                Ok(Published { path, renamed: Some(file) })
            }
            // Dropping removes the hidden name.
            Ok(Named::Linked) => Ok(Published { path, renamed: None }),
            Err(e) if is_unknown(&e) => Err(unfit(path)),
            Err(e) => Err(writing(e)),
        }
    }

    /// Renames a hidden file to its final name, and replaces the file that has that name.
    ///
    /// # Errors
    /// [`FileError`]; the other file is then untouched, and nothing is left behind.
    pub(crate) fn publish_over(mut self) -> Result<Published<'p>, FileError> {
        let path = self.path;
        let writing = |e: io::Error| FileError::writing(path, &e);
        let file = self.file.try_clone().map_err(writing)?;
        if let Some(part) = &self.part {
            fs::rename(part, path).map_err(writing)?;
            self.part = None;
        }
        Ok(Published { path, renamed: Some(file) })
    }
}

/// How a hidden file got its new name.
enum Named {
    /// By a rename, so the hidden name no longer exists.
    Moved,
    /// By a link, so both names exist.
    Linked,
}

/// Renames a file; the new name must be free.
fn name_anew(from: &Path, to: &Path) -> io::Result<Named> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(io::Error::from) {
        Err(e) if is_unknown(&e) => fs::hard_link(from, to).map(|()| Named::Linked),
        renamed => renamed.map(|()| Named::Moved),
    }
}

fn unfit(path: &Path) -> FileError {
    FileError::Unfit(folder_of(path).into())
}

impl Drop for Unpublished<'_> {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            let _ = fs::remove_file(part);
        }
    }
}

fn options(access: Access) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(access.mode());
    options
}

/// The mode bits that allow others to read, write or run a file.
const OTHERS: u32 = 0o077;
const O_TMPFILE: i32 = OFlags::TMPFILE.bits().cast_signed();

/// Whether the operation is unknown: EPERM, ENOSYS, EOPNOTSUPP, or EISDIR from kernels without `O_TMPFILE`.
fn lacks_support(e: &io::Error) -> bool {
    matches!(e.raw_os_error(), Some(1 | 38 | 95 | 21))
}

/// Like [`lacks_support`], but also true if the flag is unknown (EINVAL).
fn is_unknown(e: &io::Error) -> bool {
    lacks_support(e) || e.kind() == io::ErrorKind::InvalidInput
}

pub(crate) fn sync_folder(path: &Path) -> Result<(), FileError> {
    let folder = folder_of(path);
    match File::open(folder).and_then(|f| f.sync_all()) {
        Ok(()) => Ok(()),
        // Some file systems cannot sync a folder; the file itself is already on the device.
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        Err(e) => Err(FileError::writing(path, &e)),
    }
}

/// The folder that contains a path's last name.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// Maximum number of hidden names that are tried, which allows for the leftovers of that many killed runs.
const MOST_PARTS: usize = 100;

/// `.NAME.part`, then `.NAME.2.part` and so on.
pub(crate) fn part_names(path: &Path) -> impl Iterator<Item = PathBuf> + use<'_> {
    (1..=MOST_PARTS).map(|n| {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(if n == 1 { ".part".to_owned() } else { format!(".{n}.part") });
        path.with_file_name(name)
    })
}

#[cfg(test)]
mod tests {
    use keyferry_core::{Control, Explain};

    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// A device that does not return the bytes that were written, simulated by appending to a file.
    #[test]
    fn what_reads_back_differently_is_no_output() {
        let dir = tempfile::tempdir().unwrap();
        let (path, faulty) = (dir.path().join("out"), dir.path().join(".faulty"));
        fs::write(&faulty, "old").unwrap();
        let file = OpenOptions::new().read(true).append(true).open(&faulty).unwrap();
        let refused = Unpublished { file, path: &path, part: Some(faulty) }.fill(b"new").unwrap_err();
        assert_eq!((refused.control(), &refused), (Control::FILE_READ_BACK, &FileError::ReadBack(path)));
        assert_eq!(names(dir.path()), [""; 0], "nothing is left");
    }

    /// The procedure for file systems without nameless files, such as FAT.
    #[test]
    fn the_hidden_name_goes_when_the_real_one_comes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        let unpublished = Unpublished::create_hidden(&path, Access::Owner).unwrap();
        unpublished.fill(b"whole").unwrap();
        assert_eq!(names(dir.path()), [".out.part"]);
        unpublished.publish().unwrap().sync().unwrap();
        assert_eq!((names(dir.path()), fs::read(&path).unwrap()), (vec!["out".into()], b"whole".to_vec()));
        // The name is taken: the output is refused, the existing file stays untouched, and no hidden file is
        // left.
        let unpublished = Unpublished::create_hidden(&path, Access::Owner).unwrap();
        unpublished.fill(b"other").unwrap();
        assert!(matches!(unpublished.publish(), Err(FileError::Exists(_))));
        assert_eq!((names(dir.path()), fs::read(&path).unwrap()), (vec!["out".into()], b"whole".to_vec()));
    }

    #[test]
    fn both_ways_refuse_a_name_that_was_taken_meanwhile() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        let unpublished = Unpublished::create(&path, Access::Everyone).unwrap();
        unpublished.fill(b"new").unwrap();
        fs::write(&path, "old").unwrap();
        assert!(matches!(unpublished.publish(), Err(FileError::Exists(_))));
        assert_eq!((names(dir.path()), fs::read(&path).unwrap()), (vec!["out".into()], b"old".to_vec()));
    }

    /// On FAT, after a power cut, the hidden file can share clusters with an output, and removing it would
    /// destroy the output.
    #[test]
    fn a_hidden_file_of_another_run_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        fs::write(dir.path().join(".out.part"), "left by a crash").unwrap();
        fs::create_dir(dir.path().join(".out.2.part")).unwrap();
        let unpublished = Unpublished::create_hidden(&path, Access::Owner).unwrap();
        unpublished.fill(b"whole").unwrap();
        assert!(dir.path().join(".out.3.part").is_file());
        unpublished.publish().unwrap().sync().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read(dir.path().join(".out.part")).unwrap(), b"left by a crash");
        for n in 3..=MOST_PARTS {
            fs::write(dir.path().join(format!(".out.{n}.part")), "").unwrap();
        }
        assert!(matches!(Unpublished::create_hidden(&path, Access::Owner), Err(FileError::Leftovers(_))));
    }

    /// Between the check and the rename, somebody else may take the name.
    #[test]
    fn a_hidden_file_never_replaces_another() {
        let dir = tempfile::tempdir().unwrap();
        let (hidden, taken) = (dir.path().join(".out.part"), dir.path().join("out"));
        fs::write(&hidden, "new").unwrap();
        fs::write(&taken, "old").unwrap();
        assert_eq!(name_anew(&hidden, &taken).err().unwrap().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(
            (fs::read(&hidden).unwrap(), fs::read(&taken).unwrap()),
            (b"new".to_vec(), b"old".to_vec())
        );
    }

    #[test]
    fn a_mode_that_a_file_system_does_not_keep_is_noticed() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("session.json");
        let unpublished = Unpublished::create(&path, Access::Everyone).unwrap();
        // Depending on the mount options, every file on FAT has this mode.
        unpublished.file.set_permissions(fs::Permissions::from_mode(0o755)).unwrap();
        let refused = unpublished.check_mode(Access::Owner).unwrap_err();
        assert_eq!(
            (refused.control(), &refused),
            (Control::FILE_PRIVATE, &FileError::NoModes { path: path.clone(), mode: 0o755 })
        );
        assert_eq!(unpublished.check_mode(Access::Everyone), Ok(()));
        unpublished.file.set_permissions(fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(unpublished.check_mode(Access::Owner), Ok(()));
    }

    #[test]
    fn only_a_file_without_one_byte_makes_room_for_an_output() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("empty"), "").unwrap();
        fs::write(at("full"), "x").unwrap();
        fs::create_dir(at("folder")).unwrap();
        std::os::unix::fs::symlink(at("empty"), at("link")).unwrap();
        for name in ["full", "folder", "link", "none"] {
            remove_empty_leftover(&at(name)).unwrap();
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4, "all are left");
        remove_empty_leftover(&at("empty")).unwrap();
        assert!(!at("empty").exists());
    }
}
