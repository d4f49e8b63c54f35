//! What people do beside the stations: keys of their own to sign with, made for this rehearsal, and the folder of the record.

use std::path::Path;

use keyferry::record::HeldKey;
use keyferry_core::artefact::MAX_ARTEFACT;
use keyferry_transport::{Access, read_capped, write_new};

use super::RehearseError;

/// Makes a key pair in `people` and returns the public line, as it goes into the plan.
pub(super) fn key(folder: &Path, name: &str) -> Result<String, RehearseError> {
    let mut seed = zeroize::Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut *seed).map_err(|_| RehearseError::Randomness)?;
    let key = HeldKey::throwaway(&seed);
    let file = key.to_file().map_err(|_| RehearseError::Randomness)?;
    write_new(&folder.join("people").join(name), file.as_bytes(), Access::Owner)?;
    Ok(key.public().line())
}

/// Copies what makes the record into `record`; `transcript` is where the joined one lies.
pub(super) fn collect(folder: &Path, transcript: &str) -> Result<(), RehearseError> {
    let files = [
        ("plan.toml", "plan.toml"),
        ("medium/parameters.json", "parameters.json"),
        ("medium/ciphertext.json", "ciphertext.json"),
        (transcript, "transcript.jsonl"),
    ];
    for (from, name) in files {
        let bytes = read_capped(&folder.join(from), MAX_ARTEFACT)?;
        write_new(&folder.join("record").join(name), &bytes, Access::Everyone)?;
    }
    Ok(())
}
