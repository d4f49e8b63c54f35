//! The canonical form, written to whatever takes bytes: a buffer, a count, or the bytes of a file that it is compared with.

use std::io::{Error, ErrorKind, Write};

use serde::Serialize;

use super::error::ArtefactError;

/// Two-space indented JSON, fields in order, one line break at the end.
pub(super) fn write<T: Serialize>(artefact: &T, mut to: impl Write) -> Result<(), ArtefactError> {
    serde_json::to_writer_pretty(&mut to, artefact).map_err(|_| ArtefactError::Unwritable)?;
    to.write_all(b"\n").map_err(|_| ArtefactError::Unwritable)
}

/// Whether these are the artefact's canonical bytes; without a copy of them.
pub(super) fn is<T: Serialize>(artefact: &T, bytes: &[u8]) -> bool {
    let mut rest = Rest(bytes);
    write(artefact, &mut rest).is_ok() && rest.0.is_empty()
}

/// Counts.
#[derive(Default)]
pub(super) struct Length(usize);

impl Length {
    pub(super) const fn bytes(&self) -> usize {
        self.0
    }
}

impl Write for &mut Length {
    fn write(&mut self, piece: &[u8]) -> Result<usize, Error> {
        self.0 = self.0.saturating_add(piece.len());
        Ok(piece.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// What is still to come; other bytes are an error, and the first of them ends the writing.
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
        let mut length = Length::default();
        write(&value, &mut length).unwrap();
        assert_eq!((&bytes[..], length.bytes()), (&b"[\n  1,\n  2\n]\n"[..], bytes.len()));
        assert!(is(&value, &bytes));
        // One byte less, one more, or another one, wherever it is.
        assert!(!is(&value, &bytes[..bytes.len() - 1]) && !is(&value, &[&bytes[..], b"\n"].concat()));
        assert!(!is(&value, b"[1, 2]\n") && !is(&value, b""));
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(!is(&value, &other), "{at}");
        }
    }
}
