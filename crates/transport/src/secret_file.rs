//! A file with secret bytes, which is opened first and read later. In between, the process can give up the
//! right to open files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use keyferry_core::{MaterialError, NoSecretMemory, SecretBuffer, SecretStore};

use crate::FileError;
use crate::private::open_private;

/// The open file, from which nothing has been read yet.
#[derive(Debug)]
pub struct SecretFile {
    file: File,
    path: PathBuf,
    length: usize,
    cap: usize,
}

/// The content of the file; wiped when dropped.
pub struct SecretOctets {
    buffer: Box<dyn SecretBuffer>,
    length: usize,
}

keyferry_core::refusals! {
    /// Why a secret file was not read.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[allow(missing_docs)] // Each variant holds the error of one module.
    pub enum SecretFileError {
        File from FileError;
        Memory from MaterialError;
    }
}

impl SecretFile {
    /// Opens a regular file of at most `cap` bytes, which belongs to this user and which nobody else can read or write.
    ///
    /// # Errors
    /// [`FileError`]; a longer file is refused before it is read.
    pub fn open(path: &Path, cap: usize) -> Result<Self, FileError> {
        let (file, length) = open_private(path, cap)?;
        Ok(Self { file, path: path.into(), length, cap })
    }

    /// Reads the file into memory from `store`. The bytes go directly from the kernel to that memory.
    ///
    /// # Errors
    /// [`SecretFileError`], including if the file's length changed.
    pub fn read_in(mut self, store: &dyn SecretStore) -> Result<SecretOctets, SecretFileError> {
        // Reading up to one byte more than expected detects a file that grew.
        let no_memory = |e: NoSecretMemory| SecretFileError::Memory(e.into());
        let mut buffer = store.buffer(self.length + 1).map_err(no_memory)?;
        let mut length = 0;
        loop {
            let rest = (*buffer).as_mut().get_mut(length..).unwrap_or_default();
            match self.file.read(rest) {
                Ok(0) => break,
                Ok(n) => length += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(SecretFileError::File(FileError::reading(&self.path, &e))),
            }
        }
        if length > self.length {
            return Err(SecretFileError::File(FileError::TooLarge { path: self.path, cap: self.cap }));
        }
        Ok(SecretOctets { buffer, length })
    }
}

impl SecretOctets {
    /// The secret bytes. This is the only way to read them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        (*self.buffer).as_ref().get(..self.length).unwrap_or_default()
    }
}

impl core::fmt::Debug for SecretOctets {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SecretOctets({}, [redacted])", self.length)
    }
}
