//! Reads a file in pieces, to compare it without a copy of the whole file.

use std::io::{self, Read};

use zeroize::Zeroizing;

/// Number of bytes that are read or written at a time.
pub(super) const PIECE: usize = 64 * 1024;

/// Whether the rest of the file is exactly these bytes. The pieces that are read are wiped, because they may
/// be secret.
pub(super) fn holds(file: &mut impl Read, bytes: &[u8]) -> io::Result<bool> {
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    let mut left = bytes;
    loop {
        let length = read_piece(file, &mut piece)?;
        match piece.get(..length).filter(|read| !read.is_empty()) {
            None => return Ok(left.is_empty()),
            Some(read) => match left.strip_prefix(read) {
                Some(rest) => left = rest,
                None => return Ok(false),
            },
        }
    }
}

/// Reads the next piece, however often a signal interrupts the read; returns 0 at the end of the file.
pub(super) fn read_piece(file: &mut impl Read, piece: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(piece) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
