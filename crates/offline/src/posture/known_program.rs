//! `known-program`: the SHA-256 of the running program, for the record and for comparison with the plan or the
//! paper.

use std::io::ErrorKind;

use keyferry_core::{Fingerprint, bi};

use super::Seen;

pub(super) fn judge(digest: &Result<Fingerprint, ErrorKind>, planned: Option<Fingerprint>) -> Seen {
    match (digest, planned) {
        (Err(why), _) => {
            Seen::fail(bi!("cannot be determined: /proc/self/exe: {why}", "无法判断：/proc/self/exe：{why}"))
        }
        (Ok(found), Some(planned)) if *found == planned => Seen::pass(bi!("{found}", "{found}")),
        (Ok(found), Some(planned)) => {
            Seen::fail(bi!("{found}, the plan says {planned}", "{found}，而计划写的是 {planned}"))
        }
        (Ok(found), None) => Seen::note(bi!("{found}", "{found}")),
    }
}
