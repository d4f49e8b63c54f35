//! The people's own part: they sign with their own keys, made for this rehearsal, and collect the record in a folder.

use keyferry_core::artefact::names;
use std::path::Path;

use keyferry_audit::record::HeldKey;
use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_core::transcript::MAX_TRANSCRIPT;
use keyferry_transport::{Access, FileError, read_capped, write_new};

use super::RehearseError;
use super::folder;

/// Somebody who signs the record, with a key made for the rehearsal.
pub(super) struct Signer {
    /// Name of the key file in `people`.
    pub(super) file: String,
    /// The name in the plan.
    pub(super) name: String,
    /// The public key line in the plan.
    pub(super) line: String,
}

/// Makes a key pair in `people` and returns the public key line for the plan.
pub(super) fn key(folder: &Path, name: &str) -> Result<String, RehearseError> {
    let mut seed = zeroize::Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut *seed).map_err(|_| RehearseError::Randomness)?;
    let key = HeldKey::throwaway(&seed);
    let file = key.to_file().map_err(|_| RehearseError::Randomness)?;
    write_new(&folder.join("people").join(name), file.as_bytes(), Access::Owner)?;
    Ok(key.public().line())
}

/// Copies the files of the record into `record`; `transcript` is the path of the complete transcript.
pub(super) fn collect(folder: &Path, transcript: &str) -> Result<(), RehearseError> {
    folder::make(&folder.join("record"))?;
    let files = [
        (names::PLAN, names::PLAN),
        ("medium/parameters.json", names::PARAMETERS),
        ("medium/ciphertext.json", names::CIPHERTEXT),
        (transcript, names::TRANSCRIPT),
    ];
    for (from, name) in files {
        let bytes = read_capped(&folder.join(from), MAX_ARTEFACT)?;
        write_new(&folder.join("record").join(name), &bytes, Access::Everyone)?;
    }
    // `escrow.json` exists only with several keys, and `openings.jsonl` only if the plan withholds names.
    for name in [names::ESCROW, names::OPENINGS] {
        match read_capped(&folder.join("medium").join(name), MAX_TRANSCRIPT) {
            Err(FileError::NotFound(_)) => {}
            found => write_new(&folder.join("record").join(name), &found?, Access::Everyone)?,
        }
    }
    Ok(())
}
