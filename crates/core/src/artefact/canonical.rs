//! The canonical form, written to anything that takes bytes: a buffer, a digest, or a comparison with the bytes of a file.

use std::io::{Error, ErrorKind, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::artefact_error::ArtefactError;
use crate::Fingerprint;

/// Two-space indented JSON, fields in order, one line break at the end.
pub(super) fn write<T: Serialize>(artefact: &T, mut to: impl Write) -> Result<(), Error> {
    serde_json::to_writer_pretty(&mut to, artefact)?;
    to.write_all(b"\n")
}

/// Whether these are the artefact's canonical bytes. Makes no copy of them.
pub(super) fn is<T: Serialize>(artefact: &T, bytes: &[u8]) -> bool {
    let mut rest = Rest(bytes);
    write(artefact, &mut rest).is_ok() && rest.0.is_empty()
}

/// Length and digest of the canonical bytes.
#[derive(Default)]
pub(super) struct Summary {
    length: usize,
    hash: Sha256,
}

impl Summary {
    /// The summary of an artefact, or an error if the artefact cannot be written.
    pub(super) fn of<T: Serialize>(artefact: &T) -> Result<Self, ArtefactError> {
        let mut summary = Self::default();
        write(artefact, &mut summary).map_err(|_| ArtefactError::Unwritable)?;
        Ok(summary)
    }

    pub(super) const fn length(&self) -> usize {
        self.length
    }

    pub(super) fn digest(self) -> Fingerprint {
        Fingerprint::from_bytes(self.hash.finalize().into())
    }
}

impl Write for &mut Summary {
    fn write(&mut self, piece: &[u8]) -> Result<usize, Error> {
        self.length = self.length.saturating_add(piece.len());
        self.hash.update(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// The bytes that are still expected. The first piece that differs from them is an error, and writing stops.
struct Rest<'b>(&'b [u8]);

impl Write for &mut Rest<'_> {
    fn write(&mut self, piece: &[u8]) -> Result<usize, Error> {
        self.0 = self.0.strip_prefix(piece).ok_or_else(|| Error::from(ErrorKind::InvalidData))?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_alone_is_canonical() {
        let value = [1, 2];
        let mut bytes = Vec::new();
        write(&value, &mut bytes).unwrap();
        let summary = Summary::of(&value).unwrap();
        assert_eq!((&bytes[..], summary.length()), (&b"[\n  1,\n  2\n]\n"[..], bytes.len()));
        assert_eq!(summary.digest(), Fingerprint::of(&bytes));
        assert!(is(&value, &bytes));
        // One byte removed, added or changed, at every position.
        assert!(!is(&value, &bytes[..bytes.len() - 1]) && !is(&value, &[&bytes[..], b"\n"].concat()));
        assert!(!is(&value, b"[1, 2]\n") && !is(&value, b""));
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(!is(&value, &other), "{at}");
        }
    }
}
