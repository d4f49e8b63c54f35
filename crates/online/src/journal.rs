//! The journal: what this station did to each key, in one small file for each key, so that no command undoes another command's unfinished
//! work.
//!
//! A file grows by whole lines and is locked while a command works on its key. It holds no secret: only digests of tokens and commitments
//! of material. It is this station's only memory, so folders and files that others could have written are refused. Reading is strict
//! ([`entry`]); [`KeyHistory`] decides what the journal means for the next command.

use std::collections::BTreeSet;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use keyferry_core::{Clock, Commitment, ImportTokenDigest, KeyId, Region, Timestamp, ValidTo};
use keyferry_transport::{
    Access, FileError, LineFile, check_private_folder, make_line_files, read_private, sync_file_system,
    whole_lines, write_new,
};

use crate::Error;
pub use crate::error::JournalError;

pub mod creations;
pub mod entry;
mod history;

pub use entry::{Entry, Happened};
pub use history::{Accepted, KeyHistory, Known, Latest, Pair};

/// Longest journal of one key in bytes: about a thousand ceremonies.
pub const MAX_JOURNAL: usize = 1024 * 1024;

/// The folder of all journals.
#[derive(Clone, Debug)]
pub struct Journal(PathBuf);

/// One key's journal, locked.
#[derive(Debug)]
pub struct KeyJournal {
    id: KeyId,
    file: LineFile,
    history: KeyHistory,
}

impl Journal {
    /// The given folder, or else one below the folders that XDG names.
    ///
    /// # Errors
    /// [`JournalError::NoFolder`] when neither is known.
    pub fn folder(
        given: Option<&Path>,
        variable: &dyn Fn(&str) -> Option<PathBuf>,
    ) -> Result<Self, JournalError> {
        if let Some(path) = given {
            return Ok(Self(path.to_path_buf()));
        }
        // XDG: a relative path is invalid and must be ignored.
        let absolute = |name: &str| variable(name).filter(|p| p.is_absolute());
        let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
        state.map(|s| Self(s.join("keyferry/journal"))).ok_or(JournalError::NoFolder)
    }

    /// Opens a key's journal and locks it; makes an empty one for a key that has none.
    ///
    /// # Errors
    /// [`Error::Journal`] or [`Error::File`].
    pub fn open(&self, region: &Region, id: &KeyId) -> Result<KeyJournal, Error> {
        let folder = self.0.join(region.as_str());
        make_folder(&folder)?;
        check_private_folder(&self.0)?;
        check_private_folder(&folder)?;
        let path = folder.join(format!("{id}.jsonl"));
        let (file, lines) = LineFile::open(&path, &entry::header(region, id), MAX_JOURNAL)?;
        let history = read(file.path(), &lines, region, id)?;
        Ok(KeyJournal { id: id.clone(), file, history })
    }

    /// Makes empty journals for keys that have none; they are on the device when this returns, which costs one flush for all of them.
    ///
    /// # Errors
    /// [`Error::Journal`] or [`Error::File`].
    pub fn make_missing<'k>(&self, keys: impl Iterator<Item = (&'k Region, &'k KeyId)>) -> Result<(), Error> {
        let (mut folders, mut files) = (BTreeSet::new(), Vec::new());
        for (region, id) in keys {
            if folders.insert(region) {
                let folder = self.0.join(region.as_str());
                make_folder(&folder)?;
                check_private_folder(&folder)?;
            }
            files.push((self.file(region, id), entry::header(region, id)));
        }
        if files.is_empty() {
            return Ok(());
        }
        check_private_folder(&self.0)?;
        let files = files.iter().map(|(path, header)| (path.as_path(), header.as_str()));
        Ok(make_line_files(&self.0, files)?)
    }

    /// Waits until everything added to the journals is on the device: one flush for all of them.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn sync(&self) -> Result<(), Error> {
        Ok(sync_file_system(&self.0)?)
    }

    /// Reads a key's journal without locking or creating it; the history is empty for a key that has none.
    ///
    /// # Errors
    /// [`Error::Journal`] or [`Error::File`].
    pub fn peek(&self, region: &Region, id: &KeyId) -> Result<KeyHistory, Error> {
        let folder = self.0.join(region.as_str());
        let path = folder.join(format!("{id}.jsonl"));
        let bytes = match read_private(&path, MAX_JOURNAL) {
            Err(FileError::NotFound(_)) => return Ok(KeyHistory::default()),
            other => other?,
        };
        check_private_folder(&self.0)?;
        check_private_folder(&folder)?;
        let text = core::str::from_utf8(whole_lines(&bytes).0);
        let text = text.map_err(|_| JournalError::Form { path: path.clone(), line: 1 })?;
        Ok(read(&path, text, region, id)?)
    }

    /// Whether a key has a journal; if so, it must be whole and private to this user.
    ///
    /// # Errors
    /// The same as [`peek`](Self::peek).
    pub fn exists(&self, region: &Region, id: &KeyId) -> Result<bool, Error> {
        self.peek(region, id)?;
        Ok(self.file(region, id).symlink_metadata().is_ok())
    }

    /// Writes the journal of a key that has none, whole or not at all.
    ///
    /// # Errors
    /// [`FileError::Exists`] for a key that has one.
    pub fn write_whole(
        &self,
        region: &Region,
        id: &KeyId,
        happened: Vec<(Timestamp, Happened)>,
    ) -> Result<(), Error> {
        let folder = self.0.join(region.as_str());
        make_folder(&folder)?;
        check_private_folder(&self.0)?;
        check_private_folder(&folder)?;
        let entries = (0..).zip(happened).map(|(seq, (at, happened))| Entry { seq, at, happened }.line());
        let text = format!("{}\n{}", entry::header(region, id), entries.collect::<String>());
        Ok(write_new(&self.file(region, id), text.as_bytes(), Access::Owner)?)
    }

    fn file(&self, region: &Region, id: &KeyId) -> PathBuf {
        self.0.join(region.as_str()).join(format!("{id}.jsonl"))
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Makes a folder of the journals that nobody else can enter.
fn make_folder(folder: &Path) -> Result<(), FileError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|e| match e.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            FileError::Permission(folder.to_path_buf())
        }
        kind => FileError::Other { path: folder.to_path_buf(), kind, code: e.raw_os_error() },
    })
}

fn read(path: &Path, text: &str, region: &Region, id: &KeyId) -> Result<KeyHistory, JournalError> {
    let form = |line| JournalError::Form { path: path.to_path_buf(), line };
    let mut history = KeyHistory::default();
    entry::parse(text, &entry::header(region, id)).map_err(form)?.into_iter().for_each(|e| history.take(e));
    Ok(history)
}

impl KeyJournal {
    /// What has happened so far.
    #[must_use]
    pub const fn history(&self) -> &KeyHistory {
        &self.history
    }

    /// Adds what happened; it is on the device when this returns.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn add(&mut self, clock: &dyn Clock, happened: Happened) -> Result<(), Error> {
        let entry = Entry { seq: self.history.next(), at: clock.now(), happened };
        self.file.append(&entry.line())?;
        self.history.take(entry);
        Ok(())
    }

    /// Adds what happened; it is safe from a kill, and from a power cut after [`Journal::sync`] or the next [`add`](Self::add). This is
    /// for events that the service would report again, or refuse, if they were lost.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn add_soon(&mut self, clock: &dyn Clock, happened: Happened) -> Result<(), Error> {
        let entry = Entry { seq: self.history.next(), at: clock.now(), happened };
        self.file.append_soon(&entry.line())?;
        self.history.take(entry);
        Ok(())
    }

    /// Checks that the token is the one that was fetched last.
    ///
    /// # Errors
    /// [`JournalError::Unknown`] or [`JournalError::NotLatest`].
    pub fn check_latest(&self, token: &ImportTokenDigest) -> Result<(), JournalError> {
        match &self.history.latest {
            Some(latest) if latest.token != *token => {
                let (ceremony, fetched_at) = (latest.ceremony.clone(), latest.fetched_at);
                Err(JournalError::NotLatest { ceremony, fetched_at })
            }
            Some(_) => Ok(()),
            None => Err(JournalError::Unknown(self.id.clone())),
        }
    }

    /// Checks that this material may be sent to a key that takes only one material in its life. `may_hold` is whether the key may hold
    /// material now.
    ///
    /// # Errors
    /// [`JournalError::OtherMaterial`] or [`JournalError::Unclear`].
    pub fn check_material(&self, material: Commitment, may_hold: bool) -> Result<(), JournalError> {
        match &self.history.accepted {
            Some(a) if a.commitment != material => {
                return Err(JournalError::OtherMaterial { found: material, bound: a.commitment, at: a.at });
            }
            _ => {}
        }
        match &self.history.in_doubt {
            Some((sent, at)) if *sent != material && may_hold => {
                Err(JournalError::Unclear { sent: *sent, at: *at })
            }
            _ => Ok(()),
        }
    }

    /// The import that the key took last, if it was with this token, material and expiry, and the key still holds the material.
    #[must_use]
    pub fn accepted(
        &self,
        token: &ImportTokenDigest,
        material: Commitment,
        valid_to: ValidTo,
    ) -> Option<&Accepted> {
        let accepted = self.history.accepted.as_ref();
        accepted.filter(|a| a.token == *token && a.commitment == material && a.valid_to == valid_to && a.held)
    }
}
