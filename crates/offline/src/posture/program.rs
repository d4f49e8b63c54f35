//! `known-program`: the SHA-256 of the program that runs, for the record and to compare with the plan or the paper.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};

use keyferry_core::{Fingerprint, bi};

use super::{Roots, Seen};

/// Longest program: a debug build has some 60 MB.
const MAX_PROGRAM: usize = 512 * 1024 * 1024;

/// Of `/proc/self/exe`: the file that was started, whatever its name is now.
pub(super) fn digest(roots: &Roots) -> Result<Fingerprint, ErrorKind> {
    let path = roots.proc("self/exe");
    // A pipe would block.
    if !std::fs::metadata(&path).map_err(|e| e.kind())?.is_file() {
        return Err(ErrorKind::InvalidInput);
    }
    let mut file = File::open(path).map_err(|e| e.kind())?;
    let mut total = 0usize;
    let read = |buffer: &mut [u8]| {
        let length = file.read(buffer)?;
        total = total.saturating_add(length);
        if total > MAX_PROGRAM { Err(Error::from(ErrorKind::FileTooLarge)) } else { Ok(length) }
    };
    Fingerprint::of_pieces(read).map_err(|e| e.kind())
}

pub(super) fn judge(digest: &Result<Fingerprint, ErrorKind>, planned: Option<Fingerprint>) -> Seen {
    match (digest, planned) {
        (Err(why), _) => {
            Seen::fail(bi!("cannot be told: /proc/self/exe: {why}", "无法判断：/proc/self/exe：{why}"))
        }
        (Ok(found), Some(planned)) if *found == planned => Seen::pass(bi!("{found}", "{found}")),
        (Ok(found), Some(planned)) => {
            Seen::fail(bi!("{found}, the plan says {planned}", "{found}，而计划写的是 {planned}"))
        }
        (Ok(found), None) => Seen::note(bi!("{found}", "{found}")),
    }
}
